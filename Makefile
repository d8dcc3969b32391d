# Every target does whatever install it needs first. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TOOLS := $(VENV)/.tools-installed
FEAST := .venv-feast
FEAST_INSTALLED := $(FEAST)/.installed
AIRFLOW := .venv-airflow
AIRFLOW_INSTALLED := $(AIRFLOW)/.installed
HOME_DIR ?= data/warehouse
PORT ?= 8501
DOCKER ?= docker
IMAGE ?= icon-health
VERSION ?= latest

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false

.DEFAULT_GOAL := help
.PHONY: help install run login test test-unit test-dbt test-integration test-browser test-feast test-airflow test-fast coverage lint lint-sql lint-delivery bench attack kills subsets browser feast airflow docs dbt-docs dist release-notes image push-image ssh-key deploy lock sbom audit clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed: make run PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

# the tools of tests, lint and docs have a lock of their own, whose other pins are those of requirements.lock;
# what only tests import is compiled when it is imported (of Feast's environment that halves the work)
$(TOOLS): $(INSTALLED) requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements-test.lock
	@touch $(TOOLS)

install: $(TOOLS)  ## make the environment in .venv from the lock files, with the tools of tests and docs

run: $(INSTALLED)  ## build the shipped sample if there is no warehouse, and open the app
	$(BIN)/python -m pipeline --home $(HOME_DIR) serve --port $(PORT)

login: $(INSTALLED)  ## print an address that lets another browser into the app that runs
	@$(BIN)/python -m pipeline --home $(HOME_DIR) login

browser: $(TOOLS)
	@$(BIN)/python tests/e2e/browser.py

$(FEAST_INSTALLED): requirements-feast.lock
	$(PYTHON) -m venv $(FEAST)
	$(FEAST)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements-feast.lock
	@touch $(FEAST_INSTALLED)

feast: $(FEAST_INSTALLED)  ## make the environment of the managed feature store in .venv-feast

$(AIRFLOW_INSTALLED): requirements-airflow.lock
	$(PYTHON) -m venv $(AIRFLOW)
	$(AIRFLOW)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements-airflow.lock
	@touch $(AIRFLOW_INSTALLED)

airflow: $(AIRFLOW_INSTALLED)  ## make the environment of Airflow in .venv-airflow

# a browser test that fails runs a second time; the summary names the tests that needed it
AGAIN := --reruns 1 -rfER

test: $(TOOLS) browser feast airflow  ## run every test, those in a real browser included
	$(BIN)/python -m pytest -m "not e2e" --numprocesses auto --dist worksteal
	$(BIN)/python -m pytest -m e2e --numprocesses auto --dist worksteal $(AGAIN)

# the parts of `test`, as CI runs them beside each other; PART of PARTS takes every so-manieth file
PART ?= 1
PARTS ?= 1
share = $$(find $(1) -name 'test_*.py' -not -path '*/airflow/*' | sort | awk 'NR % $(PARTS) == $(PART) - 1')
PARALLEL := --numprocesses auto --dist worksteal

test-unit: $(TOOLS)  ## run the tests that build nothing, those of the pages among them
	$(BIN)/python -m pytest $(PARALLEL) tests/unit tests/pages tests/architecture

test-dbt: $(TOOLS)  ## run the tests of the models; PART=1 PARTS=4 a quarter of them
	$(BIN)/python -m pytest $(PARALLEL) $(call share,tests/dbt)

test-integration: $(TOOLS)  ## run the tests of services on built homes; PART=1 PARTS=4 a quarter of them
	$(BIN)/python -m pytest $(PARALLEL) $(call share,tests/integration)

test-browser: $(TOOLS) browser  ## run the tests in a real browser
	$(BIN)/python -m pytest $(PARALLEL) $(AGAIN) tests/e2e

test-feast: $(TOOLS) feast  ## run the tests of the managed feature store
	$(BIN)/python -m pytest tests/feast

test-airflow: $(TOOLS) airflow  ## run the tests of the DAGs in a real Airflow
	$(BIN)/python -m pytest tests/integration/airflow

attack: $(TOOLS)  ## attack what is shown and exported; fails when anything is recovered
	$(BIN)/python -m benchmarks.disclosure

