"""Errors of sweeps."""

from spacy_dlfa.errors.message import Message


class SweepErrors:
    """Sweeps: options, folders, settings, and trainings."""

    DL428 = Message(
        "{config}: found no path in [{section}], where {split}_corpus is; a sweep expects a reader "
        "with one, like spacy.Corpus.v1, as it compares trainings on the same files alone"
    )
    DL429 = Message(
        "{found}: changed since the command began, so this training is not kept; put back what "
        "there was, or choose another --output"
    )
    DL430 = Message("--fusions: found '{name}'; choose from {known}")
    DL431 = Message(
        "--layers: found {layer}; the encoder has {num_layers} layers, so the lower ones are 0 "
        "(the embeddings) to {last}"
    )
    DL432 = Message("{option}: found '{text}'; expected numbers like 5, 2,5 or 1-7")
    DL433 = Message("{folder}: {found}")
    DL434 = Message(
        "--output {folder}: found a sweep of {found}; expected a new folder, or one of {task}"
    )
    DL435 = Message("--config {config}: there is no such file in {folder}; give a training config")
    DL436 = Message("{option} {path}: found {found}; give English data of spacy dlfa convert")
    DL437 = Message("--{name}: this command sets it for each run; expected {option} instead")
    DL438 = Message(
        "{folder}: found {name}, but no {memo} that says how it was made; choose another --output"
    )
    DL439 = Message(
        "{folder}: its runs can't be compared with these, found {found}; choose another --output, "
        "or remove the folder"
    )
    DL440 = Message(
        "{path}: found no JSON ({error}); remove the folder, or choose another --output"
    )
    DL442 = Message("Encoding the corpus {name}: {found}")
    DL443 = Message(
        "[components.{component}.model.tok2vec] upper = {upper}; a sweep is of layers beside the "
        "last one, so set it to null, or cut the encoder there by [components.transformer.model] "
        "transformer_config"
    )
    DL444 = Message(
        "{config}: found [components.{name}.{block}] @architectures = {found!r}; a sweep of "
        "{task} expects {wanted!r}"
    )
    DL445 = Message(
        "--{name}: [{section}] of {config} has no such setting; expected one of {settings}"
    )
    DL446 = Message("{found}")
    DL447 = Message(
        "Encoder '{name}': there is no such folder with config.json, and no such model on the "
        "Hugging Face hub or no network; set --vars.backbone"
    )
    DL448 = Message(
        "[training] eval_frequency = {eval_frequency} leaves no checkpoint in {max_steps} steps; "
        "set it lower"
    )
    DL449 = Message(
        "{option} {path}: found labels of {language} by the name of the file; a sweep expects "
        "English ones"
    )
