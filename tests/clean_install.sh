#!/usr/bin/env bash
# Build sdist and wheel, install the wheel into an empty environment, and run the self-test of the installation there.
# EXAMPLES=N decides each claim on N random instances instead of its own number.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/tools"
"$work/tools/bin/python" -m pip install --quiet --disable-pip-version-check build
"$work/tools/bin/python" -m build --outdir "$work/dist" . > "$work/build.log" || { cat "$work/build.log"; exit 1; }
"$python" -m venv "$work/clean"
"$work/clean/bin/python" -m pip install --quiet --disable-pip-version-check "$work"/dist/*.whl
cd "$work"
clean/bin/python - << 'END'
import importlib, importlib.util, pkgutil

import fqi_theory, proofs_check

assert importlib.util.find_spec("matplotlib") is None, "an optional extra is installed"
for package in (fqi_theory, proofs_check):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith(("__main__", "plots.picture", "environments.parallel_env")):
            importlib.import_module(module.name)
[getattr(fqi_theory, name) for name in fqi_theory.__all__]
END
clean/bin/python -m proofs_check ${EXAMPLES:+--examples "$EXAMPLES"}
clean/bin/fqi-theory decide two-state --quiet --certificate fate.json
clean/bin/proofs-check check fate.json
