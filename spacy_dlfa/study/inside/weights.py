"""Gate weights on a page of Markdown: by part of speech, by script and by language."""

from collections.abc import Mapping, Sequence
from statistics import mean, pstdev

from markupsafe import Markup

from spacy_dlfa.languages import language_of
from spacy_dlfa.study.inside.reading import Reading
from spacy_dlfa.study.inside.words import MIN_WORDS, Group
from spacy_dlfa.study.pages.dot_chart import Dot, DotRow, Panel, dot_chart
from spacy_dlfa.study.pages.markdown import fold
from spacy_dlfa.tables import markdown_table

_EVEN = 50.0  # per cent
NOTHING = "–"


def weights_section(readings: Sequence[Reading], image: str) -> str:
    """Show the weights of gates by part of speech and by script, and a chart by language.

    image (str): Where the page finds the chart.
    """
    titles = [reading.title for reading in readings]
    header = [
        "gate, layers", "mean", "lowest, highest test set", "deviation of words",
        "of parts of speech", "of test sets", "length, lower and last", "share",
    ]  # fmt: skip
    parts = [
        "### Gate weights",
        "Weight of the lower layer under a word, mean over features and wordpieces; 0.5 is the "
        "plain mean of both layers, where a gate starts. Deviations are standard deviations: "
        "between the words of a test set, the means of parts of speech, the means of test sets. "
        "*Length* is that of a wordpiece's vector in either layer, and *share* the part of the "
        "lower layer in the sum of weight times length.",
        markdown_table(header, map(_gate_row, readings)),
        f"Mean over test sets with {MIN_WORDS} words of a group or more; in brackets in how many "
        "of them it is above the mean of all words:",
        _group_table("part of speech", titles, [reading.pos for reading in readings]),
        fold(
            "By script of the word",
            _group_table("script", titles, [reading.scripts for reading in readings]),
        ),
        f"![Weight of the lower layer by language]({image})",
    ]
    return "\n\n".join(parts)


def weights_chart(readings: Sequence[Reading]) -> Markup:
    """Draw the weight of each gate on the test sets with parts of speech, by family."""
    names = sorted(readings[0].tagged, key=lambda name: (_family(name), language_of(name).name))
    rows = [
        DotRow(
            language_of(name).name,
            _family(name),
            [
                Dot(100 * reading.corpora[name].mean if name in reading.corpora else None)
                for reading in readings
            ],
            strong=language_of(name).name == "English",
        )
        for name in names
    ]
    panels = [Panel(reading.title, "weight, per cent", _EVEN) for reading in readings]
    return dot_chart(rows, panels, "Weight of the lower layer by language")


def _family(name: str) -> str:
    return language_of(name).family or "not known"


def _gate_row(reading: Reading) -> list[str]:
    corpora = reading.corpora
    means = {name: each.mean for name, each in corpora.items()}
    low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    weight = mean(means.values())
    lower, last = (mean(each.norms[side] for each in corpora.values()) for side in (0, 1))
    share = weight * lower / (weight * lower + (1 - weight) * last)
    return [
        reading.title,
        f"{weight:.3f}",
        f"{means[low]:.3f} `{low}`, {means[high]:.3f} `{high}`",
        f"{mean(each.deviation for each in corpora.values()):.3f}",
        f"{pstdev(each.mean for each in reading.pos.values()):.3f}" if reading.pos else NOTHING,
        f"{pstdev(means.values()):.3f}",
        f"{lower:.1f}, {last:.1f}",
        f"{share:.2f}",
    ]


def _group_table(title: str, columns: Sequence[str], found: Sequence[Mapping[str, Group]]) -> str:
    names = list(dict.fromkeys(name for groups in found for name in groups))
    rows = [[name, *(_group_cell(groups.get(name)) for groups in found)] for name in names]
    return markdown_table([title, *columns], rows)


def _group_cell(group: Group | None) -> str:
    return f"{group.mean:.3f} ({group.above} of {group.corpora})" if group else NOTHING
