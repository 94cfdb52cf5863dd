"""Errors of the study, as `spacy_dlfa.errors` has those of the plugin: DL4xx, and two warnings."""

from spacy_dlfa.errors import Errors as PluginErrors
from spacy_dlfa.study.errors.comparison import ComparisonErrors
from spacy_dlfa.study.errors.demo import DemoErrors
from spacy_dlfa.study.errors.inside import InsideErrors
from spacy_dlfa.study.errors.intermediate import IntermediateErrors
from spacy_dlfa.study.errors.probing import ProbingErrors
from spacy_dlfa.study.errors.report import ReportErrors
from spacy_dlfa.study.errors.sweep import SweepErrors
from spacy_dlfa.study.errors.warnings import Warnings

__all__ = ["Errors", "Warnings"]


class Errors(
    PluginErrors,
    ComparisonErrors,
    SweepErrors,
    ProbingErrors,
    ReportErrors,
    IntermediateErrors,
    DemoErrors,
    InsideErrors,
):
    """All errors of the study and of the plugin, by their codes."""
