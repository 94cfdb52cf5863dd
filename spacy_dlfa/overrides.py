"""Settings of a config on the command line, as `spacy train` takes them."""

from typing import Any

from click import NoSuchOption
from spacy.cli._util import parse_config_overrides

from spacy_dlfa.messages import fail


def split_settings(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Part arguments of any number from the settings that follow: click takes both for the same."""
    end = next((i for i, each in enumerate(arguments) if each.startswith("-")), len(arguments))
    return arguments[:end], arguments[end:]


def parse_overrides(arguments: list[str]) -> dict[str, Any]:
    """Read `--training.max_steps 100`; ends the command at an option that there isn't."""
    try:
        return parse_config_overrides(arguments)
    # spaCy raises click's own, which the click inside typer does not know.
    except NoSuchOption as err:
        fail(
            f"{err.option_name}: there is no such option; expected one that --help shows, or a "
            "setting of the config such as --training.max_steps"
        )
