# Two commands for people: `make run` and `make test`. `make check` is what a change must pass.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: run test check format unit lock clean bench-spawn bench-edit

run: $(VENV)/.installed
	@$(BIN)/assay run

test: $(VENV)/.installed
	@$(BIN)/python tests/prepare.py
	@$(BIN)/pytest $(ARGS)

unit: $(VENV)/.installed
	@$(BIN)/pytest tests/unit $(ARGS)

check: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The lock names no address of a registry, so that any mirror serves.
lock: $(VENV)/.uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate pyproject.toml -o requirements.lock

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Assay needs Python 3.11 or newer as $(PYTHON). Set PYTHON=/path/to/python3.11 and try again."; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make virtual environments. On Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || \
	  { echo "Could not install uv. Is the Python package index reachable?"; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.uv requirements.lock pyproject.toml
	@echo "Installing Python packages …"
	@$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python --require-hashes -r requirements.lock || \
	  { echo "Installing failed. Is the Python package index reachable?"; exit 1; }
	@$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python --no-deps --editable .
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
