# Two commands do everything on a machine that has Python >= 3.11 and make: `make verify` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: verify test check lint types prove checker bench docs clean

verify: $(STAMP)
	$(BIN)/proofs-check verify

test: $(STAMP) lint types
	$(BIN)/pytest -n 2 --dist loadfile

check: $(STAMP) lint
	HYPOTHESIS_PROFILE=quick $(BIN)/pytest -n 2 -m 'not slow'

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: $(STAMP)
	$(BIN)/mypy

prove:
	$(PYTHON) proofs_check/coq/prove.py

# The certificate checker as one file: `python3 -I -S build/checker.pyz FILE...` needs nothing else.
checker:
	$(PYTHON) -m proofs_check.checker.build build/checker.pyz

bench: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m benchmarks

docs: $(STAMP)
	$(BIN)/sphinx-build -W -q docs build/docs

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python >= 3.11 is needed, this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $(STAMP)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
