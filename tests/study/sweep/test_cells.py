import pytest
from spacy import registry

from spacy_dlfa.fusions.variants import find_variants
from spacy_dlfa.study.sweep.cells import Cell, make_cells, parse_numbers
from tests.study.sweep.study import make_settings


def test_a_reduction_stays_where_the_fusion_has_one(tmp_path, bert):
    option = "components.tagger.model.tok2vec.fusion.reduction"
    settings = make_settings(tmp_path, bert, **{option: 2})
    found = {}
    for name in find_variants():
        config = settings.config_of(Cell(name, None, 0)).interpolate()
        found[name] = config["components"]["tagger"]["model"]["tok2vec"]["fusion"]
        registry.resolve({"fusion": found[name]})
    kept = {name for name, fusion in found.items() if fusion.get("reduction") == 2}
    assert kept == {name for name in find_variants() if name == "aif" or name.startswith("dlfa")}


def test_whole_seeds_come_first_and_fusions_without_a_lower_layer_once():
    cells = make_cells(["last", "mean", "mix-all", "aif"], [2, 3], [0, 1], num_layers=4)
    assert list(map(str, cells)) == [
        "last-0", "mean-2-0", "mean-3-0", "mix-all-0", "aif-0",
        "last-1", "mean-2-1", "mean-3-1", "mix-all-1", "aif-1",
    ]  # fmt: skip


def test_a_cell_that_is_asked_for_twice_is_one():
    assert make_cells(["last", "last"], [1], [0], num_layers=4) == [Cell("last", None, 0)]


@pytest.mark.parametrize(
    ("fusions", "layers", "found"), [(["dlfo"], [1], "dlfo"), (["dlfa"], [4], "4"), ([""], [1], "")]
)
def test_what_does_not_exist_is_an_error(fusions, layers, found):
    with pytest.raises(ValueError, match=f"found '?{found}'?"):
        make_cells(fusions, layers, [0], num_layers=4)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("5", [5]), ("0-2", [0, 1, 2]), ("2,5", [2, 5]), ("1-3, 2,7", [1, 2, 3, 7]), ("3-3", [3])],
)
def test_numbers(text, numbers):
    assert parse_numbers("--layers", text) == numbers


@pytest.mark.parametrize("text", ["", "a", "1-", "-1", "3-1", "1,,2", "1.5", "1-2-3", "²"])
def test_what_is_no_number_is_an_error(text):
    with pytest.raises(ValueError, match="--seeds: found"):
        parse_numbers("--seeds", text)
