"""Formulas and plain words of a report in HTML: LaTeX becomes MathML, Q_tot in a sentence gets its subscript."""

import re
from functools import cache
from html import escape

from latex2mathml.converter import convert

WIDE = 18

#: What Chromium and Firefox do not draw as meant, and what the converter does not know.
_REPAIRS = (
    (' xmlns="http://www.w3.org/1998/Math/MathML"', ""),
    (r"<mi>\arg</mi>", '<mi>arg</mi><mspace width="0.17em"/>'),
    ('<mi mathvariant="double-struck">E</mi>', "<mi>\N{MATHEMATICAL DOUBLE-STRUCK CAPITAL E}</mi>"),
    ("<mi>:</mi>", "<mo>:</mo>"),
    ("<mi>;</mi>", "<mo>;</mo>"),
    ("<mi>&#x0007E;</mi>", "<mo>\N{TILDE OPERATOR}</mo>"),
    ("<mi>&#x027FA;</mi>", '<mo lspace=".3em" rspace=".3em">\N{LONG LEFT RIGHT DOUBLE ARROW}</mo>'),
)
_SCRIPT = re.compile(r"(?<=[A-Za-zα-ωΑ-Ω)])([_^])(\{[^}]*\}|\([^)]*\)|[A-Za-z0-9*]+(?:,[a-z]\b)?|[α-ω])")
_SIGNS = (("**", "^"), ("<=", "≤"), (">=", "≥"), ("->", "→"))


@cache
def mathml(latex: str, *, display: bool = True) -> str:
    """Return the MathML element of a LaTeX formula, without a name space, as HTML wants it."""
    found = convert(latex.replace("_{tot}", r"_{\mathrm{tot}}"), display="block" if display else "inline")
    for wrong, right in _REPAIRS:
        found = found.replace(wrong, right)
    return found


def formula(latex: str) -> str:
    """Return a displayed formula in a box that scrolls on its own where the page is too narrow."""
    element = mathml(latex)
    scrolls = ' tabindex="0" role="group" aria-label="formula"' if _width(element) > WIDE else ""
    return f'<div class="formula"{scrolls}>{element}</div>'


def prose(text: str) -> str:
    """Return a sentence with its subscripts, superscripts and relations set, such as E_{-i}[y] or a_i <= b."""
    for plain, sign in _SIGNS:
        text = text.replace(plain, sign)
    tags = {"_": "sub", "^": "sup"}
    return _SCRIPT.sub(lambda m: f"<{tags[m[1]]}>{m[2].strip('{}')}</{tags[m[1]]}>", escape(text, quote=False))


def _width(element: str) -> int:
    """Return about how many letters wide a formula is."""
    return len(re.sub(r"&#?\w+;", "x", re.sub(r"<[^>]*>", "", element)))
