"""Whether spaces at the word breaks of scripts without help the encoder to know a sentence.

    python -m benchmarks.word_spaces assets/unlabelled/sib200-train

By the mean vectors of the last layer: how often the nearest English sentence is the translation,
and how much nearer it is than the nearest of the others. No label is read.
"""

import lzma
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy
import spacy
import typer
from numpy.typing import NDArray
from spacy.language import Language
from spacy_transformers.span_getters import configure_get_doc_spans
from wasabi import msg

from benchmarks.encoders import E5
from benchmarks.machine import RESULTS
from benchmarks.tokens import CONFIG
from spacy_dlfa.architectures import create_transformer_model
from spacy_dlfa.atomic import check_writable, write_json
from spacy_dlfa.languages import language_of
from spacy_dlfa.messages import one_sentence
from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.study.probing.retrieval import accuracy, sentence_vectors

ENGLISH = "eng_Latn"
#: Scripts without spaces between words, by their codes
SCRIPTS = ("Hans", "Hant", "Jpan", "Thai", "Laoo", "Khmr", "Mymr")


@one_sentence
def main(
    texts: Annotated[Path, typer.Argument(help="A folder with <language>_<script>.txt.xz")],
    sentences: Annotated[int, typer.Option(help="Of each language")] = 100,
    output: Annotated[Path, typer.Option(dir_okay=False)] = RESULTS / "word_spaces.json",
) -> None:
    """Find the translations of sentences by their vectors; write JSON, print a table."""
    check_writable(output)
    nlp = spacy.blank("xx", config=CONFIG)
    files = [file for script in SCRIPTS for file in sorted(texts.glob(f"*_{script}.txt.xz"))]
    found: dict[str, dict[str, Likeness]] = {language(file): {} for file in files}
    for name, word_spaces in (("without", False), ("with", True)):
        model = create_transformer_model(
            str(E5), configure_get_doc_spans(), word_spaces=word_spaces
        )
        assert isinstance(model, TransformerModel)
        model.initialize()
        english = vectors(model, nlp, texts / f"{ENGLISH}.txt.xz", sentences)
        for file in files:
            theirs = vectors(model, nlp, file, sentences)
            found[language(file)][name] = compare(english, theirs)
    found["mean"] = {
        name: Likeness(*numpy.mean([each[name] for each in found.values()], axis=0).tolist())
        for name in ("without", "with")
    }
    write_json(
        output,
        {key: {name: own[name]._asdict() for name in own} for key, own in found.items()},
    )
    rows = [
        (key, *(f"{own[name].found:.1f}, {own[name].margin:.3f}" for name in ("without", "with")))
        for key, own in found.items()
    ]
    header = ("Language", "Found %, margin", "With spaces")
    msg.table(rows, header=header, aligns=("l", "r", "r"), divider=True)


class Likeness(NamedTuple):
    """How alike sentences and their translations are.

    found (float): How often the nearest sentence is the translation, in per cent.
    margin (float): Mean of the cosine of a translation less that of the nearest other sentence.
    """

    found: float
    margin: float


def compare(english: NDArray[Any], theirs: NDArray[Any]) -> Likeness:
    """Compare the vectors of N sentences with those of their translations, both (N, E)."""
    x, y = (side - side.mean(axis=0) for side in (english, theirs))
    norms = numpy.outer(*(numpy.linalg.norm(side, axis=1) for side in (x, y)))
    cosines = x @ y.T / norms
    others = cosines - 2 * numpy.eye(len(cosines))
    return Likeness(
        accuracy(english, theirs), float((cosines.diagonal() - others.max(axis=0)).mean())
    )


def vectors(model: TransformerModel, nlp: Language, file: Path, sentences: int) -> NDArray[Any]:
    """Return the vectors of the first sentences of a file, (N, E)."""
    with lzma.open(file, "rt", encoding="utf8") as lines:
        texts = [line.strip() for line, _ in zip(lines, range(sentences), strict=False)]
    return sentence_vectors(model, list(nlp.pipe(texts)))[-1]


def language(file: Path) -> str:
    """Name a file's language and script."""
    code = file.name.removesuffix(".txt.xz")
    return f"{language_of(code).name}, {code.rpartition('_')[2]}"


if __name__ == "__main__":
    typer.run(main)
