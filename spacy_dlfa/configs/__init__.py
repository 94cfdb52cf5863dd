"""Configs for `spacy train`: made of a template and a table, or of another's config."""
