"""What a census found: exact counts of models, and the smallest model of each fate."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fqi_theory.base.errors import FormatError
from fqi_theory.fates.census.plan import Plan, read_plan
from fqi_theory.fates.census.queries import answer, database
from fqi_theory.fates.census.spans import spans_there

#: A fate in a word, and the period of a cycle.
Found = tuple[str, int | None]
#: How large a model is: cells with other rewards than most, transitions that leave their state, number.
Size = tuple[int, int, int]
FATES = """select fate, period, sum(size), count(*), min([others::bigint, leaving::bigint, number])
    from rows group by fate, period order by fate, period"""
PROOFS = "select coalesce(proof, 'none') as kind, sum(size)::bigint from rows group by kind order by kind"


@dataclass(frozen=True)
class Report:
    """Counts of a census.

    covered: how many numbers of models are in parts. models: settled by them, every model of every class. counts:
    models by fate and period; classes: classes likewise; proofs: models by kind of proof. smallest: the size of the
    smallest model of each fate, by exhaustion once the census is complete.
    """

    plan: Plan
    covered: int
    counts: Counter[Found]
    classes: Counter[Found]
    proofs: Counter[str]
    smallest: dict[Found, Size]

    @property
    def models(self) -> int:
        """Return the number of models settled."""
        return self.counts.total()

    @property
    def complete(self) -> bool:
        """Tell whether every model of the shape is settled."""
        return self.covered == self.plan.shape.count

    def to_json(self) -> dict[str, Any]:
        """Return the census-report/1 document."""
        fates = [
            {
                "fate": fate,
                "period": period,
                "models": self.counts[fate, period],
                "classes": self.classes[fate, period],
                "smallest": self.smallest[fate, period][-1],
            }
            for fate, period in sorted(self.counts, key=lambda found: (found[0], found[1] or 0))
        ]
        head = {"format": "census-report/1", "census": self.plan.to_json(), "complete": self.complete}
        return {**head, "models": self.models, "of": self.plan.shape.count, "fates": fates, "proofs": dict(self.proofs)}


def report(folder: Path) -> Report:
    """Return the report of a folder, complete or not.

    A model is counted with its class, in the part that has the class's least number. Raises FormatError where a file
    is not of this census, or a complete census does not settle every model exactly once; ExtraMissing without DuckDB.
    """
    plan = read_plan(folder)
    covered = sum(map(len, spans_there(plan, folder)))
    with database(plan, folder) as connection:
        fates = answer(connection, FATES)[1].fetchall()
        proofs = Counter(dict(answer(connection, PROOFS)[1].fetchall()))
    counts, classes = (Counter({(row[0], row[1]): int(row[k]) for row in fates}) for k in (2, 3))
    smallest = {(fate, period): (others, leaving, number) for fate, period, *_, (others, leaving, number) in fates}
    result = Report(plan, covered, counts, classes, proofs, smallest)
    if result.complete and result.models != plan.shape.count:
        raise FormatError(f"{folder}: parts: expected {plan.shape.count} models in all, found {result.models}")
    return result
