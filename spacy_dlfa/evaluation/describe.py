"""What a packaged pipeline says of itself: description, use, scores."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.record import Run, RunSettings
from spacy_dlfa.evaluation.self_training import META, note
from spacy_dlfa.evaluation.table import language_title, score_cells, score_titles
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.fusions.variants import reads_of
from spacy_dlfa.languages import is_foreign
from spacy_dlfa.messages import counted
from spacy_dlfa.tables import markdown_table


class _Card(NamedTuple):
    does: str
    score: str
    scored: str
    use: str


_CARDS = {
    "ner": _Card(
        "named entities",
        "ents_f",
        "Entities by characters and label",
        'for ent in nlp("李明住在北京。").ents:\n    print(ent.text, ent.label_)',
    ),
    "tagger": _Card(
        "part-of-speech tags",
        "tag_acc",
        "Accuracy by token, and F1 over runs of equal tags as in XTREME",
        'for token in nlp("Greta kommer från Stockholm."):\n    print(token.text, token.tag_)',
    ),
    "textcat": _Card(
        "categories of texts",
        "cats_acc",
        "One category for each text",
        'doc = nlp("Das Spiel endete zwei zu eins.")\nprint(max(doc.cats, key=doc.cats.get))',
    ),
    "pairs": _Card(
        "categories of sentence pairs",
        "cats_acc",
        "One category for each pair",
        "from spacy_dlfa.pairs import make_pair\n\n"
        'doc = nlp(make_pair(nlp, "Er kam spät.", "Er kam nicht früh."))\nprint(doc.cats)',
    ),
}
#: What the names of foreign scores in `performance` begin with.
_STRICT, _SELF_TRAINED = "zero_shot", "self_trained"
#: Where stands what was made: `meta["dlfa"]["described"]`, with `description` and `sources`.
_MADE: Final = "described"
#: What notes of ours stand between, which a page doesn't show
_START, _END = "<!-- spacy dlfa describe -->", "<!-- end of spacy dlfa describe -->"
#: More would be no description
_MAX_LABELS = 8
_NOTES = """{start}

### Use

```python
import spacy

nlp = spacy.load("{lang}_{name}")
{use}
```

### Scores in other languages than English

In per cent; means are over these foreign test sets.

{scores}

### Limits

Scripts and languages that the encoder has not seen get few right answers. See the tables before you
use it.

{end}
"""


def describe(meta: Mapping[str, Any], runs: Sequence[Run], name: str) -> dict[str, Any]:
    """Return a pipeline's meta data with its scores in other languages, and its encoder.

    What the meta data hold already is kept: of author, licence and data nothing is added, the
    description is made of the scores if there is none, and notes follow those that there are.
    What an earlier call added is replaced.

    meta (Dict[str, Any]): What the pipeline says of itself so far.
    runs (Sequence[Run]): Its scores, one run for each task, each with a mean.
    name (str): Name of the package, after its language.
    """
    meta = _without_ours(meta)
    cards = [_CARDS[run["task"]] for run in runs]
    backbone = Path(runs[0]["backbone"] or "encoder").name
    performance = dict(meta.get("performance") or {})
    for run in runs:
        performance.update(_performance(run))
    sources = meta.get("sources") or []
    encoder = {"name": f"Encoder: {backbone}"}
    made: dict[str, Any] = {"sources": [encoder] * (encoder not in sources)}
    if not meta.get("description"):
        made["description"] = _describe(meta, runs, backbone)
    notes = _NOTES.format(
        start=_START,
        end=_END,
        lang=meta["lang"],
        name=name,
        use="\n".join(card.use for card in cards),
        scores="\n\n".join(map(_section, runs)),
    )
    return {
        **meta,
        META: {**(meta.get(META) or {}), _MADE: made},
        "name": name,
        "description": made.get("description") or meta["description"],
        "sources": [*sources, *made["sources"]],
        "performance": performance,
        "notes": "\n\n".join(filter(None, [meta.get("notes"), notes])),
    }


def _without_ours(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return meta data without what `describe` added to them."""
    found = dict(meta)
    own = dict(meta.get(META) or {})
    made = own.pop(_MADE, {})
    found[META] = own
    if meta.get("description") == made.get("description"):
        found["description"] = ""
    found["sources"] = [
        each for each in meta.get("sources") or [] if each not in made.get("sources", [])
    ]
    parts = re.split(
        f"{re.escape(_START)}.*?{re.escape(_END)}", meta.get("notes") or "", flags=re.S
    )
    found["notes"] = "\n\n".join(filter(None, map(str.strip, parts)))
    ours = tuple(
        f"{how}_{card.score}" for how in (_STRICT, _SELF_TRAINED) for card in _CARDS.values()
    )
    found["performance"] = {
        key: value
        for key, value in (meta.get("performance") or {}).items()
        if not key.startswith(ours)
    }
    return found


