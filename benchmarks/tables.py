"""The results as a page of Markdown tables."""

from collections.abc import Iterable
from statistics import median
from typing import Any

from benchmarks.plan import SPEED
from benchmarks.systems import SYSTEMS
from spacy_dlfa.tables import markdown_table

NOTES = """\
All systems have the same encoder weights, the same tokenizer
(`spacy_dlfa.MultilingualTokenizer.v1`) and heads of the same shape, a tagger and an entity
recognizer, and run in one process in turn (A B C A B C). Times are medians over the rounds.
"× stock" is the quotient of two times of the same round, stock's and the system's: median and, in
brackets, quartiles; above 1 is faster than stock.

- `dlfa` reads two layers and fuses them; `last` is the same engine on the last layer alone, which
  is what `stock` and `curated` compute.
- `lower` reads the middle layer alone, and nothing above it is computed.
- `stock` has windows of 128 words, one every 96, and the component's default of 4,096 words in a
  batch.
- `bare` is transformers' own encoder on batches sorted by length, without tokenizer, heads and
  overlap between windows, at the best of four batch sizes.
- `own` is our encoder alone, in batches of its own; `openvino` and `onnx` are the encoder exported
  to these runtimes, on batches as for `bare` and as many threads. OpenVINO has no eight bits
  without data to calibrate on, and ONNX Runtime no bfloat16 on these processors.
- Words are tokens, punctuation included. Speed is from raw text to predictions.
"""


def format_page(results: dict[str, Any]) -> str:
    """Lay out everything that was measured."""
    parts = ["# Benchmarks\n", NOTES]
    for name, found in results["encoders"].items():
        sizes = found["encoder"]
        parts.append(
            f"## Encoder {name}: {sizes['layers']} layers, width {sizes['width']}, "
            f"{sizes['vocabulary']:,} wordpieces\n"
        )
        parts.append(f"`{found['command']}`: {_machine(found['machine'])}\n")
        for kind, reason in found["missing"].items():
            parts.append(f"**{kind}: {reason}.**\n")
        for kind, reason in found["failed"].items():
            parts.append(f"**{kind}: {reason}.**\n")
        parts += [section(found) for section in _SECTIONS]
    return "\n".join(part for part in parts if part)


def _machine(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    bf16 = "native" if machine["native_bf16"] else "no native"
    return (
        f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['threads']} "
        f"threads, {bf16} bfloat16, {machine['gpu'] or 'no GPU'}, load {machine['load']:.1f} at "
        f"the start; Python {machine['python']}, {versions}"
    )


#: What fusion, heads, windows and upper layers cost: a system, and the one it is compared with.
_RELATIVE = (
    ("dlfa", "last"),
    ("dlfa-auto", "last-auto"),
    ("lower", "last"),
    ("lower-auto", "last-auto"),
    ("dlfa", "bare"),
    ("dlfa-auto", "bare-bf16"),
    ("own", "openvino"),
    ("own", "onnx"),
    ("own-bf16", "openvino-bf16"),
    ("own-int8", "onnx-int8"),
)


def _speed(found: dict[str, Any]) -> str:
    text = ""
    for part in SPEED:
        if part in found:
            rows = [
                [_title(name), f"{own['words_per_s']:,.0f}", _speedup(own)]
                for name, own in found[part]["systems"].items()
            ]
            text += (
                f"### Speed: {found[part]['title']}\n\n{found[part]['texts']} texts, "
                f"{found[part]['words']:,} words.\n\n"
            ) + _table(["system", "words/s", "× stock"], rows)
    return text + _relative(found)


def _relative(found: dict[str, Any]) -> str:
    """Compare the systems of `_RELATIVE`, within each round."""
    parts = [part for part in SPEED if part in found]
    rows = []
    for name, other in _RELATIVE:
        cells = []
        for part in parts:
            systems = found[part]["systems"]
            if name not in systems or other not in systems:
                cells.append("")
            else:
                pairs = zip(systems[name]["seconds"], systems[other]["seconds"], strict=True)
                cells.append(f"{median(100 * theirs / own for own, theirs in pairs):.0f}")
        if any(cells):
            rows.append([f"`{name}`", f"`{other}`", *cells])
    head = "### Speed as a part of another system's, %\n\nMedians over the rounds.\n\n"
    return head + _table(["system", "of", *parts], rows) if rows else ""


def _latency(found: dict[str, Any]) -> str:
    if "latency" not in found:
        return ""
    rows = [
        [_title(name), f"{own['p50_ms']:.1f}", f"{own['p95_ms']:.1f}", _speedup(own)]
        for name, own in found["latency"]["systems"].items()
    ]
    head = f"### Latency: `nlp(text)`, {found['latency']['texts']} sentences\n\n"
    return head + _table(["system", "p50, ms", "p95, ms", "× stock"], rows)


