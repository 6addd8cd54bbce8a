"""Check certificates of fates from the model alone, in exact arithmetic; the format is docs/certificates.md.

What is trusted: this folder, its specification, and Python's integers, fractions and JSON. Nothing is imported from the
engine and nothing in a certificate is believed: model, run, claim and evidence are read strictly, every other number
is derived here, and a proof is accepted when each inequality that the specification asks for holds exactly.

| file | read in this order |
|---|---|
| `budget` | limits, refusal, integer arithmetic that is paid for |
| `reading`, `files` | a JSON document, and its values by their shapes |
| `model` | the model and the data: y(s,a) as functions of V |
| `factorization`, `least_norm` | the function classes, and the fit of each; the choice where data leave it open |
| `run` | the data around a position, and one step |
| `claims` | what a claim says, and its Bellman equations and steps |
| `optimality`, `contraction` | proofs of limits from every start |
| `isotonic`, `monotone` | isotonic regression with its multipliers, and monotone fits (QMIX) |
| `nearby`, `following`, `weighted` | what stays best near a position; ties that stay; weights that depend on Q_tot |
| `monotonic` | the proof by orders, which rests on these |
| `coordinates`, `phases`, `returning`, `region` | proofs by a region: the set, m steps, the return, the whole |
| `rounding` | the same in rounded numbers, with bounds on what rounding moves |
| `box`, `differences` | proofs that V, or V - V(r), stays within bounds |
| `interval`, `expanding` | two states: proofs that V(s) - V(s') stays in an interval, and that it approaches no cycle |
| `cells`, `repelling` | the same for data that follow the greedy actions, and for maps that expand on an average |
| `grid`, `grid_forms` | the same for any number of states: cells of a grid of differences, with the greedy actions |
| `statement`, `verdict` | the sentence that was verified; `check`; the tables of factorizations and of proofs |

Numbers of the hot loops are tuples of integers: values V are (den, den·V(1), ..., den·V(S)), an affine function of V
is (constant, coefficients) over a scale kept beside it, a direction is (0, numbers) over a scale. So the product of
function and values is the function's value times both scales, with a direction its linear part.

The folder runs alone: `python -m proofs_check.checker FILE`, `python -I -S proofs_check/checker FILE`, or as the one
file that `python -m proofs_check.checker.build` writes.
"""

from .verdict import Report as Report
from .verdict import check as check
from .verdict import main as main
