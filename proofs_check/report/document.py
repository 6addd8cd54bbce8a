"""The verdicts as one self-contained HTML page: formulas in MathML, evidence, pictures, certificates to download.

The page refers to no other file and runs no script. `template.html` holds its frame and style.
"""

import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import metadata
from importlib.resources import files
from string import Template
from typing import Any

from proofs_check.coq import status
from proofs_check.report.certificates import items
from proofs_check.report.evidence import evidence
from proofs_check.report.formulas import formula, prose
from proofs_check.report.papers import papers, row
from proofs_check.report.plots import figure

MEANINGS = {
    "proved": "for all parameters of the stated class, by formal or symbolic argument",
    "certified": "for the stated instance, by an exact check",
    "tested": "on random exact instances without counterexample; not a proof",
    "refuted": "by an exact counterexample",
    "unknown": "undecided",
}
GROUPS = {
    "thm1": "Theorem 1: linear factorisation is counterfactual credit assignment",
    "thm2": "Theorem 2: on-policy local convergence",
    "thm3": "Theorem 3: off-policy divergence",
    "thm4": "Theorem 4: FQI-IGM converges globally",
    "igm": "IGM: greedy actions agree",
    "qplex": "QPLEX: duplex duelling mixing",
    "phases": "The phase diagram: when a class converges, is bounded, diverges",
    "tables": "Payoff tables",
    "value-space": "The iteration in value space",
    "cycles": "Cycles of off-policy iteration",
    "dynamics": "Bounded runs that approach no cycle",
    "census": "All models of a small shape",
    "wqmix": "Weighted QMIX (arXiv:2006.10800)",
    "qtran": "QTRAN (arXiv:1905.05408)",
    "maven": "MAVEN (arXiv:1910.07483)",
    "qfix": "QFIX (arXiv:2505.10484)",
    "saddles": "Beyond monotonicity (arXiv:2511.09792)",
    "dcg": "Deep coordination graphs (arXiv:1910.00091)",
    "qplex-code": "QPLEX against its own code",
    "classics": "Classics: averagers, fixed points, chattering",
}
PACKAGES = ("fqi-theory", "numpy", "scipy", "sympy", "python-flint", "hypothesis", "latex2mathml")

#: Evidence that has a place of its own in an article.
HIDDEN = frozenset({"note", "formal", "seed", "certificates"})

Entry = Mapping[str, Any]


def page(document: Mapping[str, Any]) -> str:
    """Return the HTML of a `verdicts/1` document; it refers to no other file."""
    claims: Sequence[Entry] = document["claims"]
    held = sum(claim["verdict"] == claim["expected"] for claim in claims)
    groups = _groups(claims)
    return _template().substitute(
        summary=f"{held} claims as expected, {len(claims) - held} otherwise",
        instances=sum(claim["instances"] for claim in claims),
        seconds=f"{sum(claim['seconds'] for claim in claims):.1f}",
        seed=document["seed"],
        meanings=_meanings(claims),
        contents="".join(f'<li><a href="#{name}">{escape(GROUPS.get(name, name))}</a></li>' for name, _ in groups),
        rows="\n".join(_row(claim) for _, found in groups for claim in found),
        sections="\n".join(_section(name, found) for name, found in groups),
        papers="".join(map(row, papers(claims))),
        environment="".join(f'<tr><th scope="row">{escape(k)}</th><td>{escape(v)}</td></tr>' for k, v in environment()),
    )


def environment() -> Iterable[tuple[str, str]]:
    """Return what the verdicts were computed with: names and versions."""
    yield "Python", f"{platform.python_implementation()} {platform.python_version()}"
    yield "System", f"{platform.system()} {platform.machine()}"
    for name in PACKAGES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            yield name, "not installed"


def _template() -> Template:
    return Template(files("proofs_check.report").joinpath("template.html").read_text(encoding="utf-8"))


