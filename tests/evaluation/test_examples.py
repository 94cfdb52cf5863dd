import pytest
import spacy
from spacy.tokens import Doc, Span

from spacy_dlfa.evaluation.examples import Chooser, pack_span, unpack_span

VOCAB = spacy.blank("xx").vocab


def doc(words, *ents, tags=None, cats=None, id=None):
    made = Doc(VOCAB, words=words.split(), tags=tags)
    made.ents = [Span(made, *ent) for ent in ents]
    made.cats = cats or {}
    if id:
        made.user_data["id"] = id
    return made


def choose(task, pairs):
    chooser = Chooser(task)
    for predicted, gold in pairs:
        chooser.add(predicted, gold)
    return chooser


def right(number):
    return [doc(f"Ada {number}", (0, 1, "PER"), id=str(number)) for _ in range(2)]


def test_two_of_each_kind():
    wrong = [(doc(f"Ada {i}", (0, 1, "LOC")), doc(f"Ada {i}", (0, 1, "PER"))) for i in range(5)]
    missed = [(doc(f"Ada {i} x"), doc(f"Ada {i} x", (0, 1, "PER"))) for i in range(5)]
    nothing = [(doc("nothing"), doc("nothing"))] * 5
    found = choose("ner", [*missed, *nothing, *map(right, range(5)), *wrong]).examples()
    assert [each["kind"] for each in found] == ["right"] * 2 + ["wrong"] * 2 + ["missed"] * 2
    assert found[0]["gold"] == found[0]["found"] == ["0 3 PER"]
    assert (found[2]["gold"], found[2]["found"]) == (["0 3 PER"], ["0 3 LOC"])
    assert (found[4]["gold"], found[4]["found"]) == (["0 3 PER"], [])


def test_the_order_of_the_test_set_says_nothing():
    pairs = [*map(right, range(20))]
    assert choose("ner", pairs).examples() == choose("ner", pairs[::-1]).examples()


def test_translations_are_chosen_together():
    german = [[doc(f"Jo {i}", (0, 1, "PER"), id=str(i)) for _ in range(2)] for i in range(20)]
    numbers = [
        [each["text"].split()[1] for each in choose("ner", pairs).examples()]
        for pairs in (map(right, range(20)), german)
    ]
    assert numbers[0] == numbers[1]


def test_long_sentences_are_counted_and_not_shown():
    long = "Ada " + "x" * 300
    chooser = choose("ner", [(doc(long, (0, 1, "PER")), doc(long, (0, 1, "PER")))])
    assert chooser.examples() == []
    assert chooser.mistakes()["kinds"] == {"right": 1}


def test_entities_where_gold_has_no_annotation_are_no_mistake():
    chooser = choose("ner", [(doc("Ada 1", (0, 1, "PER")), Doc(VOCAB, ["Ada", "1"])), right(2)])
    assert chooser.mistakes()["kinds"] == {"right": 1}
    assert [each["text"] for each in chooser.examples()] == ["Ada 2 "]


def test_tags_that_are_wrong():
    pair = doc("Ada sleeps", tags=["X", "VERB"]), doc("Ada sleeps", tags=["PROPN", "VERB"])
    chooser = choose("tagger", [pair])
    (example,) = chooser.examples()
    assert (example["gold"], example["found"]) == (["0 3 PROPN"], ["0 3 X"])
    assert chooser.mistakes()["confusion"] == {"PROPN": {"X": 1}, "VERB": {"VERB": 1}}


def test_tokens_without_a_gold_tag_are_no_mistake():
    chooser = choose("tagger", [(doc("Ada x", tags=["X", "X"]), doc("Ada x", tags=["X", ""]))])
    assert chooser.mistakes()["kinds"] == {"right": 1}


@pytest.mark.parametrize("task", ["textcat", "pairs"])
def test_categories_with_their_scores(task):
    scores = {"a": 0.1, "b": 0.51234, "c": 0.3, "d": 0.01}
    chooser = choose(task, [(doc("so it is", cats=scores), doc("so it is", cats={"c": 1.0}))])
    (example,) = chooser.examples()
    assert (example["gold"], example["found"]) == (["0 9 c"], ["0 9 b"])
    assert example["scores"] == {"b": 0.512, "c": 0.3, "a": 0.1}
    assert chooser.mistakes()["confusion"] == {"c": {"b": 1}}


@pytest.mark.parametrize("label", ["LOC", "two words", "", "1 2 3"])
def test_packed_spans(label):
    assert unpack_span(pack_span((3, 14, label))) == (3, 14, label)


@pytest.mark.parametrize("text", ["", "3 14", "a 14 LOC", "-1 3 LOC"])
def test_what_is_no_span(text):
    with pytest.raises(ValueError, match="first character, end and label"):
        unpack_span(text)
