"""Print one table of ratios, and draw the scaling picture: python -m benchmarks [GROUP ...] [--picture FILE].

A ratio r against a peer says that the peer takes r times as long, in the same process (where the line says "costs",
that ours takes r times as long); nothing absolute is claimed. Peers that are not installed (the optional extra `bench`)
are shown as "not installed".
"""

import argparse

from rich.console import Console
from rich.table import Table

from benchmarks import groups
from benchmarks.comparison import Row


def main() -> int:
    """Measure, print, draw; return 1 where a bound that is asked for does not hold."""
    known = groups.all_groups()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"some of: {', '.join(known)} (default: all)")
    parser.add_argument("--picture", metavar="FILE", help="also write the scaling picture (needs matplotlib)")
    chosen = parser.parse_args()
    unknown = set(chosen.groups).difference(known)
    if unknown:
        parser.error(f"unknown groups: {', '.join(sorted(unknown))}")
    console = Console(stderr=True)
    rows: list[Row] = []
    for group in chosen.groups or known:
        for measurement in known[group]:
            row = measurement.measure()
            rows.append(row)
            console.print(f"{row.what}; {row.size}; {row.peer}: {_number(row)} {row.verdict()}", highlight=False)
    Console(width=140).print(_table(rows))
    if chosen.picture:
        from benchmarks.scaling import draw

        draw(chosen.picture)
    return int(any(row.verdict() == "NO" for row in rows))


def _table(rows: list[Row]) -> Table:
    table = Table(title="Medians of ratios measured in one process")
    for heading in ("what", "model", "against", "ratio", "asked", "holds"):
        table.add_column(heading, justify="right" if heading == "ratio" else "left")
    for row in rows:
        asked = f">= {row.least:g}" if row.least is not None else f"<= {row.most:g}" if row.most is not None else ""
        table.add_row(row.what, row.size, row.peer, _number(row), asked, row.verdict())
    return table


def _number(row: Row) -> str:
    return "not installed" if row.ratio is None else f"{row.ratio:.3g}"


if __name__ == "__main__":
    raise SystemExit(main())
