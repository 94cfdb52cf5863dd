from types import SimpleNamespace

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from thinc.api import Config

from spacy_dlfa.evaluation.checksum import checksum_of
from spacy_dlfa.evaluation.counts import score, unpack
from spacy_dlfa.evaluation.run import TALLIES, bare, evaluate
from spacy_dlfa.evaluation.settings import run_settings
from spacy_dlfa.evaluation.tasks import TASKS
from tests.pipelines import DLFA, tagger_pipeline, two_classifiers


@Language.component("test_rules")
def predict(doc: Doc) -> Doc:
    """Tag titles as PROPN and Berlin as LOC, and call five tokens long."""
    for token in doc:
        token.tag_ = "PROPN" if token.is_title else "NOUN"
    doc.ents = [Span(doc, t.i, t.i + 1, label="LOC") for t in doc if t.text == "Berlin"]
    doc.cats = {"long": float(len(doc) >= 5), "short": float(len(doc) < 5)}
    return doc


@Language.factory("test_spy")
class Spy:
    """Keeps the documents that pass."""

    def __init__(self, nlp: Language, name: str):
        self.seen = []

    def __call__(self, doc: Doc) -> Doc:
        self.seen.append(doc)
        return doc


def rules(task: str) -> Language:
    nlp = spacy.blank("xx")
    nlp.add_pipe("test_rules", name=TASKS[task].component)
    return nlp


def gold(nlp, words, spaces=None, *, tags=None, ents=(), cats=None, id=None) -> Doc:
    doc = Doc(nlp.vocab, words=words.split(), spaces=spaces, tags=tags)
    doc.ents = [Span(doc, *ent) for ent in ents]
    doc.cats = cats or {}
    if id:
        doc.user_data["id"] = id
    return doc


def test_entities():
    nlp = rules("ner")
    corpora = {
        "de_pud": [
            gold(nlp, "Ada saw Berlin", ents=[(0, 1, "PER"), (2, 3, "LOC")]),
            gold(nlp, "nothing"),
        ],
        "en_pud": [gold(nlp, "Berlin", ents=[(0, 1, "LOC")])],
        "zh_pud": [gold(nlp, "Berlin")],
    }
    found = evaluate(nlp, corpora, "ner", raw=True)
    assert found["metric"] == "f"
    row = found["scores"]["de_pud"]
    interval = row.pop("interval")
    assert row.pop("checksum") == checksum_of(corpora["de_pud"], "ner")
    assert row == {
        "language": "German",
        "family": "Germanic",
        "sentences": 2,
        "support": 2,
        "p": 100.0,
        "r": 50.0,
        "f": pytest.approx(200 / 3),
        "raw": {"p": 100.0, "r": 50.0, "f": pytest.approx(200 / 3)},
    }
    assert interval == pytest.approx([200 / 3, 200 / 3])
    assert found["counts"]["de_pud"] == {"tp": "1 0", "fp": "0 0", "fn": "1 0"}
    # Without gold entities there is no score, and no part in the means.
    assert found["scores"]["zh_pud"]["f"] is found["scores"]["zh_pud"]["interval"] is None
    assert found["averages"]["all"]["corpora"] == 1
    assert found["averages"]["all"]["interval"] == pytest.approx(interval)


def test_tags_on_other_tokens():
    nlp = rules("tagger")
    doc = gold(nlp, "Ber lin rocks", [False, True, False], tags=["PROPN", "NOUN", "NOUN"])
    found = evaluate(nlp, {"de_pud": [doc]}, "tagger", raw=True)
    row = found["scores"]["de_pud"]
    assert (row["accuracy"], row["seqeval_f1"], row["support"]) == (100, 100, 3)
    assert row["raw"]["accuracy"] == pytest.approx(100 / 3)
    assert found["counts"]["de_pud"] == {"correct": "3", "total": "3"}


def test_categories_on_other_tokens():
    nlp = rules("textcat")
    spaces = [False] * 4 + [True, False]
    doc = gold(nlp, "B e r l i n", spaces, cats={"long": 0.0, "short": 1.0})
    row = evaluate(nlp, {"deu_Latn": [doc]}, "textcat", raw=True)["scores"]["deu_Latn"]
    assert (row["accuracy"], row["raw"]["accuracy"]) == (0, 100)
    assert (row["macro_f1"], row["raw"]["macro_f1"]) == (0, 100)


