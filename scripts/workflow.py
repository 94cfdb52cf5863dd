"""Run a workflow of project.yml, refuse variables that it hasn't, and say how long steps took.

    python scripts/workflow.py train-ner --vars.seed 3

is `python -m spacy project run train-ner . --vars.seed 3`, which takes a misspelt variable in
silence, step by step.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from click import NoSuchOption
from weasel.cli.run import project_run
from weasel.util.config import load_project_config, parse_config_overrides

from spacy_dlfa.messages import fail, one_sentence

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@one_sentence
def run(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A workflow or a command of project.yml")],
    force: Annotated[bool, typer.Option("--force", "-F", help="Run what is done already")] = False,
) -> None:
    """Run the steps of a workflow; variables follow, as in --vars.seed 3."""
    # Or its lines would come after those of the commands that it runs
    sys.stdout.reconfigure(line_buffering=True)
    project = load_project_config(Path(), interpolate=False)
    try:
        overrides = parse_config_overrides(ctx.args)
    except NoSuchOption as err:
        fail(f"{err.option_name}: there is no such option; expected {_options(project['vars'])}")
    check_variables(project["vars"], overrides)
    seconds: dict[str, float] = {}
    for step in project["workflows"].get(name, [name]):
        begin = time.monotonic()
        try:
            project_run(Path(), step, overrides=overrides, force=force)
        except KeyboardInterrupt:
            fail(f"Stopped in {step}; the same command goes on there")
        seconds[step] = time.monotonic() - begin
    steps = ", ".join(f"{step} {_duration(each)}" for step, each in seconds.items())
    typer.echo(f"{steps}; {_duration(sum(seconds.values()))} in all")


def check_variables(known: Mapping[str, Any], overrides: Mapping[str, Any]) -> None:
    """End the command at a variable that the project hasn't, or that should be a number."""
    for name, value in overrides.items():
        section, _, variable = name.partition(".")
        if section != "vars" or variable not in known:
            fail(f"--{name}: there is no such variable; expected {_options(known)}")
        if isinstance(known[variable], int) and type(value) is not int:
            fail(f"--{name} {value}: expected a whole number, like {known[variable]}")


def _options(known: Mapping[str, Any]) -> str:
    return ", ".join(f"--vars.{name}" for name in known)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


if __name__ == "__main__":
    app()
