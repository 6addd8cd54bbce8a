#!/usr/bin/env bash
# Build sdist and wheel, install the wheel into an empty environment, and run the self-test of the installation there.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check build
"$work/venv/bin/python" -m build --outdir "$work/dist" . > "$work/build.log" || { cat "$work/build.log"; exit 1; }
"$python" -m venv "$work/clean"
"$work/clean/bin/python" -m pip install --quiet --disable-pip-version-check "$work"/dist/*.whl
cd "$work"
clean/bin/python -m proofs_check --examples "${EXAMPLES:-20}"
clean/bin/fqi-theory decide two-state --quiet --certificate fate.json
clean/bin/proofs-check check fate.json
