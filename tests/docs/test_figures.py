"""Figures of the pages that can be found again in seconds."""

import pytest
import srsly

from scripts.figures import PLAN, find_figures, problems
from tests.docs.blocks import PAGES

PIECE = {"page": "docs/choose.md", "text": "`assets/mini-mbert`, {} layers of {},"}
SETTINGS = ["setting mini-mbert num_hidden_layers", "setting mini-mbert hidden_size"]


@pytest.mark.slow
def test_every_figure_is_what_is_found():
    plan = srsly.read_yaml(PLAN)
    assert list(problems(plan)) == []
    assert {"README.md", "docs/index.md", "docs/start.md"} <= {each["page"] for each in plan}
    assert {each["page"] for each in plan} - {*PAGES} == {"assets/multilingual-e5-small/README.md"}


def test_a_wrong_figure_is_said_with_its_place():
    (problem,) = problems([{**PIECE, "found": [SETTINGS[0], SETTINGS[0]]}])
    line = find_figures(**PIECE)[1].line
    assert problem.startswith(f"docs/choose.md:{line}: said 256, found 8 (setting mini-mbert")
    assert list(problems([{**PIECE, "found": SETTINGS}])) == []
    assert list(problems([{**PIECE, "found": SETTINGS[:1] * 2, "tolerance": 248}])) == []


def test_as_many_decimals_as_the_page_has():
    (figure,) = find_figures("README.md", "| topics, accuracy | 62 | {} |")
    assert figure.is_near(float(figure.said) + 0.049, 0)
    assert not figure.is_near(float(figure.said) + 0.051, 0)


@pytest.mark.parametrize("text", ["no such text {}", "layer {}"])
def test_a_piece_that_is_not_there_once_is_an_error(text):
    with pytest.raises(ValueError, match=r"docs/choose.md: found .* times; expected it once"):
        find_figures("docs/choose.md", text)


def test_other_numbers_of_figures_are_an_error():
    with pytest.raises(ValueError, match="found 2 figures, and 1 in what"):
        list(problems([{**PIECE, "found": SETTINGS[:1]}]))
    with pytest.raises(ValueError, match="found 2 figures, and 1 in what"):
        list(problems([{**PIECE, "same": {**PIECE, "text": "{} layers of 256"}}]))
