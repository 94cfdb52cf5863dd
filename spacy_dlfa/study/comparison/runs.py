"""Read the runs that `spacy dlfa evaluate` and `spacy dlfa sweep` write."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.record import Part, Run, read_run
from spacy_dlfa.evaluation.self_training import SelfTraining
from spacy_dlfa.fusions.variants import has_layer, name_of
from spacy_dlfa.languages import is_foreign
from spacy_dlfa.study.comparison.alike import check_same, check_seeds, check_training
from spacy_dlfa.study.comparison.restrict import share_zero_shot
from spacy_dlfa.study.comparison.rules import Checkpoint
from spacy_dlfa.study.errors import Errors, Warnings

#: What says how a run was trained
_KINDS = ("training", "fingerprint")
#: A fusion's name and its lower layer, None for fusions that have no such choice.
System = tuple[str, int | None]


def read_runs(paths: Iterable[Path]) -> list[Run]:
    """Read runs of one task, backbone and collection of test sets.

    paths (Iterable[Path]): Run files, or folders of them. A run is named after its fusion, as in
        a sweep.
    RETURNS (List[Run]): The runs by name, layer and seed, whatever the order given. Test sets in a
        language whose labels one of them has seen are in no mean of any.
    RAISES (ValueError): If a file is not a run, or the runs can't be compared.
    """
    runs: dict[tuple[System, Any], Run] = {}
    files: dict[tuple[System, Any], Path] = {}
    seeds: dict[System, tuple[Path, Run]] = {}
    first: tuple[Path, Run] | None = None
    for path in _list_files(paths):
        run = _read_run(path)
        first = first or (path, run)
        check_same(*first, path, run)
        check_seeds(*seeds.setdefault(system_of(run), (path, run)), path, run)
        key = (system_of(run), run["seed"])
        if key in runs:
            raise ValueError(Errors.DL420.format(path=path, run=label(run), other=files[key]))
        runs[key], files[key] = run, path
    check_training({files[key]: run for key, run in runs.items()})
    found = share_zero_shot([*runs.values()])
    return sorted(found, key=lambda run: (order(system_of(run)), str(run["seed"])))


def training_notes(runs: Sequence[Run]) -> list[str]:
    """Say in a sentence each how runs were trained in other ways, and which don't say how.

    No refusal, as a rate or steps of its own for each system may be what is compared.
    """
    notes = []
    said: list[tuple[str, Mapping[str, Any]]] = [
        (label(run), run["training"]) for run in runs if "training" in run
    ]
    for name, theirs in said:
        other, ours = said[0]
        changed = [key for key in sorted(ours) if theirs.get(key) != ours[key]]
        if changed:
            found = ", ".join(f"{key} {theirs.get(key)} and {ours[key]}" for key in changed)
            notes.append(Warnings.DL910.format(run=name, other=other, found=found))
    if len(runs) > 1 and not any(all(kind in run for run in runs) for kind in _KINDS):
        names = [label(run) for run in runs if "training" not in run]
        notes.append(Warnings.DL909.format(runs=", ".join(names)))
    return notes


def system_of(run: Run) -> System:
    """Return what the seeds of one system share."""
    return run["name"], run["layer"]


def order(system: System) -> tuple[str, int]:
    """Return a key to sort systems by."""
    name, layer = system
    return name, -1 if layer is None else layer


def system_label(system: System) -> str:
    """Name a system as the files of a sweep do, e.g. `dlfa-5`."""
    return "-".join(str(part) for part in system if part is not None)


def label(run: Run) -> str:
    """Name a run as its file in a sweep, e.g. `dlfa-5-0`."""
    return f"{system_label(system_of(run))}-{run['seed']}"


def by_system(runs: Iterable[Run]) -> dict[System, list[Run]]:
    """Group runs that differ in their seeds only, in a fixed order."""
    groups: dict[System, list[Run]] = {}
    for run in runs:
        groups.setdefault(system_of(run), []).append(run)
    return {system: groups[system] for system in sorted(groups, key=order)}


def with_shared_seeds(runs: Sequence[Run]) -> list[Run]:
    """Leave out the seeds that some system lacks, so that means over seeds are of the same ones.

    RETURNS (List[Run]): The other runs; all of them if no seed is shared.
    """
    seeds = [{run["seed"] for run in members} for members in by_system(runs).values()]
    shared = set.intersection(*seeds)
    return [run for run in runs if run["seed"] in shared or not shared]


def find_baseline(runs: Sequence[Run], baseline: str) -> System:
    """Return the system that a name like `last` or `dlfa-5` means.

    RAISES (ValueError): If there is no such system, or more than one.
    """
    systems = list(by_system(runs))
    found = [s for s in systems if baseline in (s[0], system_label(s))]
    exact = [s for s in found if system_label(s) == baseline]
    if len(exact or found) != 1:
        names = ", ".join(map(system_label, found or systems))
        raise ValueError(
            Errors.DL415.format(baseline=baseline, found="several" if found else "no", names=names)
        )
    return (exact or found)[0]


def at_checkpoint(run: Run, checkpoint: Checkpoint) -> Part:
    """Return the part of a run that belongs to its best or to its averaged checkpoint.

    RAISES (ValueError): If the run has no averaged checkpoint.
    """
    if checkpoint == "best":
        return run
    average = run.get("average")
    if not average:
        raise ValueError(Errors.DL416.format(run=label(run)))
    return average


def foreign(corpora: Iterable[str]) -> list[str]:
    """Return the test sets in other languages than English, sorted."""
    return sorted(filter(is_foreign, corpora))


def zero_shot(runs: Sequence[Run]) -> list[str]:
    """Return the foreign test sets in languages whose labels of the task none of the runs saw."""
    names = foreign(runs[0]["counts"])
    return [name for name in names if all(is_zero_shot(run["scores"][name]) for run in runs)]


def have_foreign(runs: Iterable[Run]) -> bool:
    """Whether each run has a test set in another language than English."""
    return all(run["averages"]["all"]["corpora"] for run in runs)


def _list_files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        found = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not found:
            raise ValueError(Errors.DL421.format(path=path))
        files += found
    if not files:
        raise ValueError(Errors.DL417.format())
    return files


def _read_run(path: Path) -> Run:
    run = read_run(path)
    if "counts" not in run:
        raise ValueError(Errors.DL418.format(path=path))
    # Not by the name in the file, whose meaning has changed between versions.
    run["name"] = name_of(run["fusion"])
    if (upper := run.get("upper")) is not None:
        run["name"] += f"-under-{upper}"
    if "self_training" in run:
        run["name"] += f"-{_suffix(run['self_training'])}"
    if (intermediate := run.get("intermediate")) is not None:
        # All of them have one fusion
        run["name"], run["layer"] = intermediate, None
    elif not has_layer(run["fusion"]):
        # A listener may have a layer in the config, and not read it.
        run["layer"] = None
    return run


def _suffix(found: SelfTraining) -> str:
    """Return what the name of a system has at its end: `self-agreed-200`."""
    parts = ["self", found["keep"], found["per_language"]]
    return "-".join(str(part) for part in parts if part is not None)
