import lzma
from collections import Counter
from dataclasses import replace

import pytest
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from backbone.corpus.normalize import normalize
from backbone.example import translate, write_sources
from backbone.files import find_corpus_files, read_lines, read_rows
from backbone.settings import VocabularySettings
from backbone.vocabulary import SPECIAL, draw_lines, train_vocabulary
from spacy_dlfa.corpora.held_out import HeldOut, find_test_files

from .conftest import run


def test_every_format_gives_translations_the_same_key(made):
    for kind in ("bible", "xquad", "courses"):
        english, german = (
            dict(read_rows(made.folder / "corpus" / f"{kind}.{language}.tsv.xz"))
            for language in ("en", "de")
        )
        common = english.keys() & german.keys()
        assert len(common) >= 20
        assert all(german[key] == translate(english[key]) for key in common)


def test_pairs_have_english_first(made):
    rows = list(read_rows(made.folder / "corpus" / "tatoeba.de.tsv.xz"))
    assert len(rows) == 300
    assert all(translate(english) == german for english, german in rows)


#: A text, and words that spell another one
CONLLU = "# text = {}\n1\tx\t_\tX\t_\t_\t0\t_\t_\t_\n\n"


@pytest.mark.parametrize(
    ("name", "held_out"),
    [
        ("t.conllu", CONLLU),
        ("t.iob2", "1\t{}\tO\n\n"),
        ("t.tsv", "id\ttext\n1\t{}\n"),
    ],
)
def test_held_out_sentences_are_left_out_of_every_file(made, tmp_path, name, held_out):
    lines = list(read_lines(made.folder / "corpus" / "mono.de.txt.xz"))
    verses = dict(read_rows(made.folder / "corpus" / "bible.en.tsv.xz"))
    pairs = list(read_rows(made.folder / "corpus" / "tatoeba.de.tsv.xz"))
    sentences = [lines[7], verses["Genesis.1.9"], pairs[3][0]]
    for i, sentence in enumerate(sentences):
        # Case, spaces and punctuation don't matter.
        (tmp_path / f"{i}{name}").write_text(held_out.format(sentence.upper().rstrip(" .")))
    sources = write_sources(tmp_path)
    options = [arg for i in range(3) for arg in ("--held-out", tmp_path / f"{i}{name}")]
    printed = run("corpus", sources, tmp_path / "corpus", *options)
    assert "left out 3 lines" in printed
    assert lines[7] not in list(read_lines(tmp_path / "corpus" / "mono.de.txt.xz"))
    assert "Genesis.1.9" not in dict(read_rows(tmp_path / "corpus" / "bible.en.tsv.xz"))
    assert pairs[3] not in list(read_rows(tmp_path / "corpus" / "tatoeba.de.tsv.xz"))


