"""Readers of the corpora that pipelines are trained on and evaluated with."""
