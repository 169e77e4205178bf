# Two commands for everybody: `make demo` and `make test`. Both make .venv when it is not there.
# `make night`: the tests in their long versions (thousands of spoiled folders, hundreds of cities, long solves), hours.
PYTHON ?= python3
BIN := .venv/bin
REPORT := .pytest_cache/report.xml

.PHONY: demo test night lint format bench bench-plan bench-design bench-topotherm bench-scale clean

demo: .venv/heatnet.installed
	$(BIN)/heatnet solve instances/jinan --schedule policy --gap 0.015 --out runs/jinan --force

# A process that is ended from within may end with code 0; so what counts is the report that pytest writes at its end.
test night: .venv/test.installed
	rm -f $(REPORT)
	$(BIN)/python -m pytest $(MARKS) --junitxml=$(REPORT)
	@grep -qs 'errors="0" failures="0"' $(REPORT) || { echo 'pytest did not come to its end.'; exit 1; }

test: lint
night: export HEATNET_NIGHT := 1
night: MARKS := -m "night or not night"

lint: .venv/test.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/test.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Runs are kept in runs/, so what was interrupted goes on; a run that did not end well is on the page all the same.
bench: SUITE := performance
bench-plan: SUITE := performance_plan
bench-design: SUITE := performance_design
bench bench-plan bench-design: .venv/bench.installed
	-$(BIN)/heatnet bench run instances/suites/$(SUITE).toml --out runs/$(SUITE).jsonl
	$(BIN)/heatnet bench page runs/$(SUITE).jsonl --command 'make $@' --out docs/$(SUITE).md --force

# Needs the published cases of topotherm (HEATNET_CASES); says so where they are not at hand.
bench-topotherm: .venv/bench.installed
	$(BIN)/python tests/peers/side_by_side.py --out docs/performance_topotherm.md

bench-scale: .venv/bench.installed
	-$(BIN)/heatnet bench run instances/suites/scale.toml --out runs/scale.jsonl
	$(BIN)/heatnet bench scale runs/scale.jsonl --out runs/scale.html --force

clean:
	rm -rf .venv build dist *.egg-info runs

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "heatnet needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/heatnet.installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/bench.installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench,report]'
	touch $@ .venv/heatnet.installed

.venv/test.installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@ .venv/heatnet.installed
