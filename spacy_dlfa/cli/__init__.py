"""The command group `python -m spacy dlfa`: one module for each command.

`python -m spacy` imports them all, whatever it is asked for: each imports what it works with when
it is called.
"""

import typer
from spacy.cli import app as spacy_app

from spacy_dlfa.cli.apply import apply_cli
from spacy_dlfa.cli.convert import convert_cli
from spacy_dlfa.cli.describe import describe_cli
from spacy_dlfa.cli.evaluate import evaluate_cli
from spacy_dlfa.cli.from_listener import from_listener_cli
from spacy_dlfa.cli.init_config import init_config_cli
from spacy_dlfa.cli.quality import quality_cli
from spacy_dlfa.cli.self_train import self_train_cli
from spacy_dlfa.cli.show import show_cli
from spacy_dlfa.study.cli.backbone_report import backbone_report_cli
from spacy_dlfa.study.cli.compare import compare_cli
from spacy_dlfa.study.cli.coverage import coverage_cli
from spacy_dlfa.study.cli.demo import demo_cli
from spacy_dlfa.study.cli.inside import inside_cli
from spacy_dlfa.study.cli.intermediate import intermediate_cli
from spacy_dlfa.study.cli.randomize import randomize_cli
from spacy_dlfa.study.cli.report import report_cli
from spacy_dlfa.study.cli.sweep import sweep_cli

app = typer.Typer(name="dlfa", help="Zero-shot cross-lingual pipelines.", no_args_is_help=True)
app.command("apply")(apply_cli)
app.command("compare")(compare_cli)
app.command("convert")(convert_cli)
app.command("demo")(demo_cli)
app.command("coverage")(coverage_cli)
app.command("describe")(describe_cli)
app.command("evaluate")(evaluate_cli)
app.command("from-listener")(from_listener_cli)
app.command("init-config")(init_config_cli)
app.command("inside")(inside_cli)
app.command("quality")(quality_cli)
app.command("randomize")(randomize_cli)
app.command("report")(report_cli)
app.command("show")(show_cli)
# spaCy's own way of overriding a config from the command line.
_OVERRIDES = {"allow_extra_args": True, "ignore_unknown_options": True}
app.command("backbone-report", context_settings=_OVERRIDES)(backbone_report_cli)
app.command("intermediate", context_settings=_OVERRIDES)(intermediate_cli)
app.command("self-train", context_settings=_OVERRIDES)(self_train_cli)
app.command("sweep", context_settings=_OVERRIDES)(sweep_cli)
spacy_app.add_typer(app, name="dlfa")
