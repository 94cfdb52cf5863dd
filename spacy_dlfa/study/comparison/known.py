"""Runs on the languages alone that their encoder was trained on."""

from collections.abc import Container, Sequence
from pathlib import Path

from spacy_dlfa.evaluation.encoder_card import CARD, read_languages
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.languages import language_of
from spacy_dlfa.study.comparison.restrict import restrict
from spacy_dlfa.study.errors import Errors


def in_known_languages(runs: Sequence[Run]) -> list[Run]:
    """Leave out the test sets in languages that the encoder's model card does not name.

    runs (Sequence[Run]): As `read_runs` gives them.
    RETURNS (List[Run]): The same runs on the other test sets, English among them, with means over
        these, see `restrict`.
    RAISES (ValueError): If the encoder has no folder here, no card that names languages, or none
        of the foreign test sets is in one of them.
    """
    backbone = runs[0]["backbone"]
    if backbone is None or not Path(backbone).is_dir():
        raise ValueError(Errors.DL404.format(backbone=backbone, folder=Path.cwd()))
    languages = read_languages(Path(backbone))
    if languages is None:
        raise ValueError(Errors.DL405.format(path=Path(backbone) / CARD))
    kept = {name for name in runs[0]["counts"] if _is_known(name, languages)}
    if all(language_of(name).name == "English" for name in kept):
        raise ValueError(Errors.DL406.format(backbone=backbone, languages=", ".join(languages)))
    return [restrict(run, kept) for run in runs]


def _is_known(corpus: str, languages: Container[str]) -> bool:
    name = language_of(corpus).name
    return name == "English" or name in languages
