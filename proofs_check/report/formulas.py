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
_BODY = r"(?:\{[^}]*\}|\([^)]*\)|[A-Za-z0-9*]+(?:,[a-z]\b)?|[α-ω])"
_SCRIPT = re.compile(rf"([_^])({_BODY})")
#: Scripts hang on a single letter or a bracket: names such as best_fit keep their underscores.
_SCRIPTS = re.compile(rf"((?<![A-Za-z_.])[A-Za-zα-ωΑ-Ω]|\))((?:[_^]{_BODY})+)")
_SIGNS = (("**", "^"), ("<->", "↔"), ("<=", "≤"), (">=", "≥"), ("->", "→"))


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
    return _SCRIPTS.sub(lambda m: m[1] + _SCRIPT.sub(_script, m[2]), escape(text, quote=False))


def _script(match: re.Match[str]) -> str:
    tag = {"_": "sub", "^": "sup"}[match[1]]
    return f"<{tag}>{match[2].strip('{}')}</{tag}>"


def _width(element: str) -> int:
    """Return about how many letters wide a formula is."""
    return len(re.sub(r"&#?\w+;", "x", re.sub(r"<[^>]*>", "", element)))
