"""The commands; bad input ends them with one sentence on stderr and exit code 1."""

import typer

from backbone.commands.adopt import adopt
from backbone.commands.dry_run import dry_run
from backbone.commands.parts import join, split
from backbone.commands.prepare import corpus, lexicon, pack, vocabulary
from backbone.commands.training import cool_down, export_run, pretrain

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
for command in (adopt, corpus, vocabulary, lexicon, pack, split, join, pretrain, cool_down):
    app.command()(command)
app.command()(dry_run)
app.command("export")(export_run)
