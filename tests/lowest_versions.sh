#!/usr/bin/env bash
# Install the lowest versions that pyproject.toml declares into an empty environment, and run the tests there.
#   tests/lowest_versions.sh                                          the whole suite, about six minutes
#   tests/lowest_versions.sh tests/engine/base                         only this
#   EXTRAS=torch tests/lowest_versions.sh tests/engine/testing        with one more extra
# Wants the lowest Python, as $PYTHON. What old versions say of deprecations in newer neighbours is no failure.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3.11}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/tools"
"$work/tools/bin/python" -m pip install --quiet --disable-pip-version-check uv
"$python" -m venv "$work/lowest"
VIRTUAL_ENV="$work/lowest" "$work/tools/bin/uv" pip install --quiet --resolution lowest-direct \
  --editable ".[test${EXTRAS:+,$EXTRAS}]"
"$work/lowest/bin/python" -m pytest -p no:cacheprovider -n "${JOBS:-2}" \
  -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning "$@"
