# `make` lists the verbs. Each needs Debian with Python 3.11 and fetches the rest itself.

PYTHON := .venv-test/bin/python
CONTRACTS := from importlinter.cli import lint_imports_command; lint_imports_command()

.DEFAULT_GOAL := help
.PHONY: help setup check test test-all cluster conformance docs run

help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## build the Python environment of the tests, and .venv for the node
	@bin/test.sh --prepare
	@bin/micro-integrator.sh --version

check: setup ## format, lint, types, import contracts; under a minute
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	$(PYTHON) -m mypy
	$(PYTHON) -c "$(CONTRACTS)"

test: setup ## unit tests: no sockets, no sleeping; under 20 s
	$(PYTHON) -m pytest -n 2 tests/unit tests/conformance --ignore tests/conformance/test_http_set.py

test-all: ## everything, as continuous integration runs it
	bin/test.sh

cluster: setup ## tests with several real processes on one database
	$(PYTHON) -m pytest tests/cluster

CORPUS ?= $(or $(MI_CONFORMANCE_DIR),../shared/conformance)/synapse
REPORT ?= conformance.jsonl

conformance: setup ## try the cases of a corpus: CORPUS=FOLDER REPORT=FILE
	PYTHONPATH=tests $(PYTHON) -m conformance "$(CORPUS)" "$(REPORT)"

docs: setup ## write the pages that are generated from the code
	$(PYTHON) -m micro_integrator.config.page docs/configuration.md
	$(PYTHON) -m micro_integrator.synapse.pages docs

run: ## run a node in the foreground
	bin/micro-integrator.sh run
