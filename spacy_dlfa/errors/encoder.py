"""Errors of encoders at work: settings, training, and texts."""

from spacy_dlfa.errors.message import Message


class EncoderErrors:
    """Encoders, their settings, and what they are given."""

    DL021 = Message(
        "The transformer has no encoder yet: call nlp.initialize, or load a trained pipeline"
    )
    DL022 = Message(
        "TransformerModel: window = {window} leaves no room for text: the encoder takes {found} "
        "wordpieces, and {num_special} of them are special tokens; set window = 128, or to what "
        "the encoder can take"
    )
    DL023 = Message(
        "TransformerModel: hidden_layers: layer {layer} does not exist; the encoder has "
        "{num_layers} layers, so choose from 0 (the embeddings) to {num_layers} (the last)"
    )
    DL024 = Message(
        "TransformerModel: freeze_below = {below}, but the encoder has {num_layers} layers; "
        "choose from 0 (all learn) to {num_layers} (only the last does)"
    )
    DL025 = Message(
        "TransformerModel: freeze_below = {below}, but the layers of a {name} are not kept in one "
        "list; set freeze_below = 0"
    )
    DL026 = Message(
        'A component of the factory "transformer" can\'t train spacy_dlfa.TransformerModel.v1; '
        'set its factory = "dlfa_transformer"'
    )
    DL027 = Message(
        "Can't train while torch's gradients are off; update the pipeline outside of "
        "torch.no_grad() and torch.inference_mode()"
    )
    DL028 = Message(
        "nlp.rehearse can't apply learn_rate_factor = {learn_rate_factor} to an encoder inside a "
        "component; call nlp.get_pipe(name).rehearse(examples, sgd=optimizer) for that component"
    )
    DL030 = Message(
        "Can't tokenize text with a lone surrogate: found U+{code:04X} at position {position}. "
        "Decode the text with errors='replace', or remove the surrogate."
    )
    DL031 = Message(
        "TransformerModel: separator = {text!r}, but the encoder's tokenizer has no separator; "
        "set separator = null, so that it is read as text"
    )
    DL032 = Message("Can't encode the text {text!r} of {num_tokens} tokens: {found}")
    DL033 = Message(
        "TransformerModel: learn_rate_factor = {found}; it must be a number from 0 (the encoder "
        "stays as it is) up, 1 is the default"
    )
    DL034 = Message(
        "[components.{name}] max_batch_items = {found}; it must be 1 or more, 4096 is the default"
    )
    DL035 = Message(
        "Can't load an encoder in python -OO (PYTHONOPTIMIZE=2), which removes the docstrings that "
        "transformers reads when it makes its models; run python -O or plain python"
    )
    DL036 = Message(
        "An encoder is loaded and saved through a folder for temporary files, {place}, where it "
        "takes {size:,} bytes: {error}. Make room there, or start Python with TMPDIR set to a "
        "folder that can be written and has the room"
    )