def _agreement(found: dict[str, Any]) -> str:
    rows = [
        [name, own["against"], part, f"{100 * own['tags']:.2f}", f"{100 * own['entities']:.2f}"]
        for part in SPEED
        for name, own in found.get(part, {}).get("agreement", {}).items()
    ]
    if not rows:
        return ""
    note = (
        "Share of tokens with the same prediction. `last` against `stock` must be 100 on short "
        "texts, with pieces as BERT has them; longer ones are cut into other windows. Pieces of "
        "XLM-R's kin begin with the space before them, and stock gives a token the next piece, "
        "too, if that has the space behind the token: hidden states are equal there, tags are not. "
        "`dlfa` computes something else than "
        "`stock` by design, so it is compared with itself at lower precision.\n\n"
    )
    header = ["system", "against", "texts", "tags, %", "entities, %"]
    return "### Agreement\n\n" + note + _table(header, rows)


def _training(found: dict[str, Any]) -> str:
    if "training" not in found:
        return ""
    rows = [
        [task, _title(name), *_steps(own)]
        for task, systems in found["training"]["tasks"].items()
        for name, own in systems.items()
    ]
    about = found["training"]
    head = (
        f"### Training: {about['steps']} steps on a batch of {about['sentences']} sentences\n\n"
        "The encoder learns too. The loss is that of the first and the last step.\n\n"
    )
    return head + _table(["task", "system", "ms per step", "× stock", "loss"], rows)


def _steps(own: dict[str, Any]) -> list[str]:
    if "failed" in own:
        return ["n/a", "", own["failed"]]
    losses = f"{own['losses'][0]:.3g} → {own['losses'][-1]:.3g}"
    return [f"{1000 * own['median_s']:.0f}", _speedup(own), losses]


_MEMORY = ("imported_mb", "loading_mb", "loaded_mb", "peak_mb")


def _memory(found: dict[str, Any]) -> str:
    text = ""
    if "memory" in found:
        rows = [
            [_title(name), *(f"{own[key]:,.0f}" for key in _MEMORY)]
            for name, own in found["memory"]["systems"].items()
        ]
        text += (
            "### Memory\n\nResident, in MB: after imports, the most while loading, after loading, "
            f"and the most while predicting {found['memory']['words']:,} words; each in a process "
            "of its own.\n\n"
        ) + _table(["system", "imports", "loading", "loaded", "predicting"], rows)
    if found.get("kept", {}).get("systems"):
        rows = [
            [name, f"{own['per_doc_kb']:.1f}", f"{own['curve'][-1][1] - own['loaded_mb']:,.0f}"]
            for name, own in found["kept"]["systems"].items()
        ]
        text += (
            f"### Memory kept with {found['kept']['docs']:,} documents of six words from "
            "`nlp.pipe`\n\n`doc_cleaner` is spaCy's own component; this project's configs have "
            "one that does the same.\n\n"
        ) + _table(["system", "kB per document", "MB in all, above loaded"], rows)
    return text


def _load(found: dict[str, Any]) -> str:
    sizes = found["size_mb"]
    text = "### Size\n\n" + _table(
        ["pipeline", "MB on disk"], [[name, f"{size:,.0f}"] for name, size in sizes.items()]
    )
    if "load" in found:
        rows = [
            [
                _title(name),
                f"{own['median_s']:.2f}",
                _speedup(own),
                f"{own['first_s']:.2f}",
                f"{own['loaded_mb']:,.0f}" if "loaded_mb" in own else "",
            ]
            for name, own in found["load"]["systems"].items()
        ]
        text += (
            "### Load: `spacy.load` in a fresh process\n\nWith all that it imports, but spaCy "
            "itself; then the first sentence. Memory is what is resident between, in MB.\n\n"
        )
        text += _table(["system", "s", "× stock", "first sentence, s", "MB"], rows)
    return text


_SECTIONS = (_speed, _latency, _agreement, _training, _memory, _load)


def _title(name: str) -> str:
    return f"`{name}`: {SYSTEMS[name].title}"


def _speedup(own: dict[str, Any]) -> str:
    ratio = own.get("speedup")
    if ratio is None:
        return ""
    other = "" if ratio["to"] == "stock" else f" (× {ratio['to']})"
    return f"{ratio['median']:.2f} [{ratio['low']:.2f}–{ratio['high']:.2f}]{other}"


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    return markdown_table(header, rows, "l" * len(header)) + "\n\n"
