"""The public names; a name that changes breaks configs and saved pipelines."""

from importlib.metadata import distribution

import pytest
import spacy
import srsly

from tests.registry import GOLDEN, RULE, UPDATE, broken, contents


@pytest.fixture(scope="module")
def golden():
    return srsly.read_json(GOLDEN)


def test_no_name_changed_its_meaning(golden):
    assert broken(golden, contents()) == [], RULE


def test_nothing_else_is_registered(golden):
    now = contents()
    assert broken(now, golden) == [], UPDATE
    # Choices, commands and defaults that are new
    assert now == golden, UPDATE


ARGUMENTS = {
    "layer": {"required": True},
    "gate": {"default": "sigmoid", "choices": ["feature", "sigmoid"]},
}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, ["layers: Fusion.v1: gate is gone", "layers: Fusion.v1: layer is gone"]),
        ({**ARGUMENTS, "norm": {"default": "batch"}}, []),
        ({**ARGUMENTS, "norm": {"required": True}}, ["norm is new and has no default"]),
        ({**ARGUMENTS, "layer": {"default": 8}}, []),
        ({**ARGUMENTS, "gate": {**ARGUMENTS["gate"], "default": "feature"}}, ["default sigmoid"]),
        ({**ARGUMENTS, "gate": {"required": True}}, ["default sigmoid, now none at all"]),
        ({**ARGUMENTS, "gate": {**ARGUMENTS["gate"], "choices": ["sigmoid"]}}, ["'feature'"]),
        ({**ARGUMENTS, "gate": {"default": "sigmoid"}}, []),
        ({**ARGUMENTS, "layer": {"required": True, "choices": [8]}}, ["'anything else'"]),
    ],
)
def test_what_is_a_change_of_meaning(arguments, found):
    problems = broken({"layers: Fusion.v1": ARGUMENTS}, {"layers: Fusion.v1": arguments})
    assert len(problems) == len(found)
    assert all(part in problem for part, problem in zip(found, problems))


def test_a_name_that_is_gone():
    assert broken({"layers: Fusion.v1": ARGUMENTS}, {}) == ["layers: Fusion.v1 is gone"]


def test_every_name_is_found_without_an_import(golden):
    found = {
        f"{point.group.removeprefix('spacy_').removeprefix('thinc_')}: {point.name}"
        for point in distribution("spacy_dlfa").entry_points
    }
    # It is in no config that is saved.
    assert found == golden.keys() - {"readers: spacy_dlfa.InMemory.v1"}
    config = {"nlp": {"tokenizer": {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}}}
    nlp = spacy.blank("xx", config=config)
    assert [token.text for token in nlp("我住在北京。")] == ["我", "住在", "北京", "。"]
