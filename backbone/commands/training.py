"""From a packed corpus to an exported encoder."""

from pathlib import Path
from typing import Annotated

import torch
import typer

from backbone.checkpoint import CHECKPOINT, Progress, load_checkpoint, read_progress
from backbone.commands.options import (
    RUN,
    Device,
    Lexicon,
    Minutes,
    Recipe,
    Start,
    Threads,
    Workers,
)
from backbone.encoder import MaskedLM
from backbone.lexicon import read_lexicons
from backbone.objectives.batches import Batches
from backbone.objectives.masking import describe_vocabulary
from backbone.packed import load_packed
from backbone.pretrained import export, load_pretrained
from backbone.schedule import CoolDown
from backbone.settings import Settings, load_settings
from backbone.start import draw_together, make_structured
from backbone.train import make_optimizer, train
from backbone.vocabulary import load_tokenizer
from spacy_dlfa.atomic import check_writable
from spacy_dlfa.messages import one_sentence


@one_sentence
def pretrain(
    run: Annotated[Path, RUN],
    data: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="What `pack` wrote")],
    config: Recipe,
    steps: Annotated[int, typer.Option(min=1, help="Of the whole run")],
    start: Start = None,
    lexicon: Lexicon = None,
    minutes: Minutes = None,
    device: Device = "cpu",
    threads: Threads = None,
    workers: Workers = 0,
) -> None:
    """Train; the same command again goes on from the last checkpoint."""
    settings = load_settings(config)
    _set_up(device, threads)
    check_writable(run / CHECKPOINT)
    begun = (run / CHECKPOINT).exists()
    if begun and (cooled := read_progress(run).cool_down) is not None:
        raise ValueError(
            f"{run}: holds a cool-down from step {cooled.start}; give the folder of the run, or "
            "export it and give that with --start"
        )
    packed = load_packed(data)
    batches = Batches(packed, settings)
    model = _make_model(settings, batches, packed.vocabulary, start, lexicon)
    model.to(device)
    optimizer = make_optimizer(model, settings.training)
    progress = Progress()
    if begun:
        progress = load_checkpoint(run, model, optimizer, settings, batches.vocabulary)
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


@one_sentence
def cool_down(
    run: Annotated[Path, RUN],
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
    check_writable(output / CHECKPOINT)
    batches = Batches(load_packed(data), settings)
    model = MaskedLM(settings.model, batches.vocabulary.size).to(device)
    optimizer = make_optimizer(model, settings.training)
    cool = CoolDown(read_progress(run).step, steps)
    begun = (output / CHECKPOINT).exists()
    if begun:
        _check_cool_down(output, run, cool)
    progress = load_checkpoint(
        output if begun else run, model, optimizer, settings, batches.vocabulary
    )
    progress = progress._replace(cool_down=cool)
    typer.echo(f"{output}: goes on from step {progress.step}")
    train(model, optimizer, batches, settings, progress, output, steps=sum(cool), workers=workers)


@one_sentence
def export_run(
    run: Annotated[Path, RUN],
    output: Annotated[Path, typer.Argument(file_okay=False)],
    tokenizer: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Its folder")],
    config: Recipe,
) -> None:
    """Write a run's last checkpoint for `AutoModel` and `AutoTokenizer`, in float16."""
    settings = load_settings(config)
    vocabulary = describe_vocabulary(load_tokenizer(tokenizer)[1])
    model = MaskedLM(settings.model, vocabulary.size)
    progress = load_checkpoint(run, model, None, settings, vocabulary)
    export(model, settings.model, tokenizer, output)
    size = sum(path.stat().st_size for path in output.iterdir()) / 1e6
    typer.echo(
        f"{output}: step {progress.step}, {progress.pieces} word pieces seen and "
        f"{progress.predicted} of them predicted, {size:.1f} MB"
    )


def _check_cool_down(output: Path, run: Path, expected: CoolDown) -> None:
    """Refuse a folder that holds anything but this cool-down of the run as it is."""
    found = read_progress(output).cool_down
    if found is None:
        raise ValueError(f"{output}: holds a run that isn't cooled down; give another folder")
    if found != expected:
        raise ValueError(
            f"{output}: holds a cool-down of {found.steps} steps from step {found.start}; --steps "
            f"is {expected.steps}, and {run} is at step {expected.start}; give another folder"
        )


def _set_up(device: str, threads: int | None) -> None:
    found = ["cpu"]
    if torch.cuda.is_available():
        found += ["cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    if device not in found:
        raise ValueError(f"--device {device}: torch finds {', '.join(found)}; use one of these")
    if threads is not None:
        torch.set_num_threads(threads)


def _make_model(
    settings: Settings,
    batches: Batches,
    pieces: list[str],
    start: Path | None,
    lexicon_file: Path | None,
) -> MaskedLM:
    size = batches.vocabulary.size
    if start is None:
        model = make_structured(settings.model, size, settings.training.seed)
    else:
        model = load_pretrained(start, settings.model)
        own = load_tokenizer(start)[1]
        if len(model.bias) != size or own != pieces:
            how = "in another order" if sorted(own) == sorted(pieces) else "other ones"
            raise ValueError(
                f"--start {start}: {len(model.bias)} word pieces, {how} than the {size} of the "
                "data; pack it with that folder's tokenizer"
            )
    if lexicon_file is not None:
        moved = draw_together(model, pieces, read_lexicons(lexicon_file))
        typer.echo(f"{lexicon_file}: {moved} words moved towards their translation")
    return model
