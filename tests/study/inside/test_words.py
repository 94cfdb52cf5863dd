import pytest
import spacy
from spacy.tokens import Doc

from spacy_dlfa.study.inside.words import over_corpora, pos_of, script_of_word, weights_by

VOCAB = spacy.blank("xx").vocab


def doc_of(words, pos):
    return Doc(VOCAB, words=words, pos=pos)


def test_words_are_grouped_by_part_of_speech():
    docs = [
        doc_of(["Anna", "sleeps", "\n"], ["PROPN", "VERB", "SPACE"]),
        doc_of(["Oslo", "is"], ["PROPN", ""]),
    ]
    found = weights_by(docs, [[0.1, 0.2, None], [0.3, 0.4]], pos_of)
    assert found == {"PROPN": [0.1, 0.3], "VERB": [0.2]}


@pytest.mark.parametrize(
    ("word", "script"),
    [
        ("Anna", "Latin"),
        ("«Ａｎｎａ", "Latin"),
        ("Анна", "Cyrillic"),
        ("東京", "Han"),
        ("々", "Han"),
        ("カー", "Kana"),
        ("の", "Kana"),
        ("서울", "Hangul"),
        ("हिन्दी", "Devanagari"),
        ("2026", ""),
        (".", ""),
    ],
)
def test_script_of_a_word(word, script):
    assert script_of_word(doc_of([word], ["X"])[0]) == script


def test_each_test_set_counts_the_same():
    small = {"NOUN": [0.2] * 10, "VERB": [0.4] * 10}
    large = {"NOUN": [0.6] * 1000, "VERB": [0.5] * 1000, "ADP": [0.9] * 9}
    found = over_corpora([small, large])
    # Nine words are too few
    assert list(found) == ["VERB", "NOUN"]
    assert found["NOUN"] == pytest.approx((0.4, 1, 2))
    assert found["VERB"] == pytest.approx((0.45, 1, 2))
