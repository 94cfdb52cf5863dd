import pytest
import srsly
from filelock import FileLock
from transformers import BertModel

from spacy_dlfa.fusions.variants import find_variants
from spacy_dlfa.study.sweep import runner
from spacy_dlfa.study.sweep import train as sweep_train
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.request import list_cells
from spacy_dlfa.study.sweep.runner import MEMO, EncodingError, read_memo, sweep
from spacy_dlfa.workers.pool import Failure
from tests.checkpoints import save_checkpoint
from tests.study.sweep.study import NAMES, TESTS, contents, make_settings, write_corpus

CELLS = [Cell("last", None, 0), Cell("mean", 2, 0), Cell("mean", 3, 0)]
OPTIONS = {"layers": "2-3"}


class Serial:
    """A pool without processes, which take seconds to start."""

    def __init__(self, engine, num_workers, *, threads):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, function, jobs):
        for job in jobs:
            RAN.append(job[1])
            try:
                yield job, function(*job)
            except Exception as error:
                yield job, Failure(str(error), "details")


RAN = []


@pytest.fixture(autouse=True)
def serial(monkeypatch):
    monkeypatch.setattr(runner, "open_workers", Serial)
    RAN.clear()


@pytest.fixture
def settings(tmp_path, bert):
    return make_settings(tmp_path, bert)


def test_only_what_is_missing_is_run(settings):
    assert sweep(settings, CELLS[:2], OPTIONS, 1) == {}
    before = {path: path.stat().st_mtime_ns for path in settings.output.glob("*.json")}
    assert {path.stem for path in before} == {"last-0", "mean-2-0"}
    RAN.clear()
    assert sweep(settings, CELLS, OPTIONS, 1) == {}
    assert [CELLS[2]] == RAN
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    RAN.clear()
    assert sweep(settings, CELLS, OPTIONS, 1) == {}
    assert RAN == []


def test_layers_are_those_that_the_config_leaves(settings):
    cut = {"components.transformer.model.transformer_config": {"num_hidden_layers": 1}}
    whole = list_cells(settings, [{"fusions": "lower", "layers": "all", "seeds": "0"}])
    settings = settings._replace(overrides={**settings.overrides, **cut})
    assert len(whole) > 1
    assert list_cells(settings, [{"fusions": "lower", "layers": "all", "seeds": "0"}]) == whole[:1]
    assert sweep(settings, whole[:1], OPTIONS, 1) == {}


def test_frozen_runs_encode_first_and_once(tmp_path, bert):
    settings = make_settings(tmp_path, bert, frozen=True)
    sweep(settings, CELLS[:1], OPTIONS, 1)
    assert ["train", "dev", "de_pud", "en_pud", "sv_pud", CELLS[0]] == RAN
    features = sorted((settings.output / ".features").iterdir())
    assert [path.name.split("-")[0] for path in features] == sorted(RAN[:5])
    before = [path.stat().st_mtime_ns for path in features]
    sweep(settings, CELLS, OPTIONS, 1)
    assert [path.stat().st_mtime_ns for path in features] == before


def test_a_failing_run_is_reported_and_the_others_are_kept(settings, monkeypatch):
    run_cell = runner.run_cell

    def fails_once(settings, cell, *args):
        if cell == CELLS[1]:
            raise ValueError("no memory")
        run_cell(settings, cell, *args)

    monkeypatch.setattr(runner, "run_cell", fails_once)
    assert sweep(settings, CELLS, OPTIONS, 1) == {CELLS[1]: Failure("no memory", "details")}
    assert set(contents(settings.output)) == {"last-0.json", "mean-3-0.json"}
    monkeypatch.setattr(runner, "run_cell", run_cell)
    assert sweep(settings, CELLS, OPTIONS, 1) == {}
    assert len(contents(settings.output)) == 3


