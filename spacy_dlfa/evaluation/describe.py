"""What a packaged pipeline says of itself: description, use, scores, sources, licences."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy_dlfa.evaluation.report import score_cells, score_titles
from spacy_dlfa.evaluation.tasks import task_named


class _Card(NamedTuple):
    does: str
    score: str
    scored: str
    tests: str
    use: str
    sources: tuple[dict[str, str], ...]


_EWT = {
    "name": "Universal Dependencies, UD_English-EWT",
    "url": "https://universaldependencies.org",
    "license": "CC BY-SA 4.0",
    "author": "Silveira et al.",
}
_UNER = {
    "name": "Universal NER, UNER_English-EWT",
    "url": "https://www.universalner.org",
    "license": "CC BY-SA 4.0",
    "author": "Mayhew et al.",
}
_SIB = {
    "name": "SIB-200",
    "url": "https://github.com/dadelani/sib-200",
    "license": "CC BY-SA 4.0",
    "author": "Adelani et al.",
}
_PAWS = {
    "name": "PAWS-Wiki and PAWS-X",
    "url": "https://github.com/google-research-datasets/paws",
    "license": "May be freely used for any purpose; the source is Google LLC",
    "author": "Google LLC",
}
_CARDS = {
    "ner": _Card(
        "named entities (PER, LOC, ORG)",
        "ents_f",
        "Entities by characters and label",
        "Universal NER",
        'for ent in nlp("李明住在北京。").ents:\n    print(ent.text, ent.label_)',
        (_UNER, _EWT),
    ),
    "tagger": _Card(
        "universal part-of-speech tags",
        "tag_acc",
        "Accuracy by token, and F1 over runs of equal tags as in XTREME",
        "Universal Dependencies",
        'for token in nlp("Greta kommer från Stockholm."):\n    print(token.text, token.tag_)',
        (_EWT,),
    ),
    "textcat": _Card(
        "topics of sentences",
        "cats_acc",
        "One topic for each sentence",
        "SIB-200",
        'doc = nlp("Das Spiel endete zwei zu eins.")\nprint(max(doc.cats, key=doc.cats.get))',
        (_SIB,),
    ),
    "pairs": _Card(
        "paraphrases among sentence pairs",
        "cats_acc",
        "Paraphrase or not, for each pair",
        "PAWS-X",
        "from spacy_dlfa.pairs import make_pair\n\n"
        'doc = nlp(make_pair(nlp, "Er kam spät.", "Er kam nicht früh."))\nprint(doc.cats)',
        (_PAWS,),
    ),
}
_NOTES = """### Use

```python
import spacy

nlp = spacy.load("xx_{name}")
{use}
```

### Zero-shot scores

In per cent. No label of any language but English was used in training or selection; means are over
foreign test sets.

{scores}

### Limits

It was trained on English text and applies to other languages what it learnt there; scripts and
languages that the backbone has not seen get few right answers. See the tables before you use it.
"""


def describe(
    meta: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], name: str
) -> dict[str, Any]:
    """Return a pipeline's meta data with description, licences and zero-shot scores.

    meta (Dict[str, Any]): What the pipeline says of itself so far.
    runs (Sequence[Dict[str, Any]]): Its scores, one run for each task, each with a mean.
    name (str): Name of the package, after `xx_`.
    """
    cards = [_CARDS[run["task"]] for run in runs]
    backbone = Path(runs[0]["backbone"] or "encoder").name
    does = " and ".join(filter(None, [", ".join(c.does for c in cards[:-1]), cards[-1].does]))
    performance = dict(meta.get("performance", {}))
    for run in runs:
        performance.update(_performance(run))
    sources = {source["name"]: source for card in cards for source in card.sources}
    return {
        **meta,
        "name": name,
        "description": (
            f"{does[0].upper()}{does[1:]} in many languages, trained on English only: {backbone}, "
            f"{'; '.join(_summary(run, alone=len(runs) == 1) for run in runs)}."
        ),
        "author": "The spacy_dlfa developers",
        "license": "CC BY-SA 4.0",
        "sources": [*sources.values(), {"name": f"Encoder: {backbone}"}],
        "performance": performance,
        "notes": _NOTES.format(
            name=name,
            use="\n".join(card.use for card in cards),
            scores="\n\n".join(map(_section, runs)),
        ),
    }


def _summary(run: Mapping[str, Any], *, alone: bool) -> str:
    task, average = task_named(run["task"]), run["averages"]["all"]
    reads = "last layer"
    if run["layer"] is not None:
        reads = f"last layer and layer {run['layer']} fused by {run['fusion'].get('@layers')}"
    title = dict(zip(task.metrics, task.titles, strict=True))[task.metric]
    mean = f"mean zero-shot {title if title == 'F1' else title.lower()} {average[task.metric]:.1f}"
    found = f"{reads}; {mean} over {average['corpora']} foreign test sets"
    return found if alone else f"{task.component}: {found}"


def _performance(run: Mapping[str, Any]) -> dict[str, float]:
    metric = task_named(run["task"]).metric
    key = f"zero_shot_{_CARDS[run['task']].score}"
    scores = {
        f"{key}_{corpus}": row[metric] / 100
        for corpus, row in run["scores"].items()
        if row[metric] is not None and row["language"] != "English"
    }
    return {key: run["averages"]["all"][metric] / 100, **scores}


def _section(run: Mapping[str, Any]) -> str:
    card = _CARDS[run["task"]]
    head = f"{card.scored}, over {run['averages']['all']['corpora']} foreign test sets of"
    titles = ["language", "test set", "family", *score_titles(run["task"])]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for corpus, row in run["scores"].items():
        cells = [row["language"], corpus, row["family"], *score_cells(run["task"], dict(row))]
        lines.append(f"| {' | '.join(cells)} |")
    return f"{head} {card.tests}:\n\n" + "\n".join(lines)