kills: $(TOOLS)  ## kill the pipeline at random moments, and print what was lost
	$(BIN)/python -m benchmarks.kills

subsets: $(TOOLS)  ## open every page of the homes of all 64 sets of the six files, and print what is not said
	$(BIN)/python -m tests.subsets

coverage: $(TOOLS)  ## run the tests that need no browser and print which lines and branches none of them reached
	$(BIN)/python -m pytest -m "not e2e" --numprocesses auto --dist loadfile --cov --cov-report term

test-fast: $(TOOLS)  ## run the tests nearest to what differs from main, about a minute
	$(BIN)/python -m tests.fast

lint: $(TOOLS)  ## check style, types, and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-sql: $(TOOLS)  ## check the style of the dbt models
	$(BIN)/python -m sqlfluff lint --processes 0 icon_dbt/models icon_dbt/tests

lint-delivery: $(TOOLS)  ## check workflows and container files
	$(BIN)/zizmor --offline --no-progress --quiet .github
	$(BIN)/actionlint
	$(BIN)/hadolint Containerfile

bench: $(TOOLS)  ## run the benchmarks and print their tables
	$(BIN)/python -m benchmarks

docs: $(TOOLS)  ## write the docs as a site to site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

dbt-docs: $(TOOLS)  ## write dbt's own pages about the models, from a built sample, to build/dbt-docs
	$(BIN)/python -m pipeline --home build/dbt-docs run data/sample
	$(BIN)/python -m pipeline --home build/dbt-docs dbt-docs

dist: $(TOOLS)  ## make the source archive and the wheel in dist
	rm -rf build dist
	$(BIN)/python -m build --no-isolation

release-notes:  ## write what the changelog says of VERSION, which must be that of pyproject.toml, to notes.md
	@grep -qx 'version = "$(VERSION)"' pyproject.toml
	@awk -v head="## $(VERSION) " 'index($$0, head) == 1 {on = 1; next} /^## / {on = 0} on' CHANGELOG.md > notes.md
	@grep -q . notes.md

image:  ## make the container image IMAGE:VERSION from the wheel in dist
	$(DOCKER) build --file Containerfile --tag $(IMAGE):$(VERSION) .

push-image:  ## push IMAGE:VERSION and print its digest
	@$(DOCKER) push --quiet $(IMAGE):$(VERSION) >&2
	@$(DOCKER) inspect --format 'digest={{index .RepoDigests 0}}' $(IMAGE):$(VERSION) | sed 's/digest=.*@/digest=/'

ssh-key:  ## let ssh use DEPLOY_KEY for the hosts of DEPLOY_KNOWN_HOSTS
	@umask 077; mkdir -p $(HOME)/.ssh; printenv DEPLOY_KEY > $(HOME)/.ssh/id_ed25519; printenv DEPLOY_KNOWN_HOSTS >> $(HOME)/.ssh/known_hosts

deploy:  ## start IMAGE:VERSION by compose.yml where DOCKER_HOST says, and wait until it is healthy
	IMAGE=$(IMAGE) VERSION=$(VERSION) $(DOCKER) compose --file compose.yml up --detach --wait

lock: $(TOOLS)  ## pin the dependencies of pyproject.toml again (needs uv)
	uv pip compile --universal --python-version 3.11 --extra install --generate-hashes --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --extra test --constraint requirements.lock --generate-hashes --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements-test.lock
	uv pip compile --universal --python-version 3.11 --group feast --generate-hashes --no-emit-index-url --no-emit-find-links -o requirements-feast.lock
	uv pip compile --universal --python-version 3.11 --group airflow --generate-hashes --no-emit-index-url --no-emit-find-links -o requirements-airflow.lock

sbom: $(TOOLS)  ## write what the workbench is made of to sbom.cdx.json (CycloneDX)
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.cdx.json

audit: $(TOOLS)  ## look each pinned package up among known weaknesses (needs the network)
	$(BIN)/pip-audit --requirement requirements.lock --disable-pip --require-hashes
	$(BIN)/pip-audit --requirement requirements-feast.lock --disable-pip --require-hashes
	$(BIN)/pip-audit --requirement requirements-airflow.lock --disable-pip --require-hashes

clean:  ## remove what a run wrote to the default home
	rm -rf data/warehouse
