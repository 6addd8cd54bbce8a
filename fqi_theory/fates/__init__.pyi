from .attractors import Portrait as Portrait
from .attractors import attractors as attractors
from .critical import Critical as Critical
from .critical import critical as critical
from .decide import decide as decide
from .fate import Fate as Fate
from .search import Effort as Effort
