"""What tests of commands share."""

import pytest

from fqi_theory.cli.app import main


@pytest.fixture
def refused(capsys):
    """Return a function that runs a command and returns its one line of standard error."""

    def run(*arguments: str, status: int = 2) -> str:
        assert main(list(arguments)) == status
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("fqi-theory: ")
        assert captured.err.count("\n") == 1
        return captured.err

    return run
