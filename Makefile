# Two commands for everybody: `make demo` and `make test`. Both make .venv when it is not there.
# `make night`: the tests in their long versions (thousands of spoiled folders, hundreds of cities, long solves), hours.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test night lint format bench clean

demo: .venv/heatnet.installed
	$(BIN)/heatnet solve instances/jinan --schedule policy --gap 0.015 --out runs/jinan --force

test: .venv/test.installed lint
	$(BIN)/python -m pytest

night: .venv/test.installed
	HEATNET_NIGHT=1 $(BIN)/python -m pytest -m "night or not night"

lint: .venv/test.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/test.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/heatnet.installed
	$(BIN)/python -m heatnet.bench --out docs/performance.md

clean:
	rm -rf .venv build dist *.egg-info runs

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "heatnet needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/heatnet.installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/test.installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@ .venv/heatnet.installed
