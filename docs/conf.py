"""Sphinx settings: MyST pages, formulas as MathML, theory and reference generated from the program itself."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "fqi-theory"
author = "the authors of fqi-theory"
version = release = installed("fqi-theory")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_click", "sphinx_copybutton", "mathml", "notebooks", "generated"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
# The extension `notebooks` executes; myst-nb shows what came out.
nb_custom_formats = {".notebook": "myst_nb.core.read.standard_nb_read"}
nb_execution_mode = "off"
# Examples are copied without their prompts and outputs.
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
exclude_patterns = ["_build", "_ext", "pictures"]

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True

html_theme = "furo"
html_title = "fqi-theory"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["../fqi_theory/schemas", "../proofs_check/schema"]
html_copy_source = False
html_show_sphinx = False