def test_packing_leaves_held_out_sentences_out(made, tmp_path):
    verse = dict(read_rows(made.folder / "corpus" / "bible.en.tsv.xz"))["Genesis.1.9"]
    (tmp_path / "t.tsv").write_text(f"id\tsentence1\tsentence2\n1\t{verse}\tother\n")
    options = ("--output", tmp_path / "d", "--tokenizer", made.folder / "tokenizer")
    printed = run(
        "pack", made.folder / "corpus", *options, "--config", made.config, "--held-out", tmp_path
    )
    assert "bible.en.tsv.xz: 1" in printed
    english = next(text for text in made.packed.texts if text.name == "bible.en")
    assert f"bible.en: {len(english.lengths) - 1} lines" in printed


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.iob2", "In\tO\nMay\tO\n1\tO\nAnna\tB-PER\ncame\tO\nto\tO\nOslo\tB-LOC\n"),
        ("t.iob2", "-DOCSTART- O\n\nIn O\nMay O\n1 O\nAnna B-PER\ncame O\nto O\nOslo B-LOC\n"),
        ("t.iob2", "#text=In May 1 Anna came to Oslo\nIn O\nOslo B-LOC\n"),
        ("T.TSV", "premise\thypo\tlabel\nx\tIn May 1 Anna came to Oslo\tneutral\n"),
        ("t.tsv", "x\tIn May 1 Anna came to Oslo\t1\nx\ty\t0\n"),
        ("t.tsv", 'text\tlabel\n"In May\t1 ""Anna"" came to Oslo"\ta\n'),
        # Without labels, as test sets may be
        ("t.tsv", "Text\nIn May 1 Anna came to Oslo\n"),
        ("t.tsv", "question1\tquestion2\tlabel\nx\tIn May 1 Anna came to Oslo\t-\n"),
    ],
)
def test_what_convert_reads_is_held_out(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    held = HeldOut(find_test_files([tmp_path]))
    assert held.contains("in May 1, Anna came to Oslo.", "a")
    assert not held.contains("Berlin", "a")


def test_linked_folders_are_held_out_once_though_links_lead_in_circles(tmp_path):
    given, linked = tmp_path / "given", tmp_path / "linked"
    given.mkdir()
    linked.mkdir()
    (linked / "de_test.tsv").write_text("text\nIn May 1 Anna came to Oslo\n")
    (given / "more").symlink_to(linked)
    (linked / "back").symlink_to(given)
    assert find_test_files([given]) == [given / "more" / "de_test.tsv"]
    assert HeldOut(find_test_files([given])).contains("In May 1, Anna came to Oslo", "a")


def test_words_in_one_are_held_out_as_they_are_written(tmp_path):
    words = [("1-2", "du", "_"), ("1", "de", "ADP"), ("2", "le", "DET"), ("3", "vin", "NOUN")]
    rows = [f"{id}\t{form}\t_\t{upos}\t_\t_\t_\t_\t_\t_\n" for id, form, upos in words]
    (tmp_path / "t.conllu").write_text("".join(rows))
    assert HeldOut([tmp_path / "t.conllu"]).sentences == {"duvin"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.iob2", "Ann|PER ran|O\n", "line 1: found no column of tags"),
        ("t.conllu", "# text = a\n1\tx\n", "line 2: found 2 column"),
        ("t.tsv", "id\ttext\n1\n", "line 2: found 1 column"),
        ("t.tsv", "a\tb\n", "line 1: found the columns 'a, b'"),
        ("t.iob2", ". O\n", "line 1: found no sentence"),
        ("t.txt", "a\n", "found the suffix '.txt'"),
    ],
)
def test_what_cannot_be_held_out_is_an_error(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        HeldOut([tmp_path / name])


def test_sentences_of_a_document_are_held_out_too(tmp_path):
    words, starts = ["It", "rained", "in", "Oslo", "They", "left", "early"], [0, 4]
    starts = [i in starts for i in range(len(words))]
    DocBin(docs=[Doc(Vocab(), words=words, sent_starts=starts)]).to_disk(tmp_path / "t.spacy")
    held = HeldOut([tmp_path / "t.spacy"])
    assert held.contains("It rained in Oslo", "a")
    assert held.contains("It rained in Oslo. They left early.", "a")


def test_a_held_out_sentence_is_found_inside_a_paragraph(tmp_path):
    (tmp_path / "t.conllu").write_text(CONLLU.format("The house by the river is old."))
    held = HeldOut([tmp_path / "t.conllu"])
    assert held.contains("It rained. The house by the river is old. We left.", "a")
    assert not held.contains("The house by the river is old and grey.", "a")
    assert held.dropped == {"a": 1}


@pytest.mark.parametrize(
    ("test", "line"),
    [
        # An abbreviation, or two sentences
        ("Dr. Smith lives by the river.", "It rained. Dr. Smith lives by the river. We left."),
        ("It rained. So Mr. King went home.", "It rained. So Mr. King went home. We left."),
        # Serbian in the other script
        ("Његова кућа је на брду.", "Njegova kuća je na brdu."),
        ("Njegova kuća je na tom brdu.", "Падала је киша. Његова кућа је на том брду. Одемо."),
        # A lengthened word, and Arabic question marks
        ("ذهب الولـــد إلى المدرسة", "ذهب الولد إلى المدرسة"),
        ("هل ذهب الولد إلى المدرسة؟", "نعم؟ هل ذهب الولد إلى المدرســة؟ لا."),
        # Fewer characters, as much text
        ("我住在北京市中心。", "下雨了。我住在北京市中心。我们走了。"),
        # Letters and their accents apart
        ("Cafe\u0301 au lait", "Café au lait"),
        # Wide letters and digits, and narrow ones
        ("ＡＢＣの２０年史", "abcの20年史"),
        ("ｱﾊﾟｰﾄの部屋", "アパートの部屋"),
        # Letters whose case is not of one letter
        ("İstanbul'da yağmur yağdı", "istanbul'da yağmur yağdi"),
        ("IĞDIR'DA KAR VAR", "Iğdır'da kar var"),
        ("Μαΐου", "ΜΑΪ\u0301ΟΥ"),
        ("Die große Straße", "DIE GROSSE STRASSE"),
    ],
)
def test_held_out_sentences_that_are_written_otherwise(tmp_path, test, line):
    (tmp_path / "t.conllu").write_text(CONLLU.format(test))
    held = HeldOut([tmp_path / "t.conllu"])
    assert held.contains(line, "a")


@pytest.mark.parametrize(
    ("test", "before", "after"),
    [
        ("Der schnelle braune Fuchs springt über den faulen Hund", "Er sagte: ", "."),
        ("Der schnelle braune Fuchs springt über den faulen Hund", "", ", sagte er."),
        (
            "The house by the river that we saw in May is very old.",
            "It rained, and “",
            "” he said.",
        ),
        ("我昨天晚上在北京市中心看见了他。", "他说：“", "”我走了"),
    ],
)
def test_a_long_sentence_is_found_inside_another(tmp_path, test, before, after):
    (tmp_path / "t.conllu").write_text(CONLLU.format(test))
    held = HeldOut([tmp_path / "t.conllu"])
    assert held.contains(f"{before}{test.rstrip('.。')}{after}", "a")
    assert not held.contains(f"{before}{test[:-5]}{after}", "a")


def test_short_sentences_inside_a_paragraph_stay(tmp_path):
    (tmp_path / "t.conllu").write_text(CONLLU.format("Thank you.") + CONLLU.format("谢谢你。"))
    held = HeldOut([tmp_path / "t.conllu"])
    assert not held.contains("It rained. Thank you. We left.", "a")
    assert not held.contains("下雨了。谢谢你。我们走了。", "a")
    assert held.contains("谢谢你", "a")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Cafe\u0301\u00a0 au\tlait\u00ad", "Café au lait"),
        ("ru", "за\u0301мок", "замок"),
        ("ar", "كِتَاب", "كتاب"),
        ("zh", "我 住在 北京 too", "我住在北京 too"),
        ("hi", "क्\u200dया", "क्\u200dया"),
    ],
)
def test_normalize(language, text, expected):
    assert normalize(text, language, "") == expected


