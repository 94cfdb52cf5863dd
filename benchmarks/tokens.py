"""Where raw text is cut into other tokens than the treebank's, by language.

    python -m benchmarks.tokens corpus/tagger/test

An entity or a tag of a token that is not found on raw text can't be right.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import spacy
import typer
from spacy.tokens import Doc, DocBin
from wasabi import msg

from benchmarks.machine import RESULTS
from benchmarks.workloads import find_test_sets
from spacy_dlfa.atomic import check_writable, write_json
from spacy_dlfa.messages import one_sentence

CONFIG = {"nlp": {"tokenizer": {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}}}
#: How many of the commonest differences are shown
EXAMPLES = 4


@one_sentence
def main(
    corpora: Annotated[list[Path], typer.Argument(help="Test sets, or folders of them")],
    output: Annotated[Path, typer.Option(dir_okay=False)] = RESULTS / "tokens.json",
) -> None:
    """Count the gold tokens that the tokenizer finds; write JSON, print a table."""
    check_writable(output)
    paths = find_test_sets(corpora)
    nlp = spacy.blank("xx", config=CONFIG)
    found = {}
    for path in paths:
        docs = list(DocBin().from_disk(path).get_docs(nlp.vocab))
        found[path.stem] = compare(docs, [nlp.make_doc(doc.text) for doc in docs])
    write_json(output, found)
    rows = [
        (name, f"{own['found']:.1f}", ", ".join(own["examples"])) for name, own in found.items()
    ]
    msg.table(rows, header=("Test set", "Found, %", "Treebank / here"), aligns=("l", "r", "l"))


def compare(gold: list[Doc], raw: list[Doc]) -> dict[str, Any]:
    """Return the share of gold tokens among raw ones, and what the others became most often."""
    missed: Counter[str] = Counter()
    total = 0
    for ours, theirs in zip(raw, gold, strict=True):
        bounds = {(token.idx, token.idx + len(token)) for token in ours}
        total += len(theirs)
        for token in theirs:
            start, end = token.idx, token.idx + len(token)
            if (start, end) not in bounds:
                over = [t.text for t in ours if t.idx < end and t.idx + len(t) > start]
                missed[f"{token.text} / {'|'.join(over)}"] += 1
    common = [example for example, _ in missed.most_common(EXAMPLES)]
    return {"found": 100 * (1 - missed.total() / total), "tokens": total, "examples": common}


if __name__ == "__main__":
    typer.run(main)
