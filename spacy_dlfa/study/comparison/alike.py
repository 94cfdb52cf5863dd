"""Refuse runs that can't be compared, or are no seeds of one system."""

import reprlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.fusions.variants import defaults_of
from spacy_dlfa.study.errors import Errors

#: Writes values in an error
_SHORT: Final = reprlib.Repr()
_SHORT.maxstring = 120


def check_same(path: Path, run: Run, other_path: Path, other: Run) -> None:
    """Refuse runs of another task, backbone or collection of test sets.

    RAISES (ValueError): If they are.
    """
    for key in ("task", "metric", "backbone"):
        if run.get(key) != other.get(key):
            raise ValueError(
                Errors.DL422.format(
                    other_path=other_path,
                    key=key,
                    found=other.get(key),
                    expected=run.get(key),
                    path=path,
                )
            )
    if odd := sorted({*run["counts"]} ^ {*other["counts"]}):
        raise ValueError(
            Errors.DL419.format(other_path=other_path, path=path, found=", ".join(odd[:3]))
        )


def check_seeds(path: Path, run: Run, other_path: Path, other: Run) -> None:
    """Refuse runs of one name and layer that differ in more than their seeds.

    A name leaves out a fusion's `reduction`, and what self-training has labelled.

    RAISES (ValueError): If they do.
    """
    ours, theirs = _settings(run), _settings(other)
    # Shortest first: of all sentences of a language each is a difference
    found = sorted(_differences(ours, theirs), key=lambda each: (each[0].count("."), each))
    if found:
        raise ValueError(
            Errors.DL426.format(
                other_path=other_path,
                path=path,
                found=", ".join(
                    f"{key} = {_SHORT.repr(second)} and {_SHORT.repr(first)}"
                    for key, first, second in found[:3]
                ),
            )
        )


def check_training(runs: Mapping[Path, Run]) -> None:
    """Refuse runs that were trained in other ways, as far as both say it.

    RAISES (ValueError): If some were.
    """
    # Older runs, or those of `evaluate`, don't say all of it.
    flags = [(path, is_frozen(run)) for path, run in runs.items()]
    frozen = [(path, {"frozen": flag}) for path, flag in flags if flag is not None]
    prints = [(path, run["fingerprint"]) for path, run in runs.items() if run.get("fingerprint")]
    for said in (frozen, prints):
        for other_path, theirs in said:
            path, ours = said[0]
            for key in sorted({*ours, *theirs}):
                if theirs.get(key) != ours.get(key):
                    raise ValueError(
                        Errors.DL423.format(
                            other_path=other_path,
                            key=key,
                            found=theirs.get(key),
                            expected=ours.get(key),
                            path=path,
                        )
                    )


def is_frozen(run: Run) -> bool | None:
    """Whether the encoder stayed as it was; None if an older run doesn't say."""
    if "training" in run:
        return run["training"]["learn_rate_factor"] == 0
    return run.get("frozen")


def _settings(run: Run) -> dict[str, Any]:
    fusion = run["fusion"]
    # A block may leave out what is the default
    whole = {} if fusion is None else {**defaults_of(fusion["@layers"]), **fusion}
    return {
        "fusion": whole,
        "self_training": run.get("self_training") or {},
    }


def _differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], before: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    for key in sorted({*ours, *theirs}):
        first, second = ours.get(key), theirs.get(key)
        if isinstance(first, dict) and isinstance(second, dict):
            yield from _differences(first, second, f"{before}{key}.")
        elif first != second:
            yield f"{before}{key}", first, second