def test_a_corpus_that_cant_be_encoded_ends_the_sweep(tmp_path, bert):
    settings = make_settings(tmp_path, bert, frozen=True)
    settings.dev.write_bytes(b"damaged")
    with pytest.raises(EncodingError, match="Encoding the corpus dev") as error:
        sweep(settings, CELLS, OPTIONS, 1)
    assert error.value.details == "details"
    assert contents(settings.output) == {}


def test_test_sets_of_another_task_are_found_before_training(settings):
    write_corpus(settings.tests[1], NAMES, TESTS["en_pud"], attrs=["ENT_TYPE"])
    with pytest.raises(ValueError, match=r"found gold annotation for no task; .* tagger"):
        sweep(settings, CELLS, OPTIONS, 1)
    assert RAN == []


def test_test_sets_of_other_labels_are_found_before_training(settings):
    write_corpus(settings.tests[1], NAMES, TESTS["en_pud"], tags=["NNP", "VBZ", "RB"])
    with pytest.raises(ValueError, match=r"DL308.*en_pud.spacy: .* NNP, RB, VBZ, but 'tagger'"):
        sweep(settings, CELLS, OPTIONS, 1)
    assert RAN == []


def test_labels_that_training_lacks_are_named(settings, capsys):
    write_corpus(settings.tests[0], NAMES, TESTS["de_pud"], tags=["PROPN", "AUX", "ADV"])
    assert sweep(settings, CELLS[:1], OPTIONS, 1) == {}
    (note,) = [line for line in capsys.readouterr().err.splitlines() if "does not know" in line]
    assert note == (
        "de_pud: found gold labels that 'tagger' does not know, which count as missed: AUX; it "
        "knows ADV, PROPN, VERB"
    )


def test_features_of_other_corpora_are_removed(tmp_path, bert):
    settings = make_settings(tmp_path, bert, frozen=True)
    stale = settings.output / ".features" / "train-0123456789abcdef"
    stale.mkdir(parents=True)
    sweep(settings, CELLS[:1], OPTIONS, 1)
    assert not stale.exists()
    assert len(list((settings.output / ".features").iterdir())) == 5


def test_a_damaged_memo(settings):
    settings.output.mkdir()
    (settings.output / MEMO).write_text("{")
    with pytest.raises(ValueError, match=r"\.sweep: found no JSON"):
        sweep(settings, CELLS, OPTIONS, 1)


def test_two_sweeps_in_one_folder(settings):
    settings.output.mkdir()
    with FileLock(settings.output / ".lock"), pytest.raises(ValueError, match="another run is"):
        sweep(settings, CELLS, OPTIONS, 1)
    assert RAN == []
    sweep(settings, CELLS[:1], OPTIONS, 1)


def test_the_folder_remembers_the_options(settings):
    assert read_memo(settings.output) == {}
    sweep(settings, CELLS[:1], OPTIONS, 1)
    assert read_memo(settings.output)["options"] == OPTIONS
    sweep(settings, CELLS[:1], {"layers": "2"}, 1)
    assert read_memo(settings.output)["options"] == OPTIONS
    sweep(settings, CELLS[:2], {"layers": "3"}, 1)
    assert read_memo(settings.output)["options"] == {"layers": "3"}


def test_a_number_that_was_changed_is_the_same_the_next_time(settings):
    settings = settings._replace(overrides={**settings.overrides, "training.dropout": 0.3})
    sweep(settings, CELLS[:1], OPTIONS, 1)
    sweep(settings, CELLS[:1], OPTIONS, 1)
    assert read_memo(settings.output)["fingerprint"]["overrides"]["training.dropout"] == 0.3


