"""Pages that the program writes about itself: a line `%%name arguments%%` in a page is replaced when it is read.

%%claims all%%        the claims of the registry, each with its formula and the Coq theorems that support it
%%papers all%%        what the papers say, and the claims that decide it
%%api MODULE%%        autodoc directives for the public names of a module
"""

import inspect
import re
from html import unescape
from importlib import import_module
from typing import Any

from proofs_check.report.formulas import prose

LINE = re.compile(r"^%%(\w+) ([\w.-]+)%%$", re.MULTILINE)


def claims(_all: str) -> str:
    """Return every claim as MyST, a section for each theorem."""
    from proofs_check.registry import claims as registered
    from proofs_check.report import GROUPS

    prefixes = dict.fromkeys(claim.id.split(".")[0] for claim in registered())
    return "\n\n".join(f"## {GROUPS.get(prefix, prefix)}\n\n{_group(prefix)}" for prefix in prefixes)


def _group(prefix: str) -> str:
    from proofs_check.coq import status
    from proofs_check.registry import select

    formal = {theorem.id: theorem for theorem in status.theorems()}
    chosen = select([prefix])
    named = {linked.theorem for claim in chosen for linked in claim.theorems}
    rest = [t for t in formal.values() if t.claim.split(".")[0] == prefix and t.id not in named]
    seen: set[str] = set()
    parts = [
        _claim(claim, {formal[f.theorem]: f.part for f in claim.theorems if f.theorem in formal}, seen)
        for claim in chosen
    ]
    if rest:
        parts.append("### Further formal theorems\n\n" + "\n\n".join(map(_theorem, rest)))
    return "\n\n".join(parts)


def _without(claim: Any) -> str:
    """Return what a theorem is expected to be where its compiled result is missing or stale."""
    return f"; *{claim.otherwise}* where its compiled result is not current" if claim.method == "Coq" else ""


def _claim(claim: Any, theorems: dict[Any, str], seen: set[str]) -> str:
    """Return one claim; a theorem that an earlier claim of the page has shown is only named.

    theorems: those behind the claim, with what of it they state, "" for all.
    """
    text = (
        f"({claim.id})=\n### {_plain(claim.statement)}\n\n```{{math}}\n{claim.latex}\n```\n\n"
        f"`{claim.id}`, expected verdict *{claim.expected}* ({claim.method}{_without(claim)}). "
        f"Assumes: {_plain(claim.hypotheses)}. Source: {_plain(claim.source)}."
    )
    again = ", ".join(
        f"`{t.name}`{f' ({_plain(part)})' if part else ''}" for t, part in theorems.items() if t.name in seen
    )
    shown = [_theorem(t, part) for t, part in theorems.items() if t.name not in seen]
    seen |= {t.name for t in theorems}
    return "\n\n".join([text, *([f"Supported by {again} above."] if again else []), *shown])


def papers(_all: str) -> str:
    """Return the table from paper to claim; each claim is a link, with the verdict that the registry expects."""
    from proofs_check.papers import ITEMS

    rows = ["| paper | what | item | claims, verdicts |", "|---|---|---|---|"]
    for item in ITEMS:
        decided = ", ".join(f"[{claim.id}](#{claim.id}) {claim.expected}" for claim in item.decided())
        missing = f"{'; ' if decided else 'not covered, because: '}{_plain(item.missing)}" if item.missing else ""
        rows.append(f"| {item.paper} | {item.kind} | {_plain(item.text)} | {decided}{missing} |")
    return "\n".join(rows)


def _theorem(theorem: Any, part: str = "") -> str:
    state = "proved in Coq" if theorem.proved else "stated in Coq, to be compiled again for the present sources"
    only = f" In part: {_plain(part)}." if part else ""
    return (
        f"Formal theorem `{theorem.name}` ({state}, `{theorem.file}`): {_plain(theorem.statement)}{only} "
        f"Holds for: {_plain(theorem.scope)}.\n\n"
        f"```{{code-block}} text\n:class: coq\n{theorem.coq}\n```"
    )


def _plain(text: str) -> str:
    """Return text that means itself in MyST, with its subscripts and superscripts set."""
    parts = re.split(r"<(sub|sup)>(.*?)</su[bp]>", prose(text))
    for k in range(0, len(parts), 3):
        parts[k] = re.sub(r"([\\`*_{}\[\]<>$#|~^])", r"\\\1", unescape(parts[k]))
    for k in range(1, len(parts), 3):
        parts[k : k + 2] = ["{" + parts[k] + "}", f"`{unescape(parts[k + 1])}`"]
    return "".join(parts)


def api(name: str) -> str:
    """Return autodoc directives for the public names of a module, less what the package above it documents."""
    module, above = import_module(name), import_module(name.partition(".")[0])
    elsewhere = set(above.__all__) if above is not module else set()
    own = [_directive(name, getattr(module, n), n) for n in _public(module) if n not in elsewhere]
    return "```{eval-rst}\n" + "\n".join(own) + "\n```"


def _public(module: Any) -> list[str]:
    """Return `__all__`, or where there is none the functions and classes of the module and its submodules."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__.startswith(module.__name__)
    ]


def _directive(module: str, thing: Any, name: str) -> str:
    if inspect.isclass(thing):
        return f".. autoclass:: {module}.{name}\n   :members:\n   :exclude-members: __init__, __new__\n"
    if inspect.ismodule(thing):
        return f".. py:data:: {module}.{name}\n\n   {_reference(inspect.getdoc(thing) or '').splitlines()[0]}\n"
    return f".. autofunction:: {module}.{name}\n"


MAKERS = {"claims": claims, "papers": papers, "api": api}


def _expand(_app: Any, _page: str, source: list[str]) -> None:
    source[0] = LINE.sub(lambda match: MAKERS[match[1]](match[2]), source[0])


def _docstring(_app: Any, _kind: str, _name: str, _thing: Any, _options: Any, lines: list[str]) -> None:
    """Turn a docstring of plain text into reStructuredText that shows it as it is."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip())
    lines[:] = [*"\n\n".join(map(_paragraph, paragraphs)).splitlines(), ""]


def _description(_app: Any, _context: Any, lines: list[str]) -> None:
    """Turn the help of a command into reStructuredText that shows it as it is."""
    _docstring(_app, "", "", None, None, lines)


def _options(_app: Any, _context: Any, lines: list[str]) -> None:
    """Show words in backticks as code in the help of options, too."""
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line) for line in lines]


def _paragraph(text: str) -> str:
    if any(line.startswith((" ", "\t")) for line in text.splitlines()):
        return "::\n\n" + "\n".join(f"   {line}" for line in text.splitlines())
    return _reference(text)


def _reference(text: str) -> str:
    """Return a paragraph in reStructuredText: `x` as code, every other sign as itself."""
    parts = re.split(r"(`+[^`]+`+)", text)
    return "".join(f"``{p.strip('`')}``" if p.startswith("`") else re.sub(r"([\\*|_])", r"\\\1", p) for p in parts)


def _reachable(_app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Let the keyboard reach code and tables that scroll."""
    body = context.get("body", "").replace("<pre>", '<pre tabindex="0">')
    context["body"] = body.replace('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper')


def setup(app: Any) -> dict[str, Any]:
    """Connect the generators."""
    app.connect("source-read", _expand)
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("sphinx-click-process-description", _description)
    app.connect("sphinx-click-process-options", _options)
    app.connect("html-page-context", _reachable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
