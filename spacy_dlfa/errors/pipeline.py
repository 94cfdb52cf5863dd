"""Errors of components: the transformer, and what listens to it."""

from spacy_dlfa.errors.message import Message


class PipelineErrors:
    """The transformer, and the components that listen to it."""

    DL040 = Message(
        "[components.{name}.model] is a {found!r}, which can't send gradients by layer; set "
        '@architectures = "spacy_dlfa.TransformerModel.v1", or the factory "transformer"',
        cause=(
            "The factory `dlfa_transformer` needs the model `spacy_dlfa.TransformerModel.v1`, and "
            "the config has another."
        ),
        remedy=(
            'Set `@architectures = "spacy_dlfa.TransformerModel.v1"` in the component\'s model, '
            'or `factory = "transformer"` to keep the other model.'
        ),
    )
    DL041 = Message(
        '[model.tok2vec] features = "{features}": found no extension attribute; expected '
        '"doc._.NAME", a vector for the document, or "token._.NAME", one for each token',
        cause=(
            "`features` must name where a vector is kept beside the text, for documents or for "
            "tokens."
        ),
        remedy=(
            'Write `features = "doc._.my_vector"` or `features = "token._.my_vector"`. See '
            "[features](features.md)."
        ),
    )
    DL042 = Message(
        'features = "{place}": there is no such extension attribute; call '
        '{kind}.set_extension("{name}", default=None), and set {place} before this component is '
        "initialized or called",
        cause="The config names an extension attribute, and no code has set it up in this process.",
        remedy=(
            'Call `Doc.set_extension("my_vector", default=None)` (or `Token.set_extension`) '
            "before the pipeline is loaded, in training by `--code my_code.py`."
        ),
    )
    DL043 = Message(
        'features = "{place}": {each} has {problem}; set {place} to a NumPy array of {size} '
        "finite numbers before this component is initialized or called, see docs/features.md",
        cause=(
            "A document or token has no vector, one of another size, or one with NaN or infinite "
            "numbers."
        ),
        remedy=(
            "Set the attribute on every document, or with `token._.` on every token, before the "
            "component runs, to a NumPy array of the size in the message. See "
            "[features](features.md)."
        ),
    )
    DL044 = Message(
        "None of the {num_docs} documents that this component is initialised with has a token, so "
        "that its width can't be known; spaCy takes the first ten of the training corpus, so put "
        "a document with text among them",
        cause=(
            "A component finds its width by the first documents of the training corpus, and all "
            "of these are empty."
        ),
        remedy="Put a document with text among the first ten, or remove the empty ones.",
    )
    DL045 = Message(
        "[model.tok2vec] layer = {layer} does not lie under upper = {upper}; choose a lower layer "
        "or a higher upper one",
        cause="A fusion reads a lower layer and an upper one. `layer` is not below `upper`.",
        remedy=(
            "Set `layer` to a smaller number than `upper`, or `upper = null` for the last layer."
        ),
    )
    DL046 = Message(
        "The fusion's weights are for {found}, but the encoder has {num_layers} layers; take both "
        "components from the same pipeline",
        cause="The fusion was trained with an encoder that has another number of layers.",
        remedy=(
            "Take the component and the transformer from the same pipeline: source both, or "
            "neither."
        ),
    )
    DL047 = Message(
        "[model.tok2vec] {name} = {layer}, but the encoder has {num_layers} layers; choose from 0 "
        "(the embeddings) to {num_layers} (the last)",
        cause="The config names a layer that the encoder doesn't have.",
        remedy="Choose from 0 to the number in the message. See [choose a layer](layers.md).",
    )
    DL048 = Message(
        "The fusion reads {key}, but the transformer gave {lacking}; encode the documents with "
        'the transformer of this pipeline, whose factory must be "dlfa_transformer", or add the '
        "layer to hidden_layers of its model",
        cause=(
            "The transformer computes the layers that its listeners read. This one is another "
            "transformer's, or was told of no such layer."
        ),
        remedy=(
            "Use one pipeline's transformer for its documents, with `factory = "
            '"dlfa_transformer"`. If you call it by hand, add the layer to `hidden_layers`.'
        ),
    )
    DL049 = Message(
        "DLFAListener: the transformer did not run on the text {text!r}, or an earlier "
        "doc_cleaner removed its output. The transformer component must stand before this one and "
        "be enabled, and a doc_cleaner behind this one; if the transformer is frozen in training, "
        "name it in [training] annotating_components, and before nlp.rehearse call it on the "
        "documents",
        cause=(
            "A component wants the encoder's output, and the document has none: the transformer "
            "stands behind it, is disabled or frozen without running, or a `doc_cleaner` came "
            "first."
        ),
        remedy=(
            "Put `transformer` first in `[nlp] pipeline`. If it is in `frozen_components`, add it "
            "to `annotating_components`. Put `dlfa_doc_cleaner` last."
        ),
    )
    DL050 = Message(
        "DLFAListener: no transformer component named '{upstream_name}' stands before this one "
        '("*" matches any name); add one with factory = "dlfa_transformer"',
        cause=(
            "The component listens to a transformer of a name that no component before it has, as "
            "after `nlp.rename_pipe`."
        ),
        remedy=(
            'Add a component with `factory = "dlfa_transformer"` before this one, give it its name '
            'back, or set `upstream = "*"` in the component\'s `tok2vec`.'
        ),
    )
    DL051 = Message(
        "DLFAListener: the transformer component is of another kind; set its factory = "
        '"dlfa_transformer", and its model\'s @architectures = "spacy_dlfa.TransformerModel.v1"',
        cause="The component listens to a transformer of spacy-transformers or another package.",
        remedy=(
            'Set `factory = "dlfa_transformer"` and `@architectures = '
            '"spacy_dlfa.TransformerModel.v1"`, or let `python -m spacy dlfa from-listener` write '
            "the config."
        ),
    )
    DL052 = Message(
        "DLFAListener: what the transformer gave for the text {text!r} was removed by an "
        "earlier component, such as doc_cleaner; this component must stand before that one",
        cause=(
            "A component such as `doc_cleaner` took the encoder's output away before this one "
            "could read it."
        ),
        remedy="Move the cleaner to the end of `[nlp] pipeline`.",
    )
    DL053 = Message(
        "DLFAListener: the transformer's output is for {num_found} tokens, but the text {text!r} "
        "has {num_tokens}; the tokens were changed between the transformer and this component, so "
        "move what changes them before the transformer",
        cause=(
            "Tokens were split or merged after the transformer ran, so that its rows no longer fit."
        ),
        remedy=(
            "Put what changes tokens, such as `merge_entities`, before the transformer or behind "
            "the last component that listens."
        ),
    )
    DL054 = Message(
        "DLFAListener: this component was trained on an encoder of width {found}, but the "
        "transformer component's has {width}; take both components from the same pipeline",
        cause="The component was trained on an encoder of another width.",
        remedy=(
            "Take both components from the same pipeline: source both, or train the component "
            "again."
        ),
    )
    DL055 = Message(
        "Can't replace the listener {found!r} of a spacy_dlfa.TransformerModel.v1; use "
        "spacy_dlfa.DLFAListener.v1",
        cause="`nlp.replace_listeners` was called on a listener of another kind.",
        remedy=(
            "Give the component `spacy_dlfa.DLFAListener.v1` as its `tok2vec`, or leave the "
            "listener where it is."
        ),
    )
    DL056 = Message(
        "The gradient that [components.{component}] sends to the encoder's {key} is not finite: "
        "the sum of its squares is {squares}. Lower the learning rate, or look for annotations of "
        "the batch that the component can't learn",
        cause=(
            "Training has become unstable, or an example holds something that the component can't "
            "learn. Nothing of the step reached the weights."
        ),
        remedy=(
            "Lower the learning rate, for instance `--training.optimizer.learn_rate.initial_rate "
            "1e-5`, and add warm-up steps. If the same batch fails again, look at its annotation."
        ),
    )
    DL057 = Message(
        "The encoder's {key} is not finite for the text {text!r}. Start from a model saved "
        'before, and lower the learning rate, or set precision = "fp32" in the encoder\'s model',
        cause=(
            "The encoder gives NaN or infinite numbers: training has gone astray before, or "
            "the numbers are too large for half precision."
        ),
        remedy=(
            "Start again from a model saved before, with a lower learning rate. When predicting, "
            'set `precision = "fp32"` in `[components.transformer.model]`.'
        ),
    )
    DL058 = Message(
        "DLFAListener: this component listens to '{upstream_name}', but the text {text!r} was "
        "encoded last by '{found}'; a document carries the output of one transformer, so this "
        "component must stand behind its own and before the next one",
        cause=(
            "There are two transformers in the pipeline, and the second one's output has taken "
            "the place of the first one's on the document."
        ),
        remedy=(
            "Put the component directly behind its own transformer, before the next one, or give "
            "it an encoder of its own with `nlp.replace_listeners`."
        ),
    )
    DL059 = Message(
        "DLFAListener: an entity_linker predicts on copies of sentences, which the transformer has "
        "not seen; give it an encoder of its own: nlp.replace_listeners(TRANSFORMER, "
        'ENTITY_LINKER, ["model.tok2vec"]) before it is trained, or in a config the tok2vec '
        '@architectures = "spacy_dlfa.DLFATok2Vec.v1"; or set incl_context = false',
        cause=(
            "`entity_linker` reads the context of each entity on a copy of its sentences, on "
            "which no transformer runs, so that it can't predict with a listener."
        ),
        remedy=(
            'Call `nlp.replace_listeners("transformer", "entity_linker", ["model.tok2vec"])` '
            "before `nlp.initialize` or on a trained pipeline, or give the component "
            "`spacy_dlfa.DLFATok2Vec.v1` in the config. With `incl_context = false` it reads no "
            "context."
        ),
    )
