import pytest
import torch
from spacy.tokens import Doc
from thinc.api import fix_random_seed

from spacy_dlfa.study.inside.run import MAX_SENTENCES, look_inside
from tests.pipelines import DLFA, tagger_pipeline

MEAN = {"@layers": "spacy_dlfa.LayerMean.v1"}
MIX = {"@layers": "spacy_dlfa.ScalarMix.v1"}
SENTENCES = ("Anna lives in Oslo .", "She works for Acme", "Berlin is big")
OTHERS = ("Anna wohnt in Oslo .", "Sie arbeitet hier", "Berlin ist so groß")


def make_docs(nlp, sentences=SENTENCES, ids=("1", "2", "3")):
    docs = [Doc(nlp.vocab, words=text.split()) for text in sentences]
    for doc, id in zip(docs, ids):
        if id is not None:
            doc.user_data["id"] = id
    return docs


def fusion_of(nlp):
    nodes = nlp.get_pipe("tagger").model.walk()
    return next(node for node in nodes if node.name == "fuse_and_pool").layers[0]


@pytest.fixture
def pipeline(bert):
    def make(fusion=DLFA):
        fix_random_seed(0)
        return tagger_pipeline(bert, fusion=fusion)

    return make


@pytest.mark.parametrize("fusion", [MEAN, MIX, DLFA, {**DLFA, "gate": "feature"}])
def test_weights_and_similarities_by_test_set(pipeline, fusion):
    nlp = pipeline(fusion)
    corpora = {"en_pud": make_docs(nlp), "de_pud": make_docs(nlp, OTHERS), "da_ddt": make_docs(nlp)}
    found = look_inside(nlp, corpora, "tagger")
    assert list(found["weight"]) == ["en_pud", "de_pud", "da_ddt"]
    assert all(0 < weight < 1 for weight in found["weight"].values())
    # There is no English set of the kind of da_ddt.
    assert list(found["cosine"]) == ["de_pud"]
    assert all(-1 < value < 1 for value in found["cosine"]["de_pud"].values())
    assert found["cosine"]["de_pud"]["before"] != found["cosine"]["de_pud"]["after"]


@pytest.mark.parametrize("fusion", [MEAN, MIX])
def test_weight_of_plain_means_is_a_half(pipeline, fusion):
    nlp = pipeline(fusion)
    found = look_inside(nlp, {"de_pud": make_docs(nlp)}, "tagger")
    assert found == {"weight": {"de_pud": 0.5}, "cosine": {}}


def test_weight_of_a_learnt_mix(pipeline):
    nlp = pipeline(MIX)
    fusion_of(nlp).get_param("w")[0] = 1.0
    found = look_inside(nlp, {"de_pud": make_docs(nlp)}, "tagger")
    assert found["weight"]["de_pud"] == pytest.approx(0.7310586)


@pytest.mark.parametrize("gate", ["feature", "sigmoid"])
def test_weight_of_dlfa_is_the_sigmoid_of_both_branches(pipeline, gate):
    nlp = pipeline({**DLFA, "gate": gate})
    aif = fusion_of(nlp).shims[0]._model.aif
    # The last normalisations put out their biases alone.
    with torch.no_grad():
        for branch, bias in ((aif.local, 0.75), (aif.context, 0.25)):
            branch.expand_norm.weight.zero_()
            branch.expand_norm.bias.fill_(bias)
    found = look_inside(nlp, {"de_pud": make_docs(nlp)}, "tagger")
    assert found["weight"]["de_pud"] == pytest.approx(0.7310586)


@pytest.mark.parametrize("fusion", [MEAN, DLFA])
def test_identical_sentences_are_fully_similar(pipeline, fusion):
    nlp = pipeline(fusion)
    corpora = {"de_pud": make_docs(nlp), "en_pud": make_docs(nlp)}
    found = look_inside(nlp, corpora, "tagger")["cosine"]
    assert found == {"de_pud": pytest.approx({"before": 1, "after": 1}, abs=1e-4)}


def test_sentences_are_paired_by_id(pipeline):
    nlp = pipeline()
    english = make_docs(nlp)
    shuffled = make_docs(nlp, SENTENCES[::-1], ids=("3", "2", "1"))
    other = make_docs(nlp, (OTHERS[0], SENTENCES[1]), ids=("77", "2"))
    corpora = {"en_test": english, "de_test": shuffled, "fr_test": other}
    found = look_inside(nlp, corpora, "tagger")["cosine"]
    for name in ("de_test", "fr_test"):
        assert found[name]["after"] == pytest.approx(1, abs=1e-4)


