"""Errors of components: the transformer, and what listens to it."""

from spacy_dlfa.errors.message import Message


class PipelineErrors:
    """The transformer, and the components that listen to it."""

    DL040 = Message(
        "[components.{name}.model] is a {found!r}, which can't send gradients by layer; set "
        '@architectures = "spacy_dlfa.TransformerModel.v1", or the factory "transformer"'
    )
    DL041 = Message(
        '[model.tok2vec] features = "{features}": found no extension attribute; expected '
        '"doc._.NAME", a vector for the document, or "token._.NAME", one for each token'
    )
    DL042 = Message(
        'features = "{place}": there is no such extension attribute; call '
        '{kind}.set_extension("{name}", default=None), and set {place} before this component is '
        "initialized or called"
    )
    DL043 = Message(
        'features = "{place}": {each} has {problem}; set {place} to a NumPy array of {size} '
        "finite numbers before this component is initialized or called, see docs/features.md"
    )
    DL044 = Message(
        "None of the {num_docs} documents that this component is initialised with has a token, so "
        "that its width can't be known; spaCy takes the first ten of the training corpus, so put "
        "a document with text among them"
    )
    DL045 = Message(
        "[model.tok2vec] layer = {layer} does not lie under upper = {upper}; choose a lower layer "
        "or a higher upper one"
    )
    DL046 = Message(
        "The fusion's weights are for {found}, but the encoder has {num_layers} layers; take both "
        "components from the same pipeline"
    )
    DL047 = Message(
        "[model.tok2vec] {name} = {layer}, but the encoder has {num_layers} layers; choose from 0 "
        "(the embeddings) to {num_layers} (the last)"
    )
    DL048 = Message(
        "The fusion reads {key}, but the transformer gave {lacking}; encode the documents with "
        'the transformer of this pipeline, whose factory must be "dlfa_transformer", or add the '
        "layer to hidden_layers of its model"
    )
    DL049 = Message(
        "DLFAListener: the transformer did not run on the text {text!r}, or an earlier "
        "doc_cleaner removed its output. The transformer component must stand before this one and "
        "be enabled, and a doc_cleaner behind this one; if the transformer is frozen in training, "
        "name it in [training] annotating_components, and before nlp.rehearse call it on the "
        "documents"
    )
    DL050 = Message(
        "DLFAListener: no transformer component named '{upstream_name}' stands before this one "
        '("*" matches any name); add one with factory = "dlfa_transformer"'
    )
    DL051 = Message(
        "DLFAListener: the transformer component is of another kind; set its factory = "
        '"dlfa_transformer", and its model\'s @architectures = "spacy_dlfa.TransformerModel.v1"'
    )
    DL052 = Message(
        "DLFAListener: what the transformer gave for the text {text!r} was removed by an "
        "earlier component, such as doc_cleaner; this component must stand before that one"
    )
    DL053 = Message(
        "DLFAListener: the transformer's output is for {num_found} tokens, but the text {text!r} "
        "has {num_tokens} others; the tokens were changed between the transformer and this "
        "component, so move what changes them before the transformer"
    )
    DL054 = Message(
        "DLFAListener: this component was trained on an encoder of width {found}, but the "
        "transformer component's has {width}; take both components from the same pipeline"
    )
    DL055 = Message(
        "Can't replace the listener {found!r} of a spacy_dlfa.TransformerModel.v1; use "
        "spacy_dlfa.DLFAListener.v1"
    )
    DL056 = Message(
        "The gradient that {sender} sends to the encoder's {key} is not finite: the sum of its "
        "squares is {squares}. Lower the learning rate, or look for annotations of the batch that "
        "the component can't learn"
    )
    DL057 = Message(
        "The encoder's {key} is not finite for the text {text!r}. Start from a model saved "
        "before, and lower the learning rate, or set mixed_precision = false and precision = "
        '"fp32" in the encoder\'s model'
    )
    DL058 = Message(
        "DLFAListener: this component listens to '{upstream_name}', but the text {text!r} was "
        "encoded last by '{found}'; a document carries the output of one transformer, so this "
        "component must stand behind its own and before the next one"
    )
    DL059 = Message(
        "DLFAListener: an entity_linker predicts on copies of sentences, which the transformer has "
        "not seen; give it an encoder of its own: nlp.replace_listeners(TRANSFORMER, "
        'ENTITY_LINKER, ["model.tok2vec"]) before it is trained, or in a config the tok2vec '
        '@architectures = "spacy_dlfa.DLFATok2Vec.v1"; or set incl_context = false'
    )
