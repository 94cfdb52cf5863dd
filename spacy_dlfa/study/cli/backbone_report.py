"""`python -m spacy dlfa backbone-report`: what an encoder is worth, beside others and chance."""

import time
from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import fail, one_sentence
from spacy_dlfa.overrides import parse_overrides, split_settings
from spacy_dlfa.workers.share import count_cores


@one_sentence
def backbone_report_cli(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="Folders of encoders or names on the hub, the one in use first; with @8 behind, "
            "their first 8 layers",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", file_okay=False, help="Folder of the report")
    ] = Path("metrics/backbone-report"),
    data: Annotated[
        Path, typer.Option("--data", "-d", file_okay=False, help="Folder with pos, ner, textcat")
    ] = Path("assets"),
    configs: Annotated[
        Path,
        typer.Option(
            "--configs", "-c", file_okay=False, help="Folder with tagger.cfg, ner.cfg, textcat.cfg"
        ),
    ] = Path("configs"),
    seeds: Annotated[str, typer.Option("--seeds", "-s", help="0-2 or 0,3")] = "0",
    languages: Annotated[
        str | None,
        typer.Option("--languages", "-l", help="de,fr: those that count; by the model cards"),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, help="Parts at a time, each on one core")
    ] = count_cores(),
    fused: Annotated[
        bool, typer.Option("--fused", help="Fine-tune with a lower layer, too: DLFA at 2/3 of all")
    ] = False,
) -> None:
    """Fine-tune on English tags, entities and topics, beside size, speed and other figures.

    Translations are retrieved and masked words predicted, too, and each figure stands beside that
    of the same encoder with random weights. What is measured is
    kept: the same command goes on where it was, and with one more MODEL measures that one only.
    Settings of the tasks' configs can follow, as in `spacy train`: --training.max_steps 100
    """
    need_extra("study", "backbone-report")
    from spacy_dlfa.atomic import hold, to_json, write_each
    from spacy_dlfa.evaluation.encoder_card import names_of
    from spacy_dlfa.study.probing.data import prepare
    from spacy_dlfa.study.probing.encoders import find_encoders
    from spacy_dlfa.study.probing.results import choose_languages, put_together
    from spacy_dlfa.study.probing.runner import Plan, measure_all, remove_unfinished
    from spacy_dlfa.study.probing.speed import describe_machine, measure_speeds
    from spacy_dlfa.study.probing.tables import format_results, markdown_results
    from spacy_dlfa.study.report.backbone import backbone_page
    from spacy_dlfa.study.sweep.cells import parse_numbers

    started = time.perf_counter()
    models, settings = split_settings(arguments)
    if not models:
        fail(f"Found no MODEL before {arguments[0]}; expected one folder of an encoder or more")
    names = None
    if languages is not None:
        found = {code: names_of(code) for code in languages.split(",")}
        unknown = [code for code, each in found.items() if not each]
        if unknown:
            fail(f"--languages: found '{unknown[0]}'; expected codes of languages, like de,fr,zh")
        names = [name for each in found.values() for name in each]
    try:
        numbers = parse_numbers("--seeds", seeds)
        overrides = parse_overrides(settings)
        with hold(output):
            remove_unfinished(output)
            encoders = find_encoders(models, output / ".random")
            chosen, reason = choose_languages(encoders, names)
            corpora = prepare(data, output / ".corpus")
            plan = Plan(corpora, numbers, configs, overrides, output, fused)
            measured = measure_all(plan, encoders, workers)
            named = [encoder for encoder in encoders if encoder.floor is not None]
            speeds = measure_speeds(named, corpora["textcat"].tests, output)
            results = put_together(encoders, measured, chosen, speeds)
    except KeyboardInterrupt:
        fail(f"Stopped; the same command goes on with what is not in {output} yet")
    report = {
        "languages": chosen,
        "languages_by": reason,
        "seeds": numbers,
        "overrides": overrides,
        "machine": describe_machine(),
        **results,
    }
    files = {
        output / "report.json": to_json(report),
        output / "report.html": backbone_page(report).encode("utf8"),
        output / "results.md": markdown_results(report).encode("utf8"),
    }
    try:
        write_each(files.items())
    finally:
        typer.echo(format_results(report))
    typer.echo(f"{output}: report.html, report.json, and results.md for the model card")
    typer.echo(f"{(time.perf_counter() - started) / 60:.0f} minutes")
