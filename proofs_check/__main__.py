"""`python -m proofs_check`: the self-test of an installation, all claims verified; with a command the command line.

Options alone, such as `--examples 5`, are those of `verify`.
"""

import sys

from proofs_check.cli import main

if __name__ == "__main__":
    given = sys.argv[1:]
    bare = not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version"))
    main(["verify", *given] if bare else given)
