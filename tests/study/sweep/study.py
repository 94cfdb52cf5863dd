"""A tiny sweep: a tagger on nine English sentences, scored on three test sets."""

from pathlib import Path

from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_dlfa.study.sweep.settings import Settings

CONFIG = Path(__file__).parents[3] / "configs" / "tagger.cfg"
NAMES = ["Anna", "Berlin", "Carla", "Dora", "Emil", "Frida", "Gustav", "Hanna", "Ida"]
TESTS = {"de_pud": "schläft hier", "en_pud": "sleeps here", "sv_pud": "sover här"}
TAGS = ["PROPN", "VERB", "ADV"]


def write_corpus(path: Path, names: list[str], rest: str, attrs=("TAG", "POS"), tags=TAGS) -> Path:
    """Write one tagged sentence of three words for each name."""
    vocab = Vocab()
    docs = []
    for number, name in enumerate(names):
        doc = Doc(vocab, words=[name, *rest.split()], tags=tags, pos=TAGS)
        doc.user_data["id"] = str(number)
        docs.append(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs, attrs=attrs, store_user_data=True).to_disk(path)
    return path


def make_settings(folder: Path, encoder: str, *, frozen: bool = False, **overrides) -> Settings:
    """Write the corpora and return the settings of a sweep of 6 steps, with 3 checkpoints."""
    tests = [write_corpus(folder / f"{name}.spacy", NAMES, TESTS[name]) for name in TESTS]
    return Settings(
        task="tagger",
        output=folder / "runs",
        config=CONFIG,
        train=write_corpus(folder / "train.spacy", NAMES, TESTS["en_pud"]),
        dev=write_corpus(folder / "dev.spacy", NAMES[::2], TESTS["en_pud"]),
        tests=tuple(tests),
        frozen=frozen,
        overrides={
            "vars.backbone": encoder,
            "components.transformer.model.precision": "fp32",
            "components.transformer.model.saved_precision": "fp32",
            "components.transformer.model.freeze_below": 1,
            "training.max_steps": 6,
            "training.eval_frequency": 2,
            "training.batcher.size": 12,
            "training.optimizer.learn_rate.initial_rate": 0.01,
            **overrides,
        },
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of the runs."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


def command(settings: Settings, **options) -> list[str]:
    """Return the arguments of `spacy dlfa sweep` for these settings."""
    arguments = ["tagger", "--frozen" if settings.frozen else "--finetune"]
    arguments += ["--output", str(settings.output), "--config", str(settings.config)]
    for path in settings.tests:
        arguments += ["--test", str(path)]
    for name, value in options.items():
        arguments += [f"--{name}", str(value)]
    overrides = {"paths.train": settings.train, "paths.dev": settings.dev, **settings.overrides}
    for name, value in overrides.items():
        arguments += [f"--{name}", str(value)]
    return arguments
