# The only incantations. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install demo test test-zigbee test-homeassistant test-wyoming try-image test-torch lint bench claims doctor clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## make the virtual environment, with everything that tests need

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Sotto Voce needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: install  ## hear two spoken orders, understand them, act over MQTT and answer aloud
	$(BIN)/sotto demo

test: install lint  ## everything: style, types, layers, unit and end-to-end tests with real models
	$(BIN)/sotto models pull
	$(BIN)/sotto models pull smollm2-135m-instruct whisper-tiny.en fastspeech2-baker
	$(BIN)/python -m pytest

test-zigbee: install  ## against the real Zigbee2MQTT, with its radio replaced
	$(BIN)/python -m tests.counterparts.prepare_zigbee2mqtt
	$(BIN)/python -m pytest -m zigbee

test-homeassistant: install  ## against a real Home Assistant, on Python 3.13
	$(BIN)/python -m tests.counterparts.homeassistant.prepare
	$(BIN)/python -m pytest -m homeassistant

test-wyoming: install  ## against the real wyoming-satellite, with files for microphone and speaker
	$(BIN)/python -m tests.counterparts.prepare_wyoming_satellite
	$(BIN)/python -m pytest -m wyoming

try-image:  ## the Dockerfile's steps in a debootstrap of Debian, as root
	packaging/try-image.sh

test-torch: install  ## our recogniser against OpenAI's own, on the same clips
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,torch]'
	$(BIN)/python -m pytest -m torch

lint: install  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install  ## measure, compare with peers in the same run, draw the plots
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,bench,torch]'
	$(BIN)/python -m benchmarks --plots

claims: install  ## rewrite docs/claims.md and the README's figures from what was measured
	$(BIN)/python -m benchmarks.claims

doctor: install  ## find what is wrong with a set-up
	$(BIN)/sotto doctor

clean:  ## forget the virtual environment and everything built
	rm -rf $(VENV) build dist demo-output .mypy_cache .ruff_cache .hypothesis .import_linter_cache
