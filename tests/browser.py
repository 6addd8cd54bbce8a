"""A page in headless Chromium, and what axe-core finds on it; neither needs the network."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: The letters of a formula take the colours of their box; axe cannot measure them and spends half its time on trying.
LOOKED_AT = "{include: [['html']], exclude: [['math > *']]}"
GRAVE = ("serious", "critical")


def chromium():
    """Yield Chromium; skip where it or the Python packages that drive it are missing."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    api = pytest.importorskip("playwright.sync_api", reason="the extra 'browser' is not installed")
    pytest.importorskip("axe_playwright_python", reason="the extra 'browser' is not installed")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield browser
        browser.close()


class Visit:
    """One page at one width: its findings, its console messages, the addresses it asked for, and how wide it is."""

    def __init__(self, browser, path: Path, width: int, scheme: str = "light"):
        self.messages, self.addresses = [], []
        page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("request", lambda request: self.addresses.append(request.url))
        page.goto(path.as_uri())
        self.width = page.evaluate("document.documentElement.scrollWidth")
        self.unreachable = page.evaluate(
            """[...document.querySelectorAll('body *')].filter(e => e.scrollWidth > e.clientWidth + 1
                && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0).length"""
        )
        page.evaluate(_axe())
        self.findings = page.evaluate(f"axe.run({LOOKED_AT}, {{resultTypes: ['violations'], preload: false}})")
        page.close()

    def grave(self) -> list[str]:
        """Return the serious and critical findings, each with the first place it concerns."""
        return [
            f"{found['id']}: {found['help']} at {found['nodes'][0]['target']}"
            for found in self.findings["violations"]
            if found["impact"] in GRAVE
        ]

    def rules(self) -> int:
        """Return how many rules the page was found to keep."""
        return len(self.findings["passes"])


def _axe() -> str:
    (folder,) = find_spec("axe_playwright_python").submodule_search_locations
    return Path(folder, "axe.min.js").read_text(encoding="utf-8")