@pytest.mark.parametrize(
    "key",
    ["frozen", "overrides", "train", "dev", "test", "config", "fusions", "format", "backbone"],
)
def test_runs_of_other_settings_are_an_error_that_says_what_differs(
    settings, tmp_path, monkeypatch, key
):
    sweep(settings, CELLS[:1], OPTIONS, 1)
    before = contents(settings.output)
    other = tmp_path / "other"
    if key == "frozen":
        settings = settings._replace(frozen=True)
    elif key == "overrides":
        settings = settings._replace(overrides={**settings.overrides, "training.max_steps": 8})
    elif key == "train":
        write_corpus(settings.train, ["Zoe"], "sleeps here")
    elif key == "dev":
        write_corpus(settings.dev, ["Zoe"], "sleeps here")
    elif key == "test":
        settings = settings._replace(tests=settings.tests[:2])
    elif key == "config":
        text = settings.config.read_text().replace("dropout = 0.1", "dropout = 0.2")
        (tmp_path / "other.cfg").write_text(text)
        settings = settings._replace(config=tmp_path / "other.cfg")
    elif key == "fusions":
        known = find_variants()
        changed = {**known, "dlfa": known["mean"]}
        monkeypatch.setattr("spacy_dlfa.study.sweep.settings.find_variants", lambda: changed)
    elif key == "format":
        memo = srsly.read_json(settings.output / MEMO)
        del memo["fingerprint"]["format"]
        srsly.write_json(settings.output / MEMO, memo)
    else:
        encoder = save_checkpoint("bert", other)
        overrides = {**settings.overrides, "vars.backbone": encoder}
        settings = settings._replace(overrides=overrides, output=tmp_path / "again")
        sweep(settings, CELLS[:1], OPTIONS, 1)
        before = contents(settings.output)
        # Other weights under the same name.
        model = BertModel.from_pretrained(encoder)
        model.embeddings.word_embeddings.weight.data[7] += 1
        model.save_pretrained(encoder)
    with pytest.raises(ValueError, match=f"found {key} = "):
        sweep(settings, CELLS, OPTIONS, 1)
    assert contents(settings.output) == before


@pytest.mark.parametrize("key", ["config", "dev", "test"])
def test_no_run_is_kept_whose_files_change_meanwhile(settings, tmp_path, monkeypatch, key):
    config = tmp_path / "own.cfg"
    config.write_text(settings.config.read_text())
    settings = settings._replace(config=config)
    path = {"config": config, "dev": settings.dev, "test": settings.tests[1]}[key]
    before = path.read_bytes()
    train = sweep_train.train
    trained = []

    def edit(*args, **options):
        found = train(*args, **options)
        trained.append(found)
        if key == "config":
            path.write_bytes(before.replace(b"dropout = 0.1", b"dropout = 0.2"))
        else:
            write_corpus(path, ["Zoe"], "sleeps here")
        return found

    monkeypatch.setattr(sweep_train, "train", edit)
    failures = sweep(settings, CELLS[:2], OPTIONS, 1)
    # The second one would begin after the change, and not be like those before it
    assert [*failures] == CELLS[:2]
    assert len(trained) == 1
    for failure in failures.values():
        assert failure.message.startswith(f"[DL429] {key}: changed")
    assert contents(settings.output) == {}
    monkeypatch.setattr(sweep_train, "train", train)
    path.write_bytes(before)
    assert sweep(settings, CELLS[:1], OPTIONS, 1) == {}


def test_a_comment_in_the_config_changes_nothing(settings, tmp_path):
    sweep(settings, CELLS[:1], OPTIONS, 1)
    (tmp_path / "same.cfg").write_text("# Mine.\n" + settings.config.read_text())
    sweep(settings._replace(config=tmp_path / "same.cfg"), CELLS[:2], OPTIONS, 1)


def test_runs_of_unknown_settings_are_an_error(settings):
    settings.output.mkdir()
    (settings.output / "last-0.json").write_text("{}")
    with pytest.raises(ValueError, match=r"last-0.json, but no \.sweep"):
        sweep(settings, CELLS, OPTIONS, 1)


def test_what_killed_runs_left_is_removed(settings):
    part = settings.output / ".features" / ".train-0.1.tmp"
    part.mkdir(parents=True)
    (part / "layer_1.f16").touch()
    (settings.output / ".last-0.json.1.tmp").touch()
    sweep(settings, CELLS[:1], OPTIONS, 1)
    assert not list(settings.output.rglob("*.tmp"))
