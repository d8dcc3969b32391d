# Every target does whatever install it needs first. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
FEAST := .venv-feast
FEAST_INSTALLED := $(FEAST)/.installed
AIRFLOW := .venv-airflow
AIRFLOW_INSTALLED := $(AIRFLOW)/.installed
HOME_DIR ?= data/warehouse
PORT ?= 8501

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false

.DEFAULT_GOAL := help
.PHONY: help install run login test test-fast coverage lint bench browser feast airflow docs dist lock clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed: make run PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

install: $(INSTALLED)  ## make the environment in .venv from the lock file

run: $(INSTALLED)  ## build the shipped sample if there is no warehouse, and open the app
	$(BIN)/python -m pipeline --home $(HOME_DIR) serve --port $(PORT)

login: $(INSTALLED)  ## print an address that lets another browser into the app that runs
	@$(BIN)/python -m pipeline --home $(HOME_DIR) login

browser: $(INSTALLED)
	@$(BIN)/python tests/e2e/browser.py

$(FEAST_INSTALLED): requirements-feast.lock
	$(PYTHON) -m venv $(FEAST)
	$(FEAST)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-feast.lock
	@touch $(FEAST_INSTALLED)

feast: $(FEAST_INSTALLED)  ## make the environment of the managed feature store in .venv-feast

$(AIRFLOW_INSTALLED): requirements-airflow.lock
	$(PYTHON) -m venv $(AIRFLOW)
	$(AIRFLOW)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-airflow.lock
	@touch $(AIRFLOW_INSTALLED)

airflow: $(AIRFLOW_INSTALLED)  ## make the environment of Airflow in .venv-airflow

test: $(INSTALLED) browser feast airflow  ## run every test, those in a real browser included
	$(BIN)/python -m pytest -m "not e2e" --numprocesses auto --dist worksteal
	$(BIN)/python -m pytest -m e2e

coverage: $(INSTALLED)  ## run the tests that need no browser and print which lines and branches none of them reached
	$(BIN)/python -m pytest -m "not e2e" --numprocesses auto --dist loadfile --cov --cov-report term

test-fast: $(INSTALLED)  ## run the tests nearest to what differs from main, about a minute
	$(BIN)/python -m tests.fast

lint: $(INSTALLED)  ## check style, types, and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED)  ## run the benchmarks and print their tables
	$(BIN)/python -m benchmarks

docs: $(INSTALLED)  ## write the docs as a site to site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

dist: $(INSTALLED)  ## make the source archive and the wheel in dist
	rm -rf build dist
	$(BIN)/python -m build --no-isolation

lock: $(INSTALLED)  ## pin the dependencies of pyproject.toml again (needs uv)
	uv pip compile --universal --python-version 3.11 --extra test --generate-hashes --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --group feast --generate-hashes --no-emit-index-url --no-emit-find-links -o requirements-feast.lock
	uv pip compile --universal --python-version 3.11 --group airflow --generate-hashes --no-emit-index-url --no-emit-find-links -o requirements-airflow.lock

clean:  ## remove what a run wrote to the default home
	rm -rf data/warehouse
