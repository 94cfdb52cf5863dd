"""The record of a run: what `spacy dlfa evaluate` and `spacy dlfa sweep` write as JSON."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NotRequired, cast

import srsly
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from spacy_dlfa.errors import Errors, place_first
from spacy_dlfa.evaluation.examples import Example, unpack_span
from spacy_dlfa.evaluation.mistakes import Mistakes
from spacy_dlfa.evaluation.self_training import SelfTraining
from spacy_dlfa.evaluation.tasks import TASKS, task_named

#: Registered name in `@layers`, and the settings that the config has besides.
FusionBlock = TypedDict("FusionBlock", {"@layers": str})
#: Characters of a value in an error
_SHOWN = 120


class Training(TypedDict):
    """How a pipeline was trained, as far as its config says.

    components (List[str]): Those that learnt, besides the encoder, sorted.
    learn_rate (Optional[float]): The optimizer's, where its schedule begins; None if none is said.
    learn_rate_factor (Optional[float]): The encoder's part of it, 0 if the encoder was frozen.
    freeze_below (Optional[int]): The lowest layer of the encoder that learnt, None if none did.
    max_steps (Optional[int]), max_epochs (Optional[int]): Those of [training].
    """

    components: list[str]
    learn_rate: float | None
    learn_rate_factor: float | None
    freeze_below: int | None
    max_steps: int | None
    max_epochs: int | None


class RunSettings(TypedDict):
    """What was trained, and how.

    task (str): A key of `spacy_dlfa.evaluation.tasks.TASKS`.
    backbone (Optional[str]): The encoder's folder or name, if the config says it.
    layer (Optional[int]): The lower layer, None if no single one is read.
    upper (Optional[int]): The upper layer, None for the last; older runs lack it.
    fusion (Optional[FusionBlock]): The fusion as a config has it, None for spaCy's own listener.
    seed (Optional[int]): That of [training].
    training (Training): How; older runs lack it.
    self_training (SelfTraining): The unlabelled text that it was trained on, too, if there was any.
    """

    task: str
    backbone: str | None
    layer: int | None
    upper: NotRequired[int | None]
    fusion: FusionBlock | None
    seed: int | None
    training: NotRequired[Training]
    self_training: NotRequired[SelfTraining]


class Part(TypedDict):
    """What was scored, of one checkpoint; by name of the test set, if nothing else is said.

    scores (Dict[str, Dict[str, Any]]): `language`, `family`, `sentences`, `support`, `interval`,
        each metric of the task in per cent (None without support), and `raw` of raw text;
        `zero_shot`, False, where labels of the language were seen; `checksum` of texts and gold
        annotation, which older runs lack.
    averages (Dict[str, Any]): What `evaluation.averages` returns: `all`, `enf`, …
    counts (Dict[str, Dict[str, str]]): Numbers by sentence, as `evaluation.counts.pack` has them.
    dev (Dict[str, Optional[float]]): The headline metric on English dev.
    predictions (Dict[str, str]): Labels of the first sentences, one character each.
    confidence (Optional[Dict[str, float]]): Mean probability of the labels, None for entities.
    """

    scores: dict[str, dict[str, Any]]
    averages: dict[str, Any]
    counts: NotRequired[dict[str, dict[str, str]]]
    dev: NotRequired[dict[str, float | None]]
    predictions: NotRequired[dict[str, str]]
    confidence: NotRequired[dict[str, float] | None]


class Scored(Part):
    """What `evaluate` returns.

    metric (str): The task's headline metric.
    ids (Dict[str, str]): A number for each sentence, shared by translations.
    examples (Dict[str, List[Example]]): A few sentences of each test set.
    mistakes (Dict[str, Mistakes]): What was confused in each test set.
    labels_seen (Dict[str, List[str]]): Languages whose labels training saw besides English's, by
        task; not there if there are none.
    """

    metric: str
    ids: NotRequired[dict[str, str]]
    examples: NotRequired[dict[str, list[Example]]]
    mistakes: NotRequired[dict[str, Mistakes]]
    labels_seen: NotRequired[dict[str, list[str]]]


class Run(RunSettings, Scored):
    """One run; the keys that may be missing are a sweep's, but `noise`, `examples` and `mistakes`.

    name (str): The fusion's short name.
    frozen (bool): Whether the encoder stayed as it was, in a sweep before there was `training`.
    fingerprint (Dict[str, Any]): What else is the same in the runs of a folder, data and files by
        their checksums, see `study.sweep.settings`.
    inside (Optional[Dict[str, Any]]): What `study.inside.run` saw.
    intermediate (str): What the encoder was trained on before, see `study.intermediate`.
    start_data (str): Checksum of the data that it was trained on before.
    average (Optional[Part]): The scores of the averaged checkpoint.
    noise (Dict[str, Part]): The scores on damaged test sets, by kind of noise.
    """

    name: NotRequired[str]
    frozen: NotRequired[bool]
    fingerprint: NotRequired[dict[str, Any]]
    inside: NotRequired[dict[str, Any] | None]
    intermediate: NotRequired[str]
    start_data: NotRequired[str]
    average: NotRequired[Part | None]
    noise: NotRequired[dict[str, Part]]


class _Row(TypedDict):
    language: str
    family: str
    sentences: int
    support: int
    checksum: NotRequired[str]
    interval: list[float] | None
    zero_shot: NotRequired[bool]
    raw: NotRequired[dict[str, float | None]]


class _Mean(TypedDict):
    corpora: int
    interval: NotRequired[list[float] | None]


class _Averages(TypedDict):
    all: _Mean
    enf: NotRequired[_Mean]
    nenf: NotRequired[_Mean]
    genera: NotRequired[dict[str, _Mean]]


_adapter = cache(TypeAdapter)


def read_run(path: Path) -> Run:
    """Read the record of a run, that of an older version too.

    RAISES (ValueError): If there is no such file, or it is no record; with the file's name, the
        field, what was found there and what to do.
    """
    if not path.is_file():
        raise ValueError(Errors.DL320.format(path=path))
    try:
        run = srsly.read_json(path)
    except ValueError as err:
        raise ValueError(Errors.DL321.format(path=path, error=err)) from err
    return check_run(run, path)


def check_run(run: Any, path: Path) -> Run:
    """Return what was read from a file as a run.

    RAISES (ValueError): If it is none.
    """
    _check(path, Run, run)
    if run["task"] not in TASKS:
        raise ValueError(Errors.DL322.format(path=path, task=run["task"], tasks=", ".join(TASKS)))
    parts: dict[tuple[str, ...], Any] = {(): run}
    if run.get("average") is not None:
        parts["average",] = run["average"]
    parts.update({("noise", kind): part for kind, part in run.get("noise", {}).items()})
    for field, part in parts.items():
        for corpus, row in part["scores"].items():
            _check(path, _Row, row, *field, "scores", corpus)
            _check_metrics(path, run["task"], row, *field, "scores", corpus)
        _check(path, _Averages, part["averages"], *field, "averages")
        _check_metrics(path, run["task"], part["averages"]["all"], *field, "averages", "all")
    _check_examples(path, run)
    return cast(Run, run)


def _check_examples(path: Path, run: Mapping[str, Any]) -> None:
    for part in ("examples", "mistakes"):
        if unknown := run.get(part, {}).keys() - run["scores"].keys():
            raise ValueError(Errors.DL325.format(path=path, field=f"{part}.{min(unknown)}"))
    for corpus, examples in run.get("examples", {}).items():
        for place, example in enumerate(examples):
            try:
                for span in example["gold"] + example["found"]:
                    unpack_span(span)
            except ValueError as err:
                raise ValueError(place_first(f"{path}: examples.{corpus}.{place}", err)) from err


def _check_metrics(path: Path, task: str, row: Mapping[str, Any], *field: str) -> None:
    for metric in task_named(task).metrics:
        if metric in row:
            _check(path, float | None, row[metric], *field, metric)
        elif metric == task_named(task).metric:
            raise ValueError(Errors.DL323.format(path=path, missing=".".join([*field, metric])))


def _check(path: Path, kind: Any, value: Any, *field: str) -> None:
    try:
        # Keys besides are those of other versions
        _adapter(kind).validate_python(value, strict=True)
    except ValidationError as err:
        errors = err.errors(include_url=False)
    else:
        return
    fields = [".".join(map(str, (*field, *each["loc"]))) for each in errors]
    missing = [name for name, each in zip(fields, errors, strict=True) if each["type"] == "missing"]
    if missing:
        raise ValueError(Errors.DL323.format(path=path, missing=", ".join(missing)))
    where = f"{fields[0]} = " if fields[0] else ""
    found = f"{where}{errors[0]['input']!r}"[:_SHOWN]
    raise ValueError(Errors.DL324.format(path=path, found=found, error=errors[0]["msg"]))
