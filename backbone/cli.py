"""The commands; bad input ends them with one sentence on stderr and exit code 1."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from tokenizers import Tokenizer
from tqdm import tqdm

from backbone.checkpoint import CHECKPOINT, Progress, load_checkpoint
from backbone.code_switching import switch_lines
from backbone.corpus.held_out import HeldOut
from backbone.encoder import MaskedLM
from backbone.files import find_corpus_files, read_lines, write_lines
from backbone.lexicon import collect_aligned_rows, induce_lexicon, write_lexicons
from backbone.objectives.batches import Batches
from backbone.pack import pack_corpus
from backbone.packed import load_packed, save_packed
from backbone.pretrained import export, load_pretrained
from backbone.sampling import SWITCHED
from backbone.schedule import CoolDown
from backbone.settings import Settings, load_settings
from backbone.train import make_optimizer, train
from spacy_dlfa.cli.messages import fail

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)

_FOLDER = typer.Argument(exists=True, file_okay=False)
_FILE = typer.Option(exists=True, dir_okay=False)

Recipe = Annotated[Path, typer.Option("--config", exists=True, dir_okay=False, help="A recipe")]
HeldOutFiles = Annotated[
    list[Path] | None,
    typer.Option("--held-out", exists=True, help="Test files or folders of them"),
]
_RUN = typer.Argument(file_okay=False, help="The run's folder")
Start = Annotated[
    Path | None, typer.Option(exists=True, file_okay=False, help="An encoder to train further")
]
Minutes = Annotated[float | None, typer.Option(help="Stop earlier, with a checkpoint")]
Device = Annotated[str, typer.Option(help="cpu or cuda")]
Threads = Annotated[int | None, typer.Option(min=1, help="Of the CPU; the default is torch's")]
Workers = Annotated[int, typer.Option(min=0, help="Processes that make batches; 4 for a GPU")]


def _report_bad_input(command: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (ValueError, OSError) as err:
            fail(str(err))

    return run


@app.command()
@_report_bad_input
def lexicon(
    corpus: Annotated[Path, _FOLDER],
    output: Annotated[Path, typer.Argument(file_okay=False)],
    config: Recipe,
    held_out: HeldOutFiles = None,
) -> None:
    """Induce word lists from aligned text, and write code-switched lines made with them."""
    settings = load_settings(config)
    files = find_corpus_files([corpus])
    held = HeldOut(_find_test_files(held_out or []))
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


@app.command()
@_report_bad_input
def pack(
    corpora: Annotated[list[Path], _FOLDER],
    output: Annotated[Path, typer.Option(dir_okay=False, help="A .safetensors file")],
    tokenizer: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Its folder")],
    config: Recipe,
    held_out: HeldOutFiles = None,
) -> None:
    """Encode corpus folders into one file of word-piece numbers, without test sentences."""
    settings = load_settings(config)
    files = find_corpus_files(corpora)
    held = HeldOut(_find_test_files(held_out or []))
    with tqdm(desc="Packing", unit=" files", total=len(files)) as bar:

        def report(message: str) -> None:
            bar.write(message)

        packed = pack_corpus(
            files, tokenizer / "tokenizer.json", settings.corpus, held, report, bar.update
        )
    save_packed(output, packed)
    typer.echo(
        f"{output}: {sum(len(text.ids) for text in packed.texts)} word pieces; left out: "
        f"{sum(held.dropped.values())} lines with one of {len(held.sentences)} test sentences"
    )
    for source, dropped in sorted(held.dropped.items()):
        if dropped:
            typer.echo(f"  {source}: {dropped}")


@app.command()
@_report_bad_input
def pretrain(
    run: Annotated[Path, _RUN],
    data: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="What `pack` wrote")],
    config: Recipe,
    steps: Annotated[int, typer.Option(min=1, help="Of the whole run")],
    start: Start = None,
    minutes: Minutes = None,
    device: Device = "cpu",
    threads: Threads = None,
    workers: Workers = 0,
) -> None:
    """Train; the same command again goes on from the last checkpoint."""
    settings = load_settings(config)
    _set_up(device, threads)
    batches = Batches(load_packed(data), settings)
    model = _make_model(settings, batches, start)
    model.to(device)
    optimizer = make_optimizer(model, settings.training)
    progress = Progress()
    if (run / CHECKPOINT).exists():
        progress = load_checkpoint(run, model, optimizer, settings)
        typer.echo(f"{run}: goes on from step {progress.step}")
    train(
        model,
        optimizer,
        batches,
        settings,
        progress,
        run,
        steps=steps,
        minutes=minutes,
        workers=workers,
    )


@app.command()
@_report_bad_input
def cool_down(
    run: Annotated[Path, _RUN],
    output: Annotated[Path, typer.Argument(file_okay=False, help="A folder for this part")],
    data: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="What `pack` wrote")],
    config: Recipe,
    steps: Annotated[int, typer.Option(min=1, help="In which the rate falls to 0")],
    device: Device = "cpu",
    threads: Threads = None,
    workers: Workers = 0,
) -> None:
    """Let the rate of a run fall to 0, from its last checkpoint; the run itself stays as it is."""
    settings = load_settings(config)
    _set_up(device, threads)
    batches = Batches(load_packed(data), settings)
    model = MaskedLM(settings.model, batches.vocabulary.size).to(device)
    optimizer = make_optimizer(model, settings.training)
    begun = (output / CHECKPOINT).exists()
    progress = load_checkpoint(output if begun else run, model, optimizer, settings)
    if progress.cool_down is None:
        progress = progress._replace(cool_down=CoolDown(progress.step, steps))
    typer.echo(f"{output}: goes on from step {progress.step}")
    end = sum(progress.cool_down or ())
    train(model, optimizer, batches, settings, progress, output, steps=end, workers=workers)


@app.command("export")
@_report_bad_input
def export_run(
    run: Annotated[Path, _RUN],
    output: Annotated[Path, typer.Argument(file_okay=False)],
    tokenizer: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Its folder")],
    config: Recipe,
) -> None:
    """Write a run's last checkpoint for `AutoModel` and `AutoTokenizer`, in float16."""
    settings = load_settings(config)
    vocabulary = Tokenizer.from_file(str(tokenizer / "tokenizer.json")).get_vocab_size()
    model = MaskedLM(settings.model, vocabulary)
    progress = load_checkpoint(run, model, None, settings)
    export(model, settings.model, tokenizer, output)
    size = sum(path.stat().st_size for path in output.iterdir()) / 1e6
    typer.echo(f"{output}: step {progress.step}, {progress.pieces} word pieces seen, {size:.1f} MB")


def _set_up(device: str, threads: int | None) -> None:
    if device != "cpu" and not torch.cuda.is_available():
        raise ValueError(f"--device {device}: torch finds no GPU; use --device cpu")
    if threads is not None:
        torch.set_num_threads(threads)


def _make_model(settings: Settings, batches: Batches, start: Path | None) -> MaskedLM:
    if start is None:
        raise ValueError("--start")
    model = load_pretrained(start, settings.model)
    if len(model.bias) != batches.vocabulary.size:
        raise ValueError(
            f"--start {start}: {len(model.bias)} word pieces; the data has "
            f"{batches.vocabulary.size}; pack it with that folder's tokenizer"
        )
    return model


def _find_test_files(paths: list[Path]) -> list[Path]:
    """Return the files, and those in folders."""
    found = []
    for path in paths:
        inside = [p for p in sorted(path.rglob("*")) if p.suffix in (".conllu", ".iob2", ".tsv")]
        found.extend(inside if path.is_dir() else [path])
    return found
