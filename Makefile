# One stamp for those who run whydrop, one for those who work on it; both are redone when pyproject.toml changes.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
# ^ the first Python on the PATH that is new enough
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo tui docs pictures test test-fast check format format-check lint types imports clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.run: pyproject.toml
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "whydrop needs Python 3.11 or newer: install one, or set PYTHON, for example make PYTHON=/opt/python3.12/bin/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear $(VENV)
	@echo "installing whydrop into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . 2>$(VENV)/install.log && touch $@ || \
	  { $(BIN)/whydrop --version >/dev/null 2>&1 && \
	    echo "note: could not look for newer dependencies (offline?): going on with those that are installed" >&2; } || \
	  { cat $(VENV)/install.log >&2; exit 1; }

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/.run ## install, then find and explain a drop in sample exports
	@$(BIN)/whydrop demo

tui: $(VENV)/.run ## the same in the terminal screens
	@$(BIN)/whydrop demo --tui

pictures: $(VENV)/.dev ## draw the screens for the documentation
	$(BIN)/python docs/draw_pictures.py

docs: $(VENV)/.dev ## write the generated parts of the documentation
	$(BIN)/python docs/generate.py

test: $(VENV)/.dev ## all tests
	$(BIN)/python -m pytest

test-fast: $(VENV)/.dev ## all tests but the slow ones
	$(BIN)/python -m pytest -m 'not slow'

check: format-check lint types imports test ## format, lint, types, import rules, tests

format: $(VENV)/.dev ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

format-check: $(VENV)/.dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

clean: ## remove what make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist
