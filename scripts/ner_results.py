"""Train and score every row of docs/results.md, then write the page.

    python scripts/ner_results.py

Runs whose scores lie under metrics/results/ are not repeated, so it can be stopped at any time.
"""

import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

import srsly

from spacy_dlfa.evaluation.languages import language_of

SEEDS = (0, 1, 2)
FUSION = "--components.ner.model.tok2vec.fusion"
VARIANTS = {
    "dlfa": ("DLFA, gate `feature` (the paper's)", []),
    "sigmoid": ("DLFA, gate `sigmoid` (AFF)", [f"{FUSION}.gate", "sigmoid"]),
    "last": ("last layer only", [f"{FUSION}.@layers", "spacy_dlfa.LastLayer.v1"]),
    "random": ("DLFA, encoder with random weights", ["--vars.backbone", "training/random"]),
}
TRAINING, METRICS, PAGE = Path("training/results"), Path("metrics/results"), Path("docs/results.md")
HEAD = """# Results

Made by `python scripts/ner_results.py` (after `make train-ner`, which converts the corpora), on 2
CPU cores. Entities by characters and label, F1 in per cent, gold tokens unless it says raw text.
Every row was trained on English with `configs/ner.cfg` and seeds 0, 1 and 2; mean ± standard
deviation over the seeds. Averages are over the 18 foreign test sets of Universal NER: 6 Germanic
(`enf`, English's own family) and 12 others (`nenf`). English dev is what a zero-shot user sees.

"""


def spacy(*args: str) -> None:
    """Run a spaCy command."""
    subprocess.run([sys.executable, "-m", "spacy", *args], check=True)


def run(variant: str, seed: int) -> Path:
    """Train and score one row with one seed, unless that was done; returns its scores."""
    name = f"{variant}-{seed}"
    metrics = METRICS / f"{name}.json"
    if metrics.exists():
        return metrics
    if not Path("training/random").exists():
        spacy("dlfa", "randomize", "assets/mini-mbert", "training/random")
    model = TRAINING / name / "model-best"
    if not model.exists():
        corpora = "corpus/ner/en_ewt-train.spacy", "corpus/ner/en_ewt-dev.spacy"
        paths = ["--paths.train", corpora[0], "--paths.dev", corpora[1]]
        output = ["--output", str(TRAINING / name), "--system.seed", str(seed)]
        spacy("train", "configs/ner.cfg", *output, *paths, *VARIANTS[variant][1])
    spacy("dlfa", "evaluate", str(model), "corpus/ner/test", "--output", str(metrics))
    return metrics


def spread(values: list[float]) -> str:
    """Format mean and standard deviation."""
    return f"{mean(values):.1f} ± {stdev(values):.1f}"


def dev_score(variant: str, seed: int) -> float:
    """Return the F1 on English dev that spaCy stored in the pipeline."""
    meta = srsly.read_json(TRAINING / f"{variant}-{seed}" / "model-best" / "meta.json")
    return 100 * meta["performance"]["ents_f"]


def main() -> None:
    """Write the page."""
    runs = {v: [srsly.read_json(run(v, seed)) for seed in SEEDS] for v in VARIANTS}
    lines = [
        "| | English dev | English PUD | all | enf | nenf | all, raw text |",
        "|---|---|---|---|---|---|---|",
    ]
    for variant, (title, _) in VARIANTS.items():
        metrics = runs[variant]
        cells = [spread([dev_score(variant, seed) for seed in SEEDS])]
        cells.append(spread([m["scores"]["en_pud"]["f"] for m in metrics]))
        cells += [
            spread([m["averages"][group]["f"] for m in metrics]) for group in ("all", "enf", "nenf")
        ]
        cells.append(spread([m["averages"]["all"]["raw"]["f"] for m in metrics]))
        lines.append(f"| {title} | {' | '.join(cells)} |")
    lines += ["", "Mean over the foreign test sets, seed by seed:", ""]
    lines.append(f"| | {' | '.join(f'seed {seed}' for seed in SEEDS)} |")
    lines.append("|---|" + "---|" * len(SEEDS))
    for variant, (title, _) in VARIANTS.items():
        cells = [f"{m['averages']['all']['f']:.1f}" for m in runs[variant]]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    lines += ["", "## By language", "", "Raw text: the pipeline's own tokenizer on `# text`.", ""]
    lines.append("| test set | language | DLFA | DLFA, raw text | last layer | random weights |")
    lines.append("|---|---|---|---|---|---|")
    for corpus in runs["dlfa"][0]["scores"]:
        cells = [spread([m["scores"][corpus]["f"] for m in runs["dlfa"]])]
        cells.append(spread([m["scores"][corpus]["raw"]["f"] for m in runs["dlfa"]]))
        for variant in ("last", "random"):
            cells.append(spread([m["scores"][corpus]["f"] for m in runs[variant]]))
        lines.append(f"| {corpus} | {language_of(corpus).name} | {' | '.join(cells)} |")
    PAGE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
