"""The command `from-transitions`: recorded transitions to a model file and a data file."""

from typing import Any

from fqi_theory.base import scalars
from fqi_theory.cli import commands, inputs
from fqi_theory.cli.format import console, labelled
from fqi_theory.data.counted import from_transitions as counted
from fqi_theory.model.formats.mmdp_json import write_mmdp


def from_transitions(
    *, file: str, out: str, data_out: str | None, discount: str, unvisited: Any, rounding: str | None
) -> None:
    """Count, write the mmdp/1 file and the data/1 file, say what was counted."""
    commands.require_json(out)
    if data_out is not None:
        commands.require_json(data_out)
    commands.require_writable(out, data_out)
    rate = inputs.discount(discount)
    with inputs.about(file):
        found = counted(file, discount=rate, unvisited=unvisited, rounding=rounding)
    write_mmdp(found.model, out)
    if data_out is not None:
        document = {"format": "data/1", "joint": scalars.nested_text(found.data.weights)}
        commands.write_document(data_out, document)
    shown = console()
    labelled(shown, "counted", repr(found))
    labelled(shown, "model", out)
    labelled(shown, "data", data_out or "not written")
