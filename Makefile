# Everything one does with a checkout. `make` alone lists it. Needs make and a Python >= 3.11; the rest is
# installed into .venv from the lock files, once, and only again when they change.

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
RUNTIME := @$(PYTHON) tools/bootstrap.py --quiet
DEV := @$(PYTHON) tools/bootstrap.py --quiet --dev
# Ctrl-C ends a run on purpose: the program tidies up and says goodbye, and make has no error to report.
UNTIL_INTERRUPTED = @trap : INT; $(1) || [ $$? -eq 130 ]

# The tests start the program a hundred times; without compiled modules each start takes a third longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo web web-check e2e test check bench soak format lock clean

help: ## list what can be done (this)
	@echo "Evens. What can be done here:"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "Another Python: make PYTHON=python3.12 demo. Some tests: make test ARGS='-n 0 tests/core -x'."

setup: ## make .venv with what Evens needs to run
	@$(PYTHON) tools/bootstrap.py

setup-dev: ## the same, with what tests and checks need
	@$(PYTHON) tools/bootstrap.py --dev

demo: ## start a house whose customers pay each other and bet, on 127.0.0.1:8000
	$(RUNTIME)
	@$(BIN)/python -m tools.build_web --if-possible
	$(call UNTIL_INTERRUPTED,$(BIN)/evens demo $(ARGS))

web: ## build the browser app, if its sources have changed
	$(RUNTIME)
	@$(BIN)/python -m tools.build_web

web-check: ## run the browser app's own checks and unit tests
	$(RUNTIME)
	@$(BIN)/python -m tools.build_web --check

e2e: ## try the built app in a browser; Debian's Chromium is installed if there is none
	$(DEV)
	@$(BIN)/python -m tools.chromium
	@$(BIN)/python -m tools.build_web
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m e2e tests/web $(ARGS)

test: ## run every test that does not take minutes, on all cores (ARGS goes to pytest; -n 0: in one process)
	$(DEV)
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal $(ARGS)

check: ## format, lint, types, import contracts, dependencies, SQL: everything but the tests
	$(DEV)
	@$(BIN)/python -m tools.check

bench: ## measure against references on this machine and print the ratios
	$(DEV)
	$(call UNTIL_INTERRUPTED,$(BIN)/python -m bench $(ARGS))

soak: ## run the long tests: minutes of load, kills and faults
	$(DEV)
	@$(BIN)/python -m pytest -m soak $(ARGS)

format: ## put the code into the house's form and mend what can be mended
	$(DEV)
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

lock: ## write the lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	$(DEV)
	@$(BIN)/python tools/lock.py $(ARGS)

clean: ## remove .venv, caches and the built app; never evens-data
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache .schemathesis build dist
	@rm -rf web/dist web/node_modules
	@find src tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
	@echo "Clean. Data in evens-data, if any, was left alone."
