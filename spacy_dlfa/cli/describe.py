"""`python -m spacy dlfa describe`: a meta.json for `spacy package` that holds the scores."""

from pathlib import Path
from typing import Annotated, Any

import srsly
import typer

from spacy_dlfa.cli.messages import fail
from spacy_dlfa.evaluation.report import write_json

SOURCES = [
    {
        "name": "Universal NER, UNER_English-EWT",
        "url": "https://www.universalner.org",
        "license": "CC BY-SA 4.0",
        "author": "Mayhew et al.",
    },
    {
        "name": "Universal Dependencies, UD_English-EWT",
        "url": "https://universaldependencies.org",
        "license": "CC BY-SA 4.0",
        "author": "Silveira et al.",
    },
]
NOTES = """### Use

```python
import spacy

nlp = spacy.load("xx_{name}")
for ent in nlp("李明住在北京。").ents:
    print(ent.text, ent.label_)
```

### Zero-shot scores

Entities by characters and label, in per cent. No label of any language but English was used in
training or selection; means are over {corpora} foreign test sets of Universal NER.

{table}

### Limits

It was trained on English web text and applies to other languages what it learnt there; scripts
and languages that the backbone has not seen get few right answers. See the table before you use it.
"""


def describe_cli(
    pipeline: Annotated[Path, typer.Argument(help="Folder of a trained pipeline")],
    metrics: Annotated[Path, typer.Argument(help="Its scores, by python -m spacy dlfa evaluate")],
    output: Annotated[Path, typer.Option("--output", "-o", help="meta.json to write")],
    name: Annotated[str, typer.Option("--name", "-n", help="Name of the package, after xx_")],
) -> None:
    """Write the meta data that `spacy package --meta-path` puts into the wheel and its README."""
    for path in (pipeline / "meta.json", metrics):
        if not path.is_file():
            fail(f"{path}: there is no such file; train and evaluate the pipeline first")
    try:
        scores = srsly.read_json(metrics)
        mean = scores["averages"]["all"]["f"]
    except (ValueError, KeyError, TypeError) as err:
        fail(f"{metrics}: found no scores ({err!r}); make some with spacy dlfa evaluate")
    if mean is None:
        fail(f"{metrics}: found no foreign test set with entities; expected one or more")
    meta = describe(srsly.read_json(pipeline / "meta.json"), scores, name)
    write_json(output, meta)
    typer.echo(meta["description"])


def describe(meta: dict[str, Any], metrics: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a pipeline's meta data with description, licences and zero-shot scores."""
    average = metrics["averages"]["all"]
    fusion = metrics["fusion"] or {}
    backbone = Path(metrics["backbone"] or "encoder").name
    reads = "last layer"
    if metrics["layer"] is not None:
        reads = f"last layer and layer {metrics['layer']} fused by {fusion.get('@layers')}"
    scores = {
        f"zero_shot_ents_f_{corpus}": row["f"] / 100
        for corpus, row in metrics["scores"].items()
        if row["f"] is not None and row["language"] != "English"
    }
    return {
        **meta,
        "name": name,
        "description": (
            f"Named entities (PER, LOC, ORG) in many languages, trained on English only: "
            f"{backbone}, {reads}; "
            f"mean zero-shot F1 {average['f']:.1f} over {average['corpora']} foreign test sets."
        ),
        "author": "The spacy_dlfa developers",
        "license": "CC BY-SA 4.0",
        "sources": [*SOURCES, {"name": f"Encoder: {backbone}"}],
        "performance": {
            **meta.get("performance", {}),
            "zero_shot_ents_f": average["f"] / 100,
            **scores,
        },
        "notes": NOTES.format(name=name, corpora=average["corpora"], table=markdown_table(metrics)),
    }


def markdown_table(metrics: dict[str, Any]) -> str:
    """Lay out the scores by language."""
    lines = ["| language | test set | family | P | R | F1 | F1 raw text |"]
    lines.append("|---|---|---|---|---|---|---|")
    for corpus, row in metrics["scores"].items():
        values = [row["p"], row["r"], row["f"], row["raw"]["f"]]
        cells = ["n/a" if value is None else f"{value:.1f}" for value in values]
        lines.append(f"| {' | '.join([row['language'], corpus, row['family'], *cells])} |")
    return "\n".join(lines)
