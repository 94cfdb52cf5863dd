"""Runs on the languages alone that their encoder was trained on."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, cast

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.encoder_card import CARD, read_languages
from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.languages import is_foreign, language_of
from spacy_dlfa.evaluation.record import Run

_BY_CORPUS = ("scores", "counts", "ids", "predictions", "confidence")


def in_known_languages(runs: Sequence[Run]) -> list[Run]:
    """Leave out the test sets in languages that the encoder's model card does not name.

    runs (Sequence[Run]): As `read_runs` gives them.
    RETURNS (List[Run]): The same runs on the other test sets, English among them, with
        the mean over all foreign ones alone of their averages. Those in a language whose labels
        training has seen are in no mean.
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
    return [cast(Run, _restrict(run, kept)) for run in runs]


def _is_known(corpus: str, languages: Container[str]) -> bool:
    name = language_of(corpus).name
    return name == "English" or name in languages


def _restrict(run: Mapping[str, Any], kept: Container[str]) -> dict[str, Any]:
    metric = run["metric"]
    found = _restrict_part(run, kept, metric)
    if run.get("average"):
        found["average"] = _restrict_part(run["average"], kept, metric)
    return found


def _restrict_part(part: Mapping[str, Any], kept: Container[str], metric: str) -> dict[str, Any]:
    found = dict(part)
    for key in _BY_CORPUS:
        if part.get(key):
            found[key] = {name: value for name, value in part[key].items() if name in kept}
    defined = [
        row[metric]
        for name, row in found["scores"].items()
        if is_foreign(name) and is_zero_shot(row) and row[metric] is not None
    ]
    found["averages"] = {
        "all": {"corpora": len(defined), metric: mean(defined) if defined else None}
    }
    return found
