"""Figures of encoders that were measured nowhere, put together."""

from types import SimpleNamespace

import pytest

from spacy_dlfa.study.probing.results import TITLES, put_together
from spacy_dlfa.study.probing.tables import (
    figures_by_language,
    format_results,
    markdown_results,
    summary_rows,
)
from spacy_dlfa.study.report.backbone import backbone_page
from tests.study.pages.html import check_page
from tests.study.report.runs import make_run

NAMES = {"tuned": "floor", "plain": "floor", "floor": None}
CORPORA = ("de_pud", "en_pud", "sv_pud")


def make_encoder(name, floor):
    return SimpleNamespace(
        name=name,
        folder=name,
        floor=floor,
        num_layers=2,
        parameters=1,
        vocabulary=1,
        languages=None,
        size=1,
    )


def make_report(seen, *, gain=0.3):
    """A report on an encoder that has learnt tags of these test sets, and is better there."""
    encoders = [make_encoder(*each) for each in NAMES.items()]
    measured = []
    for encoder in encoders:
        for task in TITLES:
            run = make_run("last", None, 0, task=task, corpora=CORPORA, gain=0.0)
            run |= {"steps": 1, "seconds": {"training": 1}}
            if encoder.name == "tuned" and task == "tagger":
                better = make_run("last", None, 0, task=task, corpora=CORPORA, gain=gain)
                for name in seen:
                    row = {**better["scores"][name], "zero_shot": False}
                    run["scores"][name], run["counts"][name] = row, better["counts"][name]
            part = SimpleNamespace(encoder=encoder, kind=task, seed=0, fused=False)
            measured.append((part, run))
        for kind, result in (("retrieval", {}), ("masked_lm", None)):
            measured.append((SimpleNamespace(encoder=encoder, kind=kind, seed=None), result))
    speed = {"words_per_second": 100.0, "ratio": 1.0, "memory": 1}
    found = put_together(encoders, measured, None, {"tuned": speed, "plain": speed})
    return {"languages": None, "languages_by": "all", "seeds": [0], **found}


def test_languages_whose_labels_one_encoder_has_learnt_count_for_none():
    found = make_report(["de_pud"])
    tuned, plain, _ = (each["tasks"]["tagger"] for each in found["encoders"])
    assert tuned["by_corpus"]["de_pud"] > plain["by_corpus"]["de_pud"] + 5
    assert tuned["means"] == plain["means"]
    assert tuned["means"]["trained"] == tuned["by_corpus"]["sv_pud"]
    for comparison in found["comparisons"]:
        assert comparison["differences"]["tagger"]["difference"] == 0
    for each in found["encoders"]:
        assert {*figures_by_language(each, "tagger")} == {"English", "Swedish"}
        assert {*figures_by_language(each, "ner")} == {"English", "German", "Swedish"}
    rows = [row[0] for row in summary_rows(found)]
    assert "Tags, PUD: 1 test sets" in rows
    assert "Entities, UNER: 2 test sets" in rows


def test_it_is_said_which():
    sentence = (
        "No figure of any encoder counts languages whose labels of the task one of them has learnt "
        "before, which is not zero-shot (Tags, PUD: German)."
    )
    found = make_report(["de_pud"])
    for text in (format_results(found), markdown_results(found)):
        assert sentence in text
    assert sentence in check_page(backbone_page(found)).text
    assert "not zero-shot" not in format_results(make_report([]))


def test_labels_of_all_were_learnt():
    with pytest.raises(ValueError, match=r"DL462.*Tags, PUD: found no zero-shot test set"):
        make_report(["de_pud", "sv_pud"])
