"""Errors of the package that a user can mend, each with a code, as spaCy has E203.

    raise ValueError(Errors.DL212.format(name=name))

Codes are numbered by room: DL0xx are of encoders, saved files, the pipeline, fusions and
augmenters, DL1xx of corpora, DL2xx of `apply` and its workers, DL3xx of `evaluate`, DL4xx of the
study, DL5xx of self-training and estimates of quality, and DL9xx are warnings. A module is named
after the room whose errors it has; those that the study raises are in `spacy_dlfa.study.errors`.
One code is one cause with one remedy, and is never given to another error later.
docs/troubleshooting.md has a section for each, written by hand: its sentence, its cause, and what
to do.

Without a code are errors of the operating system (`OSError`), those of a command's options, which
end it in a sentence, and messages that pass on one that has a code already.
"""

from spacy_dlfa.errors.apply import ApplyErrors
from spacy_dlfa.errors.augmenters import AugmenterErrors
from spacy_dlfa.errors.configs import ConfigErrors
from spacy_dlfa.errors.corpora import CorporaErrors
from spacy_dlfa.errors.encoder import EncoderErrors
from spacy_dlfa.errors.evaluation import EvaluationErrors
from spacy_dlfa.errors.fusions import FusionErrors
from spacy_dlfa.errors.listener import ListenerErrors
from spacy_dlfa.errors.message import Message, place_first
from spacy_dlfa.errors.pairs import PairErrors
from spacy_dlfa.errors.pipeline import PipelineErrors
from spacy_dlfa.errors.storage import StorageErrors
from spacy_dlfa.errors.unlabelled import UnlabelledErrors
from spacy_dlfa.errors.warnings import Warnings
from spacy_dlfa.errors.workers import WorkerErrors

__all__ = ["CorpusError", "Errors", "Message", "Warnings", "place_first"]


class CorpusError(ValueError):
    """A line of a corpus file that can't be read; the message is one of `Message.at`."""


class Errors(
    StorageErrors,
    EncoderErrors,
    PipelineErrors,
    FusionErrors,
    AugmenterErrors,
    ConfigErrors,
    PairErrors,
    ListenerErrors,
    CorporaErrors,
    ApplyErrors,
    WorkerErrors,
    EvaluationErrors,
    UnlabelledErrors,
):
    """All errors of the plugin, by their codes."""
