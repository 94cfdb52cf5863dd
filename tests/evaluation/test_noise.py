import pytest
import spacy
from spacy.tokens import Doc, Span

from spacy_dlfa.augmenters.kinds import KINDS
from spacy_dlfa.evaluation.noise import Damaged, evaluate_noise
from spacy_dlfa.evaluation.run import evaluate


@pytest.fixture
def nlp():
    """Finds what is written like this, and nothing else."""
    nlp = spacy.blank("xx")
    ruler = nlp.add_pipe("entity_ruler", name="ner")
    ruler.add_patterns([{"label": "LOC", "pattern": "Zürich"}])
    return nlp


@pytest.fixture
def corpora(nlp):
    found = {}
    for name in ("de_pud", "sv_pud", "en_pud"):
        doc = Doc(
            nlp.vocab,
            words=["Anna", ",", "now", "in", "Zürich", "."],
            spaces=[False, True, True, True, False, False],
            lemmas=["Anna", ",", "now", "in", "Zürich", "."],
            user_data={"id": "1"},
        )
        doc.ents = [Span(doc, 4, 5, label="LOC")]
        found[name] = [doc] * 10
    return found


def test_scores_by_kind(nlp, corpora):
    seen = []
    parts = evaluate_noise(nlp, corpora, "ner", list(KINDS), progress=seen.append)
    assert list(parts) == list(KINDS)
    means = {kind: part["averages"]["all"]["f"] for kind, part in parts.items()}
    # No longer written like this
    assert means["casing"] == means["diacritics"] == 0
    # Punctuation is not what the pipeline looks at
    assert means["punctuation"] == 100
    assert 0 < means["typos"] < 100
    # The tokens are gold's, but in raw text two words written together are one
    assert means["spaces"] == 100
    assert parts["spaces"]["averages"]["all"]["raw"]["f"] < 100
    clean = evaluate(nlp, corpora, "ner", raw=True)
    for part in parts.values():
        assert {*part} == {"scores", "averages", "counts"}
        assert list(part["scores"]) == list(clean["scores"])
        assert part["scores"]["de_pud"]["support"] == 10
        assert part["averages"]["all"]["corpora"] == 2
    assert seen[:2] == ["de_pud, typos", "sv_pud, typos"]
    assert len(seen) == 3 * len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_damage_each_time(corpora, kind):
    read = [[doc.text for doc in Damaged(corpora, kind)["de_pud"]] for _ in range(2)]
    assert read[0] == read[1]
    # A test set has its damage whichever stand beside it
    alone = Damaged({"de_pud": corpora["de_pud"]}, kind)
    assert [doc.text for doc in alone["de_pud"]] == read[0]
    assert len(alone) == 1


def test_sentences_are_damaged_each_in_its_way(corpora):
    assert len({doc.text for doc in Damaged(corpora, "typos")["de_pud"]}) > 5
    assert corpora["de_pud"][0].text == "Anna, now in Zürich."
