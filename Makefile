PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test test-slow bench lint clean

demo: .venv/demo  ## trains the digit classifier, exports it, compares the artifacts with the checkpoint
	$(BIN)/python scripts/demo.py

test: .venv/dev lint  ## the test suite
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: .venv/dev  ## tests that take more than a minute each
	$(BIN)/python -m pytest -m slow

bench: .venv/bench  ## whole exports, frozen graphs and batches against yardsticks: tables and plot in benchmarks/results
	$(BIN)/python -m benchmarks.weights
	$(BIN)/python -m benchmarks.stored_graphs
	$(BIN)/python -m benchmarks.batches
	$(BIN)/python -m benchmarks.tf1_import

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/mypy

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/python setup.py
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	touch $@

.venv/dev: .venv/bin/python setup.py
	$(BIN)/python -m pip install --quiet --editable '.[demo,dev]'
	touch $@ .venv/demo

.venv/bench: .venv/bin/python setup.py
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	touch $@

clean:
	rm -rf .venv build dist demo *.egg-info
