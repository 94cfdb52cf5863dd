"""Put the parts of a report together: means over languages, differences, verdicts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import mean
from typing import Any

from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.languages import ENGLISH, language_of
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.probing.encoder_comparison import compare_encoders
from spacy_dlfa.study.probing.encoders import Encoder
from spacy_dlfa.study.probing.runner import Part
from spacy_dlfa.study.probing.speed import best_trades

#: The three tasks in the order of the tables, with their titles.
TITLES = {"tagger": "Tags, PUD", "ner": "Entities, UNER", "textcat": "Topics, SIB-200"}


def choose_languages(
    encoders: Sequence[Encoder], names: Collection[str] | None
) -> tuple[list[str] | None, str]:
    """Say which languages count: those that were given, or that each encoder was trained on.

    names (Optional[Collection[str]]): Names of languages that were given.
    RETURNS (Tuple[Optional[List[str]], str]): Their names without English, None for all that
        there are test sets for, and where that is from.
    RAISES (ValueError): If the encoders have no language in common.
    """
    named = [encoder for encoder in encoders if encoder.floor is not None]
    cards = [encoder.languages for encoder in named if encoder.languages is not None]
    if names is not None:
        return sorted({*names} - {ENGLISH}), "as given with --languages"
    if not cards:
        return None, "all that there are test sets for, as no model card names languages"
    common = set.intersection(*map(set, cards)) - {ENGLISH}
    if not common:
        raise ValueError(Errors.DL461.format())
    found = "that the model card names" if len(cards) == 1 else "that all model cards name"
    return sorted(common), found


def put_together(
    encoders: Sequence[Encoder],
    measured: Iterable[tuple[Part, Any]],
    languages: Collection[str] | None,
    speeds: Mapping[str, dict[str, Any]],
) -> dict[str, Any]:
    """Make the figures of the report.

    encoders (Sequence[Encoder]): Those that were named first, the first one the one in use.
    measured (Iterable[Tuple[Part, Any]]): What `measure_all` returns.
    languages (Optional[Collection[str]]): The foreign languages that count, None for all.
    speeds (Mapping[str, Dict[str, Any]]): What `measure_speeds` returns.
    RETURNS (Dict[str, Any]): `encoders`, each with `tasks`, their `mean`, `retrieval`,
        `masked_lm`, `size` and `speed`; `comparisons` and `verdicts`; and `trades`, the encoders
        that none is both better and faster than. Test sets in languages whose labels one encoder
        has learnt count for none, see `not_zero_shot` of the tasks.
    RAISES (ValueError): If a task has no test set that counts.
    """
    runs: dict[str, dict[str, list[dict[str, Any]]]] = {e.name: {} for e in encoders}
    fused: dict[str, str] = {}
    others: dict[tuple[str, str], Any] = {}
    for part, result in measured:
        if part.seed is None:
            others[part.encoder.name, part.kind] = result
        else:
            name = part.encoder.name
            if part.fused:
                name = fused.setdefault(name, f"{name} with layer {part.cell.layer}")
            runs.setdefault(name, {}).setdefault(part.kind, []).append(result)
    seen = {
        task: _seen(run for each in runs.values() for run in each.get(task, ())) for task in TITLES
    }
    corpora = {}
    for task in TITLES:
        scores = [c for c in runs[encoders[0].name][task][0]["scores"] if c not in seen[task]]
        corpora[task] = [c for c in scores if _group(c, languages) == "trained"]
        if not corpora[task]:
            raise ValueError(
                Errors.DL462.format(
                    task=TITLES[task], languages=", ".join(languages or ["any language"])
                )
            )
    named = [encoder for encoder in encoders if encoder.floor is not None]
    pairs = [(encoder.name, named[0].name) for encoder in named[1:]]
    pairs += [(encoder.name, encoder.floor) for encoder in named if encoder.floor]
    pairs += [(with_layer, name) for name, with_layer in fused.items()]
    comparisons = compare_encoders(runs, pairs, corpora)
    found: dict[str, Any] = {
        "encoders": [
            {
                **_encoder(encoder, runs[encoder.name], others, seen, languages),
                "speed": speeds.get(encoder.name),
                "fused": fused.get(encoder.name),
            }
            for encoder in encoders
        ],
        "comparisons": [
            {
                "name": each.name,
                "against": each.against,
                "seeds": each.seeds,
                "p_holm": each.p_holm,
                "differences": {key: value._asdict() for key, value in each.estimates.items()},
            }
            for each in comparisons
        ],
        "verdicts": [each.verdict for each in comparisons],
    }
    found["trades"] = best_trades([each for each in found["encoders"] if each["speed"]])
    return found


def _encoder(
    encoder: Encoder,
    runs: Mapping[str, Sequence[dict[str, Any]]],
    others: Mapping[tuple[str, str], Any],
    seen: Mapping[str, Sequence[str]],
    languages: Collection[str] | None,
) -> dict[str, Any]:
    tasks = {task: _task(task, runs[task], seen[task], languages) for task in TITLES}
    return {
        "name": encoder.name,
        "folder": str(encoder.folder),
        "floor": encoder.floor,
        "layers": encoder.num_layers,
        "parameters": encoder.parameters,
        "vocabulary": encoder.vocabulary,
        "size": encoder.size,
        "tasks": tasks,
        "mean": mean(task["means"]["trained"] for task in tasks.values()),
        "retrieval": _retrieval(others[encoder.name, "retrieval"], languages),
        "masked_lm": _masked_lm(others[encoder.name, "masked_lm"], languages),
    }


def _seen(runs: Iterable[dict[str, Any]]) -> list[str]:
    """List the test sets in languages whose labels one of the encoders has learnt."""
    rows = (row for run in runs for row in run["scores"].items())
    return sorted({corpus for corpus, row in rows if not is_zero_shot(row)})


def _group(corpus: str, languages: Collection[str] | None) -> str:
    language = language_of(corpus).name
    if language == ENGLISH:
        return "english"
    return "trained" if languages is None or language in languages else "others"


def _means(
    by_corpus: Mapping[str, float | None], languages: Collection[str] | None
) -> dict[str, float | None]:
    groups: dict[str, list[float]] = {"trained": [], "others": [], "english": []}
    for corpus, value in by_corpus.items():
        if value is not None:
            groups[_group(corpus, languages)].append(value)
    return {name: mean(values) if values else None for name, values in groups.items()}


def _task(
    task: str,
    runs: Sequence[dict[str, Any]],
    seen: Sequence[str],
    languages: Collection[str] | None,
) -> dict[str, Any]:
    metric = task_named(task).metric
    by_corpus: dict[str, float | None] = {}
    for corpus in runs[0]["scores"]:
        values = [run["scores"][corpus][metric] for run in runs]
        by_corpus[corpus] = None if None in values else mean(values)
    return {
        "metric": metric,
        "steps": runs[0]["steps"],
        "seeds": [run["seed"] for run in runs],
        "seconds": sum(sum(run["seconds"].values()) for run in runs),
        "means": _means({c: v for c, v in by_corpus.items() if c not in seen}, languages),
        "by_corpus": by_corpus,
        "not_zero_shot": seen,
    }


def _retrieval(found: dict[str, Any], languages: Collection[str] | None) -> dict[str, Any]:
    collections = {}
    for title, each in found.items():
        layers = [
            _means(dict(zip(each["by_corpus"], values, strict=True)), languages)
            for values in zip(*each["by_corpus"].values(), strict=True)
        ]
        means = {group: [layer[group] for layer in layers] for group in ("trained", "others")}
        collections[title] = {**each, "means": means}
    return collections


def _masked_lm(
    found: dict[str, Any] | None, languages: Collection[str] | None
) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        title: {
            "means": _means({corpus: row["loss"] for corpus, row in each.items()}, languages),
            "by_corpus": each,
        }
        for title, each in found.items()
    }
