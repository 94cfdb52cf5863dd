"""Errors of configs that are read, and of those that are turned into ours."""

from spacy_dlfa.errors.message import Message


class ConfigErrors:
    """Configs with other listeners."""

    DL079 = Message(
        "{path}: found {found}; expected a config of spaCy, with a section for each component",
        cause=(
            "The file is no config, is damaged, or names a component without a section of its own."
        ),
        remedy="Mend what the message names, or make the config anew.",
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
