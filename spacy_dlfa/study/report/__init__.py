"""The pages of sweeps and of encoders."""

from spacy_dlfa.study.report.backbone import backbone_page
from spacy_dlfa.study.report.sweep import sweep_page

__all__ = ["backbone_page", "sweep_page"]