def _describe(meta: Mapping[str, Any], runs: Sequence[Run], backbone: str) -> str:
    parts = [_does(meta, run["task"]) for run in runs]
    does = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return (
        f"{does[0].upper()}{does[1:]} in many languages: {backbone}, "
        f"{'; '.join(_summary(run, alone=len(runs) == 1) for run in runs)}."
    )


def _does(meta: Mapping[str, Any], task: str) -> str:
    does = _CARDS[task].does
    labels = (meta.get("labels") or {}).get(task_named(task).component) or []
    if task == "tagger" or not 0 < len(labels) <= _MAX_LABELS:
        return does
    return f"{does} ({', '.join(labels)})"


def _summary(run: Run, *, alone: bool) -> str:
    task, average = task_named(run["task"]), run["averages"]["all"]
    title = task.title if task.title == "F1" else task.title.lower()
    how = "self-trained" if "self_training" in run else "zero-shot"
    mean = f"mean {how} {title} {average[task.metric]:.1f}"
    foreign = counted(average["corpora"], "foreign test set")
    found = f"{layers_in_words(run)}; {mean} over {foreign}"
    return found if alone else f"{task.component}: {found}"


def layers_in_words(run: RunSettings) -> str:
    """Say which layers a component reads, and how they are fused."""
    fusion, layer, upper = run["fusion"], run["layer"], run.get("upper")
    highest = "last layer" if upper is None else f"layer {upper}"
    if fusion is None or layer is None:
        return highest
    if reads_of(fusion) == "lower":
        return f"layer {layer} alone"
    return f"{highest} and layer {layer} fused by {fusion['@layers']}"


def scores_by_corpus(meta: Mapping[str, Any], task: str) -> dict[str, float]:
    """Read the scores of foreign test sets, in per cent, from meta data that `describe` made."""
    performance = meta.get("performance") or {}
    found = {
        key.removeprefix(f"{how}_{_CARDS[task].score}_"): 100 * score
        for key, score in performance.items()
        for how in (_STRICT, _SELF_TRAINED)
        if key.startswith(f"{how}_{_CARDS[task].score}_")
    }
    return {corpus: score for corpus, score in found.items() if is_foreign(corpus)}


def _performance(run: Run) -> dict[str, float]:
    metric = task_named(run["task"]).metric
    how = _SELF_TRAINED if "self_training" in run else _STRICT
    key = f"{how}_{_CARDS[run['task']].score}"
    scores = {
        f"{key}_{corpus}": row[metric] / 100
        for corpus, row in run["scores"].items()
        if row[metric] is not None and is_foreign(corpus) and is_zero_shot(row)
    }
    return {key: run["averages"]["all"][metric] / 100, **scores}


def _section(run: Run) -> str:
    card = _CARDS[run["task"]]
    foreign = counted(run["averages"]["all"]["corpora"], "foreign test set")
    head = f"{card.scored}, over {foreign}"
    if "self_training" in run:
        head = f"{note(run['self_training'])}. {head}"
    titles = ["language", "test set", "family", *score_titles(run["task"])]
    rows = [
        [language_title(row), corpus, row["family"], *score_cells(run["task"], dict(row))]
        for corpus, row in run["scores"].items()
    ]
    return f"{head}:\n\n{markdown_table(titles, rows, 'l' * len(titles))}"
