# Two commands do everything on a machine that has Python >= 3.11 and make: `make verify` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Two processes share the cores in tests; threads of linear algebra beside them only wait for each other. Bytecode is kept
# even where the environment says otherwise: tests start a hundred processes, and each would compile the package anew.
SINGLE := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=

.PHONY: verify test check slowest lint types prove checker checker-ocaml bench docs clean

verify: $(STAMP)
	$(BIN)/proofs-check verify

test: $(STAMP) lint types
	$(SINGLE) $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(STAMP) lint
	$(SINGLE) HYPOTHESIS_PROFILE=quick $(BIN)/pytest -n 2 --dist worksteal -m 'not slow'

# Tests without the mark `slow` that take more than two seconds: there should be none on a machine with a free core.
slowest: $(STAMP)
	$(SINGLE) HYPOTHESIS_PROFILE=quick $(BIN)/pytest -m 'not slow' --durations=0 --durations-min=2

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

# The checker that Coq extracts, a native program; needs what `make prove` needs, and OCaml with Zarith.
checker-ocaml:
	$(PYTHON) -m proofs_check.coq.ocaml.build build/checker-ocaml

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
