"""`python -m proofs_check`: the self-test of an installation, all claims verified; with arguments the command line."""

import sys

from proofs_check.cli import main

if __name__ == "__main__":
    main(sys.argv[1:] or ["verify"])
