"""How what is missing is given out: parts that take a worker a wanted time, at the pace of the parts before."""

from dataclasses import dataclass, replace

from fqi_theory.fates.census.parts import Decided
from fqi_theory.fates.census.plan import Plan
from fqi_theory.fates.census.spans import Span

#: A part has at most so many times the blocks of the largest before it: the first ones may have been easy.
GROWTH = 8
#: Numbers of a part at most: their rows are in the memory of a worker.
LARGEST = 2**18


@dataclass(frozen=True)
class Pace:
    """Seconds that a block takes; blocks of the largest part.

    Slower parts are believed at once, quicker ones by a quarter: blocks without the least model of any class take
    nothing, and many of them lie beside each other.
    """

    seconds: float = 0.0
    largest: int = 0

    def after(self, blocks: int, seconds: float) -> "Pace":
        """Return the pace after one more part."""
        each = seconds / blocks
        return Pace(max(each, (3 * self.seconds + each) / 4), max(self.largest, blocks))

    def within(self, seconds: float) -> int:
        """Return how many blocks are decided in so many seconds, at least 1; 1 while nothing is known."""
        most = GROWTH * self.largest
        return max(1, most if seconds >= most * self.seconds else int(seconds / self.seconds))


@dataclass(frozen=True)
class Work:
    """What is not given out yet, increasing; a part is to take `seconds`, and there are so many workers."""

    plan: Plan
    missing: tuple[Span, ...]
    seconds: float
    workers: int = 1
    pace: Pace = Pace()

    def cut(self) -> tuple[Span, "Work"]:
        """Return the next part, and the work without it.

        Parts become smaller once what is left is less than two for each worker, so that all end at about one time.
        """
        block, (gap, *others) = self.plan.block, self.missing
        share = -(-sum(map(len, self.missing)) // (2 * self.workers * block))
        blocks = min(self.pace.within(self.seconds), share, max(1, LARGEST // block))
        span = Span(gap.first, min(gap.first + blocks * block, gap.end))
        rest = [Span(span.end, gap.end)] if span.end < gap.end else []
        return span, replace(self, missing=(*rest, *others))

    def told(self, done: Decided) -> "Work":
        """Return the work with the pace after a part."""
        blocks = -(-len(done.span) // self.plan.block)
        return replace(self, pace=self.pace.after(blocks, done.seconds))
