import json
from io import StringIO

import numpy as np
import pytest
import spacy
import srsly
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train

from spacy_dlfa.fusions.variants import find_variants
from spacy_dlfa.study.comparison.alike import is_frozen
from spacy_dlfa.study.sweep import train
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.checkpoints import snapshot
from spacy_dlfa.study.sweep.train import encode_corpus, run_cell
from tests.checkpoints import LAYERS
from tests.study.sweep.study import NAMES, TESTS, make_settings

FUSIONS = find_variants()
CELLS = [Cell(name, 2 if FUSIONS[name].has_layer else None, 1) for name in FUSIONS]
KEYS = {"dev", "scores", "averages", "counts", "predictions", "confidence"}


def features_of(settings):
    names = ["train", "dev", *(path.stem for path in settings.tests)]
    return [encode_corpus(settings, name) for name in names]


def run(settings, cell, features=()):
    run_cell(settings, cell, features, settings.fingerprint())
    return srsly.read_json(settings.run_path(cell))


@pytest.fixture(scope="module")
def finetuned(tmp_path_factory, bert):
    settings = make_settings(tmp_path_factory.mktemp("finetuned"), bert)
    return settings, {cell: run(settings, cell) for cell in CELLS}


@pytest.fixture(scope="module")
def frozen(tmp_path_factory, bert):
    folder = tmp_path_factory.mktemp("frozen")
    settings = make_settings(folder, bert, frozen=True, **{"training.max_steps": 90})
    features = features_of(settings)
    return settings, features, {cell: run(settings, cell, features) for cell in CELLS}


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_what_a_run_holds(finetuned, bert, cell):
    found = finetuned[1][cell]
    assert (found["task"], found["metric"], found["backbone"]) == ("tagger", "accuracy", bert)
    assert (found["name"], found["layer"], found["seed"]) == cell
    assert found["fusion"]["@layers"] == FUSIONS[cell.name].config["@layers"]
    assert is_frozen(found) is False
    assert found["fingerprint"] == finetuned[0].fingerprint()
    for part in (found, found["average"]):
        assert part.keys() >= KEYS
        assert list(part["scores"]) == list(part["counts"]) == list(TESTS)
        assert part["averages"]["all"]["corpora"] == 2
        assert set(part["dev"]) == {"accuracy"}
        assert {name: len(text) for name, text in part["predictions"].items()} == {
            name: 3 * len(NAMES) for name in TESTS
        }
        assert all(1 / 3 <= value <= 1 for value in part["confidence"].values())
    assert set(found["average"]) == KEYS
    assert found["ids"] == dict.fromkeys(TESTS, " ".join(map(str, range(len(NAMES)))))
    assert (found["inside"] is None) == (FUSIONS[cell.name].reads != "pair")


def test_layers_are_those_that_the_fusion_reads(finetuned):
    settings, _ = finetuned
    wanted = {
        Cell("mix-all", None, 0): ["last_hidden_state", *(f"layer_{k}" for k in range(LAYERS))],
        Cell("dlfa", 2, 0): ["last_hidden_state", "layer_2"],
        Cell("last", None, 0): ["last_hidden_state"],
        Cell("lower", 2, 0): ["layer_2"],
    }
    for cell, layers in wanted.items():
        nlp = init_nlp(settings.config_of(cell))
        assert nlp.get_pipe("transformer").model.outputs == layers


def test_the_best_checkpoint_is_that_of_spacy_train(finetuned, tmp_path):
    settings, _ = finetuned
    cell = Cell("dlfa", 2, 1)
    spacy_train(init_nlp(settings.config_of(cell)), tmp_path, stdout=StringIO(), stderr=StringIO())
    expected = snapshot(spacy.load(tmp_path / "model-best"))
    best, _ = train.train(init_nlp(settings.config_of(cell)), frozen=False)
    assert best.keys() == expected.keys()
    for place, array in best.items():
        np.testing.assert_array_equal(array, expected[place])


def test_with_an_augmenter_the_best_checkpoint_is_that_of_spacy_train(tmp_path, bert):
    augmenter = {"@augmenters": "spacy.lower_case.v1", "level": 0.5}
    settings = make_settings(tmp_path, bert, **{"corpora.train.augmenter": augmenter})
    cell = Cell("last", None, 1)
    # Read by spaCy's own reader
    config = settings.config_of(cell)
    config["corpora"] = settings.load_config()["corpora"]
    spacy_train(init_nlp(config), tmp_path, stdout=StringIO(), stderr=StringIO())
    expected = snapshot(spacy.load(tmp_path / "model-best"))
    best, _ = train.train(init_nlp(settings.config_of(cell)), frozen=False)
    for place, array in best.items():
        np.testing.assert_array_equal(array, expected[place])


