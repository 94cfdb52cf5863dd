"""Every command after the other, in little time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from backbone.commands.parts import join, split
from backbone.commands.prepare import corpus, lexicon, pack, vocabulary
from backbone.commands.training import cool_down, export_run, pretrain
from backbone.example import write_sources
from spacy_dlfa.messages import one_sentence

CONFIG = Path(__file__).parent.parent / "configs" / "dry-run.cfg"


@one_sentence
def dry_run(
    output: Annotated[Path, typer.Argument(file_okay=False, help="A folder for all that is made")],
    steps: Annotated[int, typer.Option(min=1, help="Of the pretraining")] = 400,
    config: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="A recipe of tiny settings")
    ] = CONFIG,
) -> None:
    """From an invented corpus to an exported model, by all the commands."""
    begin = time.monotonic()

    def step(command: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        command(*arguments, **options)
        typer.echo(f"{command.__name__}: done after {time.monotonic() - begin:.0f} s")

    text, switched, tokenizer = output / "corpus", output / "switched", output / "tokenizer"
    data = output / "data.safetensors"
    step(corpus, write_sources(output / "sources"), text)
    step(vocabulary, text, tokenizer, config)
    step(lexicon, text, switched, config)
    step(pack, [text, switched], data, tokenizer, config)
    step(split, data, output / "parts")
    step(join, output / "parts", output / "joined")
    joined = output / "joined" / data.name
    step(pretrain, output / "run", joined, config, steps, lexicon=switched / "lexicon.json")
    step(cool_down, output / "run", output / "cooled", joined, config, max(1, steps // 5))
    step(export_run, output / "cooled", output / "exported", tokenizer, config)
