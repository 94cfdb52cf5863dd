import re
from itertools import pairwise

import pytest

from spacy_dlfa.study.pages.dot_chart import Dot, DotRow, Panel, dot_chart
from spacy_dlfa.study.pages.svg import add_axes, render
from spacy_dlfa.study.pages.theme import COLOURS, light
from spacy_dlfa.study.report.labels import spread_out
from tests.study.pages.html import Page

HOSTILE = '<script>alert("1")</script> & $x_{'


def draw(figure):
    axes = add_axes(figure, 10, 10, 80, 30)
    axes.plot([1, 2], [1, 2], "o-", color=light("blue"))
    axes.set_title(HOSTILE)


def test_colours_are_variables_and_text_is_text():
    svg = render(draw, 100, 50, "a chart")
    assert "var(--blue)" in svg
    assert not re.search(r": #[0-9a-f]", svg)
    assert HOSTILE in Page(svg).text
    assert 'aria-label="a chart"' in svg


def test_light_colours_can_be_told_apart():
    assert len({light for light, _ in COLOURS.values()}) == len(COLOURS)


def test_label_is_escaped():
    svg = render(draw, 100, 50, HOSTILE + "\\1")
    assert "<script" not in svg
    assert "\\1" in svg


def test_same_on_every_run_and_no_id_twice_on_a_page():
    assert render(draw, 100, 50, "a") == render(draw, 100, 50, "a")
    page = Page(render(draw, 100, 50, "a") + render(draw, 100, 50, "b"))
    assert page.ids


def test_every_reference_has_its_target():
    svg = render(draw, 100, 50, "a")
    assert set(re.findall(r'(?:href="|url\()#([\w-]+)', svg)) == set(Page(svg).ids)


@pytest.mark.parametrize("panels", [1, 2])
def test_labels_of_many_rows_do_not_overlap(panels):
    rows = [DotRow(f"Language {i}", "Slavic", [Dot(i, i - 1, i + 1)] * panels) for i in range(70)]
    svg = dot_chart(rows, [Panel(f"panel {i}", "points", 0) for i in range(panels)], "many")
    # matplotlib's older releases write "font: 10px ..."
    size = r"font(?:-size)?: (?:\S+ )?(\d+)px"
    texts = re.findall(rf'<text[^>]*{size}[^>]* x="([\d.]+)" y="([\d.]+)"', svg)
    columns = {}
    for size, x, y in texts:
        columns.setdefault(x, []).append((float(y), float(size)))
    assert max(map(len, columns.values())) >= 70
    for column in columns.values():
        column.sort()
        for (above, _), (below, size) in pairwise(column):
            assert below - above >= size
    assert all(f"Language {i}<" in svg for i in range(70))


def test_undefined_value():
    svg = dot_chart([DotRow("A", "B", [Dot(None)])], [Panel("", "per cent", None)], "none")
    assert "n/a" in svg


@pytest.mark.parametrize(
    ("heights", "expected"),
    [
        ([], []),
        ([5], [5]),
        ([0, 20], [0, 20]),
        ([0, 0], [-5, 5]),
        ([0, 0, 12], [-6, 4, 14]),
        ([0, 1, 2, 100], [-9, 1, 11, 100]),
    ],
)
def test_labels_are_pushed_apart(heights, expected):
    assert spread_out(heights, 10) == pytest.approx(expected)
