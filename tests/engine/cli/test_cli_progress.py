"""Progress: after a while, on terminals only, with the count where it is known, and nothing left behind."""

import os
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty")

WORK = """
import time
from fqi_theory.cli import progress
progress.DELAY = 0.05
with progress.progress("deciding", quiet=QUIET) as count:
    count(1024, 2048)
    time.sleep(0.5)
"""


def on_a_terminal(code):
    """Return what a process writes to standard error when that is a terminal."""
    master, slave = pty.openpty()
    subprocess.run([sys.executable, "-c", code], stderr=slave, check=True, env={**os.environ, "TERM": "xterm"})
    os.close(slave)
    written = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            part = b""
        if not part:
            os.close(master)
            return written.decode()
        written += part


def test_the_count_is_shown_and_wiped():
    written = on_a_terminal(WORK.replace("QUIET", "False"))
    assert "deciding 1,024/2,048" in written
    assert written.rstrip().endswith(("\x1b[2K", "\x1b[?25h"))


def test_quiet_shows_nothing():
    assert on_a_terminal(WORK.replace("QUIET", "True")) == ""


def test_a_file_gets_nothing():
    done = subprocess.run([sys.executable, "-c", WORK.replace("QUIET", "False")], capture_output=True, check=True)
    assert done.stderr == b""
