"""`python -m fqi_theory`: the command line of the engine."""

import sys

from fqi_theory.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
