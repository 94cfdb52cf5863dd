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
        ("file sentences words PER dropped", "a 1 2 1 OTH 1"),
        ("file sentences tokens", "b 1 1"),
        (
            "file texts tokens science/technology travel politics sports health entertainment"
            " geography",
            "c 1 3 0 0 0 1 0 0 0",
        ),
        (
            "file pairs tokens paraphrase different entailment neutral contradiction",
            "d 1 5 0 1 0 0 0",
        ),
        (
            "file pairs tokens paraphrase different entailment neutral contradiction",
            "de_e 1 5 0 0 0 1 0",
        ),
    ]:
        assert rows.count(header.split()) == 1
        assert rows.count(row.split()) == 1
    made = {path.stem for path in (tmp_path / "out").iterdir()}
    assert made == {"a", "b", "c", "d", "de_e"}


def test_ids_are_left_out(folder, tmp_path):
    for options, expected in [((), {"id": "7"}), (("--no-ids",), {})]:
        assert run(folder / "c.tsv", *options, "--output", tmp_path).exit_code == 0
        (doc,) = DocBin().from_disk(tmp_path / "c.spacy").get_docs(Vocab())
        assert doc.user_data == expected


def test_columns_that_are_not_kept(folder, tmp_path):
    """In a line for all files, with what keeps them."""
    row = "1\tAnn\tAnn\tPROPN\tNNP\tNumber=Sing\t0\troot\t_\t_\n"
    (folder / "b.conllu").write_text(row)
    (folder / "f.conllu").write_text("1-2\tdu\tx\t_\tx\tx\t_\t_\t_\t_\n" + row + "2\tx" + "\t_" * 8)
    (folder / "g.iob2").write_text("-DOCSTART- -X- -X- O\n\nAnn NNP B-NP B-PER\n")
    (folder / "h.iob2").write_text("Ann - - B-PER\n")
    result = run(folder, "--output", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines() == [
        "Not kept, of 2 file(s): LEMMA, XPOS, FEATS, HEAD, DEPREL. For a morphologizer, parser, "
        "lemmatizer: python -m spacy convert FILE FOLDER --converter conllu",
        "Not kept, of 1 file(s): POS. For a tagger: python -m spacy convert FILE FOLDER "
        "--converter ner",
        f"Passed over: {folder}/notes.txt; expected *.iob2, *.conllu, *.tsv in a folder itself",
    ]
    (folder / "b.conllu").write_text("1\tAnn\t_\tPROPN" + "\t_" * 6)
    result = run(folder / "a.iob2", folder / "b.conllu", folder / "h.iob2", "--output", tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")


def test_what_is_passed_over_in_a_folder_is_named(folder, tmp_path):
    for name in (
        "LICENSE",
        "README.md",
        "readme",
        ".hidden",
        "a.spacy",
        "old.iob2.gz",
        "train.BIO",
    ):
        (folder / name).write_text("")
    for name in ("fr", "given", ".git"):
        (folder / name).mkdir()
        (folder / name / f"{name}.iob2").write_text(NER)
    result = run(folder, folder / "given", "--output", folder / "out")
    assert result.exit_code == 0, result.output
    names = ", ".join(
        f"{folder}/{name}" for name in ("fr/", "notes.txt", "old.iob2.gz", "train.BIO")
    )
    expected = f"Passed over: {names}; expected *.iob2, *.conllu, *.tsv in a folder itself"
    assert result.stderr.splitlines()[-1] == expected
    for number in range(3):
        (folder / f"{number}.csv").write_text("")
    result = run(folder, "-o", tmp_path)
    assert ", given/ and 4 more;" in result.stderr.replace(f"{folder}/", "")
    assert run(folder / "a.iob2", "--output", tmp_path).stderr == ""


def test_labels(folder, tmp_path):
    assert run(folder / "a.iob2", "--output", tmp_path, "--labels", "OTH, PER").exit_code == 0
    (doc,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(Vocab())
    assert [ent.label_ for ent in doc.ents] == ["PER", "OTH"]
    assert run(folder / "a.iob2", "--output", tmp_path, "--labels", "PER,").exit_code == 2
    result = run(folder / "a.iob2", "--output", tmp_path / "none", "--labels", "PERSON")
    assert result.exit_code == 1
    assert "found no entity to keep, but OTH 1, PER 1" in result.stderr
    assert not (tmp_path / "none").exists()
    assert run(folder / "a.iob2", "--output", tmp_path, "--labels", "all").exit_code == 0
    (doc,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(Vocab())
    assert [ent.label_ for ent in doc.ents] == ["PER", "OTH"]


def test_labels_of_files_without_entities(folder, tmp_path):
    sources = (folder / "b.conllu", folder / "c.tsv")
    result = run(*sources, "--output", tmp_path / "out", "--labels", "PER")
    assert result.exit_code == 1
    assert result.stderr.startswith("--labels PER: found no .iob2 file; expected one")
    assert not (tmp_path / "out").exists()
    assert run(*sources, folder / "a.iob2", "-o", tmp_path / "out", "-l", "PER").exit_code == 0


def test_a_file_is_called_as_it_is_told(folder, tmp_path):
    assert run(folder / "a.iob2", "--output", tmp_path / "out", "--name", "train").exit_code == 0
    assert run(folder / "e.tsv", "--output", tmp_path / "out", "--name", "dev").exit_code == 0
    given = ("--output", tmp_path / "out", "--name", "test.spacy")
    assert run(folder / "a.iob2", *given).exit_code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "train.spacy",
        "de_dev.spacy",
        "test.spacy",
    }
    for source, name in (
        (folder, "train"),
        (folder / "a.iob2", "../train"),
        (folder / "a.iob2", ""),
        (folder / "a.iob2", ".spacy"),
    ):
        result = run(source, "--output", tmp_path / "none", "--name", name)
        assert result.exit_code == 1
        assert f"--name {name}:" in result.stderr
    assert not (tmp_path / "none").exists()


def test_many_labels(folder, tmp_path):
    rows = "".join(f"{i}\tw\tB-L{i}\t-\t-\n" for i in range(1, 14))
    (folder / "a.iob2").write_text(rows)
    lines = run(folder / "a.iob2", "--output", tmp_path).stdout.splitlines()
    assert ["a", "1", "13", "13"] in [line.split() for line in lines]
    assert ["file", "sentences", "words", "labels"] in [line.split() for line in lines]


def test_the_language_is_put_before_names(folder, tmp_path):
    result = run(folder / "a.iob2", folder / "c.tsv", "-o", tmp_path, "--language", "de")
    assert result.exit_code == 0, result.output
    assert {path.name for path in tmp_path.glob("*.spacy")} == {"de_a.spacy", "de_c.spacy"}
    for wrong in ("German", "dev"):
        assert run(folder / "a.iob2", "-o", tmp_path, "--language", wrong).exit_code == 2


def test_a_name_that_says_another_language(folder, tmp_path):
    (folder / "a.iob2").rename(folder / "zh_tw.iob2")
    sources = (folder / "zh_tw.iob2", folder / "c.tsv")
    result = run(*sources, "-o", tmp_path, "--language", "fr")
    assert result.exit_code == 1
    assert "zh_tw: found the language Chinese in the name, and --language fr" in result.stderr
    assert {path.name for path in tmp_path.glob("*.spacy")} == {"fr_c.spacy"}


def test_burmese_is_called_by_a_code_that_is_no_word(folder, tmp_path):
    (folder / "e.tsv").write_text("language\ttext\tlabel\nmy\tJa.\tyes\n")
    assert run(folder / "e.tsv", "-o", tmp_path).exit_code == 0
    assert run(folder / "a.iob2", "-o", tmp_path, "--language", "my").exit_code == 0
    assert {path.name for path in tmp_path.glob("*.spacy")} == {"mya_e.spacy", "mya_a.spacy"}


def test_a_bad_file_costs_itself(folder, tmp_path):
    (folder / "b.conllu").write_text("1\ta\n")
    (folder / "c.tsv").write_text("a\tb\n")
    result = run(folder, "--output", tmp_path / "out")
    assert result.exit_code == 1
    _, bad, other = result.stderr.splitlines()
    assert bad.startswith(f"[DL110] {folder / 'b.conllu'}, line 1: found 2 column(s)")
    assert other.startswith(f"[DL130] {folder / 'c.tsv'}, line 1: found the columns 'a, b'")
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {"a", "d", "de_e"}
    assert ["file", "sentences", "words", "PER", "dropped"] in [
        line.split() for line in result.stdout.splitlines()
    ]


def test_files_of_one_name_in_several_formats(folder, tmp_path):
    sources = [folder / "my.iob2", folder / "my.conllu", folder / "my.tsv"]
    for source, name in zip(sources, ("a.iob2", "b.conllu", "c.tsv"), strict=True):
        source.write_text(FILES[name], encoding="utf8")
    result = run(*sources, "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made == {"my.iob2.spacy", "my.conllu.spacy", "my.tsv.spacy"}


def test_a_bad_file(folder, tmp_path):
    path = folder / "a.iob2"
    path.write_text(NER + "3\ta\n")
    result = run(path, "--output", tmp_path / "out")
    assert result.exit_code == 1
    expected = "2 column(s); expected 5, or 3 if the tag is O, set apart by tabs"
    assert result.stderr == f"[DL123] {path}, line 3: found {expected}\n"
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
    (tmp_path / "other" / "a.iob2").write_text(NER)
    result = run(folder / "a.iob2", tmp_path / "other", "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert f"{tmp_path / 'other' / 'a.iob2'}: found the name of {folder}" in result.stderr
    assert not (tmp_path / "out").exists()
    assert run(tmp_path / "missing", "--output", tmp_path).exit_code == 2


def test_sources_that_name_the_same_target(folder, tmp_path):
    (folder / "de_e.tsv").write_text(FILES["d.tsv"])
    result = run(folder, "--output", tmp_path / "out")
    assert result.exit_code == 1
    target = tmp_path / "out" / "de_e.spacy"
    assert f"e.tsv: found {target} already made of another source" in result.stderr
    (doc,) = DocBin().from_disk(target).get_docs(Vocab())
    assert "different" in doc.cats
