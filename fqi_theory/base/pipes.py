"""What programs print into files and pipes."""

import re
from typing import Any

from rich.console import Console


class Pipe(Console):
    """A console that leaves a broken pipe to the program, and no spaces at the ends of lines in files and pipes."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as rich does."""
        if self.is_terminal:
            super().print(*objects, **options)
            return
        with self.capture() as found:
            super().print(*objects, **options)
        try:
            self.file.write(re.sub(r" +$", "", found.get(), flags=re.MULTILINE))
        except BrokenPipeError:
            self.on_broken_pipe()

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError without a number, where rich, and click for one with its number, exit with status 1."""
        raise BrokenPipeError from None
