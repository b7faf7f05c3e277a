# Every target works on a fresh checkout: it first installs what is missing (scripts/setup).
# `make run ARGS="--task lpn"` and `make test ARGS="-k budget"` pass arguments on.

.DEFAULT_GOAL := help
.PHONY: help setup run test test-slow test-pythons check fmt docs
MAKEFLAGS += --no-print-directory

# Set-up puts a `bwrap` into .venv/bin where the system has none.
export PATH := $(PATH):$(CURDIR)/.venv/bin

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup:  ## Install what is missing; the other targets do it themselves
	@scripts/setup

run: setup  ## Improve an improver with the embedded model and show the result
	@.venv/bin/selftaught run $(ARGS)

test: check  ## Run the checks, then the fast tests
	@scripts/setup tests
	@.venv/bin/pytest --numprocesses auto --maxprocesses 8 $(ARGS)

test-slow:  ## Run the slow tests
	@scripts/setup tests
	@.venv/bin/pytest --numprocesses auto --maxprocesses 8 -m slow $(ARGS)

test-pythons:  ## Run the fast tests on every supported Python that is installed
	@scripts/setup tests
	@scripts/test-pythons $(ARGS)

# The cache of lint-imports overlooks modules that appear beside files that did not change.
check: setup  ## Check format, lint, types and the order of imports
	@.venv/bin/ruff format --check --quiet || { echo "to mend the format: make fmt" >&2; exit 1; }
	@.venv/bin/ruff check --quiet
	@.venv/bin/pyright --warnings
	@.venv/bin/lint-imports --no-cache --no-logo

fmt: setup  ## Format the code and mend what the linter can mend
	@.venv/bin/ruff check --fix --quiet || true
	@.venv/bin/ruff format

docs: setup  ## Build the documentation into site/
	@scripts/docs
