"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

FOLDER = typer.Argument(exists=True, file_okay=False)

Recipe = Annotated[Path, typer.Option("--config", exists=True, dir_okay=False, help="A recipe")]
HeldOutFiles = Annotated[
    list[Path] | None,
    typer.Option("--held-out", exists=True, help="Test files or folders of them"),
]
RUN = typer.Argument(file_okay=False, help="The run's folder")
Start = Annotated[
    Path | None, typer.Option(exists=True, file_okay=False, help="An encoder to train further")
]
Lexicon = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="Words to start beside their translation"),
]
Minutes = Annotated[float | None, typer.Option(help="Stop earlier, with a checkpoint")]
Device = Annotated[str, typer.Option(help="cpu or cuda")]
Threads = Annotated[int | None, typer.Option(min=1, help="Of the CPU; the default is torch's")]
Workers = Annotated[int, typer.Option(min=0, help="Processes that make batches; 8 for a GPU")]
