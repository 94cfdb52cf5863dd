"""From files to a packed corpus."""

from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from backbone.code_switching import switch_lines
from backbone.commands.options import FOLDER, HeldOutFiles, Recipe
from backbone.corpus.build import build_corpus
from backbone.files import find_corpus_files, read_lines, write_lines
from backbone.lexicon import collect_aligned_rows, induce_lexicon, write_lexicons
from backbone.pack import pack_corpus
from backbone.packed import save_packed
from backbone.sampling import SWITCHED
from backbone.settings import load_settings
from backbone.vocabulary import train_vocabulary
from spacy_dlfa.atomic import check_writable
from spacy_dlfa.corpora.held_out import HeldOut, find_test_files
from spacy_dlfa.messages import one_sentence


@one_sentence
def corpus(
    sources: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A config file")],
    output: Annotated[Path, typer.Argument(file_okay=False)],
    held_out: HeldOutFiles = None,
) -> None:
    """Build a corpus folder from files you have, without test sentences."""
    held = HeldOut(find_test_files(held_out or []))
    build_corpus(sources, output, held, typer.echo)
    typer.echo(f"{output}: left out {sum(held.dropped.values())} lines with a test sentence")


@one_sentence
def vocabulary(
    folder: Annotated[Path, FOLDER],
    output: Annotated[Path, typer.Argument(file_okay=False)],
    config: Recipe,
) -> None:
    """Train a WordPiece tokenizer on a corpus folder."""
    settings = load_settings(config)
    check_writable(output / "tokenizer.json")
    size = train_vocabulary(
        find_corpus_files([folder]),
        output,
        settings.vocabulary,
        settings.model.positions,
        settings.training.seed,
    )
    typer.echo(f"{output}: {size} word pieces")


@one_sentence
def lexicon(
    folder: Annotated[Path, FOLDER],
    output: Annotated[Path, typer.Argument(file_okay=False)],
    config: Recipe,
    held_out: HeldOutFiles = None,
) -> None:
    """Induce word lists from aligned text, and write code-switched lines made with them."""
    settings = load_settings(config)
    check_writable(output / "lexicon.json")
    files = find_corpus_files([folder])
    held = HeldOut(find_test_files(held_out or []))
    rows = collect_aligned_rows(files, settings.corpus, settings.lexicon.max_words, held)
    sentences = [
        line
        for file in files
        if file.language == "en" and not file.keyed
        for line in read_lines(file.path)
        if not held.contains(line, file.path.name)
    ]
    lexicons = {}
    for language, pairs in (bar := tqdm(rows.items(), desc="Lexicon", unit="language")):
        lexicons[language] = induce_lexicon(pairs, language, settings.lexicon)
        lines = switch_lines(
            pairs, sentences, language, lexicons[language], settings.lexicon, settings.training.seed
        )
        write_lines(output / f"{SWITCHED}.{language}.txt.xz", lines)
        bar.write(f"{language}: {len(pairs)} rows, {len(lexicons[language].mutual)} pairs")
    # Last, since its file says that the folder is whole
    write_lexicons(output / "lexicon.json", lexicons)


@one_sentence
def pack(
    corpora: Annotated[list[Path], FOLDER],
    output: Annotated[Path, typer.Option(dir_okay=False, help="A .safetensors file")],
    tokenizer: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Its folder")],
    config: Recipe,
    held_out: HeldOutFiles = None,
) -> None:
    """Encode corpus folders into one file of word-piece numbers, without test sentences."""
    settings = load_settings(config)
    check_writable(output)
    files = find_corpus_files(corpora)
    held = HeldOut(find_test_files(held_out or []))
    with tqdm(desc="Packing", unit=" files", total=len(files)) as bar:

        def report(message: str) -> None:
            bar.write(message)

        packed = pack_corpus(files, tokenizer, settings.corpus, held, report, bar.update)
    save_packed(output, packed)
    typer.echo(
        f"{output}: {sum(len(text.ids) for text in packed.texts)} word pieces; left out: "
        f"{sum(held.dropped.values())} lines with one of {len(held.sentences)} test sentences"
    )
    for source, dropped in sorted(held.dropped.items()):
        if dropped:
            typer.echo(f"  {source}: {dropped}")
