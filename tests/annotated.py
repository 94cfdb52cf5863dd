"""A corpus with the annotation of every component that a config can have."""

from pathlib import Path

import spacy
from spacy.cli.train import train
from spacy.tokens import Doc, DocBin, Span


def write_corpus(path: Path) -> Path:
    """Save a document of two sentences, as often as the parser wants an action to be seen."""
    vocab = spacy.blank("xx").vocab
    corpus = DocBin(store_user_data=True)
    for topic in ["travel", "sports"] * 20:
        doc = Doc(
            vocab,
            words=["Anna", "lives", "in", "Oslo", "She", "sleeps"],
            tags=["PROPN", "VERB", "ADP", "PROPN", "PRON", "VERB"],
            pos=["PROPN", "VERB", "ADP", "PROPN", "PRON", "VERB"],
            morphs=["Number=Sing", "", "", "Number=Sing", "", ""],
            lemmas=["Anna", "live", "in", "Oslo", "she", "sleep"],
            heads=[1, 1, 3, 1, 5, 5],
            deps=["nsubj", "ROOT", "case", "obl", "nsubj", "ROOT"],
            ents=["B-PER", "O", "O", "B-LOC", "O", "O"],
        )
        doc.cats = {each: float(each == topic) for each in ("travel", "sports")}
        doc.spans["sc"] = [Span(doc, 0, 1, "PER"), Span(doc, 2, 4, "WHERE")]
        corpus.add(doc)
    corpus.to_disk(path)
    return path


def train_two_steps(config: Path, folder: Path, **overrides) -> spacy.Language:
    """Train as `spacy train` does, and load what it saved."""
    corpus = str(write_corpus(folder / "corpus.spacy"))
    steps = {"training.max_steps": 2, "training.eval_frequency": 1}
    paths = {"paths.train": corpus, "paths.dev": corpus}
    train(config, folder / "training", overrides={**steps, **paths, **overrides})
    return spacy.load(folder / "training" / "model-last")
