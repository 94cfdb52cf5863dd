"""What a pipeline's meta data say of languages: scores, and the estimates that go with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import srsly

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.describe import scores_by_corpus
from spacy_dlfa.evaluation.self_training import META
from spacy_dlfa.evaluation.tasks import Task
from spacy_dlfa.unlabelled.calibrate import by_variety
from spacy_dlfa.unlabelled.estimate import ESTIMATES, Estimates, Variety

#: Where estimates stand: `meta["dlfa"]["quality"]`, by task.
KEY: Final = "quality"


def known_scores(meta: Mapping[str, Any], task: Task) -> dict[Variety, float]:
    """Return the scores that `describe` put into a pipeline's meta data, in per cent."""
    return by_variety(dict(scores_by_corpus(meta, task.name)))


def known_estimates(meta: Mapping[str, Any], task: Task) -> dict[Variety, Estimates]:
    """Return the estimates that `describe --quality` put into a pipeline's meta data."""
    found = ((meta.get(META) or {}).get(KEY) or {}).get(task.name) or {}
    return {
        Variety(row["language"], row["script"]): {name: row.get(name) for name in ESTIMATES}
        for row in found.values()
    }


def add_estimates(meta: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return meta data with what `spacy dlfa quality --json` printed.

    path (Path): A file with it.
    RAISES (ValueError): If it is none.
    """
    if not path.is_file():
        raise ValueError(Errors.DL540.format(path=path))
    try:
        read = srsly.read_json(path)
        rows = {
            name: {key: row[key] for key in ("language", "script", *ESTIMATES)}
            for name, row in read["estimates"].items()
        }
        task = str(read["task"])
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise ValueError(Errors.DL541.format(path=path, error=repr(err))) from err
    ours = dict(meta.get(META) or {})
    ours[KEY] = {**(ours.get(KEY) or {}), task: rows}
    return {**meta, META: ours}
