"""`python -m proofs_check`: the self-test of an installation, all claims verified."""

from proofs_check.cli import verify

if __name__ == "__main__":
    verify()
