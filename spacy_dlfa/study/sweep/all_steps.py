"""Trainings that end with their last step, whose weights count: no checkpoint is chosen."""

from collections.abc import Iterator
from contextlib import contextmanager

from spacy.language import Language
from thinc.api import Config

from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.sweep.train import start


def steps_of(config: Config) -> int:
    """Return the number of steps of a training.

    RAISES (ValueError): If the config leaves it open.
    """
    steps = config.interpolate()["training"]["max_steps"]
    if not isinstance(steps, int) or steps < 1:
        raise ValueError(Errors.DL466.format(steps=steps))
    return steps


def for_all_steps(config: Config) -> None:
    """Have nothing else than the number of steps end a training, and score as rarely as can be.

    RAISES (ValueError): If the config leaves that number open.
    """
    training = config["training"]
    training["eval_frequency"] = steps_of(config)
    training["patience"] = 0
    # Below 0 epochs have no end, either
    if training.get("max_epochs") != -1:
        training["max_epochs"] = 0


@contextmanager
def last_weights(nlp: Language) -> Iterator[None]:
    """Train as `spacy train` does, and have the weights that it saves last, averaged if it does so.

    nlp (Language): The initialised pipeline, with the config.
    """
    training, steps = start(nlp, frozen=False)
    for _ in steps:
        pass
    with nlp.use_params(training["optimizer"].averages):
        yield
