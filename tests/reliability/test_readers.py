"""Corrupt corpora: file, line, what was found and what was expected. No fault is passed over."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_dlfa.corpora.formats import find_format, make_tokenizer
from spacy_dlfa.corpora.lines import LONGEST
from spacy_dlfa.encoder.pretrained import load_pretrained, pack
from spacy_dlfa.errors import CorpusError
from tests.reliability import fuzz
from tests.reliability.encoder_files import read_folder

CONLLU = (
    "# text = Ann ran\n1\tAnn\t_\tPROPN\t_\t_\t2\t_\t_\t_\n2\tran\t_\tVERB\t_\t_\t0\t_\t_\t_\n\n"
)
IOB2 = "# text = Ann ran\n1\tAnn\tB-PER\t-\t-\n2\tran\tO\t-\t-\n\n"
SIB = "index_id\tcategory\ttext\n7\tsports\tShe ran.\n8\ttravel\tShe went.\n"
PAWS = "id\tsentence1\tsentence2\tlabel\n4\tShe ran\tShe sat\t1\n5\tA b\tA c\t0\n"
CORPORA = {"a.conllu": CONLLU, "a.iob2": IOB2, "sib.tsv": SIB, "paws.tsv": PAWS}


@pytest.fixture(scope="module")
def nlp():
    return make_tokenizer()


def read(path, nlp):
    return [doc.text for doc in find_format(path).read(nlp)]


def error_of(path, content, nlp):
    path.write_bytes(content)
    with pytest.raises(CorpusError) as error:
        read(path, nlp)
    return str(error.value)


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "latin-1", "cp1251"])
def test_another_encoding(tmp_path, nlp, name, encoding):
    content = CORPORA[name].replace("Ann", "Änn" if encoding == "latin-1" else "Ян")
    content = content.replace("She", "Chloé" if encoding == "latin-1" else "Она")
    message = error_of(tmp_path / name, content.encode(encoding), nlp)
    assert message.partition("] ")[2].startswith(f"{tmp_path / name}, line ")


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda text: text.replace("\n", "\r"), None),
        (lambda text: text.replace("\n", ""), None),
        (lambda text: text.replace("\t", "    "), None),
        (lambda text: text.replace("\t", ","), None),
        (lambda text: "<!DOCTYPE html>\n<title>404</title>\n", 1),
        (lambda text: "\0" * 300, 1),
        (lambda text: "", 1),
        (lambda text: text[: text.rindex("\t")], None),
    ],
    ids=["cr", "one-line", "spaces", "commas", "page", "nul", "empty", "cut"],
)
def test_a_file_of_another_kind(tmp_path, nlp, name, damage, line):
    message = error_of(tmp_path / name, damage(CORPORA[name]).encode(), nlp)
    assert f"{tmp_path / name}, line {line or ''}" in message
    assert "; expected " in message


@pytest.mark.parametrize("name", CORPORA)
def test_a_line_without_end(tmp_path, nlp, name):
    """A gigabyte would not come into memory either."""
    content = CORPORA[name].replace("ran", "a" * LONGEST)
    message = error_of(tmp_path / name, content.encode(), nlp)
    assert f"found a line of {LONGEST:,} bytes or more; expected a sentence or word" in message
    assert len(message) < 500


@pytest.mark.parametrize("name", CORPORA)
def test_a_long_line(tmp_path, nlp, name):
    """Read, not refused, and in time."""
    word = "a" * 100_000
    (tmp_path / name).write_text(CORPORA[name].replace("ran", word), encoding="utf8")
    start = time.perf_counter()
    assert any(word in text for text in read(tmp_path / name, nlp))
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("name", "content", "line", "found"),
    [
        # A list of all its words would need gigabytes
        (
            "a.conllu",
            "1-999999999\ta\t_\t_\t_\t_\t_\t_\t_\t_\n" + CONLLU[17:],
            1,
            "multiword token",
        ),
        # Python refuses to read numbers of thousands of digits
        ("a.conllu", f"1-{'9' * 5000}\ta" + "\t_" * 8 + "\n" + CONLLU[17:], 1, "id '1-999"),
        ("a.conllu", "1-२\ta" + "\t_" * 8 + "\n" + CONLLU[17:], 1, "id '1-२'"),
        ("a.conllu", CONLLU.replace("1\tAnn", "²\tAnn"), 2, "id '²'"),
        ("a.iob2", IOB2.replace("1\tAnn", "१\tAnn"), 2, "token number '१'"),
        ("a.iob2", IOB2.replace("B-PER", "B-" + "Y" * 5000 + " "), 2, "tag 'B-YYY"),
        ("sib.tsv", SIB.replace("She ran.", "She\rran."), 2, "a row that can't be read"),
        ("sib.tsv", SIB.replace("She ran.", '"She ran.'), 2, "a row that can't be read"),
        ("paws.tsv", PAWS.replace("\t1\n", "\tx" + "1" * 5000 + "\n"), 2, "label 'x111"),
    ],
)
def test_regressions(tmp_path, nlp, name, content, line, found):
    """Lines that once gave an unclear error, or none."""
    message = error_of(tmp_path / name, content.encode(), nlp)
    assert message.partition("] ")[2].startswith(f"{tmp_path / name}, line {line}: found {found}")
    assert len(message) < 1000


def test_a_sentence_of_many_words(tmp_path, nlp):
    """Spaces are looked up in linear time."""
    words = ["word"] * 50_000
    rows = "".join(f"{i}\t{word}\tO\n" for i, word in enumerate(words, 1))
    (tmp_path / "a.iob2").write_text(f"# text = {' '.join(words)}\n{rows}\n", encoding="utf8")
    start = time.perf_counter()
    (text,) = read(tmp_path / "a.iob2", nlp)
    assert text == " ".join(words)
    assert time.perf_counter() - start < 5


SEEDS = fuzz.seeds()
FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(choose=st.randoms(use_true_random=False))
def test_fuzz_readers(choose, tmp_path, nlp):
    """What `python -m tests.reliability.fuzz readers` does at length."""
    suffix, content = choose.choice(SEEDS)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(fuzz.mutate(content, [other for _, other in SEEDS], choose))
    assert fuzz.read(path, nlp) in ("documents", "error")


@pytest.fixture(scope="module")
def encoder(bert):
    """Files of an encoder's folder, and of the same encoder saved."""
    return read_folder(bert), pack(load_pretrained(bert, {}, {}))


@settings(FUZZ, max_examples=60)
@given(
    kind=st.sampled_from(["folder", "saved", "resealed"]),
    choose=st.randoms(use_true_random=False),
)
def test_fuzz_loader(kind, choose, encoder, tmp_path_factory):
    """What `python -m tests.reliability.fuzz loader` does at length."""
    bare, saved = encoder
    files = dict(bare if kind == "folder" else saved)
    name = choose.choice(sorted(files))
    files[name] = fuzz.mutate(files[name], list(files.values()), choose)
    if kind == "folder":
        folder = tmp_path_factory.mktemp("fuzz") / "encoder"
        assert fuzz.load_folder(folder, files) in ("encoder", "error")
    else:
        assert fuzz.load_saved(saved, files, sealed=kind == "resealed") in ("encoder", "error")
