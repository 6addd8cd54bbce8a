"""The report and the site in a real browser, wide and on a phone: axe finds nothing serious, nothing is fetched."""

import pytest
from browser import Visit, chromium

from proofs_check.report import page

pytestmark = pytest.mark.slow

PHONE, DESK = 390, 1200


@pytest.fixture(scope="module")
def browser():
    yield from chromium()


@pytest.fixture(scope="module")
def report(tmp_path_factory, verdicts):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(verdicts), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "light"), (PHONE, "dark")])
def test_the_report_passes_axe(browser, report, width, scheme):
    visit = Visit(browser, report, width, scheme)
    assert visit.grave() == []
    assert visit.rules() >= 20
    assert visit.messages == []
    assert visit.addresses == [report.as_uri()]
    assert visit.width <= width
    assert visit.unreachable == 0


def test_a_bad_page_is_noticed(browser, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<title>bad</title><img src='data:,'><p style='color: #ccc'>pale</p>", encoding="utf-8")
    found = " ".join(Visit(browser, path, PHONE).grave())
    assert "image-alt" in found
    assert "color-contrast" in found
    assert "html-has-lang" in found