def test_all_fusions_see_the_same_batches_in_the_same_order(finetuned, monkeypatch):
    settings, _ = finetuned
    create = train.create_train_batches

    def recorded(*args):
        for epoch, batch in create(*args):
            batches.append([example.reference.text for example in batch])
            yield epoch, batch

    monkeypatch.setattr(train, "create_train_batches", recorded)
    seen = {}
    for cell in [*CELLS, Cell("last", None, 2)]:
        batches = []
        train.train(init_nlp(settings.config_of(cell)), frozen=False)
        seen[cell] = batches
    of_another_seed = seen.pop(Cell("last", None, 2))
    assert all(batches == seen[CELLS[0]] for batches in seen.values())
    assert len(seen[CELLS[0]]) == 7
    assert seen[CELLS[0]] != of_another_seed


def test_the_average_is_of_all_checkpoints_but_the_first(finetuned, monkeypatch):
    settings, _ = finetuned
    taken = []
    monkeypatch.setattr(train, "snapshot", lambda *args: taken.append(snapshot(*args)) or taken[-1])
    _, average = train.train(init_nlp(settings.config_of(CELLS[0])), frozen=False)
    assert len(taken) == 4
    for place, array in average.items():
        mean = np.mean([weights[place] for weights in taken[1:]], axis=0, dtype="float64")
        np.testing.assert_allclose(array, mean, rtol=1e-5, atol=1e-7)


def test_without_a_checkpoint_to_average(tmp_path, bert):
    settings = make_settings(tmp_path, bert, **{"training.eval_frequency": 100})
    with pytest.raises(ValueError, match="eval_frequency = 100"):
        run_cell(settings, CELLS[0], [], settings.fingerprint())


def test_the_same_run_twice_is_the_same_file(finetuned, tmp_path):
    settings, _ = finetuned
    again = settings._replace(output=tmp_path)
    run_cell(again, CELLS[0], [], again.fingerprint())
    assert again.run_path(CELLS[0]).read_bytes() == settings.run_path(CELLS[0]).read_bytes()


def test_a_frozen_encoder_stays_and_is_never_asked_again(frozen, tmp_path, monkeypatch):
    settings, features, _ = frozen
    cell = Cell("dlfa", 2, 1)
    nlp = init_nlp(settings.config_of(cell))
    encoder = nlp.get_pipe("transformer").model
    before = encoder.to_bytes()

    def refuse(model, docs, is_train):
        raise AssertionError(f"encoded {docs}")

    encoder._func = refuse
    monkeypatch.setattr(train, "init_nlp", lambda config: nlp)
    found = run(settings._replace(output=tmp_path), cell, features)
    assert encoder.to_bytes() == before
    assert found == frozen[2][cell]
    assert is_frozen(found) is True


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_frozen_runs_learn(frozen, cell):
    # More than one tag for all words would give
    assert frozen[2][cell]["dev"]["accuracy"] > 40


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cached_features_train_as_the_encoder_does(frozen, tmp_path, cell):
    """Without features each batch is encoded, which draws random numbers from the next epoch on."""
    settings, features, _ = frozen
    one_epoch = {**settings.overrides, "training.max_steps": 2, "training.eval_frequency": 1}
    settings = settings._replace(output=tmp_path, overrides=one_epoch)
    cached, encoded = run(settings, cell, features), run(settings, cell)
    assert cached["confidence"] == pytest.approx(encoded["confidence"], abs=0.01)
    assert cached["average"]["confidence"] == pytest.approx(
        encoded["average"]["confidence"], abs=0.01
    )


def test_best_and_average_differ(frozen):
    found = frozen[2][Cell("dlfa", 2, 1)]
    assert found["confidence"] != found["average"]["confidence"]


def test_the_file_is_plain_json_without_nan(frozen):
    def refuse(constant):
        raise AssertionError(constant)

    settings, _, _ = frozen
    for path in settings.output.glob("*.json"):
        json.loads(path.read_text(), parse_constant=refuse)
