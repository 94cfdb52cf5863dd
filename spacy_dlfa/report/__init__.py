"""Pages that show scores: HTML files that need nothing else."""

from spacy_dlfa.report.backbone import backbone_page
from spacy_dlfa.report.evaluation import evaluation_page
from spacy_dlfa.report.sweep import sweep_page

__all__ = ["backbone_page", "evaluation_page", "sweep_page"]
