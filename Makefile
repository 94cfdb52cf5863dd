# `make train-ner` and `make test` are all that a fresh machine needs: each makes .venv if there
# is none, and can be run again at no cost.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Overrides of project variables, e.g. make train-ner VARS="--vars.layer 6 --vars.seed 3"
VARS ?=

.PHONY: help install train-ner test lint

help:
	@echo "make train-ner   train, score, package and install the English-trained NER pipeline"
	@echo "make test        run the linters and the tests"
	@echo "make lint        run ruff and mypy"

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

train-ner: install
	$(PY) -m spacy project run train-ner . $(VARS)

lint: install
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

test: lint
	$(PY) -m pytest
