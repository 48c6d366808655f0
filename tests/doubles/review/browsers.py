"""A real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from doubles.review.served import Served
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
WHY = "needs the browser Chromium: apt-get install chromium"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


class Tab:
    """A tab of a browser context of its own, of somebody who came in.

    `complaints`: what the browser has to say against the page; a test ends without any.
    """

    def __init__(self, browser: Browser, served: Served, who: str, **options: Any) -> None:
        size = {"width": options.pop("width", 1200), "height": options.pop("height", 900)}
        self.context = browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("console", self._heard)
        self.page.set_default_timeout(30_000)
        self.page.goto(served.link(who))
        self.page.wait_for_url("**/shopify/**")

    def _heard(self, message: Any) -> None:
        is_status = "the server responded with a status of 4" in message.text
        if message.type in ("error", "warning") and not is_status:
            self.complaints.append(message.text)

    def goto(self, served: Served, page: str) -> None:
        self.page.goto(f"{served.origin}/shopify/en/{page}")

    def focused(self) -> str:
        """What has the focus: its tag, and its name or words."""
        return str(self.page.evaluate(FOCUSED))

    def close(self) -> None:
        self.context.close()


FOCUSED = """() => {
  const e = document.activeElement;
  const words = e.name || e.id || e.textContent.trim().slice(0, 40);
  return `${e.tagName.toLowerCase()}:${words}`;
}"""


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def axe(page: Page) -> list[str]:
    """What axe-core finds against a page: rule and element of each."""
    page.evaluate(_axe())
    found = page.evaluate(
        "rules => axe.run({runOnly: rules}).then(r => r.violations.flatMap("
        "v => v.nodes.map(n => v.id + ' ' + n.html.slice(0, 160) + ' ' + "
        "n.failureSummary.slice(0, 200))))",
        RULES,
    )
    return [str(one) for one in found]
