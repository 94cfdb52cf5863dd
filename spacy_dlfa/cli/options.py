"""Options that several commands have, and what they mean."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import setup_gpu

from spacy_dlfa.messages import fail, sentence

Output = Annotated[Path, typer.Argument(allow_dash=True, help="Config to write, or - for stdout")]
Layer = Annotated[
    str | None,
    typer.Option(
        "--layer",
        "-l",
        help="The lower layer, 0 for the embeddings, or one for each component as in "
        "ner=8,tagger=6. If not given, that of the project's configs, whose encoder has 12, or the "
        "one at the same height of an encoder in a folder",
    ),
]
Fusion = Annotated[str, typer.Option("--fusion", "-f", help="DLFA, LastLayer, …")]
Force = Annotated[bool, typer.Option("--force", "-F", help="Write over a file that is there")]
GpuId = Annotated[int, typer.Option("--gpu-id", "-g", help="GPU, or -1 for the CPU")]
CodeFile = Annotated[
    Path | None,
    typer.Option(
        "--code",
        "-c",
        exists=True,
        dir_okay=False,
        help="File of Python that registers what the pipeline is made of",
    ),
]
Code = Annotated[
    str | None,
    typer.Option("--language", help="Code like de, put before names that say no language"),
]
TaskName = Annotated[
    str | None,
    typer.Option("--task", "-t", help="ner, tagger or textcat, if pipelines do several"),
]
Texts = Annotated[
    list[str],
    typer.Argument(
        help="Unlabelled sentences, a line each: folders, patterns or files whose names begin "
        "with the code of their language, as de_news.txt, deu_Latn.txt.xz"
    ),
]


def use_gpu(gpu_id: int) -> None:
    """Compute on the GPU of --gpu-id; ends the command if there is none."""
    try:
        setup_gpu(gpu_id, silent=True)
    # CuPy's, of a GPU with another number
    except (ValueError, RuntimeError) as err:
        fail(f"--gpu-id {gpu_id}: {sentence(err)}")


def check_second(pipeline: str, second: str | None) -> None:
    """End the command if --second is the pipeline itself."""
    if second is not None and Path(second).resolve() == Path(pipeline).resolve():
        fail(f"--second {second}: found the same pipeline twice; expected one of another seed")


def check_code(language: str | None) -> None:
    """Check the value of --language."""
    from spacy_dlfa.languages import LANGUAGES, is_code, is_word

    if language is None:
        return
    is_lost = is_word(language) and language.lower() not in LANGUAGES
    if is_lost or not is_code(language):
        raise typer.BadParameter(
            f"found {language!r}; expected a language's code like de, deu or pt-BR"
            + f", and {language}-... of one that is a word in names" * is_lost,
            param_hint="--language",
        )


def parse_layers(
    value: str | None, factories: Mapping[str, str], encoder: str | None
) -> dict[str, int]:
    """Read `--layer 8` or `--layer ner=8,tagger=6`; components not named have their own default.

    factories (Mapping[str, str]): The components, with the names of their factories.
    encoder (Optional[str]): Folder or hub name of the encoder, if it is known.
    """
    from spacy_dlfa.configs.depth import count_layers
    from spacy_dlfa.configs.render import DEPTH, layer_of

    if value and re.fullmatch("[0-9]+", value):
        return dict.fromkeys(factories, int(value))
    num_layers = (encoder and count_layers(encoder)) or DEPTH
    layers = {name: layer_of(factory, num_layers) for name, factory in factories.items()}
    for part in value.split(",") if value else ():
        setting = re.fullmatch(r"\s*(\S+?)\s*=\s*([0-9]+)\s*", part)
        if not setting or setting[1] not in layers:
            names = " or ".join(f"{name}={layer}" for name, layer in layers.items())
            fail(f"--layer {value}: found {part!r}; expected a layer like 8, or {names}")
        layers[setting[1]] = int(setting[2])
    return layers


def parse_fusion(value: str) -> str:
    """Return the registered name of a fusion."""
    from spacy_dlfa.configs.render import fusions

    known = fusions()
    if value not in known:
        fail(f"--fusion {value}: there is no such fusion; expected {', '.join(known)}")
    return known[value]


def check_output(output: Path, force: bool) -> None:
    """End the command if a config is there already, or can't be written."""
    from spacy_dlfa.atomic import check_writable

    if str(output) == "-":
        return
    if output.is_file() and not force:
        fail(f"{output} exists; choose another name, or write over it with --force")
    check_writable(output)


def write_config(output: Path, text: str, *, filled: bool = True) -> None:
    """Write a config whole or not at all; "-" is stdout, which gets nothing else.

    filled (bool): Whether `spacy train` takes it as it is.
    """
    from spacy_dlfa.atomic import write_bytes

    if str(output) == "-":
        typer.echo(text, nl=False)
        return
    write_bytes(output, text.encode("utf8"))
    quoted = shlex.quote(str(output))
    train = f"python -m spacy train {quoted} --output training"
    typer.echo(
        f"Saved {output}. Type next: {train} --paths.train train.spacy --paths.dev dev.spacy"
        if filled
        else f"Saved {output}, which lacks settings that spaCy trains by. Type next: "
        f"python -m spacy init fill-config {quoted} {quoted}"
    )
