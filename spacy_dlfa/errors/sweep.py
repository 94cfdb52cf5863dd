"""Errors of sweeps."""

from spacy_dlfa.errors.message import Message


class SweepErrors:
    """Sweeps: options, folders, settings, and trainings."""

    DL429 = Message(
        "{found}: changed since the command began, so this training is not kept; put back what "
        "there was, or choose another --output",
        cause=(
            "A config, a corpus or an encoder was edited while the command ran, so that nobody can "
            "say which of its files a training saw."
        ),
        remedy=(
            "Put the files back and run the same command again: finished runs are kept. For the "
            "new files choose another `--output`."
        ),
    )
    DL430 = Message(
        "--fusions: found '{name}'; choose from {known}",
        cause="A fusion is misspelt, or its package isn't installed.",
        remedy="Choose from those in the message.",
    )
    DL431 = Message(
        "--layers: found {layer}; the encoder has {num_layers} layers, so the lower ones are 0 "
        "(the embeddings) to {last}",
        cause="A layer of `--layers` isn't below the encoder's last one.",
        remedy="Choose from 0 to the number in the message, or `--layers all`.",
    )
    DL432 = Message(
        "{option}: found '{text}'; expected numbers like 5, 2,5 or 1-7",
        cause="The option takes whole numbers, ranges and lists.",
        remedy="Write it like `5`, `2,5` or `1-7`, without spaces.",
    )
    DL433 = Message(
        "{folder}: {found}",
        cause="The training that exports the pipeline failed. Its own error follows.",
        remedy="Mend what the error says. If the process died, free some memory and run again.",
    )
    DL434 = Message(
        "--output {folder}: found a sweep of {found}; expected a new folder, or one of {task}",
        cause="The folder holds the sweep of another task.",
        remedy="Choose a new `--output` folder.",
    )
    DL435 = Message(
        "--config {config}: there is no such file in {folder}; give a training config",
        cause="There is no such config in the folder that the command runs in.",
        remedy="Give a training config, as in `--config configs/ner.cfg`.",
    )
    DL436 = Message(
        "{option} {path}: found {found}; give English data of spacy dlfa convert",
        cause="English training or development data isn't there, or its folder is empty.",
        remedy=(
            "Make it with `python -m spacy dlfa convert`, and give it by `--paths.train` and "
            "`--paths.dev`."
        ),
    )
    DL437 = Message(
        "--{name}: a sweep sets it for each run; expected {option} instead",
        cause="A sweep sets this setting itself, from an option of its own.",
        remedy="Use the option in the message instead.",
    )
    DL438 = Message(
        "{folder}: found {name}, but no {memo} that says how it was made; choose another --output",
        cause="The folder has results, but not the file that says how they were made.",
        remedy="Choose another `--output`.",
    )
    DL439 = Message(
        "{folder}: its runs can't be compared with these, found {found}; choose another --output, "
        "or remove the folder",
        cause="The folder holds runs that were made with other data or settings.",
        remedy="Choose another `--output`, or remove the folder.",
    )
    DL440 = Message(
        "{path}: found no JSON ({error}); remove the folder, or choose another --output",
        cause="The file in which a sweep remembers its settings is damaged.",
        remedy="Remove the folder, or choose another `--output`.",
    )
    DL442 = Message(
        "Encoding the corpus {name}: {found}",
        cause="A corpus can't be encoded. The error of the worker follows.",
        remedy=(
            "Mend what the error says, and run the same command again: finished runs are kept. If "
            "the process died, use fewer `--workers`."
        ),
    )
    DL443 = Message(
        "[components.{component}.model.tok2vec] upper = {upper}; a sweep is of layers beside the "
        "last one, so set it to null, or cut the encoder there by [components.transformer.model] "
        "transformer_config",
        cause=(
            "A sweep compares layers below the last one, and the config reads another upper layer."
        ),
        remedy=(
            "Set `upper = null`. To sweep below a lower layer, cut the encoder: "
            '`transformer_config = {"num_hidden_layers": 8}`.'
        ),
    )
    DL444 = Message(
        "{config}: found [components.{name}.{block}] @architectures = {found!r}; a sweep of "
        "{task} expects {wanted!r}",
        cause="The config isn't made for this task, or has another listener.",
        remedy=(
            "Use the project's config of the task, such as `configs/ner.cfg`, or one of `python "
            "-m spacy dlfa init-config`."
        ),
    )
    DL445 = Message(
        "--{name}: [{section}] of {config} has no such setting; expected one of {settings}",
        cause="An override names a setting that the config doesn't have.",
        remedy="Choose one of those in the message; a typo is likely.",
    )
    DL446 = Message(
        "{found}",
        cause="A setting of `[training]` has a value of the wrong kind.",
        remedy=(
            "Give a value of the kind that the message asks for, as in `--training.max_steps 2000`."
        ),
    )
    DL447 = Message(
        "Encoder '{name}': there is no such folder with config.json, and no such model on the "
        "Hugging Face hub or no network; set --vars.backbone",
        cause="The encoder that the config names is neither a folder here nor reached on the hub.",
        remedy=(
            "Set `--vars.backbone assets/multilingual-e5-small`, or check the name and the network."
        ),
    )
    DL448 = Message(
        "[training] eval_frequency = {eval_frequency} leaves no checkpoint in {max_steps} steps; "
        "set it lower",
        cause=(
            "Checkpoints are kept every `eval_frequency` steps, and training ends before the first."
        ),
        remedy="Set `--training.eval_frequency` to `max_steps` or less.",
    )
    DL449 = Message(
        "{option} {path}: found labels of {language} by the name of the file; a sweep expects "
        "English ones",
        cause=(
            "The data that a sweep trains on, or chooses a checkpoint by, are in another language, "
            "so that the scores there would not be zero-shot."
        ),
        remedy=(
            "Give English data. If they are English, begin the file's name with no other "
            "language's code, as in `dev.spacy` or `en_dev.spacy`."
        ),
    )