def test_test_sets_named_by_script_share_their_english(pipeline):
    nlp = pipeline()
    names = ("deu_Latn", "rus_Cyrl", "eng_Latn", "de_pud")
    found = look_inside(nlp, {name: make_docs(nlp) for name in names}, "tagger")
    assert set(found["cosine"]) == {"deu_Latn", "rus_Cyrl"}


def test_test_sets_without_common_ids_have_no_similarity(pipeline):
    nlp = pipeline()
    corpora = {
        "en_pud": make_docs(nlp),
        "de_pud": make_docs(nlp, ids=(None,) * 3),
        "fr_pud": make_docs(nlp, ids=("4", "5", "6")),
    }
    found = look_inside(nlp, corpora, "tagger")
    assert found["cosine"] == {}
    assert set(found["weight"]) == set(corpora)


def test_ids_that_begin_anew_in_each_document_pair_nothing(pipeline):
    """The first hundred sentences alone do not show it."""
    nlp = pipeline()
    texts = [f"Anna lives in {number}" for number in range(220)]
    ids = [str(number % 20) for number in range(220)]
    corpora = {name: make_docs(nlp, texts, ids) for name in ("en_gum", "de_gum")}
    found = look_inside(nlp, corpora, "tagger")
    assert found["cosine"] == {}
    assert set(found["weight"]) == set(corpora)


def test_a_hundred_sentences_are_enough(pipeline):
    nlp = pipeline()
    num = MAX_SENTENCES + 50
    docs = make_docs(nlp, ("Berlin is big",) * num, ids=map(str, range(num)))
    encoded = []
    transformer = nlp.get_pipe("transformer")
    pipe = transformer.pipe
    transformer.pipe = lambda docs: pipe(encoded.append(doc) or doc for doc in docs)
    look_inside(nlp, {"en_pud": docs, "de_pud": docs}, "tagger")
    assert len(encoded) == 2 * MAX_SENTENCES


def test_gold_documents_stay_as_they_are(pipeline):
    nlp = pipeline()
    docs = make_docs(nlp)
    look_inside(nlp, {"de_pud": docs}, "tagger")
    assert all(doc._.trf_data is None for doc in docs)


def test_sentences_without_word_pieces(pipeline):
    nlp = pipeline()
    corpora = {"en_pud": make_docs(nlp), "de_pud": [Doc(nlp.vocab)], "fr_pud": make_docs(nlp)}
    corpora["de_pud"][0].user_data["id"] = "1"
    corpora["fr_pud"][1] = Doc(nlp.vocab, words=["\n"], user_data={"id": "2"})
    found = look_inside(nlp, corpora, "tagger")
    assert set(found["weight"]) == {"en_pud", "fr_pud"}
    assert set(found["cosine"]) == {"fr_pud"}


def test_replaced_listener(pipeline):
    nlp = pipeline()
    corpora = {"de_pud": make_docs(nlp), "en_pud": make_docs(nlp, OTHERS)}
    expected = look_inside(nlp, corpora, "tagger")
    nlp.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    nlp.remove_pipe("transformer")
    found = look_inside(nlp, corpora, "tagger")
    assert found["weight"] == pytest.approx(expected["weight"], abs=1e-5)
    assert found["cosine"]["de_pud"] == pytest.approx(expected["cosine"]["de_pud"], abs=1e-5)


@pytest.mark.parametrize("name", ["LastLayer", "AIF", "ScalarMix"])
def test_fusions_that_read_no_pair(pipeline, name):
    settings = {"layers": "all"} if name == "ScalarMix" else {}
    nlp = pipeline({"@layers": f"spacy_dlfa.{name}.v1", **settings})
    assert look_inside(nlp, {"de_pud": make_docs(nlp)}, "tagger") is None


def test_component_without_a_fusion(bert):
    nlp = tagger_pipeline(bert)
    nlp.add_pipe("entity_ruler", name="ner")
    assert look_inside(nlp, {"de_pud": make_docs(nlp)}, "ner") is None