@pytest.mark.parametrize("task", ["textcat", "pairs"])
def test_a_second_text_classifier_has_no_say(task):
    nlp = spacy.blank("xx")
    two_classifiers(nlp)
    docs = [gold(nlp, "so [SEP] it", cats={"long": 0.0, "short": 1.0})]
    found = evaluate(nlp, {"de_test": docs}, task, raw=True, examples=True)
    row = found["scores"]["de_test"]
    assert row["accuracy"] == row["macro_f1"] == row["raw"]["accuracy"] == 100
    (example,) = found["examples"]["de_test"]
    assert example["scores"] == {"short": 0.6, "long": 0.4}
    assert found["mistakes"]["de_test"]["kinds"] == {"right": 1}


def test_pairs_on_other_tokens():
    nlp = rules("pairs")
    nlp.tokenizer = spacy.tokenizer.Tokenizer(nlp.vocab)
    nlp.add_pipe("test_spy", name="spy")
    docs = [
        gold(
            nlp, "Ada slept [SEP] so", [True, True, True, False], cats={"long": 0.0, "short": 1.0}
        ),
        gold(nlp, "Ada. [SEP] Berlin.", [True, True, False], cats={"long": 0.0, "short": 1.0}),
        gold(
            nlp,
            "Ada . [SEP] Berlin .",
            [False, True, True, False, False],
            cats={"long": 0.0, "short": 1.0},
        ),
    ]
    row = evaluate(nlp, {"de_test": docs}, "pairs", raw=True)["scores"]["de_test"]
    assert (row["support"], row["accuracy"]) == (3, pytest.approx(200 / 3))
    assert row["raw"]["accuracy"] == 100
    # The last one is put together again, from its two texts.
    seen = [[token.text for token in doc] for doc in nlp.get_pipe("spy").seen]
    assert seen == [[token.text for token in doc] for doc in [*docs, docs[1]]]


def test_raw_text_is_left_out():
    nlp = rules("ner")
    found = evaluate(nlp, {"de_pud": [gold(nlp, "Berlin")]}, "ner", raw=False)
    assert "raw" not in found["scores"]["de_pud"]
    assert "raw" not in found["averages"]["all"]


@pytest.mark.parametrize("task", TASKS)
def test_counts_give_the_score(task):
    nlp = rules(task)
    words = ["Berlin is big", "It is in the north", "Ada", "Oslo or Berlin or so"]
    docs = [
        gold(
            nlp,
            text,
            tags=["PROPN"] * len(text.split()),
            ents=[(0, 1, "LOC")],
            cats={"long": 1.0, "short": 0.0},
        )
        for text in words
    ]
    found = evaluate(nlp, {"de_test": docs}, task, raw=False)
    counts = {kind: unpack(text) for kind, text in found["counts"]["de_test"].items()}
    assert {len(values) for values in counts.values()} == {4}
    row = found["scores"]["de_test"]
    assert score(task, counts) == pytest.approx(row[found["metric"]])
    low, high = row["interval"]
    assert low <= row[found["metric"]] <= high


def test_translations_get_the_same_resamples():
    nlp = rules("textcat")
    docs = [
        gold(nlp, "Berlin", cats={"long": float(i % 2), "short": float(not i % 2)}, id=str(i))
        for i in range(50)
    ]
    names = ("deu_Latn", "fra_Latn", "ita_Latn")
    found = evaluate(nlp, dict.fromkeys(names, docs), "textcat", raw=False)
    assert found["averages"]["all"]["interval"] == found["scores"]["deu_Latn"]["interval"]


@pytest.mark.parametrize("raw", [False, True])
def test_gold_never_reaches_the_pipeline(raw):
    nlp = spacy.blank("xx")
    nlp.add_pipe("test_spy", name="ner")
    doc = gold(nlp, "Ada sleeps", ents=[(0, 1, "PER")], cats={"a": 1.0}, id="x")
    doc[0].tag_ = doc[0].lemma_ = doc[0].pos_ = "NOUN"
    doc.spans["gold"] = [doc[0:1]]
    doc[0].is_sent_start = True
    row = evaluate(nlp, {"de_pud": [doc]}, "ner", raw=raw)["scores"]["de_pud"]
    # With no component at all, whatever comes out was put in.
    assert (row["p"], row["r"], row["f"]) == (0, 0, 0)
    (seen,) = nlp.get_pipe("ner").seen
    assert [(t.text, t.whitespace_) for t in seen] == [(t.text, t.whitespace_) for t in doc]
    for name in ("TAG", "LEMMA", "POS", "ENT_IOB", "SENT_START"):
        assert not seen.has_annotation(name), name
    assert [*seen.ents, *seen.spans, *seen.cats] == []
    # The transformer's own extension, if another test has registered it.
    assert [key for key in seen.user_data if key[:2] != ("._.", "trf_data")] == []
    # The gold document is as it was.
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Ada", "PER")]


