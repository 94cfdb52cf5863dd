"""Write `assets/languages/distances.tsv`: how far the syntax of languages is from English's.

    pip download --no-deps lang2vec==1.1.2
    unzip lang2vec-1.1.2-py3-none-any.whl -d lang2vec
    python scripts/distances.py lang2vec/lang2vec/data

Of URIEL's 103 features of syntax (Littell et al. 2017, URIEL and lang2vec), of which those that no
source has were predicted from the nearest languages: 1 less the cosine of two languages' vectors.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy
import typer

from spacy_dlfa.languages import LANGUAGES, Language

TABLE = Path(__file__).parent.parent / "assets" / "languages" / "distances.tsv"
#: The standard variety that URIEL has for a code that covers several
_VARIETIES = {"zho": "cmn", "nor": "nob", "est": "ekk"}


def main(data: Annotated[Path, typer.Argument(help="Folder data of lang2vec 1.1.2")]) -> None:
    """Write the table, a row for each language that a test set can be in and URIEL has."""
    distances = read_distances(data / "feature_predictions.npz")
    rows = ["code\tsyntax"]
    for language in dict.fromkeys(LANGUAGES.values()):
        code = code_in(distances, language)
        if code is not None:
            rows.append(f"{language.codes.split()[0]}\t{distances[code]:.3f}")
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("".join(f"{row}\n" for row in rows), encoding="utf8")


def read_distances(path: Path) -> dict[str, float]:
    """Read features of languages, and return by ISO 639-3 code how far they are from English's."""
    table: Any = numpy.load(path)
    syntax = [place for place, name in enumerate(table["feats"]) if name.startswith("S_")]
    vectors = table["data"][:, syntax, 0]
    vectors /= numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    codes = list(map(str, table["langs"]))
    cosines = vectors @ vectors[codes.index("eng")]
    return {code: abs(1 - float(x)) for code, x in zip(codes, cosines, strict=True)}


def code_in(known: dict[str, float], language: Language) -> str | None:
    """Return the code that URIEL has a language under; None if it has not."""
    # The last one is that of the standard variety
    codes = language.codes.split()[::-1]
    return next((c for c in (*codes, *map(_VARIETIES.get, codes)) if c in known), None)


if __name__ == "__main__":
    typer.run(main)
