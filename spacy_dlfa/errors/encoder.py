"""Errors of encoders at work: settings, training, and texts."""

from spacy_dlfa.errors.message import Message


class EncoderErrors:
    """Encoders, their settings, and what they are given."""

    DL021 = Message(
        "The transformer has no encoder yet: call nlp.initialize, or load a trained pipeline",
        cause="The component was made, but has no weights yet.",
        remedy=(
            "Load a trained pipeline with `spacy.load`, or call `nlp.initialize()` before you "
            "predict."
        ),
    )
    DL022 = Message(
        "TransformerModel: window = {window} leaves no room for text: the encoder takes {found} "
        "wordpieces, and {num_special} of them are special tokens; set window = 128, or to what "
        "the encoder can take",
        cause=(
            "`window` counts the special tokens too, such as `[CLS]` and `[SEP]`, and it has room "
            "for nothing else."
        ),
        remedy="Set `window = 128`, or any number up to what the encoder can take (often 512).",
    )
    DL023 = Message(
        "TransformerModel: hidden_layers: layer {layer} does not exist; the encoder has "
        "{num_layers} layers, so choose from 0 (the embeddings) to {num_layers} (the last)",
        cause=(
            "`hidden_layers` names a layer that the encoder doesn't have. Small encoders have 6 "
            "or 12 layers, large ones 24."
        ),
        remedy="Choose layers from 0 to the number in the message.",
    )
    DL024 = Message(
        "TransformerModel: freeze_below = {below}, but the encoder has {num_layers} layers; "
        "choose from 0 (all learn) to {num_layers} (only the last does)",
        cause="`freeze_below` is larger than the number of layers.",
        remedy="Set it to 0, so that all layers learn, or to a layer of the encoder.",
    )
    DL025 = Message(
        "TransformerModel: freeze_below = {below}, but the layers of a {name} are not kept in one "
        "list; set freeze_below = 0",
        cause=(
            "The encoder's layers are not in one list, so that the plugin can't tell which are "
            "below."
        ),
        remedy=(
            "Set `freeze_below = 0`. To keep all of the encoder as it is, set `learn_rate_factor "
            "= 0` instead."
        ),
    )
    DL026 = Message(
        'A component of the factory "transformer" can\'t train spacy_dlfa.TransformerModel.v1; '
        'set its factory = "dlfa_transformer"',
        cause=(
            "The component's factory is spacy-transformers' own, and its model is ours. It trains "
            "by other means."
        ),
        remedy=(
            'Set `factory = "dlfa_transformer"` for the component. See [from spaCy\'s '
            "listeners](from-transformer-listener.md)."
        ),
    )
    DL027 = Message(
        "Can't train while torch's gradients are off; update the pipeline outside of "
        "torch.no_grad() and torch.inference_mode()",
        cause=(
            "`nlp.update` was called inside `torch.no_grad()` or `torch.inference_mode()`, or "
            "gradients were switched off before."
        ),
        remedy=(
            "Call it outside of these. If a library switched gradients off, call "
            "`torch.set_grad_enabled(True)` first."
        ),
    )
    DL028 = Message(
        "nlp.rehearse can't apply learn_rate_factor = {learn_rate_factor} to an encoder inside a "
        "component; call nlp.get_pipe(name).rehearse(examples, sgd=optimizer) for that component",
        cause="`nlp.rehearse` can't give an encoder inside a component its own learning rate.",
        remedy=(
            'Call `nlp.get_pipe("tagger").rehearse(examples, sgd=optimizer)` for the component, '
            "or set `learn_rate_factor = 1`."
        ),
    )
    DL030 = Message(
        "Can't tokenize text with a lone surrogate: found U+{code:04X} at position {position}. "
        "Decode the text with errors='replace', or remove the surrogate.",
        cause=(
            "The text has half of a character, as when a text is cut in the middle of an emoji or "
            "is decoded wrongly."
        ),
        remedy=(
            'Read files with `open(path, encoding="utf8", errors="replace")`, or clean a text '
            'with `text.encode("utf8", "replace").decode("utf8")`.'
        ),
    )
    DL031 = Message(
        "TransformerModel: separator = {text!r}, but the encoder's tokenizer has no separator; "
        "set separator = null, so that it is read as text",
        cause=(
            "`separator` says which token stands between two sentences, but the tokenizer of this "
            "encoder has none."
        ),
        remedy="Set `separator = null`. Then the token is read as text.",
    )
    DL032 = Message(
        "Can't encode the text {text!r} of {num_tokens} tokens: {found}",
        cause=(
            "The encoder failed with this one document. Its own error follows. A document that is "
            "too large for the memory ends up here."
        ),
        remedy=(
            "Split long texts. If the error speaks of memory, lower `max_batch_items` or use a "
            "machine with more. If one document may fail, set an error handler: "
            "`nlp.set_error_handler(spacy.util.ignore_error)`."
        ),
    )
    DL033 = Message(
        "TransformerModel: learn_rate_factor = {found}; it must be a number from 0 (the encoder "
        "stays as it is) up, 1 is the default",
        cause=(
            "`learn_rate_factor` multiplies the learning rate for the encoder, which would unlearn "
            "with a negative one."
        ),
        remedy="Set `learn_rate_factor = 1.0`, a smaller number, or 0 for a frozen encoder.",
    )
    DL034 = Message(
        "[components.{name}] max_batch_items = {found}; it must be 1 or more, 4096 is the default",
        cause=(
            "`max_batch_items` is the number of words that are encoded together, and leaves room "
            "for none."
        ),
        remedy="Set `max_batch_items = 4096`, or less where memory is short.",
    )
    DL035 = Message(
        "Can't load an encoder in python -OO (PYTHONOPTIMIZE=2), which removes the docstrings that "
        "transformers reads when it makes its models; run python -O or plain python",
        cause=(
            "Python was started with `-OO`, or with `PYTHONOPTIMIZE=2` in its environment. The "
            "pipeline is not damaged."
        ),
        remedy="Leave it out, or take `-O` (`PYTHONOPTIMIZE=1`), which keeps docstrings.",
    )
    DL036 = Message(
        "An encoder is loaded and saved through a folder for temporary files, {place}, where it "
        "takes {size:,} bytes: {error}. Make room there, or start Python with TMPDIR set to a "
        "folder that can be written and has the room",
        cause=(
            "There is no folder for temporary files that can be written, as in a read-only "
            "container, or it is too small for the encoder. Several processes that load at the "
            "same time take as much each."
        ),
        remedy=(
            "Mount a folder with room for as many bytes as the message says, and name it in "
            "`TMPDIR`, as in `docker run --read-only --tmpfs /tmp:size=2g`."
        ),
    )
