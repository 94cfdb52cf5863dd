"""Warnings: what goes on, but not as it should."""

from spacy_dlfa.errors.message import Message


class Warnings:
    """Warnings."""

    DL901 = Message(
        "The learning rate stays 0, so nothing is learnt: set optimizer.learn_rate, or, if the "
        "schedule [training.optimizer.learn_rate] has ended, more total_steps",
        cause="The optimizer's learning rate is 0, or its schedule has ended.",
        remedy=(
            "Set `learn_rate` of the optimizer, or raise `total_steps` of the schedule to the "
            "steps that you train for."
        ),
    )
    DL902 = Message(
        "The encoder learns nothing: freeze_below = {freeze_below}, and no layer above {deepest} "
        "is read. Read a higher layer, set freeze_below to {deepest} or less, or set "
        "learn_rate_factor = 0, with which it is fast",
        cause=(
            "All layers that components read are frozen, so that training the encoder is lost time."
        ),
        remedy="Read a higher layer, lower `freeze_below`, or set `learn_rate_factor = 0`.",
    )
    DL903 = Message(
        "The layers of the encoder differ in norm; of {upper}'s, {found} times: a fusion with it "
        "starts near the larger of the two; choose {choice}, or compare with the upper layer "
        "alone, see docs/encoders.md",
        cause=(
            "The layers that a fusion reads differ much in size, and the larger one would drown "
            "the other at first."
        ),
        remedy=(
            "Choose a lower layer from those in the message, or the last layer alone. See "
            "[encoders](encoders.md)."
        ),
    )
    DL904 = Message(
        "The encoder, with packed = true: prediction goes on with torch's own linear layers, "
        "which are slower, as torch {torch} fails with packed ones; set packed = false, or "
        "install another version of torch ({found})",
        cause=(
            "This version of torch can't use packed weights with the encoder. Results are right, "
            "only slower."
        ),
        remedy="Set `packed = false` to end the warning, or install another version of torch.",
    )
    DL905 = Message(
        "[components.{name}] {num_docs} documents failed together and succeeded one by one, which "
        "is slow: {found}. If memory is short, lower max_batch_items, now {max_batch_items}",
        cause=(
            "A batch failed as a whole, and its documents one by one did not. Most often the "
            "memory was short."
        ),
        remedy=(
            "Lower `max_batch_items` in `[components.transformer]`, as in `max_batch_items = 1024`."
        ),
    )
    DL906 = Message(
        "DLFAListener: the transformer did not run on the text {text!r} since the last training "
        "step, so zeros stand in for its output; call the transformer component on the document "
        "before you predict",
        cause=(
            "A component was called on a document that the transformer has not seen since the "
            "last training step, so that its prediction is worth nothing."
        ),
        remedy="Call `nlp(text)`, or the transformer before the component.",
    )
    DL907 = Message(
        "Token {index}, {token!r}..., of the text {text!r} has {count} wordpieces; only the first "
        "{most} are read",
        cause=(
            "A single token, such as a picture in base64, is longer than any word. Its end is "
            "passed over."
        ),
        remedy="Nothing, if that is no text. Otherwise put spaces into it, or clean the texts.",
    )
    DL908 = Message(
        'The encoder, with precision = "int8": prediction goes on as with "auto", as torch '
        '{torch} fails with weights in eight bits; set precision = "auto", or install another '
        "version of torch ({found})",
        cause=(
            "This version of torch can't compute with weights of eight bits. Results are right, "
            "only slower."
        ),
        remedy='Set `precision = "auto"`, or install another version of torch.',
    )
    DL909 = Message(
        "Runs that don't say how they were trained: {runs}. Differences may be the training's; "
        "evaluate the pipelines again, and it is checked",
        cause=(
            "The records are of an older version, which did not write how a pipeline was trained, "
            "so that learning rates, frozen layers or steps may differ unseen."
        ),
        remedy=(
            "Evaluate the pipelines again, or make sure yourself that they were trained alike."
        ),
    )
    DL910 = Message(
        "{run} was trained in another way than {other}: {found}. Differences may be the training's",
        cause=(
            "The pipelines were trained with other settings, so that a difference need not be the "
            "layer's or the fusion's."
        ),
        remedy="Nothing, if a setting of its own for each is what you compare; else train alike.",
    )
    DL911 = Message(
        "[training] eval_frequency = {frequency} is more than max_steps = {steps}: nothing is "
        "evaluated after the first update, so that model-best has learnt nothing; set "
        "eval_frequency to {steps} or less, or take model-last",
        cause=(
            "`spacy train` evaluates at step 0 and then every `eval_frequency` steps, and keeps "
            "the best of these as `model-best`. This training ends before the second time."
        ),
        remedy="Add `--training.eval_frequency 20`, or another number up to `max_steps`.",
    )
    DL912 = Message(
        "[model.tok2vec] layer = {layer} is the encoder's last layer, which the fusion reads as "
        "the upper one, too: of one layer twice there is nothing to fuse; choose a lower one",
        cause=(
            "`layer` is the lower layer of a pair, and has the number of the last one, as `layer = "
            "8` with an encoder of eight layers."
        ),
        remedy=(
            "Set `layer` to a smaller number. To read the last layer alone, take the fusion "
            "`spacy_dlfa.LastLayer.v1`."
        ),
    )
