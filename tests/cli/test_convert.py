import pytest
from spacy.cli import app as spacy_app
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

import spacy_dlfa.cli  # noqa: F401, hangs the commands into spaCy's

NER = "1\tAnn\tB-PER\t-\t-\n2\tran\tB-OTH\t-\t-\n"
FILES = {
    "a.iob2": NER,
    "b.conllu": "1\tAnn\t_\tPROPN\t_\t_\t0\t_\t_\t_\n",
    "c.tsv": "index_id\tcategory\ttext\n7\tsports\tShe ran.\n",
    "d.tsv": "id\tsentence1\tsentence2\tlabel\n4\tShe ran\tShe sat\t0\n",
    "e.tsv": "language\tgold_label\tsentence1\tsentence2\tpairID\nde\tneutral\tJa.\tNein.\t1\n",
    "notes.txt": "",
}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf8")
    return folder


def run(*args):
    return CliRunner().invoke(spacy_app, ["dlfa", "convert", *map(str, args)])


def test_a_folder_with_all_formats(folder, tmp_path):
    result = run(folder, folder / "a.iob2", "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines()]
    for header, row in [
        ("file sentences words PER LOC ORG", "a 1 2 1 0 0"),
        ("file sentences tokens", "b 1 1"),
        (
            "file sentences tokens science/technology travel politics sports health entertainment"
            " geography",
            "c 1 3 0 0 0 1 0 0 0",
        ),
        ("file pairs tokens paraphrase different", "d 1 5 0 1"),
        ("file pairs tokens entailment neutral contradiction", "de_e 1 5 0 1 0"),
    ]:
        assert rows.count(header.split()) == 1
        assert rows.count(row.split()) == 1
    made = {path.stem for path in (tmp_path / "out").iterdir()}
    assert made == {"a", "b", "c", "d", "de_e"}


def test_labels(folder, tmp_path):
    assert run(folder / "a.iob2", "--output", tmp_path, "--labels", "OTH, PER").exit_code == 0
    (doc,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(Vocab())
    assert [ent.label_ for ent in doc.ents] == ["PER", "OTH"]
    assert run(folder / "a.iob2", "--output", tmp_path, "--labels", "PER,").exit_code == 2


def test_a_bad_file(folder, tmp_path):
    path = folder / "a.iob2"
    path.write_text("1\ta\n")
    result = run(path, "--output", tmp_path / "out")
    assert result.exit_code == 1
    expected = "2 column(s); expected 5, or 3 if the tag is O"
    assert result.stderr == f"{path}, line 1: found {expected}\n"
    assert "Traceback" not in result.output


def test_an_unknown_format(folder, tmp_path):
    result = run(folder / "notes.txt", "--output", tmp_path)
    assert result.exit_code == 1
    assert (
        "notes.txt: found the suffix '.txt'; expected one of .iob2, .conllu, .tsv" in result.stderr
    )


def test_bad_sources(folder, tmp_path):
    (tmp_path / "other").mkdir()
    result = run(tmp_path / "other", "--output", tmp_path)
    assert result.exit_code == 1
    assert "found none of *.iob2, *.conllu, *.tsv" in result.stderr
    (tmp_path / "other" / "a.conllu").write_text(FILES["b.conllu"])
    result = run(folder / "a.iob2", tmp_path / "other", "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "found two sources" in result.stderr
    assert not (tmp_path / "out").exists()
    assert run(tmp_path / "missing", "--output", tmp_path).exit_code == 2


def test_sources_that_name_the_same_target(folder, tmp_path):
    (folder / "de_e.tsv").write_text(FILES["d.tsv"])
    result = run(folder, "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "de_e.spacy: found two sources" in result.stderr
