"""Errors of what components ask of the transformer within a step of training."""

from spacy_dlfa.errors.message import Message


class ListenerErrors:
    """A component and the batch that it trains on."""

    DL084 = Message(
        "DLFAListener: a gradient came for a batch whose step is over. The transformer takes one "
        "backward call of a component in an update: add its losses and send one gradient, and "
        "run the transformer on other documents before the update or behind it"
    )
    DL085 = Message(
        "DLFAListener: the batch with the text {text!r} was asked for again after its backward "
        "pass; a component makes one forward and one backward pass in an update, and stands in a "
        "pipeline under one name"
    )
    DL086 = Message(
        "DLFAListener: the text {text!r} is trained on just now, and the transformer has put "
        "nothing on it to predict by: in training, a component in annotating_components, or one "
        "that predicts within its update, needs the transformer there, too, as in "
        'annotating_components = ["transformer", "tagger"]'
    )
    DL087 = Message(
        "DLFAListener: this component trains on {num_docs} documents, which are not, word for word "
        "and in this order, the {num_sent} that the transformer was given; give its model all "
        "documents of the batch as they are, and set the gradient of those that it passes by to "
        "zeros"
    )
    DL088 = Message(
        "[model.tok2vec] grad_factor = {found}; it must be a number from 0 (the component does not "
        "teach the encoder) up, 1 is the default"
    )
