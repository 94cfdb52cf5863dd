"""`python -m spacy dlfa self-train`: train on text without labels, together with English."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from spacy_dlfa.cli.options import GpuId, TaskName, Texts, check_second, use_gpu
from spacy_dlfa.messages import fail, one_sentence
from spacy_dlfa.overrides import parse_overrides, split_settings
from spacy_dlfa.tables import lay_out

if TYPE_CHECKING:
    from spacy_dlfa.unlabelled.run import Selected


@one_sentence
def self_train_cli(
    ctx: typer.Context,
    pipeline: Annotated[
        str, typer.Argument(help="Folder or package of the pipeline whose labels are taken")
    ],
    texts: Texts,
    config: Annotated[
        Path, typer.Option("--config", "-c", dir_okay=False, help="Config to train with")
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", file_okay=False, help="Folder of the trained pipeline"),
    ],
    second: Annotated[
        str | None,
        typer.Option("--second", "-s", help="Pipeline that has to say the same: another seed"),
    ] = None,
    keep: Annotated[
        Literal["agreed", "all"],
        typer.Option("--keep", "-k", help="Sentences of which both say the same, or all"),
    ] = "agreed",
    per_language: Annotated[
        int | None,
        typer.Option("--per-language", "-n", min=1, help="Sentences of a language, at most"),
    ] = None,
    languages: Annotated[
        str | None,
        typer.Option(
            "--languages", "-l", help="Codes of the only languages to label, as de,fr,zh; all"
        ),
    ] = None,
    held_out: Annotated[
        list[Path] | None,
        typer.Option(
            "--held-out",
            exists=True,
            help="Test files or folders of them, whose sentences are left out",
        ),
    ] = None,
    task: TaskName = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels",
            file_okay=False,
            help="Folder of the labelled sentences, which runs with other rules can share; "
            "OUTPUT/self-training/labels",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draw of --per-language")] = 0,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", min=1, help="Processes that label")
    ] = None,
    gpu_id: GpuId = -1,
) -> None:
    """Label sentences with a trained pipeline, keep what is sure, and train again with English.

    No label of another language than English is used; the pipeline says in its meta.json which
    languages it has seen text of. The same command goes on where it was killed. Settings of the
    config can follow, as in `spacy train`: --paths.train train.spacy --paths.dev dev.spacy
    """
    from tqdm import tqdm

    from spacy_dlfa.corpora.held_out import HeldOut, find_test_files
    from spacy_dlfa.evaluation.labels_seen import META as LABELS_SEEN
    from spacy_dlfa.unlabelled.agreement import find_task, read_meta
    from spacy_dlfa.unlabelled.label import Systems, check_labels
    from spacy_dlfa.unlabelled.run import self_train
    from spacy_dlfa.unlabelled.select import Rules
    from spacy_dlfa.unlabelled.texts import ENGLISH_CODE, find_texts, keep_languages
    from spacy_dlfa.unlabelled.train import Recipe

    texts, settings = split_settings(texts)
    overrides = parse_overrides([*settings, *ctx.args])
    if keep == "agreed" and second is None:
        fail("--keep agreed: found no --second pipeline; name one, or keep them with --keep all")
    check_second(pipeline, second)
    teachers = [pipeline, *([second] if second else [])]
    for teacher in teachers:
        if Path(teacher).resolve().is_relative_to(output.resolve()):
            fail(f"{teacher}: found it in --output {output}, which is written; choose another one")
    use_gpu(gpu_id)
    try:
        chosen = find_task(teachers, task)
        for teacher in teachers:
            check_labels(teacher, read_meta(teacher).get(LABELS_SEEN))
        recipe = Recipe(config, overrides, chosen)
        systems = Systems(pipeline, second, chosen.name, gpu_id)
        found = find_texts(texts, output)
        # It has labels of its own.
        found.pop(ENGLISH_CODE, None)
        if languages is not None:
            wanted = [code.strip() for code in languages.split(",") if code.strip()]
            found = keep_languages(found, wanted)
        if not found:
            fail(f"{', '.join(texts)}: found English alone; expected other languages")
        held = HeldOut(find_test_files(held_out or []))
        rules = Rules(chosen.name, keep, per_language, seed)
        with tqdm(total=len(found), unit="language", leave=False) as bar:

            def show(selected: "Selected") -> None:
                bar.close()
                _print_table(selected)

            is_new = self_train(
                systems,
                recipe,
                found,
                output,
                held,
                rules,
                labels=labels,
                num_workers=workers,
                progress=lambda code: bar.update(),
                show=show,
            )
    except KeyboardInterrupt:
        fail(f"Stopped; the same command goes on with what is not in {output} yet")
    done = "trained" if is_new else "trained before, with the same sentences and settings"
    typer.echo(f"{output / 'model-best'}: {done}")


def _print_table(selected: "Selected") -> None:
    from spacy_dlfa.languages import language_by

    rows = [
        (language_by(code).name, *(f"{number:,}" for number in counts.values()))
        for code, counts in selected.counts.items()
    ]
    totals = zip(*(counts.values() for counts in selected.counts.values()), strict=True)
    rows.append((f"{len(rows)} languages", *(f"{sum(column):,}" for column in totals)))
    names = list(next(iter(selected.counts.values())))
    typer.echo(lay_out(rows, ["l", *"r" * len(names)], ["Language", *names]))
