"""NumPy's .npy and .npz files, read as plain arrays."""

import zipfile
from typing import Any

import numpy as np

from fqi_theory.base.errors import FormatError, FqiTheoryError
from fqi_theory.base.limits import require_memory
from fqi_theory.base.scalars import Array


def load_array(file: str) -> Array:
    """Return the array of a .npy file; raises FormatError."""
    found = _load(file, "a .npy array")
    if not isinstance(found, np.ndarray):
        raise FormatError(f"{file}: document: expected a .npy array, found several arrays (.npz)")
    return found


def load_arrays(file: str) -> dict[str, Array]:
    """Return the arrays of an .npz file by name; raises FormatError, and TooLarge before it unpacks them."""
    found = _load(file, "an .npz file of plain arrays")
    if not isinstance(found, dict):
        raise FormatError(f"{file}: document: expected an .npz file of arrays by name, found one array (.npy)")
    return found


def _load(file: str, expected: str) -> Any:
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as packed:
                require_memory(f"{file}: arrays, unpacked,", (sum(part.file_size for part in packed.infolist()),), 1)
        with open(file, "rb") as stream:
            found = np.load(stream, allow_pickle=False)
            return found if isinstance(found, np.ndarray) else {name: found[name] for name in found.files}
    except FqiTheoryError:
        raise
    except Exception as error:  # what is broken raises whatever zipfile, zlib, tokenize and NumPy happen to
        raise FormatError(f"{file}: document: expected {expected}, found {error or type(error).__name__}") from None
