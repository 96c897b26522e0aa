# Two commands are enough: `make demo` opens graphtop on its built-in demo, `make test` runs lint and the whole test suite.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
CHECK   = @$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
          { echo "graphtop: $(PYTHON) is missing or older than 3.11. Install a newer Python and name it: make PYTHON=python3.12 ..." >&2; exit 1; }

# An environment whose Python was removed, or is not of the version that was asked for, is set up again.
version = $(shell $(1) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
FOUND  := $(call version,$(BIN)/python)
WANTED := $(if $(filter file,$(origin PYTHON)),$(FOUND),$(call version,$(PYTHON)))
STALE  := $(if $(FOUND),$(filter-out $(FOUND),$(WANTED)),again)

ifneq ($(words $(VENV)),1)
$(error graphtop: VENV must name one folder, without blanks)
endif

# Without compiled modules every program that a test starts takes four times as long.
unexport PYTHONDONTWRITEBYTECODE
# These would lead past the environment, or stop an older pip.
unexport PYTHONPATH PYTHONHOME PYTHONSAFEPATH PYTHONWARNINGS

# Many tests wait for servers and terminals; it takes five workers to keep two cores busy.
WORKERS ?= 5
DIST     = loadgroup --no-loadscope-reorder
PYTEST   = $(BIN)/python -m pytest -n $(WORKERS) --dist $(DIST)

.DEFAULT_GOAL := help
.PHONY: help demo test quick tests test-cluster test-heavy test-fuzz coverage check lint compiled format snapshots screenshots man bench lock audit clean again

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 22

demo: $(VENV)/.run  ## set everything up and open the TUI on the built-in demo
	@$(BIN)/python -m tui demo

test: $(VENV)/.dev  ## set everything up, run lint and the whole test suite
	@$(MAKE) --no-print-directory -j2 lint compiled
	$(PYTEST)

# Little waits in these, and each worker collects all of them. No two of them have to share a worker: tests that
# are handed out many at once take less time to hand out.
quick: WORKERS = 2
quick: DIST = load
quick: $(VENV)/.dev  ## the unit and adapter tests, within a minute
	$(PYTEST) tests/unit tests/adapters $(ARGS)

tests: $(VENV)/.dev  ## the tests alone, or some: ARGS='tests/ui -k cancel'
	$(PYTEST) $(ARGS)

# One cluster at a time, and one worker for each: four Java processes are enough.
test-cluster: $(VENV)/.dev  ## the tests on a real cluster of PD, Store and two servers
	$(BIN)/python -m pytest -n 0 -m cluster tests/cluster $(ARGS)

# One server at a time: filling it takes all that two cores have.
test-heavy: $(VENV)/.dev  ## the tests on real servers full of results of 25 MB
	$(BIN)/python -m pytest -n 0 -m heavy tests/heavy $(ARGS)

# Two loops run beside them, so one worker for each core is enough.
test-fuzz: $(VENV)/.dev  ## five thousand keys at random, and a thousand changed answers
	$(BIN)/python -m pytest -n 2 -m long_fuzz tests/long_fuzz $(ARGS)

check: test coverage  ## make test, then make coverage

# Measuring doubles the processor time of a test, so it is a target of its own.
coverage: $(VENV)/.dev  ## how much of the code the tests without HugeGraph reach
	$(PYTEST) tests/unit tests/adapters tests/cli tests/sdk tests/ui \
	    --cov --cov-report=term:skip-covered --cov-fail-under=90

lint: $(VENV)/.dev  ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Beside the checks, so that not each of the workers compiles all test modules in a new clone.
compiled: $(VENV)/.dev
	@$(BIN)/python -m pytest --collect-only -qq > $(VENV)/collected.txt || { cat $(VENV)/collected.txt; exit 1; }

format: $(VENV)/.dev  ## let ruff mend and format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

snapshots: $(VENV)/.dev  ## draw the snapshots anew; look at each afterwards
	$(BIN)/python -m pytest tests/ui --snapshot-update $(ARGS)

screenshots: $(VENV)/.dev  ## draw the README's pictures from the demo
	$(BIN)/python screenshots/make.py

man: $(VENV)/.dev  ## write the man page from the commands
	$(BIN)/python .tools/man/make.py

bench: $(VENV)/.dev  ## measure, and print one table
	$(BIN)/python -m tests.bench

lock: $(VENV)/.dev  ## pin the newest versions, and say what changed
	$(BIN)/python .tools/update_locks.py $(ARGS)

# Not a test: what it finds depends on the day, and it asks a server.
audit: $(VENV)/.dev  ## ask for known faults of what the locks name (needs the network)
	$(BIN)/python -m pip_audit --disable-pip --require-hashes -r requirements.lock -r requirements-dev.lock

clean:  ## remove what the other targets made
	rm -rf $(VENV) .cache .coverage .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache snapshot_report.html

$(VENV)/.run $(VENV)/.dev: $(if $(STALE),again)

$(VENV)/.run: requirements.lock .tools/set_up.py
	$(CHECK)
	@$(PYTHON) .tools/set_up.py $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml .tools/set_up.py
	$(CHECK)
	@$(PYTHON) .tools/set_up.py $(VENV) requirements-dev.lock --editable
	@touch $@ $(VENV)/.run