@pytest.fixture(scope="module")
def tagger(bert) -> Language:
    nlp = tagger_pipeline(bert)
    # Initialised to zeros, it would answer the same for all.
    output = nlp.get_pipe("tagger").model.get_ref("softmax")
    weights = np.random.default_rng(0).normal(size=output.get_param("W").shape)
    output.set_param("W", weights.astype("float32"))
    nlp.add_pipe("test_spy", name="spy")
    return nlp


@pytest.fixture
def mixed(tagger) -> list[Doc]:
    """Gold with the tokenizer's tokens, with others, and with none; gold tags as predicted."""
    docs = [
        gold(tagger, "Anna lives in Oslo"),
        gold(tagger, "An na lives here", [False, True, True, False]),
        gold(tagger, ""),
        gold(tagger, "She works for Acme"),
    ]
    for doc in docs:
        for token, predicted in zip(doc, tagger(bare(tagger, doc))):
            token.tag_ = predicted.tag_
    tagger.get_pipe("spy").seen.clear()
    return docs


def test_reused_predictions_equal_those_of_two_full_passes(tagger, mixed):
    naive, naive_raw = TALLIES["tagger"](), TALLIES["tagger"]()
    for doc in mixed:
        naive.add(tagger(bare(tagger, doc)), doc)
        naive_raw.add(tagger(doc.text), doc)
    found = evaluate(tagger, {"de_pud": mixed}, "tagger", raw=True)["scores"]["de_pud"]
    assert {key: found[key] for key in naive.metrics()} == naive.metrics()
    assert found["raw"] == naive_raw.metrics()
    assert found["raw"]["accuracy"] < found["accuracy"] == 100


def test_no_text_is_encoded_twice(tagger, mixed):
    evaluate(tagger, {"de_pud": mixed}, "tagger", raw=True)
    seen = [[token.text for token in doc] for doc in tagger.get_pipe("spy").seen]
    assert seen == [[token.text for token in doc] for doc in mixed] + [["Anna", "lives", "here"]]


def test_norms_of_the_tokenizer_are_other_tokens():
    nlp = rules("ner")
    nlp.add_pipe("test_spy", name="spy")
    nlp.tokenizer.add_special_case("im", [{"ORTH": "im", "NORM": "in"}])
    evaluate(nlp, {"de_pud": [gold(nlp, "im Haus"), gold(nlp, "am Haus")]}, "ner", raw=True)
    assert [doc.text.strip() for doc in nlp.get_pipe("spy").seen] == [
        "im Haus",
        "am Haus",
        "im Haus",
    ]


def test_hidden_states_are_dropped(tagger, mixed):
    evaluate(tagger, {"de_pud": mixed}, "tagger", raw=True)
    assert [doc._.trf_data for doc in tagger.get_pipe("spy").seen] == [None] * 5


def test_test_sets_are_asked_for_one_after_the_other():
    nlp = rules("ner")
    events = []

    class Lazy(dict):
        def __getitem__(self, name):
            events.append(f"read {name}")
            return [gold(nlp, "Berlin", ents=[(0, 1, "LOC")])]

    corpora = Lazy(dict.fromkeys(["de_pud", "fr_pud"]))
    evaluate(nlp, corpora, "ner", raw=True, progress=events.append)
    assert events == ["de_pud", "read de_pud", "fr_pud", "read fr_pud"]


@Language.component("test_refuses_one_token")
def refuse_one_token(doc: Doc) -> Doc:
    if len(doc) == 1:
        raise RuntimeError("out of memory")
    return doc


@pytest.mark.parametrize("words", ["Paris", "Par is"])
def test_documents_that_the_pipeline_lets_fall_cost_their_test_set(words):
    """On gold tokens, or on raw text alone."""
    nlp = rules("ner")
    nlp.add_pipe("test_refuses_one_token")
    nlp.set_error_handler(lambda *args: None)
    whole = gold(nlp, "in Berlin", ents=[(1, 2, "LOC")])
    corpora = {"de_pud": [whole], "fr_pud": [whole, gold(nlp, words, [False] * len(words.split()))]}
    failures = {}
    found = evaluate(nlp, corpora, "ner", raw=True, failed=failures.__setitem__)
    assert list(found["scores"]) == ["de_pud"]
    assert found["averages"]["all"]["corpora"] == 1
    assert "'fr_pud': 1 of 2 documents came out of the pipeline" in str(failures["fr_pud"])


@pytest.mark.parametrize(
    ("task", "corpora", "message"),
    [
        ("tagger", {}, "expected 'tagger'"),
        ("parser", {}, "choose from ner"),
        ("ner", {"de_pud": []}, "'de_pud': found no document"),
        ("ner", {"klingon": []}, "'klingon'"),
    ],
)
def test_errors(task, corpora, message):
    with pytest.raises(ValueError, match=message):
        evaluate(rules("ner"), corpora, task, raw=False)


