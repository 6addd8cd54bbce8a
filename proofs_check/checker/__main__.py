"""The command line, for the package and for this folder run alone (`python -I -S proofs_check/checker FILE...`)."""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    if not __package__:
        # This folder is first on the path: put its parent there, so that it is a package with relative imports.
        sys.path[0] = str(Path(__file__).resolve().parents[1])
    sys.exit(import_module(__package__ or Path(__file__).resolve().parent.name).main(sys.argv[1:]))