def _groups(claims: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return the claims by the first part of their ids, in the order of the first claim of each."""
    found: dict[str, list[Entry]] = {}
    for claim in claims:
        found.setdefault(str(claim["id"]).split(".")[0], []).append(claim)
    return list(found.items())


def _meanings(claims: Sequence[Entry]) -> str:
    found = [claim["verdict"] for claim in claims]
    return "".join(
        f"<div><dt>{_badge(name)} {found.count(name)}</dt><dd>{escape(text)}</dd></div>"
        for name, text in MEANINGS.items()
    )


def _badge(verdict: str, words: str | None = None) -> str:
    """Return a badge; without words to show, nothing."""
    return "" if words == "" else f'<span class="badge {escape(verdict)}">{escape(words or verdict)}</span>'


def _known(claim: Entry) -> str:
    verdict, expected = claim["verdict"], claim["expected"]
    formal = _badge("formal", _reach(claim["evidence"].get("formal", [])))
    unexpected = "" if verdict == expected else _badge("otherwise", f"expected {expected}")
    return _badge(verdict) + formal + unexpected


def _reach(lines: Sequence[str]) -> str:
    """Return what Coq has of a claim: "Coq", "Coq in part" or nothing."""
    return "Coq" if any("; in part:" not in line for line in lines) else "Coq in part" if lines else ""


def _row(claim: Entry) -> str:
    link = f'<a href="#{escape(claim["id"])}">{escape(claim["id"])}</a>'
    return f'<tr><th scope="row">{link}</th><td>{prose(claim["statement"])}</td><td>{_known(claim)}</td></tr>'


def _section(name: str, claims: Iterable[Entry]) -> str:
    body = "\n".join(map(_article, claims))
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(GROUPS.get(name, name))}</h2>\n{body}\n</section>'
    )


def _article(claim: Entry) -> str:
    key, formal = escape(claim["id"]), claim["evidence"].get("formal", [])
    return (
        f'<article aria-labelledby="{key}"><p class="head"><code>{key}</code> {_known(claim)}</p>'
        f'<h3 id="{key}">{prose(claim["statement"])}</h3>{formula(claim["latex"])}<p class="facts">{_facts(claim)}</p>'
        f"{_evidence(claim)}{_formal(formal)}{figure(claim['id'])}{items(claim['id'], claim['evidence'])}</article>"
    )


def _facts(claim: Entry) -> str:
    count = claim["instances"]
    checked = f"{count} instance{'s' if count != 1 else ''} checked exactly" if count else "no instances"
    return (
        f"Assumes: {prose(claim['hypotheses'])}. Source: {escape(claim['source'])}. "
        f"Decided by: {escape(claim['method'])}; {checked}, {claim['seconds']:.1f} s."
    )


def _evidence(claim: Entry) -> str:
    """Return what was found, the note last; the seed of a test goes into its sentence."""
    found = {key: value for key, value in claim["evidence"].items() if key not in HIDDEN}
    words = _sentence(claim["evidence"].get("note", ""))
    if claim["verdict"] == "tested":
        seed = f", seed {claim['evidence']['seed']}" if "seed" in claim["evidence"] else ""
        words = f"No counterexample in {claim['instances']} exact random instances{seed}. {words}"
    paragraph = f"<p>{prose(words)}</p>" if words else ""
    return f"<h4>Evidence</h4>{evidence(found) if found else ''}{paragraph}" if found or words else ""


def _sentence(note: str) -> str:
    first = note.split(" ")[0].rstrip(":,;")
    start = note[:1].upper() if len(first) > 1 and first.isascii() and first.isalpha() else note[:1]
    return f"{start}{note[1:]}." if note else ""


def _formal(lines: Sequence[str]) -> str:
    """Return the Coq theorems behind a claim, each with its statement in the source."""
    if not lines:
        return ""
    sources = {theorem.name: theorem for theorem in status.theorems()}
    parts = []
    for line in lines:
        name = re.search(r"Coq: (\w+)", line)
        theorem = sources.get(name[1]) if name else None
        code = f'<pre tabindex="0">{escape(theorem.coq)}</pre>' if theorem else ""
        parts.append(f"<li><details><summary>{prose(line)}</summary>{code}</details></li>")
    return f'<h4>Formal proof</h4><ul class="plain">{"".join(parts)}</ul>'
