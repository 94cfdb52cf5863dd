"""The figures of a report as tables: for a terminal, and in Markdown for a model card."""

from collections.abc import Mapping, Sequence
from typing import Any

from spacy_dlfa.evaluation.averages import over_languages
from spacy_dlfa.languages import language_of
from spacy_dlfa.study.probing.results import TITLES
from spacy_dlfa.tables import lay_out, markdown_table

NOTHING = "–"


def summary_rows(report: Mapping[str, Any]) -> list[list[str]]:
    """Return one row for each figure: its name, and one cell for each encoder."""
    encoders = report["encoders"]
    rows = [["mean of the three tasks", *(f"{each['mean']:.1f}" for each in encoders)]]
    rows += _gain_rows(report)
    rows += _cost_rows(encoders)
    for group, title in (("trained", ""), ("others", "other languages"), ("english", "English")):
        for task, name in TITLES.items():
            values = [each["tasks"][task]["means"][group] for each in encoders]
            if group == "trained":
                sets = _count(report, task)
                rows.append([f"{name}: {sets} test sets", *map(_score, values)])
            elif any(value is not None for value in values):
                rows.append([f"{name}: {title}", *map(_score, values)])
    for name in encoders[0]["retrieval"]:
        found = [each["retrieval"][name]["means"]["trained"] for each in encoders]
        if None not in found[0]:
            best = [max(range(len(layers)), key=layers.__getitem__) for layers in found]
            cells = [
                f"{layers[layer]:.1f} ({layer})" for layers, layer in zip(found, best, strict=True)
            ]
            chance = encoders[0]["retrieval"][name]["chance"]
            rows.append([f"Retrieval, {name}: best (layer); chance {chance:.1f}", *cells])
            rows.append([f"Retrieval, {name}: last layer", *(f"{x[-1]:.1f}" for x in found)])
    for name in encoders[0]["retrieval"]:
        losses = [
            each["masked_lm"] and each["masked_lm"][name]["means"]["trained"] for each in encoders
        ]
        if any(each["masked_lm"] for each in encoders if each["floor"] is not None):
            rows.append([f"Masked LM loss, {name}: nats", *map(_loss, losses)])
    return rows


def _gain_rows(report: Mapping[str, Any]) -> list[list[str]]:
    if not any(each["fused"] for each in report["encoders"]):
        return []
    found = {each["name"]: each["differences"]["mean"] for each in report["comparisons"]}
    cells = []
    for each in report["encoders"]:
        gain = found.get(each["fused"])
        cells.append(
            NOTHING
            if gain is None
            else f"{gain['difference']:+.1f} ({gain['low']:+.1f} to {gain['high']:+.1f})"
        )
    return [["Gain with a lower layer, DLFA", *cells]]


