from .decide import decide as decide
from .fate import Fate as Fate