TRAINING = {
    "seed": 3,
    "max_steps": 200,
    "max_epochs": 0,
    "frozen_components": ["parser"],
    "optimizer": {"learn_rate": {"@schedules": "warmup_linear.v1", "initial_rate": 0.002}},
}


def pipeline_config(**components) -> SimpleNamespace:
    config = {"training": TRAINING, "components": components}
    return SimpleNamespace(config=Config(config), meta={}, pipeline=[])


SHARED = {"model": {"name": "mini", "learn_rate_factor": 0.1, "freeze_below": 5}}


@pytest.mark.parametrize(
    ("task", "model"),
    [
        ("ner", {"tok2vec": {"layer": 5, "fusion": DLFA}}),
        ("tagger", {"tok2vec": {"layer": 5, "fusion": DLFA}}),
        ("textcat", {"linear_model": {}, "tok2vec": {"layer": 5, "fusion": DLFA}}),
        ("pairs", {"head": {"inner": {"tok2vec": {"layer": 5, "fusion": DLFA}}}}),
    ],
)
def test_settings_come_from_the_config(task, model):
    nlp = pipeline_config(transformer=SHARED, **{TASKS[task].component: {"model": model}})
    assert run_settings(nlp, task) == {
        "task": task,
        "backbone": "mini",
        "layer": 5,
        "upper": None,
        "fusion": DLFA,
        "seed": 3,
        "training": {
            "components": [TASKS[task].component],
            "learn_rate": 0.002,
            "learn_rate_factor": 0.1,
            "freeze_below": 5,
            "max_steps": 200,
            "max_epochs": 0,
        },
    }


def test_how_pipelines_were_trained_that_say_it_otherwise():
    model = {"model": {"tok2vec": {"layer": 5, "fusion": DLFA}}}
    trained = {"ner": model, "tagger": model, "parser": model, "doc_cleaner": {"silent": True}}

    def training(encoder=SHARED, **changed):
        nlp = pipeline_config(transformer=encoder, **trained)
        nlp.config["training"] = {**TRAINING, **changed}
        return run_settings(nlp, "ner")["training"]

    found = training()
    # Without those that were frozen or have nothing to learn
    assert found["components"] == ["ner", "tagger"]
    by_factor = training({"model": {**SHARED["model"], "learn_rate_factor": 0}})
    by_name = training(frozen_components=["parser", "transformer"])
    frozen = {**found, "learn_rate_factor": 0, "freeze_below": None}
    assert by_factor == by_name == frozen
    assert training(optimizer={"learn_rate": 0.01})["learn_rate"] == 0.01
    whole = {"name": "mini", "learn_rate_factor": 0.5, "freeze_below": 1}
    replaced = {"model": {"tok2vec": {"layer": 5, "fusion": DLFA, **whole}}}
    nlp = pipeline_config(ner=replaced)
    assert run_settings(nlp, "ner")["training"] == {
        **found,
        "components": ["ner"],
        "learn_rate_factor": 0.5,
        "freeze_below": 1,
    }


@pytest.mark.parametrize(
    ("fusion", "layer"),
    [
        (DLFA, 5),
        ({"@layers": "spacy_dlfa.LayerMean.v1"}, 5),
        ({"@layers": "spacy_dlfa.ScalarMix.v1", "layers": "pair"}, 5),
        ({"@layers": "spacy_dlfa.ScalarMix.v1", "layers": "all"}, None),
        ({"@layers": "spacy_dlfa.LastLayer.v1"}, None),
        ({"@layers": "spacy_dlfa.AIF.v1"}, None),
        ({"@layers": "spacy_dlfa.LowerLayer.v1"}, 5),
    ],
)
def test_a_layer_that_is_not_read_is_not_named(fusion, layer):
    model = {"tok2vec": {"layer": 5, "fusion": fusion}}
    nlp = pipeline_config(transformer=SHARED, ner={"model": model})
    assert run_settings(nlp, "ner")["layer"] == layer


def test_settings_of_a_pipeline_of_another_kind():
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler", name="ner")
    found = run_settings(nlp, "ner")
    assert (found["backbone"], found["layer"], found["fusion"]) == (None, None, None)


def test_settings_of_a_trained_pipeline(bert):
    nlp = tagger_pipeline(bert)
    found = run_settings(nlp, "tagger")
    assert (found["backbone"], found["layer"]) == (bert, 2)
    assert found["fusion"].items() >= DLFA.items()
    nlp.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    assert run_settings(nlp, "tagger") == found