def test_serbian_is_mostly_latin_and_of_one_script_in_a_document():
    written = [normalize("Његош", "sr", str(i)) for i in range(400)]
    assert set(written) == {"Njegoš", "Његош"}
    assert 250 < written.count("Njegoš") < 350


@pytest.mark.parametrize(
    ("form", "name", "text", "message"),
    [
        ("aligned", "a.tsv", "k\ta\nk\tb\n", "line 2: found the key 'k' of line 1"),
        ("aligned", "a.tsv", "k\ta\nb\n", "line 2: found 'b'; expected a key, a tab and a text"),
        ("tatoeba", "a.txt", "one column\n", "line 1: found 'one column'"),
        ("xquad", "a.json", '{\n"data": ]', "line 2: found Expecting value; expected JSON"),
        ("xquad", "a.json", '{"version": 1}', "found no 'data'"),
        ("verses", "a.csv", "Book,Verse\n", "expected columns Book, Chapter, Verse, Text"),
        ("verses", "a.json", "{}", "found no 'books'"),
        ("poems", "a.txt", "x\n", "mono.format: found 'poems'; expected one of plain, tatoeba"),
    ],
)
def test_bad_source(tmp_path, form, name, text, message):
    (tmp_path / name).write_text(text, encoding="utf8")
    sources = tmp_path / "sources.cfg"
    sources.write_text(f'[mono]\nformat = "{form}"\nfiles = {{"de": ["{name}"]}}\n')
    assert message in run("corpus", sources, tmp_path / "out", expect=1)


