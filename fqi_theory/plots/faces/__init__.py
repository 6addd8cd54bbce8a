"""How results look in notebooks: HTML tables with a heading, exact numbers shortened where they are long.

results.py has one function for each kind of result; pages.py writes headings and tables. A result's `_repr_html_` asks
for its face by name (`base/drawing`), as for its picture.
"""

from fqi_theory.plots.faces.results import fate as fate
from fqi_theory.plots.faces.results import horizon as horizon
from fqi_theory.plots.faces.results import model as model
from fqi_theory.plots.faces.results import portrait as portrait
from fqi_theory.plots.faces.results import solution as solution
from fqi_theory.plots.faces.results import trajectory as trajectory
