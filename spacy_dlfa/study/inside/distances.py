"""What goes with a language's distance from English: the weight of the gate, and the gain."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from scipy.stats import spearmanr

from spacy_dlfa.evaluation.averages import over_languages
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.languages import MIN_LANGUAGES, language_by
from spacy_dlfa.study.comparison.inference import holm
from spacy_dlfa.study.comparison.pick import pick
from spacy_dlfa.study.comparison.rules import BASELINE
from spacy_dlfa.study.comparison.runs import (
    at_checkpoint,
    system_label,
    with_shared_seeds,
    zero_shot,
)
from spacy_dlfa.study.comparison.verdict import is_control
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.inside.reading import Reading

ByLanguage = Mapping[str, float]


class Correlation(NamedTuple):
    """Spearman's rank correlation over languages.

    title (str): What was measured.
    measure (str): What it was correlated with.
    languages (int): How many.
    rho (float): The correlation.
    p (float): Two-sided p-value, after Holm's correction for all of a table.
    """

    title: str
    measure: str
    languages: int
    rho: float
    p: float


def read_distances(path: Path) -> dict[str, float]:
    """Read how far languages are from English, by name of the language.

    path (Path): A table with the columns `code` and `syntax`, like the project's
        `assets/languages/distances.tsv`.
    RAISES (ValueError): If it is none.
    """
    try:
        with path.open(encoding="utf8", newline="") as file:
            rows = [*csv.DictReader(file, delimiter="\t")]
        found = {language_by(row["code"]).name: float(row["syntax"]) for row in rows}
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as err:
        raise ValueError(Errors.DL494.format(path=path, error=repr(err))) from err
    if not found:
        raise ValueError(Errors.DL494.format(path=path, error="no row"))
    return found


def of_reading(reading: Reading) -> dict[str, ByLanguage]:
    """Return the weights of a gate, with a title."""
    weights = {name: each.mean for name, each in reading.corpora.items()}
    return {f"weight: {reading.title}": over_languages(weights, english=False)}


def of_sweep(runs: Sequence[Run]) -> dict[str, ByLanguage]:
    """Return weight and gain over the last layer of the fusion that English dev picks, with titles.

    Nothing for a sweep without a fusion that is studied, or without the last layer; nor of
    languages whose labels a run has seen.
    """
    shared = with_shared_seeds(runs)
    own = [run for run in shared if not is_control(run["name"])]
    last = [run for run in shared if run["name"] == BASELINE]
    if not own or not last:
        return {}
    chosen = pick(own)
    # All seeds of both, which are more than those that every layer has
    ours = [run for run in runs if (run["name"], run["layer"]) == (chosen.name, chosen.layer)]
    theirs = {run["seed"]: run for run in runs if run["name"] == BASELINE}
    kept = {*zero_shot([*ours, *theirs.values()])}
    gains: dict[str, list[float]] = {}
    weights: dict[str, list[float]] = {}
    for run in ours:
        for name, weight in ((run.get("inside") or {}).get("weight") or {}).items():
            if name in kept:
                weights.setdefault(name, []).append(weight)
        if (other := theirs.get(run["seed"])) is None:
            continue
        mine, floor = (at_checkpoint(r, chosen.checkpoint)["scores"] for r in (run, other))
        for name, row in mine.items():
            score, before = row[run["metric"]], floor[name][run["metric"]]
            if name in kept and score is not None and before is not None:
                gains.setdefault(name, []).append(score - before)
    title = f"{runs[0]['task']}, {system_label((chosen.name, chosen.layer))} of the sweep"
    found = {"weight": weights, "gain over the last layer": gains}
    return {
        f"{kind}: {title}": over_languages(
            {name: mean(own) for name, own in each.items()}, english=False
        )
        for kind, each in found.items()
        if each
    }


def correlate(
    values: Mapping[str, ByLanguage], measures: Mapping[str, ByLanguage]
) -> list[Correlation]:
    """Correlate what was measured with each measure of distance, over the languages of both."""
    found = []
    for title, value in values.items():
        for measure, distance in measures.items():
            names = sorted({*value} & {*distance})
            if len(names) < MIN_LANGUAGES or len({value[name] for name in names}) == 1:
                continue
            result = spearmanr([value[n] for n in names], [distance[n] for n in names])
            rho, p = float(result.statistic), float(result.pvalue)
            found.append(Correlation(title, measure, len(names), rho, p))
    corrected = holm([each.p for each in found])
    return [each._replace(p=p) for each, p in zip(found, corrected, strict=True)]
