"""The review page for everybody: axe-core on each page, and the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.review.browsers import CHROMIUM, WHY, Tab, axe, chromium
from doubles.review.jobs import described, products
from doubles.review.served import Served, served
from playwright.sync_api import Browser

from productdesc import sync

pytestmark = pytest.mark.skipif(not CHROMIUM, reason=WHY)

HEBREW = {
    "title": "נעלי עור לבנות",
    "description": "הנעליים עשויות מעור. מתנה נהדרת לחבר.",
    "bullets": ["עשוי מעור", "מתנה נהדרת לחבר"],
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"width": 390, "height": 844},
    "dark phone": {"color_scheme": "dark", "width": 390, "height": 844},
}
PAGES = ("", "?where=finding:nonsense", "product?id=S1", "product?id=RTL", "trail", "help",
         "product?id=nothing")  # fmt: skip

OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
FAULTS = """<!doctype html><html><head><title>x</title></head><body><main>
<h1>Five faults</h1><img src="/assets/none.png"><input>
<p style="color:#bbb;background:#fff">hardly to be seen</p><a href="/"></a></main></body>
</html>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("job") / "job.db"
    [first, *rest] = products(4, photos=2)
    described(path, [first, *rest, first.model_copy(update={"id": "RTL"})])
    with sync.Journal(path) as journal:
        seen = sync.look(journal, "RTL")
        sync.decide(journal, seen, "edit", who="Ada", edits=HEBREW)
        sync.decide(journal, sync.look(journal, "S3"), "refuse", who="Ada", reason="thin")
    with served(path) as made:
        yield made


@pytest.mark.parametrize(
    "look",
    [  # each width and each scheme once; all pairs in the long run
        look
        if look in ("light", "dark phone")
        else pytest.param(look, marks=pytest.mark.heavy)
        for look in LOOKS
    ],
)
def test_axe_finds_nothing(browser: Browser, server: Served, look: str) -> None:
    tab = Tab(browser, server, "Ada", **LOOKS[look])
    found: dict[str, list[str]] = {}
    for name in PAGES:
        tab.goto(server, name)
        found[name] = axe(tab.page)
        panels = tab.page.locator("details")
        if panels.count():
            tab.page.evaluate(
                "document.querySelectorAll('details').forEach(d => d.open = 1)"
            )
            found[f"{name}, all open"] = axe(tab.page)
    width = tab.page.viewport_size["width"] if tab.page.viewport_size else 0
    for name in PAGES:
        tab.goto(server, name)
        wide = tab.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide, the window {width}"
    tab.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_axe_finds_nothing_before_somebody_is_in(browser: Browser, server: Served) -> None:
    page = browser.new_page()
    for address in (f"{server.origin}/", f"{server.origin}/enter?token=x"):
        page.goto(address)
        assert axe(page) == []
    page.close()


def test_axe_can_find_five_planted_faults(browser: Browser, server: Served) -> None:
    page = browser.new_page()
    page.set_content(FAULTS)
    found = {one.split(" ")[0] for one in axe(page)}
    page.close()
    assert found == {"html-has-lang", "image-alt", "label", "color-contrast", "link-name"}


# --- the keyboard alone ------------------------------------------------------------------


def tabbed(tab: Tab, most: int = 120) -> list[str]:
    """What has the focus, Tab by Tab, until it comes round; each is seen to have it."""
    seen: list[str] = []
    tab.page.evaluate("document.activeElement.blur()")
    for _ in range(most):
        tab.page.keyboard.press("Tab")
        name = tab.focused()
        if name.startswith("body"):
            break
        seen.append(name)
        outline = tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", f"{name} does not show that it has the focus"
    return seen


def test_every_action_is_reached_by_tab(browser: Browser, server: Served) -> None:
    tab = Tab(browser, server, "Ada")
    queue = "\n".join(tabbed(tab))
    for name in ("Skip to the content", "Queue", "where", "Approve all", "Leather shoes"):
        assert name in queue, name
    tab.goto(server, "product?id=S1")
    tab.page.evaluate(OPEN_ALL)
    product = "\n".join(tabbed(tab))
    for name in ("Approve", "Edit", "Refuse", "Ignore for ever", "Ask again", "Take it out",
                 "mark:", "input:why", "textarea:title", "Save", "input:seed"):  # fmt: skip
        assert name in product, name
    tab.close()


KEYS = {
    "e": "textarea:title",
    "r": "input:why",
    "w": "input:field",
    "a": "body",
}
"""What has the focus after each key on a product's page."""


@pytest.mark.parametrize("key", KEYS)
def test_a_key_leads_the_focus_to_where_it_belongs(
    browser: Browser, server: Served, key: str
) -> None:
    tab = Tab(browser, server, "Ada")
    tab.goto(server, "product?id=S2")
    tab.page.keyboard.press(key)
    if key == "a":
        tab.page.wait_for_url("**verb=approve**")
        tab.page.keyboard.press("u")
        tab.page.wait_for_url("**verb=back**")
    assert tab.focused().startswith(KEYS[key])
    tab.close()


def test_the_skip_link_leads_to_the_content(browser: Browser, server: Served) -> None:
    tab = Tab(browser, server, "Ada")
    tab.page.keyboard.press("Tab")
    assert tab.focused() == "a:Skip to the content"
    tab.page.keyboard.press("Enter")
    assert tab.focused().startswith("main:")
    tab.close()


# --- screenshots for the docs ------------------------------------------------------------


@pytest.mark.heavy
def test_screenshots(
    browser: Browser, server: Served, request: pytest.FixtureRequest
) -> None:
    """pytest -m heavy tests/review -k screenshots --screenshots FOLDER"""
    folder = request.config.getoption("--screenshots")
    if not folder:
        pytest.skip("--screenshots FOLDER says where they are written")
    for look, options in LOOKS.items():
        tab = Tab(browser, server, "Ada", **options)
        for name, page in (("queue", ""), ("product", "product?id=S1"),
                           ("right-to-left", "product?id=RTL")):  # fmt: skip
            tab.goto(server, page)
            path = Path(folder) / f"review-{name}-{look.replace(' ', '-')}.png"
            tab.page.screenshot(path=path)
            assert path.stat().st_size > 10_000
        tab.close()
