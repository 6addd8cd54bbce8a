"""The exceptions of the package: one root, so that callers can catch everything this project refuses."""


class FqiTheoryError(Exception):
    """Root of every error raised on purpose; the message names the argument, the place, expected and found."""


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
