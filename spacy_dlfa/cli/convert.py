"""Convert annotated corpora to spaCy's binary format."""

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from wasabi import msg

from spacy_dlfa.cli.options import Code, check_code
from spacy_dlfa.corpora.choices import ALL, DROPPED, SUFFIXES, UNREAD
from spacy_dlfa.messages import fail, one_sentence, sentence
from spacy_dlfa.tables import lay_out

if TYPE_CHECKING:
    from spacy_dlfa.corpora.convert import Converted

_KNOWN = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
_COLUMNS = 12  # labels with a column each
_SHOWN = 5  # names of what was passed over
# What lies beside data, or was made of them
_NO_DATA = re.compile(r"\.|readme\b|licen[cs]e\b|copying\b|.*\.spacy$", re.IGNORECASE)


@one_sentence
def convert_cli(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...", exists=True, help=f"Files, or folders of them: {_KNOWN}"
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", file_okay=False, help="Folder for the .spacy files")
    ],
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels",
            "-l",
            help=f"Entity labels of .iob2 files to keep, like PERSON,GPE, or {ALL}; others become "
            f"O. If not given, all but {' and '.join(DROPPED)}, Universal NER's for something else",
        ),
    ] = None,
    language: Code = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", "-n", help="What to call a single file; if not given, as its source"
        ),
    ] = None,
    ids: Annotated[
        bool,
        typer.Option(
            "--ids/--no-ids",
            help="Keep ids and languages of sentences, by which scores are paired; spaCy trains on "
            "files without them, and reads those in about a quarter of the time",
        ),
    ] = True,
) -> None:
    """Convert corpora to .spacy files, one Doc for each sentence or pair.

    Entities (.iob2: Universal NER, CoNLL-2003), parts of speech (.conllu: Universal Dependencies),
    texts or pairs of texts with labels (.tsv: SIB-200, PAWS-X, XNLI, or any with a header).
    """
    from spacy_dlfa.corpora.convert import convert

    kept = parse_labels(labels)
    check_code(language)
    named = _name_sources(_find_sources(sources), name)
    if labels is not None and not any(each.suffix.lower() == ".iob2" for each in named):
        fail(
            f"--labels {labels}: found no .iob2 file; expected one, as others have no entity labels"
        )
    made: list[Converted] = []
    failures = []
    for source, called in named.items():
        taken = {each.path for each in made}
        try:
            converted = convert(
                source,
                output,
                name=called,
                language=language,
                labels=kept,
                taken=taken,
                ids=ids,
            )
        except (ValueError, OSError) as err:
            failures.append(sentence(err))
            continue
        for each in converted:
            msg.good(str(each.path))
        made += converted
    _print_tables(made)
    _print_unread(made)
    _print_passed_over(sources, output)
    if failures:
        fail("\n".join(failures))


def parse_labels(labels: str | None) -> list[str] | None:
    """Read the value of --labels."""
    if labels is None:
        return None
    kept = list(dict.fromkeys(label.strip() for label in labels.split(",")))
    if not all(kept):
        raise typer.BadParameter(
            f"found an empty label in {labels!r}; expected labels like PERSON,GPE, or {ALL}",
            param_hint="--labels",
        )
    return kept


def _find_sources(paths: list[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        files = [path]
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
        if not files:
            fail(f"{path}: found none of {_KNOWN}; expected at least one in a folder")
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _name_sources(sources: list[Path], given: str | None) -> dict[Path, str]:
    """Name the corpora; files that differ in their suffixes alone keep them in their names."""
    if given is not None:
        if len(sources) > 1 or given in ("", ".spacy") or Path(given).name != given:
            fail(f"--name {given}: expected a name without a folder, for one file")
        return {sources[0]: given.removesuffix(".spacy")}
    stems = Counter(source.stem for source in sources)
    names: dict[str, Path] = {}
    for source in sources:
        name = source.stem if stems[source.stem] == 1 else source.name
        other = names.setdefault(name, source)
        if other is not source:
            fail(
                f"{source}: found the name of {other} again; expected each name once, or two calls "
                "with different --output folders"
            )
    return {source: name for name, source in names.items()}


def _print_passed_over(paths: list[Path], output: Path) -> None:
    """Say in a line which files and folders in folders were not converted, though they may be data.

    paths (List[Path]): What the command was given.
    output (Path): What it writes, which may be in one of them.
    """
    given = {path.resolve() for path in (*paths, output)}
    passed = [
        f"{file}/" if file.is_dir() else str(file)
        for path in paths
        if path.is_dir()
        for file in sorted(path.iterdir())
        if file.is_dir() or file.suffix.lower() not in SUFFIXES
        if not _NO_DATA.match(file.name) and file.resolve() not in given
    ]
    if passed:
        more = f" and {len(passed) - _SHOWN:,} more" if len(passed) > _SHOWN else ""
        shown = ", ".join(passed[:_SHOWN])
        typer.echo(f"Passed over: {shown}{more}; expected {_KNOWN} in a folder itself", err=True)


def _print_tables(made: "list[Converted]") -> None:
    from spacy_dlfa.corpora.convert import format_counts

    by_units: dict[tuple[str, ...], list[Converted]] = {}
    for each in made:
        by_units.setdefault(tuple(each.size), []).append(each)
    for units, files in by_units.items():
        labels = list(dict.fromkeys(label for file in files for label in file.labels))
        header = ["file", *units, *(labels if len(labels) <= _COLUMNS else ["labels"])]
        has_dropped = any(file.dropped for file in files)
        rows = []
        for file in files:
            counts = [file.labels.get(label, 0) for label in labels]
            if len(labels) > _COLUMNS:
                counts = [sum(map(bool, counts))]
            row = [file.path.stem, *(f"{number:,}" for number in (*file.size.values(), *counts))]
            rows.append(row + [format_counts(file.dropped)] * has_dropped)
        aligns = ["l", *"r" * (len(header) - 1), *"l" * has_dropped]
        header += ["dropped"] * has_dropped
        typer.echo(lay_out(rows, aligns, header))


def _print_unread(made: "list[Converted]") -> None:
    """Say in a line for all files which columns were not kept, and what keeps them."""
    for converter, (columns, users) in UNREAD.items():
        found = [name for name in columns if any(name in each.unread for each in made)]
        if found:
            files = sum(not each.unread.isdisjoint(columns) for each in made)
            typer.echo(
                f"Not kept, of {files} file(s): {', '.join(found)}. For {users}: "
                f"python -m spacy convert FILE FOLDER --converter {converter}",
                err=True,
            )