def test_a_source_that_is_not_there(tmp_path):
    sources = tmp_path / "sources.cfg"
    sources.write_text('[mono]\nformat = "plain"\nfiles = {"de": ["none*.txt"]}\n')
    assert "mono.files.de: no file" in run("corpus", sources, tmp_path / "out", expect=1)


def test_a_second_bible_has_keys_of_its_own(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(
            "Book,Chapter,Verse,Text\nGenesis,1,1,In the beginning\n"
        )
    sources = tmp_path / "sources.cfg"
    sources.write_text('[bible]\nformat = "verses"\nfiles = {"en": ["a.csv", "b.csv"]}\n')
    run("corpus", sources, tmp_path / "out")
    keys = [key for key, _ in read_rows(tmp_path / "out" / "bible.en.tsv.xz")]
    assert keys == ["Genesis.1.1", "Genesis.1.1#1"]


def test_what_a_small_file_lacks_comes_from_larger_ones(tmp_path):
    for kind, lines in (("small", 10), ("large", 900), ("middle", 400)):
        (tmp_path / f"{kind}.de.txt").write_text(f"{kind:6} line\n" * lines)
    (tmp_path / "large.fr.txt").write_text("some french\n" * 900)
    settings = VocabularySettings(size=600, characters=6600, english=1.0, min_count=1, alphabet=300)
    drawn = Counter(draw_lines(find_corpus_files([tmp_path]), settings, 0))
    # 600 lines of each language: 10, and half of the others each
    assert drawn == {"small  line": 10, "middle line": 295, "large  line": 295, "some french": 600}


def test_two_files_of_one_kind_and_language(made, tmp_path):
    mono = made.folder / "corpus" / "mono.de.txt.xz"
    (tmp_path / mono.name).write_bytes(mono.read_bytes())
    options = ("--output", tmp_path / "d", "--tokenizer", made.folder / "tokenizer")
    corpora = (made.folder / "corpus", tmp_path)
    printed = run("pack", *corpora, *options, "--config", made.config, expect=1)
    assert f"{mono} and {tmp_path / mono.name}: both are mono.de" in printed


def test_bad_corpus_files(tmp_path):
    (tmp_path / "bible.de.tsv").write_text("a\tb\nc\n")
    with pytest.raises(ValueError, match="line 2: found 1 columns"):
        list(read_rows(tmp_path / "bible.de.tsv"))
    (tmp_path / "mono.de.txt").write_bytes(b"good\n\xff\n")
    with pytest.raises(ValueError, match="line 2: found the byte 0xff"):
        list(read_lines(tmp_path / "mono.de.txt"))
    (tmp_path / "mono.de.txt.xz").write_bytes(lzma.compress(b"text\n" * 999)[:-20])
    with pytest.raises(ValueError, match=r"expected a whole \.xz file"):
        list(read_lines(tmp_path / "mono.de.txt.xz"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="found no corpus file"):
        find_corpus_files([tmp_path / "empty"])


@pytest.mark.parametrize("alphabet", [300, 20])
def test_a_vocabulary_comes_out_the_same_again(made, tmp_path, alphabet):
    files = find_corpus_files([made.folder / "corpus"])
    settings = replace(made.settings.vocabulary, alphabet=alphabet)
    written = []
    for name in "abc":
        train_vocabulary(files, tmp_path / name, settings, 64, 0)
        written.append((tmp_path / name / "vocab.txt").read_text("utf8").splitlines())
    assert written[0] == written[1] == written[2]
    assert written[0][: len(SPECIAL)] == SPECIAL
    letters = [piece for piece in written[0] if len(piece) == 1]
    later = [piece for piece in written[0] if piece.startswith("##") and len(piece) == 3]
    assert len(letters) <= alphabet
    assert {piece[2:] for piece in later} <= {*letters}
    assert (letters, later) == (sorted(letters), sorted(later))
