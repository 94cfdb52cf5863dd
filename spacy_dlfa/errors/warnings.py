"""Warnings: what goes on, but not as it should."""

from spacy_dlfa.errors.message import Message


class Warnings:
    """Warnings."""

    DL901 = Message(
        "The learning rate stays 0, so nothing is learnt: set optimizer.learn_rate, or, if the "
        "schedule [training.optimizer.learn_rate] has ended, more total_steps"
    )
    DL902 = Message(
        "The encoder learns nothing: freeze_below = {freeze_below}, and no layer above {deepest} "
        "is read. Read a higher layer, set freeze_below to {deepest} or less, or set "
        "learn_rate_factor = 0, with which it is fast"
    )
    DL903 = Message(
        "The layers of the encoder differ in norm; of {upper}'s, {found} times: a fusion with it "
        "starts near the larger of the two; choose {choice}, or compare with the upper layer "
        "alone, see docs/encoders.md"
    )
    DL904 = Message(
        "The encoder, with packed = true: prediction goes on with torch's own linear layers, "
        "which are slower, as torch {torch} fails with packed ones; set packed = false, or "
        "install another version of torch ({found})"
    )
    DL905 = Message(
        "[components.{name}] {num_docs} documents failed together and succeeded one by one, which "
        "is slow: {found}. If memory is short, lower max_batch_items, now {max_batch_items}"
    )
    DL906 = Message(
        "DLFAListener: the transformer did not run on the text {text!r} since the last training "
        "step, so zeros stand in for its output; call the transformer component on the document "
        "before you predict"
    )
    DL907 = Message(
        "Token {index}, {token!r}..., of the text {text!r} has {count} wordpieces; only the first "
        "{most} are read"
    )
    DL908 = Message(
        'The encoder, with precision = "int8": prediction goes on as with "auto", as torch '
        '{torch} fails with weights in eight bits; set precision = "auto", or install another '
        "version of torch ({found})"
    )
    DL911 = Message(
        "[training] eval_frequency = {frequency} is more than max_steps = {steps}: nothing is "
        "evaluated after the first update, so that model-best has learnt nothing; set "
        "eval_frequency to {steps} or less, or take model-last"
    )
    DL912 = Message(
        "[model.tok2vec] layer = {layer} is the encoder's last layer, which the fusion reads as "
        "the upper one, too: of one layer twice there is nothing to fuse; choose a lower one"
    )
    DL913 = Message(
        "The encoder has learnt since it was loaded, and initialising leaves it as it is, while "
        "components begin anew. Where it should begin anew, too, as for each part of a "
        "cross-validation, make a new pipeline, as by spacy.util.load_model_from_config(config)"
    )
