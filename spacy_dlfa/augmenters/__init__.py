"""Augmenters that a config can name, and the kinds of noise that `evaluate` knows, too."""
