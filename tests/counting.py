"""Counts instead of clocks: what a call does, in lines of Python."""

import sys
from contextlib import contextmanager


class Done:
    """What was done while it was counted."""

    lines = 0


@contextmanager
def counted():
    """Count the lines of Python that are executed, in whatever is called."""
    done, before = Done(), sys.gettrace()

    def line(_, event, __):
        done.lines += event == "line"
        return line

    sys.settrace(lambda *_: line)
    try:
        yield done
    finally:
        sys.settrace(before)
