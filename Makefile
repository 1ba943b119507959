# Everything starts here: `make` alone prints the targets. Needs make and python3 (3.11 or newer) with venv.
# uv is used where it is found, pip otherwise; both install exactly what requirements.lock lists.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
VECTORS := .venv-vectors
UV := $(firstword $(shell command -v uv 2>/dev/null) $(wildcard $(BIN)/uv))

ifdef UV
INSTALL = $(UV) pip install --python $(BIN)/python
else
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check
endif

.DEFAULT_GOAL := help
.PHONY: help demo test bench lint lock vectors replay

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMP) ## run Black Thursday 2020 (seed 7) into runs/demo, draw its figures, write its report
	$(BIN)/aftershock run black_thursday_2020 --seed 7 --out runs/demo --force
	$(BIN)/aftershock figures runs/demo
	$(BIN)/aftershock report runs/demo

test: $(STAMP) ## run the tests, all but those marked slow
	$(BIN)/python -m pytest -n 2 -q -m "not slow"

bench: $(STAMP) ## measure speed; QUICK=1 for the two-minute version
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

lint: $(STAMP) ## check style, format and types
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy

# The real contracts, executed: needs node (npm) besides python3. Everything it fetches is pinned by hash.
vectors: $(VECTORS)/.stamp ## make the vectors of tests/onchain anew; FULL=1 for all, into runs/vectors
	$(VECTORS)/bin/python -m tests.onchain.generate $(if $(FULL),--full --out runs/vectors) $(PROTOCOLS)

replay: $(STAMP) ## compare our venues with vectors of the chain: FILE=...; DOCS=1 writes docs/exactness.md
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m tests.onchain.replay $(if $(DOCS),--write-docs) $(if $(WHOLE),--write-whole) $(or $(FILE),$(wildcard tests/onchain/vectors/*.gz))

$(VECTORS)/.stamp: tests/onchain/generate/requirements.lock
	@test -d $(VECTORS) || $(PYTHON) -m venv $(VECTORS)
	$(VECTORS)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@

# Pins that still fit are kept: delete requirements.lock first to move to new releases.
lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	$(if $(UV),,$(error make lock needs uv: $(PYTHON) -m pip install uv))
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	    --quiet --output-file requirements.lock

# A folder .venv made by other means is kept and brought to the lock; nothing ever deletes it.
$(STAMP): requirements.lock pyproject.toml
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c "" || { echo "$(BIN)/python does not run. Remove $(VENV) and try again." >&2; exit 2; }
	@$(BIN)/python -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Aftershock needs \
	Python 3.11 or newer. Remove $(VENV) and say which, as in: make PYTHON=python3.12 test" >&2; exit 2; }
	$(if $(UV),,@$(BIN)/python -c "import pip" 2>/dev/null || $(BIN)/python -m ensurepip)
	$(INSTALL) --quiet --require-hashes -r requirements.lock
	$(INSTALL) --quiet --no-deps --no-build-isolation -e .
	@touch $@
