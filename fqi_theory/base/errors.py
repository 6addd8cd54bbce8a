"""The exceptions of the package: one root, so that callers can catch everything this project refuses."""

#: A message of more characters keeps this many of its beginning and end, where place and remedy stand.
BEGINNING, END = 780, 200


class FqiTheoryError(Exception):
    """Root of every error raised on purpose; the message names the argument, the place, expected and found.

    Messages quote what is foreign. So each is one line, without characters that a terminal would obey (they are shown
    as escapes), and of a long one the middle is left out, marked ``...``.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(readable(str(message)))


def readable(message: str) -> str:
    """Return a message as errors show it: one printable line, the middle of a long one left out."""
    line = message.rstrip()
    if not line.isprintable():
        line = "".join(c if c.isprintable() else " " if c.isspace() else ascii(c)[1:-1] for c in line)
    return line if len(line) <= BEGINNING + END else f"{line[:BEGINNING]} ... {line[-END:]}"


class NumberError(FqiTheoryError, ValueError):
    """A number is malformed, not exact where exactness is promised, or out of its range."""


class ModelError(FqiTheoryError, ValueError):
    """A model violates the definition of an MMDP (theory notes, section 1)."""


class DataError(FqiTheoryError, ValueError):
    """A data distribution does not fit its model, or is not a distribution."""


class FormatError(FqiTheoryError, ValueError):
    """A file cannot be read; the message starts with the file and the place inside it."""


class NotRealisable(FqiTheoryError):
    """A function class has no member that attains the asked-for table; the message gives the exact reason."""


class TooLarge(FqiTheoryError, MemoryError):
    """A tensor would not fit in memory; raised before anything is allocated."""


class ExtraMissing(FqiTheoryError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""


class FqiTheoryWarning(UserWarning):
    """Root of every warning about an answer that is given but rests on more than model, data and function class."""


class IncompleteDataWarning(FqiTheoryWarning):
    """Data leave factors undetermined; the message names states and actions, and the choice that was made."""


class NearTieWarning(FqiTheoryWarning):
    """In a float run rounding may have decided a greedy action; the message names iteration, state, actions and gap."""


class OverflowedWarning(FqiTheoryWarning):
    """A float run left the range of float64; the message says how many iterations were done."""


class ReadingWarning(FqiTheoryWarning):
    """An argument has two readings; the message says which was taken, and how to ask for either."""
