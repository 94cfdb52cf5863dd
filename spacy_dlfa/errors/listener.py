"""Errors of what components ask of the transformer within a step of training."""

from spacy_dlfa.errors.message import Message


class ListenerErrors:
    """A component and the batch that it trains on."""

    DL084 = Message(
        "DLFAListener: a gradient came for a batch whose step is over. The transformer takes one "
        "backward call of a component in an update: add its losses and send one gradient, and "
        "run the transformer on other documents before the update or behind it",
        cause=(
            "A component of your own calls `backprop` twice in an update, or runs the transformer "
            "between its forward and its backward pass. The encoder would not learn from what "
            "comes late."
        ),
        remedy="Add the losses, and call `backprop` once, with the sum of their gradients.",
    )
    DL085 = Message(
        "DLFAListener: the batch with the text {text!r} was asked for again after its backward "
        "pass; a component makes one forward and one backward pass in an update, and stands in a "
        "pipeline under one name",
        cause=(
            "A component of your own trains on a batch twice in an update, one component was "
            "sourced twice, under two names, or it was updated by hand without the transformer."
        ),
        remedy=(
            "Add the losses of both passes and make one. For two components that start alike load "
            "the pipeline twice, and source one from each."
        ),
    )
    DL086 = Message(
        "DLFAListener: the text {text!r} is trained on just now, and the transformer has put "
        "nothing on it to predict by: in training, a component in annotating_components, or one "
        "that predicts within its update, needs the transformer there, too, as in "
        'annotating_components = ["transformer", "tagger"]',
        cause=(
            "A component predicts on the documents of a training step. The transformer sends a "
            "batch to components that learn, and puts its output on documents if it annotates."
        ),
        remedy="Add `transformer` to `[training] annotating_components`, before the others.",
    )
    DL087 = Message(
        "DLFAListener: this component trains on {num_docs} documents with other words than the "
        "{num_sent} that the transformer was given; give its model all documents of the batch as "
        "they are, and set the gradient of those that it passes by to zeros",
        cause=(
            "A component of your own trains on a part of the batch, or changed its tokens after "
            "the transformer ran. Rows would go to other documents."
        ),
        remedy=(
            "Call `begin_update` with all documents of the examples, and set the gradient of those "
            "to pass by to zeros."
        ),
    )
    DL088 = Message(
        "[model.tok2vec] grad_factor = {found}; it must be a number from 0 (the component does not "
        "teach the encoder) up, 1 is the default",
        cause=(
            "`grad_factor` multiplies the gradients that a component sends to the encoder, which "
            "would unlearn what the component needs with a negative one."
        ),
        remedy=(
            "Set `grad_factor = 1.0`, another number from 0 up, or 0 for a component that the "
            "encoder does not learn from."
        ),
    )
