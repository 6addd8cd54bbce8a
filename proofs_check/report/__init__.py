"""The report: one HTML page without scripts, every claim with its formula, how it is known and its evidence.

`document` puts it together from `template.html`; `formulas` sets LaTeX as MathML, `evidence` shows findings, `plots`
draws with `svg`, `certificates` offers certified instances for download.
"""

from proofs_check.report.document import GROUPS as GROUPS
from proofs_check.report.document import page as page
