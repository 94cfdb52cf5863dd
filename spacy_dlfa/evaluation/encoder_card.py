"""What the model card of an encoder says: the languages that it was trained on."""

from pathlib import Path

import srsly

from spacy_dlfa.errors import Errors
from spacy_dlfa.languages import LANGUAGES, with_covered
from spacy_dlfa.messages import sentence

CARD = "README.md"
_FENCE = "---"


def read_languages(backbone: Path) -> list[str] | None:
    """Read the codes under `language` in the front matter of a model card.

    backbone (Path): Folder of the encoder.
    RETURNS (Optional[List[str]]): Names of the languages that are known here, with those that they
        cover, sorted; None if there is no card or it names none of them.
    RAISES (ValueError): If the front matter can't be read.
    """
    path = backbone / CARD
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf8", errors="replace").splitlines()
    if not lines or lines[0].strip() != _FENCE or _FENCE not in lines[1:]:
        return None
    try:
        front = srsly.yaml_loads("\n".join(lines[1 : lines.index(_FENCE, 1)]))
    except ValueError as err:
        raise ValueError(Errors.DL314.format(path=path, error=sentence(err))) from err
    found = front.get("language") if isinstance(front, dict) else None
    codes = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    # YAML reads Norwegian's code, bare, as False
    names = {name for code in codes for name in names_of("no" if code is False else str(code))}
    return sorted(names) or None


def card_notes(backbone: str | None) -> list[str]:
    """Say in a sentence if there is no folder of the encoder, so no card to read languages from.

    backbone (Optional[str]): What the pipeline's config calls the encoder.
    """
    if backbone is None or Path(backbone).is_dir():
        return []
    return [
        f"{backbone}: found no such folder in {Path.cwd()}, so there are no means by the languages "
        "that the encoder has seen; its README.md says them, so type the command where the folder "
        "is, unless this is a name on the hub"
    ]


def names_of(code: str) -> list[str]:
    """Return the name of a language, and those that it covers, by its code: `de`, `zh-Hans`, `no`.

    RETURNS (List[str]): Empty if it is not known.
    """
    known = LANGUAGES.get(code.strip().lower().partition("-")[0])
    return with_covered(known.name) if known else []
