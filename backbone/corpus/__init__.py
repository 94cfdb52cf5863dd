"""Readers of the files that the corpus is built from, one module for each format."""
