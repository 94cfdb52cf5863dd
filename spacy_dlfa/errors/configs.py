"""Errors of configs that are read, and of those that are turned into ours."""

from spacy_dlfa.errors.message import Message


class ConfigErrors:
    """Configs with other listeners."""

    DL079 = Message(
        "{path}: found {found}; expected a config of spaCy, with a section for each component"
    )
    DL080 = Message(
        "found no component that listens to an encoder of the config; expected a transformer, "
        "curated_transformer or tok2vec component, and one of {known}"
    )
    DL081 = Message("components.{name} names no encoder on the hub; name one by --backbone")
    DL082 = Message(
        "a setting refers to what is gone or never was; write its value there ({error})"
    )
