# Everything runs from a virtual environment that these targets make themselves:
# a bare machine needs Python >= 3.11, make and network, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench fmt lock setup clean

run: setup ## The main job on embedded defaults: board simulator, engine, connector, on SQLite under ./data
	$(BIN)/seikyu sandbox run

test: setup ## All tests; those that need PostgreSQL, Chromium or Node say why when they are skipped
	$(BIN)/python -m pytest

check: setup ## What CI runs: linters, types, every test, nothing skipped
	bash .ci/run

bench: setup ## Ratios beside their own floors, taken in one run
	$(BIN)/python -m bench

fmt: setup ## Format and fix what can be fixed by itself
	$(BIN)/ruff check --fix seikyu tests bench examples
	$(BIN)/ruff format seikyu tests bench examples

lock: setup ## Write requirements.lock anew (hashed, for every platform, no index address)
	$(BIN)/python -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -q uv
	$(VENV)/lock/bin/uv pip compile -q --universal --upgrade --generate-hashes --no-emit-index-url --no-annotate \
	  --python-version 3.11 --extra dev --custom-compile-command "make lock" pyproject.toml -o requirements.lock

setup: $(VENV)/ready

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Seikyu needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "This Python has no venv module; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

clean: ## Remove what the other targets made (not ./data)
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache tests/node/node_modules
