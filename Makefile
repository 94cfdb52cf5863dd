# `make train-ner` and `make test` are all that a fresh machine needs: each makes .venv if there
# is none, and can be run again at no cost.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Overrides of project variables, e.g. make train-ner VARS="--vars.layer_ner 6 --vars.seed 3"
VARS ?=
# Order of the tests
SEED ?= 2
# Options of the benchmarks, e.g. make bench BENCH="--encoder mini --workload short,latency --output FOLDER"; without
# --output they go to benchmarks/results, where a run of fewer parts than are there is refused
BENCH ?=
# What `make demo` shows: a package or a folder
PIPELINE ?= xx_dlfa_joint
TRAIN := train-ner train-tagger train-textcat train-pairs train-nli train-intents train-joint train-frozen

.PHONY: help install $(TRAIN) test lint docs demo bench backbone-dry-run

help:
	@echo "make train-ner       train, score, package and install an English-trained pipeline: entities"
	@echo "make train-tagger    the same for part-of-speech tags"
	@echo "make train-textcat   the same for topics of sentences"
	@echo "make train-pairs     the same for paraphrases"
	@echo "make train-nli       the same for inference"
	@echo "make train-intents   the same for intents of commands"
	@echo "make train-joint     the same for entities, tags and topics from one encoder"
	@echo "make train-frozen    the same, quick: the encoder stays as it is"
	@echo "make demo            try the joint pipeline, or PIPELINE=FOLDER, in a browser"
	@echo "make test            run the linters and the tests"
	@echo "make lint            run ruff and mypy"
	@echo "make docs            build the documentation: site/index.html"
	@echo "make backbone-dry-run  from a corpus to an exported encoder, all commands, tiny settings"
	@echo "make bench           measure speed, memory and agreement beside spacy-transformers"

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

$(TRAIN): train-%: install
	$(PY) scripts/workflow.py $@ $(VARS)

lint: install
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# On all cores; in one order on every machine, and in another by `make test SEED=3`
test: lint
	$(PY) -m pytest --numprocesses auto --dist worksteal --randomly-seed $(SEED)

demo: install
	$(PY) -m spacy dlfa demo $(PIPELINE) --samples assets/textcat/test

# A link or a name that leads nowhere is an error
docs: install
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict

bench: install
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[bench]"
	$(PY) -m benchmarks $(BENCH)

backbone-dry-run: install
	$(PY) -m backbone dry-run backbone/.cache/dry-run
