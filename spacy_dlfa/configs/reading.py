"""Read the config of a pipeline, its own or one to train with."""

from configparser import Error
from pathlib import Path

from spacy.language import DEFAULT_CONFIG
from spacy.util import load_config
from thinc.api import Config

from spacy_dlfa.errors import Errors
from spacy_dlfa.messages import sentence


def read_config(path: Path) -> Config:
    """Read a config, references as they stand.

    path (Path): The file.
    RAISES (ValueError): If it can't be read, or has a component that is no section.
    """
    try:
        config = load_config(path)
    except (ValueError, Error) as err:
        found = sentence(err)
        raise ValueError(Errors.DL079.format(path=path, found=found)) from err
    components = config.get("components", {})
    blocks = components.items() if isinstance(components, dict) else [("", components)]
    for name, block in blocks:
        if not isinstance(block, dict):
            place = ".".join(filter(None, ["components", name]))
            raise ValueError(Errors.DL079.format(path=path, found=f"{place} = {block!r}"))
    return config


def is_filled(config: Config) -> bool:
    """Whether `spacy train` takes a config as it is: no setting is left to its default."""
    sections = ("nlp", "training", "initialize")
    return all(DEFAULT_CONFIG[each].keys() <= config.get(each, {}).keys() for each in sections)