def _cost_rows(encoders: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    speeds = [each["speed"] or {} for each in encoders]

    def cells(key: str, form: str, unit: float = 1) -> list[str]:
        return [format(s[key] / unit, form) if s.get(key) else NOTHING for s in speeds]

    return [
        ["Layers", *(str(each["layers"]) for each in encoders)],
        ["Size in a pipeline, MB", *(f"{each['size'] / 1e6:.0f}" for each in encoders)],
        ["Words per second, one core", *cells("words_per_second", ",.0f")],
        ["Speed, times the first's", *cells("ratio", ".2f")],
        ["Memory at most, MB", *cells("memory", ",.0f", 1e6)],
    ]


def trade_sentence(report: Mapping[str, Any]) -> str:
    """Say which encoders none is both better and faster than, the fastest first."""
    by_name = {each["name"]: each for each in report["encoders"]}
    found = []
    for name in report["trades"]:
        score, ratio = by_name[name]["mean"], by_name[name]["speed"]["ratio"]
        found.append(f"{name} ({score:.1f}, {ratio:.2f} times the first's speed)")
    return f"No encoder is both better and faster than {', '.join(found)}"


def seen_sentences(report: Mapping[str, Any]) -> list[str]:
    """Say which languages are left out, as an encoder has learnt labels of them; [] if none is."""
    tasks = report["encoders"][0]["tasks"]
    names = {TITLES[t]: {language_of(c).name for c in tasks[t]["not_zero_shot"]} for t in TITLES}
    found = "; ".join(f"{title}: {', '.join(sorted(own))}" for title, own in names.items() if own)
    if not found:
        return []
    return [
        "No figure of any encoder counts languages whose labels of the task one of them has learnt "
        f"before, which is not zero-shot ({found})."
    ]


def format_results(report: Mapping[str, Any]) -> str:
    """Lay out the figures for a terminal, with the verdicts below."""
    encoders = report["encoders"]
    header = ["", *(each["name"] for each in encoders)]
    aligns = ["l", *"r" * len(encoders)]
    laid_out = lay_out(summary_rows(report), aligns, header)
    notes = [f"Means are over the languages {report['languages_by']}.", *seen_sentences(report)]
    if all(each["masked_lm"] is None for each in encoders if each["floor"] is not None):
        notes.append("No loss: there is no head for masked words, as in mlm_head.safetensors.")
    verdicts = [f"- {verdict}." for verdict in [*report["verdicts"], trade_sentence(report)]]
    return "\n".join([laid_out, *notes, *verdicts])


def language_rows(report: Mapping[str, Any], name: str) -> list[list[str]]:
    """Return one row for each foreign language of an encoder: figures, its floor's in brackets.

    name (str): Name of the encoder.
    RETURNS (List[List[str]]): Language, tags, entities, topics, retrieval from the two parallel
        collections at the last layer, loss.
    """
    by_name = {each["name"]: each for each in report["encoders"]}
    encoder = by_name[name]
    floor = by_name[encoder["floor"]]
    columns = [
        (figures_by_language(encoder, task), figures_by_language(floor, task), _score)
        for task in TITLES
    ]
    for collection in encoder["retrieval"]:
        ours, theirs = _last(encoder, collection), _last(floor, collection)
        columns.append((ours, theirs, _score))
    columns.append((losses_by_language(encoder), losses_by_language(floor), _loss))
    languages = sorted({language for ours, _, _ in columns for language in ours} - {"English"})
    rows = []
    for language in ["English", *languages]:
        cells = []
        for ours, theirs, show in columns:
            cell = show(ours.get(language))
            if language in theirs:
                cell += f" ({show(theirs[language])})"
            cells.append(cell)
        rows.append([language, *cells])
    return rows


def language_titles(report: Mapping[str, Any]) -> list[str]:
    """Return the titles of the columns that `language_rows` fills."""
    retrieval = [f"Retrieval, {name}" for name in report["encoders"][0]["retrieval"]]
    return ["Language", *TITLES.values(), *retrieval, "MLM loss"]


def figures_by_language(encoder: Mapping[str, Any], task: str) -> dict[str, float]:
    """Return an encoder's zero-shot scores of a task by language, the mean of several test sets."""
    found = encoder["tasks"][task]
    kept = {c: v for c, v in found["by_corpus"].items() if c not in found["not_zero_shot"]}
    return over_languages(kept)


def losses_by_language(encoder: Mapping[str, Any]) -> dict[str, float]:
    """Return an encoder's loss by language, the mean over collections; {} without a head."""
    return over_languages(
        *(
            {corpus: row["loss"] for corpus, row in each["by_corpus"].items()}
            for each in (encoder["masked_lm"] or {}).values()
        )
    )


def markdown_results(report: Mapping[str, Any]) -> str:
    """Write the section of a model card: all encoders, verdicts, and languages of each."""
    encoders = report["encoders"]
    seeds = ", ".join(map(str, report["seeds"]))
    parts = [
        "## Results",
        f"From `python -m spacy dlfa backbone-report`, seeds {seeds}: fine-tuned on English alone, "
        "last layer; accuracy of tags and topics and F1 of entities in per cent, plain means over "
        f"test sets in the languages {report['languages_by']}.",
        *seen_sentences(report),
        markdown_table(["", *(each["name"] for each in encoders)], summary_rows(report)),
        "\n".join(f"- {each}." for each in [*report["verdicts"], trade_sentence(report)]),
    ]
    for encoder in encoders:
        if encoder["floor"] is not None:
            parts += [
                f"### {encoder['name']} by language",
                "In brackets: random weights. Retrieval is at the last layer; the loss is in nats "
                "for each masked wordpiece.",
                markdown_table(language_titles(report), language_rows(report, encoder["name"])),
            ]
    return "\n\n".join(parts) + "\n"


def _count(report: Mapping[str, Any], task: str) -> int:
    found = report["encoders"][0]["tasks"][task]
    counted = report["languages"]
    names = [language_of(c).name for c in found["by_corpus"] if c not in found["not_zero_shot"]]
    return sum(n != "English" and (counted is None or n in counted) for n in names)


def _last(encoder: Mapping[str, Any], collection: str) -> dict[str, float]:
    by_corpus = encoder["retrieval"][collection]["by_corpus"]
    return over_languages({corpus: layers[-1] for corpus, layers in by_corpus.items()})


def _score(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"


def _loss(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"
