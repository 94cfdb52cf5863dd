"""Errors of the pipeline, its fusions and augmenters, and of configs."""

from spacy_dlfa.errors.message import Message


class PipelineErrors:
    """Pipelines, fusions and augmenters."""

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
        "The fusion reads {key}, but the transformer put out {lacking}; encode the documents with "
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
        cause="The component listens to a transformer of a name that no component before it has.",
        remedy=(
            'Add a component with `factory = "dlfa_transformer"` before this one, or set '
            '`upstream = "*"` in the component\'s `tok2vec`.'
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
        "DLFAListener: what the transformer put out for the text {text!r} was removed by an "
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
        'before, and lower the learning rate, or set [components.{name}.model] precision = "fp32"',
        cause=(
            "The encoder puts out NaN or infinite numbers: training has gone astray before, or "
            "the numbers are too large for half precision."
        ),
        remedy=(
            "Start again from a model saved before, with a lower learning rate. When predicting, "
            'set `precision = "fp32"` in `[components.transformer.model]`.'
        ),
    )
    DL060 = Message(
        "{name}: reduction = {reduction}; it must be 1 or more, 4 is the default",
        cause="`reduction` divides the width of the encoder to get that of the bottleneck.",
        remedy="Set a whole number from 1 up; `reduction = 4` is the default.",
    )
    DL061 = Message(
        "{name}: gate = {gate!r}; it must be 'feature' or 'sigmoid'",
        cause="The fusion knows two gates.",
        remedy='Set `gate = "feature"` or `gate = "sigmoid"`.',
    )
    DL062 = Message(
        "{name}: norm = {norm!r}; it must be 'batch' or 'layer'",
        cause="The fusion knows two norms.",
        remedy='Set `norm = "batch"` or `norm = "layer"`.',
    )
    DL063 = Message(
        "{name}: reduction = {reduction} leaves no bottleneck for an encoder of width {width}; "
        "set it to {width} or less",
        cause="The encoder's width divided by `reduction` is less than one.",
        remedy="Set `reduction = 4`, or at most the width in the message.",
    )
    DL064 = Message(
        "ScalarMix: layers = {layers!r}; it must be 'pair' or 'all'",
        cause="The mix reads the two layers that the component names, or all of the encoder's.",
        remedy='Set `layers = "pair"` or `layers = "all"`.',
    )
    DL065 = Message(
        "ScalarMix: it has weights for {num_found} layers, but the transformer puts out "
        "{num_layers}; take both components from the same pipeline",
        cause="The mix was trained with an encoder that has another number of layers.",
        remedy="Take the component and the transformer from the same pipeline.",
    )
    DL066 = Message(
        "Fusion '{name}': found it in {other} and {registered}; expected one of this name, so "
        "rename one or uninstall its package",
        cause="Two installed packages register a fusion under one short name.",
        remedy="Rename one in its `@variants`, or uninstall its package with `pip uninstall`.",
    )
    DL070 = Message(
        "Kinds of noise: found {found}; choose from {known}",
        cause="A kind of noise is misspelt, or there is no such kind.",
        remedy="Choose from the kinds in the message. See [noise](noise.md).",
    )
    DL071 = Message(
        "{augmenter}: the text {text!r} has {lost}, which can't be kept where words are cut, "
        "added or dropped; leave the augmenter out where components learn from it",
        cause=(
            "The augmenter cuts, adds or drops words, and the example has annotation that would "
            "no longer fit, such as a parse."
        ),
        remedy=(
            "Leave the augmenter out of `[corpora.train.augmenter]` where components learn from "
            "that annotation."
        ),
    )
    DL072 = Message(
        "{augmenter}: {name} = {share}, expected a share between 0 and 1",
        cause="A share is a part of all words or names, so 0.1 is a tenth.",
        remedy="Set a number from 0 to 1.",
    )
    DL073 = Message(
        "{path}: there is no such file; expected names in {columns}",
        cause="The augmenter reads names from tables, and one isn't there.",
        remedy=(
            "Give the folder that has `persons.tsv` and `places.tsv`, as the project's "
            "`assets/names`."
        ),
    )
    DL074 = Message(
        "{path}: found a byte that isn't UTF-8; save the file as UTF-8",
        cause="The table of names was saved in another encoding.",
        remedy="Save it as UTF-8, or convert it: `iconv -f latin1 -t utf8 old.tsv > persons.tsv`.",
    )
    DL075 = Message(
        "found {line!r}; expected the header {columns}, set apart by tabs, and rows below it",
        cause=(
            "The first line of a table of names must name its columns, set apart by tabs, and "
            "rows must follow."
        ),
        remedy="Put the header of the message in the first line.",
    )
    DL076 = Message(
        "found kind {kind!r}; expected one of {known}",
        cause="A row of `persons.tsv` has an unknown kind of name.",
        remedy="Write one of the kinds in the message.",
    )
    DL077 = Message(
        "found {num_found} column(s), {line!r}; expected {num_columns}, none of them empty",
        cause=(
            "A row has too many or too few columns, or an empty one; often spaces stand in place "
            "of tabs."
        ),
        remedy="Set the columns apart by single tabs, and fill all of them.",
    )
    DL080 = Message(
        "found no component that listens to an encoder of the config; expected a transformer, "
        "curated_transformer or tok2vec component, and one of {known}",
        cause=(
            "The config has no encoder, or no component that listens to one, so there is nothing "
            "to turn into ours."
        ),
        remedy=(
            "Give a config with a `transformer`, `curated_transformer` or `tok2vec` and a "
            "listener. For a new one use `python -m spacy dlfa init-config`."
        ),
    )
    DL081 = Message(
        "components.{name} names no encoder on the hub; name one by --backbone",
        cause=(
            "The encoder of the config is trained from scratch or given in another way, so its "
            "name is not known."
        ),
        remedy="Name an encoder, as in `--backbone xlm-roberta-base`.",
    )
    DL082 = Message(
        "a setting refers to what is gone or never was; write its value there ({error})",
        cause=(
            "A value of the config is a reference like `${vars.width}` to a setting that is gone."
        ),
        remedy="Write the value itself in place of the reference.",
    )
    DL083 = Message(
        "The text {text!r}: found {num_found} tokens {separator}; expected one, between two "
        "sentences. Make the Doc with spacy_dlfa.pairs.make_pair",
        cause="Components for pairs need two sentences with one separator token between.",
        remedy="Make documents with `spacy_dlfa.pairs.make_pair(nlp, first, second)`.",
    )
