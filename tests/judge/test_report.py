"""The HTML report: one page that is well-formed, self-contained, and whose certificates check."""

import base64
import json
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote

import pytest

from proofs_check import check, registry, verify
from proofs_check.report import GROUPS, page
from proofs_check.report.certificates import INSTANCES, Certified, certified
from proofs_check.report.evidence import evidence
from proofs_check.report.formulas import formula, mathml, prose
from proofs_check.report.plots import CHARTS, figure
from proofs_check.report.svg import ticks

VOID = {"meta", "link", "br", "img", "hr", "mspace"}


class Page(HTMLParser):
    """Elements of a page, in order, as (tag, attributes, text); notes what is not well-formed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.faults = [], [], []
        self.feed(text)
        self.close()
        self.faults += [f"<{element[0]}> is never closed" for element in self.open]

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")
        else:
            self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element[2] += data

    def all(self, *tags):
        return [element for element in self.elements if element[0] in tags]


@pytest.fixture(scope="module")
def document():
    chosen = [
        *CHARTS,
        *INSTANCES,
        "thm1.closed-form",
        "thm1.missing-support",
        "tables.monotonic-best",
        "igm.sets",
        "cycles",
    ]
    return json.loads(json.dumps(verify(chosen, examples=4, seed=3).to_json()))


@pytest.fixture(scope="module")
def html(document):
    return page(document)


@pytest.fixture(scope="module")
def parsed(html):
    return Page(html)


def test_the_page_is_well_formed(html, parsed):
    assert parsed.faults == []
    assert html.count("<!doctype html>") == 1
    assert "$" not in re.sub(r"base64,[\w+/=]*", "", html)


def test_ids_are_unique_and_links_lead_somewhere(parsed):
    ids = Counter(e[1]["id"] for e in parsed.elements if "id" in e[1])
    assert max(ids.values()) == 1
    for tag, attributes, _ in parsed.elements:
        for name in ("aria-labelledby",):
            assert set(attributes.get(name, "").split()) <= set(ids), (tag, attributes)
    targets = {unquote(a["href"][1:]) for _, a, _ in parsed.all("a") if a["href"].startswith("#")}
    assert targets <= set(ids)


def test_headings_are_in_order(parsed):
    levels = [int(e[0][1]) for e in parsed.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_language_title_and_width_are_stated(parsed):
    assert parsed.all("html")[0][1]["lang"] == "en"
    assert parsed.all("title")[0][2]
    assert any(a.get("name") == "viewport" and "width=device-width" in a["content"] for _, a, _ in parsed.all("meta"))


def test_tables_have_headers_and_pictures_have_words(parsed):
    assert all(a.get("scope") in ("row", "col") for _, a, _ in parsed.all("th"))
    heads = [e for e in parsed.all("th") if not e[2].strip()]
    assert heads == []
    for _, attributes, text in parsed.all("svg"):
        assert attributes["role"] == "img"
        assert text
    assert parsed.all("svg")
    assert not parsed.all("img")


def test_nothing_is_fetched_and_nothing_runs(html, parsed):
    assert not parsed.all("script", "iframe", "object", "embed")
    for _, attributes, _ in parsed.elements:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    assert not re.search(r"https?:|url\(|@import|//\w", re.sub(r"base64,[\w+/=]*", "", html))


def downloads(parsed):
    for _, attributes, _ in parsed.all("a"):
        if "download" in attributes:
            yield attributes["download"], base64.b64decode(attributes["href"].partition("base64,")[2])


def test_every_certificate_in_the_page_checks(parsed, document, tmp_path):
    found = dict(downloads(parsed))
    kept = [record for claim in document["claims"] for record in claim["evidence"].get("certificates", ())]
    assert len(found) == sum(map(len, INSTANCES.values())) + len(kept)
    assert {"cycles.period-2-1.json", "cycles.period-3-1.json"} <= set(found)
    for name, content in found.items():
        (tmp_path / name).write_bytes(content)
        report = check(tmp_path / name)
        assert report.accepted, (name, report.reason)


def test_a_changed_certificate_is_refused(parsed):
    content = dict(downloads(parsed))["thm3.divergence-2.json"]
    document = json.loads(content)
    document["claim"]["growth"]["factor"] = "5/4"
    assert not check(document).accepted


def test_a_refused_certificate_is_said_so(monkeypatch):
    from proofs_check.report import certificates as rc

    (one,) = rc.certified("thm3.boundary")
    refused = Certified(one.words, one.document, False, "step 1 fails")
    monkeypatch.setattr(rc, "certified", lambda _: (refused,))
    assert "REFUSED by the checker: step 1 fails" in rc.items("thm3.boundary", {})
    monkeypatch.setattr(rc, "certified", lambda _: (Certified("two-state: unknown", None, False, "no orbit"),))
    assert "no certificate (no orbit)" in rc.items("thm3.boundary", {})


def test_the_fates_are_those_the_claims_speak_of():
    fates = {
        claim: [one.words.rpartition(": ")[2] for one in certified(claim)]
        for claim in INSTANCES
        if claim.startswith("thm")
    }
    assert fates["thm2.critical-epsilon"] == ["converges", "diverges", "diverges"]
    assert fates["thm2.global"] == ["cycles"]
    assert set(fates["thm3.divergence"] + fates["thm3.boundary"]) == {"diverges"}
    assert set(fates["thm3.convergence"] + fates["thm4.rate"]) == {"converges"}


def test_every_instance_and_figure_belongs_to_a_claim():
    ids = {claim.id for claim in registry.claims()}
    assert set(INSTANCES) | set(CHARTS) <= ids
    assert {name.split(".")[0] for name in ids} <= set(GROUPS)
    assert figure("thm1.closed-form") == ""


@pytest.mark.parametrize("claim", registry.claims(), ids=lambda claim: claim.id)
def test_every_formula_becomes_mathml(claim):
    element = mathml(claim.latex)
    assert "\\" not in element
    assert "xmlns" not in element
    assert Page(element).faults == []
    assert Page(formula(claim.latex)).faults == []
    assert Page(prose(claim.statement)).faults == []


def test_verdict_summary_and_environment_are_shown(html, document, parsed):
    assert f"{len(document['claims'])} claims as expected, 0 otherwise" in html
    assert "seed 3" in html
    rows = {e[2] for e in parsed.all("th")}
    assert {"Python", "numpy", "fqi-theory", "latex2mathml"} <= rows
    for claim in document["claims"]:
        assert f'id="{claim["id"]}"' in html


def test_the_whole_registry_makes_one_section_a_theorem(document):
    blank = {**document["claims"][0], "evidence": {}, "instances": 0}
    every = [
        {**blank, "id": c.id, "statement": c.statement, "latex": c.latex, "hypotheses": c.hypotheses}
        for c in registry.claims()
    ]
    found = Page(page({**document, "claims": every[::2] + every[1::2]}))
    assert found.faults == []
    assert max(Counter(e[1]["id"] for e in found.elements if "id" in e[1]).values()) == 1
    assert [e[1]["id"] for e in found.all("h2")][2:-2] == list(
        dict.fromkeys(c.id.split(".")[0] for c in registry.claims())
    )


def test_an_unexpected_verdict_stands_out(document):
    changed = {**document, "claims": [{**document["claims"][0], "expected": "unknown"}]}
    assert "0 claims as expected, 1 otherwise" in page(changed)
    assert "expected unknown" in page(changed)


def test_text_from_outside_is_escaped(document):
    claim = {**document["claims"][0], "statement": "<b>x</b>", "evidence": {"<i>": "<u>", "note": "<s>"}}
    text = page({**document, "claims": [claim]})
    assert not any(tag in text for tag in ("<b>", "<i>", "<u>", "<s>"))


def test_names_and_source_text_stay_as_they_are():
    assert prose("Qtot_unique_on_support, best_fit, proofs_check.checker") == (
        "Qtot_unique_on_support, best_fit, proofs_check.checker"
    )
    assert prose("a <-> b -> c") == "a ↔ b → c"
    shown = evidence({"Coq name": "best_fit", "Coq statement": "forall p_i, a <-> b_2"})
    assert "<code>best_fit</code>" in shown
    assert "<code>forall p_i, a &lt;-&gt; b_2</code>" in shown


def test_sentences_get_their_signs():
    assert prose("E_{-i}[y] <= Q_tot^2 & p_i(a_i)") == (
        "E<sub>-i</sub>[y] ≤ Q<sub>tot</sub><sup>2</sup> &amp; p<sub>i</sub>(a<sub>i</sub>)"
    )


def test_evidence_takes_the_shape_of_its_numbers():
    assert "<mtable" in evidence([["1", "2"], ["3", "4"]])
    assert evidence([["1", "2"], ["3", "4"]], "greedy") == "(1, 2), (3, 4)"
    assert evidence({"a": True, "b": None}).count("<dt>") == 2
    assert evidence([{"x": 1}, {"x": 2}]).count('scope="row"') == 2
    assert evidence(["1", "2"]) == "(1, 2)"
    assert evidence([[["1", "0"], ["0", "1"]], [["1", "2"], ["3", "4"]]]).count("<li>") == 2


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.8, 1), (0, 20), (-32, 8), (0, 60), (-3, 3e6)])
def test_ticks_are_few_and_inside(low, high):
    found = ticks(low, high)
    assert 3 <= len(found) <= 7
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in found)
