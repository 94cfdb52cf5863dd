"""`python -m spacy dlfa describe`: a meta.json for `spacy package` that holds the scores."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import srsly
import typer

from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.messages import fail, one_sentence, sentence

if TYPE_CHECKING:
    from spacy_dlfa.evaluation.record import Run
    from spacy_dlfa.evaluation.self_training import SelfTraining


@one_sentence
def describe_cli(
    pipeline: Annotated[Path, typer.Argument(help="Folder of a trained pipeline")],
    metrics: Annotated[
        list[Path],
        typer.Argument(help="Its scores, by python -m spacy dlfa evaluate; one file for each task"),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", dir_okay=False, help="meta.json to write")
    ],
    name: Annotated[
        str, typer.Option("--name", "-n", help="Name of the package, after its language: xx_NAME")
    ],
    own: Annotated[
        Path | None,
        typer.Option(
            "--meta",
            dir_okay=False,
            help="JSON file with author, license, sources, description or notes of yours, which go "
            "over the pipeline's",
        ),
    ] = None,
    quality: Annotated[
        list[Path] | None,
        typer.Option(
            "--quality",
            dir_okay=False,
            help="JSON of python -m spacy dlfa quality --json, by which the pipeline says what to "
            "expect in languages without a test set; one file for each task",
        ),
    ] = None,
) -> None:
    """Write the meta data that `spacy package --meta-path` puts into the wheel and its README.

    What the pipeline's meta.json says is kept; scores are added, or take the place of those that
    were added before.
    """
    from spacy_dlfa.atomic import check_writable, write_json
    from spacy_dlfa.evaluation.describe import describe
    from spacy_dlfa.evaluation.self_training import KEY, META
    from spacy_dlfa.unlabelled.known import add_estimates

    check_writable(output)
    path = pipeline / "meta.json"
    if not path.is_file():
        fail(f"{path}: there is no such file; train the pipeline first")
    given = read_meta(path, str(path))
    if not given.get("lang"):
        fail(f"{path}: found no language, 'lang'; expected the meta.json of a trained pipeline")
    if not name.isidentifier():
        fail(f"--name {name}: found no name of a package; expected letters, digits and _")
    self_training = (given.get(META) or {}).get(KEY)
    if own:
        if not own.is_file():
            fail(
                f"--meta {own}: there is no such file; expected JSON with author, license and so on"
            )
        given |= read_meta(own, f"--meta {own}")
    runs: dict[str, Run] = {}
    for path in metrics:
        run = read_scores(path)
        check_pipeline(path, run, pipeline, self_training)
        if run["task"] in runs:
            fail(f"{path}: found scores of the task {run['task']} again; expected one file a task")
        runs[run["task"]] = run
    for path in quality or ():
        given = add_estimates(given, path)
    meta = describe(given, list(runs.values()), name)
    write_json(output, meta)
    typer.echo(meta["description"])


def check_pipeline(
    path: Path, run: "Run", pipeline: Path, self_training: "SelfTraining | None"
) -> None:
    """Check that scores are of this pipeline; reads its config and no weights.

    self_training (Optional[SelfTraining]): What its meta data say.
    RAISES (ValueError): If they are of another one.
    """
    from spacy_dlfa.configs.reading import read_config
    from spacy_dlfa.evaluation.settings import check_same, config_settings

    own = config_settings(read_config(pipeline / "config.cfg"), run["task"])
    if self_training:
        own["self_training"] = self_training
    check_same(path, run, pipeline, own)


def read_meta(path: Path, place: str) -> dict[str, Any]:
    """Read meta data; ends the command if there are none, with the place in front."""
    from spacy_dlfa.evaluation.meta import find_wrong

    try:
        meta = {**srsly.read_json(path)}
    except (ValueError, TypeError) as err:
        fail(f"{place}: found no JSON object ({sentence(err)}); expected one")
    if wrong := find_wrong(meta):
        fail(f"{place}: found {wrong}; expected the keys and values of spaCy's meta.json")
    return meta


def read_scores(path: Path) -> "Run":
    """Read the scores of one task; ends the command if there are none to report.

    RAISES (ValueError): If the file can't be read.
    """
    from spacy_dlfa.evaluation.labels_seen import is_zero_shot
    from spacy_dlfa.evaluation.record import read_run

    run = read_run(path)
    metric = task_named(run["task"]).metric
    if run["averages"]["all"][metric] is None:
        scored = {name: row for name, row in run["scores"].items() if row[metric] is not None}
        seen = [name for name, row in scored.items() if not is_zero_shot(row)]
        if seen:
            fail(
                f"{path}: found no test set that is zero-shot, as labels of these languages were "
                f"trained on: {', '.join(seen)}; expected one of another language"
            )
        fail(
            f"{path}: found no foreign test set with gold annotation; expected one or more, "
            "named <code>_<name> by its language"
        )
    return run
