import numpy as np
import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_dlfa.evaluation.sentences import (
    find_restart,
    find_translations,
    ids_of,
    number_sentences,
)
from spacy_dlfa.study.probing.parallel import row_by_id, shared_rows


def find(ids):
    return find_translations(number_sentences(ids), {name: len(own) for name, own in ids.items()})


def test_sentences_with_one_id_have_one_number():
    found = find({"de_test": ["a", "c"], "en_test": ["a", "b", "c"], "fr_test": ["c", "b"]})
    assert {(s.key, s.total) for s in found.values()} == {("de_test", 3)}
    numbers = {name: s.numbers.tolist() for name, s in found.items()}
    assert numbers == {"de_test": [0, 1], "en_test": [0, 2, 1], "fr_test": [1, 2]}


def test_other_kinds_have_other_sentences():
    found = find({"de_pud": ["1", "2"], "en_pud": ["1", "2"], "hr_set": ["1", "2"]})
    assert found["de_pud"].key == found["en_pud"].key != found["hr_set"].key
    assert found["hr_set"].total == 2


def test_languages_with_a_script_are_of_one_kind():
    found = find({"deu_Latn": [1, 2], "rus_Cyrl": [2, 1]})
    assert found["deu_Latn"].key == found["rus_Cyrl"].key
    assert found["rus_Cyrl"].numbers.tolist() == found["deu_Latn"].numbers.tolist()[::-1]


def test_sets_without_a_shared_id_are_apart():
    found = find({"de_gsd": ["a", "b"], "fr_gsd": ["c"], "ja_gsd": [None, None]})
    assert {name: (s.key, s.total) for name, s in found.items()} == {
        "de_gsd": ("de_gsd", 2),
        "fr_gsd": ("fr_gsd", 1),
        "ja_gsd": ("ja_gsd", 2),
    }


def test_sets_that_a_third_one_joins_are_together():
    found = find({"de_x": ["a"], "en_x": ["b"], "fr_x": ["b", "a"]})
    assert {(s.key, s.total) for s in found.values()} == {("de_x", 2)}


def test_repeated_and_missing_ids():
    """Versions of one sentence are drawn together, within a test set as between them."""
    found = find({"de_x": ["a", "a", None], "en_x": ["a", None, "b", "a"]})
    german, english = found["de_x"], found["en_x"]
    assert german.total == english.total == 4
    assert {*english.numbers[[0, 3]], *german.numbers[:2]} == {german.numbers[0]}
    assert len({german.numbers[0], german.numbers[2], *english.numbers[1:3]}) == 4


def test_both_scripts_of_a_chinese_treebank_are_of_one_kind():
    found = find({"zh_gsd": ["a", "b"], "zh_gsdsimp": ["b", "a"], "zh_pud": ["a"]})
    assert found["zh_gsd"].key == found["zh_gsdsimp"].key != found["zh_pud"].key


def test_without_ids_kind_and_length_stand_in():
    found = find_translations(None, {"de_pud": 3, "en_pud": 3, "fr_pud": 2, "hr_set": 3})
    assert found["de_pud"].key == found["en_pud"].key
    assert len({s.key for s in found.values()}) == 3
    assert np.array_equal(found["fr_pud"].numbers, [0, 1])


def test_other_numbers_of_ids_than_of_sentences():
    with pytest.raises(ValueError, match="de_pud: found 2 ids of 3 sentences"):
        find_translations({"de_pud": "0 1"}, {"de_pud": 3})


def docs(ids):
    """Sentences with these ids, each of another text."""
    words = (f"Satz {place}".split() for place in range(len(ids)))
    data = ({} if id is None else {"id": id} for id in ids)
    return [Doc(Vocab(), words=w, user_data=d) for w, d in zip(words, data, strict=True)]


def test_ids_that_begin_anew_in_each_document_tell_no_sentences_apart():
    counted = docs(["1", "2", "3"] * 20 + [None])
    assert find_restart(counted) == ("1", 20)
    assert ids_of(counted) == [None] * 61
    assert row_by_id(counted) == {}
    found = find({"de_x": ids_of(counted), "fr_x": ids_of(docs(["1", "2"]))})
    assert (found["de_x"].total, found["fr_x"].total) == (61, 2)


def test_versions_of_a_sentence_keep_its_id():
    versions = docs(["1", "2", None] * 5)
    same = [*docs(["1"]) * 30]
    assert find_restart(versions) is find_restart(same) is find_restart([]) is None
    assert ids_of(versions) == ["1", "2", None] * 5
    assert row_by_id(versions) == {"1": 12, "2": 13}
    assert shared_rows(docs(["3", "2", None, "1"]), versions) == ([1, 3], [13, 12])
    assert shared_rows(versions, docs(["2"]))[0] == [1, 4, 7, 10, 13]
