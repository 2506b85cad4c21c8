# Two commands for people: `make run` and `make test`. `make check` is what a change must pass.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
export PATH := $(abspath $(BIN)):$(PATH)
# node brings its own certificates; a machine behind its own authority keeps them here.
export NODE_EXTRA_CA_CERTS := $(or $(NODE_EXTRA_CA_CERTS),$(wildcard /etc/ssl/certs/ca-certificates.crt))
BROWSER_SOURCES := $(shell find extensions/labextension hub/frontend tsconfig.base.json -type f \
  -not -path '*/node_modules/*' -not -path '*/lib/*' -not -name '*.md')

.PHONY: run test check format unit docs lock frontend clean bench-spawn bench-edit bench-desk bench-grading bench-replay

run: $(VENV)/.installed frontend
	@$(BIN)/assay run

test: $(VENV)/.installed frontend
	@$(BIN)/python tests/prepare.py -- $(BIN)/pytest --durations=40 $(ARGS)

unit: $(VENV)/.installed
	@$(BIN)/pytest tests/unit $(ARGS)

check: $(VENV)/.installed node_modules/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/npm run --silent check

format: $(VENV)/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What is written from the code: the table of settings, who may do what, the description of the API, a manifest's schema.
docs: $(VENV)/.installed
	@$(BIN)/python -m assay_config.documentation
	@$(BIN)/python -m assay_hub.cli.documentation
	@$(BIN)/python -m assay_hub.web.api.documentation
	@$(BIN)/python -m assay_assignments.manifest

# API start to ready, beside stock DockerSpawner with a stock image; writes .bench/spawn.json.
bench-spawn: $(VENV)/.installed frontend
	@$(BIN)/python tests/prepare.py -- $(BIN)/python benchmarks/spawn.py $(ARGS)

# Key press to character in the other browser, beside stock jupyter-collaboration; writes .bench/edit.json.
bench-edit: $(VENV)/.installed frontend
	@$(BIN)/python tests/prepare.py -- $(BIN)/python benchmarks/edit.py $(ARGS)

# The desk's pages with 100,000 interviews, on SQLite and on PostgreSQL; writes .bench/desk.json.
bench-desk: $(VENV)/.installed frontend
	@$(BIN)/python tests/prepare.py -- $(BIN)/python benchmarks/desk.py $(ARGS)

# A course of 28, 280 and 2,800 submissions beside stock nbgrader, and 27 attacks; writes .bench/grading.json.
bench-grading: $(VENV)/.installed
	@$(BIN)/python tests/prepare.py -- $(BIN)/python benchmarks/grading.py $(ARGS)

# Opening recordings of 1,000 to 200,000 edits, beside replaying them from the start; writes .bench/replay.json.
bench-replay: $(VENV)/.installed
	@$(BIN)/python benchmarks/replay.py $(ARGS)

# The lock names no address of a registry, so that any mirror serves. It leaves out two packages: they belong to an
# optional check of JSON Schema formats that nothing here uses, and importing them takes over a second at every start.
lock: $(VENV)/.uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --no-emit-package rfc3987-syntax --no-emit-package lark pyproject.toml -o requirements.lock
	$(BIN)/npm install --package-lock-only --loglevel=error
	$(BIN)/node -e 'const fs = require("fs"), f = "package-lock.json", lock = JSON.parse(fs.readFileSync(f)); for (const p of Object.values(lock.packages)) delete p.funding; fs.writeFileSync(f, JSON.stringify(lock, null, 2) + "\n")'

# What browsers load: the assets of the service's pages and the labextension of a workspace.
frontend: node_modules/.built

node_modules/.installed: package.json package-lock.json .npmrc extensions/labextension/package.json hub/frontend/package.json | $(VENV)/.installed
	@echo "Installing npm packages (about half a minute the first time) …"
	@$(BIN)/npm ci --loglevel=error || { echo "Installing failed. Is the npm registry reachable? Then try again: make frontend"; exit 1; }
	@touch $@

node_modules/.built: node_modules/.installed $(BROWSER_SOURCES)
	@echo "Building the browser assets and the labextension …"
	@$(BIN)/npm run --silent build >node_modules/.build.log 2>&1 || \
	  { cat node_modules/.build.log; echo "Building failed: see above. After a change of versions: make clean, then make frontend"; exit 1; }
	@touch $@

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
	@$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python --require-hashes --no-deps -r requirements.lock || \
	  { echo "Installing failed. Is the Python package index reachable?"; exit 1; }
	@$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python --no-deps --editable .
	@touch $@

clean:
	rm -rf $(VENV) node_modules extensions/labextension/node_modules hub/frontend/node_modules extensions/labextension/lib \
	  extensions/assay_extension/labextension hub/assay_hub/web/static/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
