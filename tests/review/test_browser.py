"""The review page in a real browser, over a real journal: what a person does there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from doubles.review.browsers import CHROMIUM, WHY, Tab, chromium
from doubles.review.jobs import described, products
from doubles.review.served import Served, served
from playwright.sync_api import Browser, expect

from productdesc import sync

pytestmark = pytest.mark.skipif(not CHROMIUM, reason=WHY)

COUNT = 24


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def server(made_once: Path, tmp_path: Path) -> Iterator[Served]:
    """A server over a copy of the job, which a test may change."""
    for path in made_once.parent.glob("job*.db"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with served(tmp_path / "job.db") as made:
        yield made


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("job") / "job.db"
    described(path, [*products(COUNT, photos=2)])
    return path


@pytest.fixture
def tab(browser: Browser, server: Served) -> Iterator[Callable[..., Tab]]:
    """Opens tabs; each is closed at the end, and nobody complained."""
    tabs: list[Tab] = []

    def opened(who: str = "Ada", **options: Any) -> Tab:
        tabs.append(Tab(browser, server, who, **options))
        return tabs[-1]

    yield opened
    for one in tabs:
        one.close()
        assert one.complaints == []


def states(tmp_path: Path) -> dict[str, int]:
    with sync.Journal(tmp_path / "job.db") as journal:
        found = sync.job_status(journal).states
    return {state: number for state, number in found.items() if number}


# --- the queue ---------------------------------------------------------------------------


def test_the_queue_is_filtered_by_links_and_by_words(tab: Any, server: Served) -> None:
    page = tab().page
    expect(page.locator("li[data-row]")).to_have_count(COUNT)
    page.get_by_role("link", name="Approved").click()
    expect(page.get_by_text("Nothing is here.")).to_be_visible()
    page.get_by_label("Filter", exact=True).fill("product:S3 or product:S4")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("li[data-row]")).to_have_count(2)
    page.get_by_label("Filter", exact=True).fill("finding:nonsense")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("nonsense")
    expect(page.get_by_label("Filter", exact=True)).to_have_value("finding:nonsense")


def test_twenty_products_are_reviewed_by_keys_alone(tab: Any, tmp_path: Path) -> None:
    page = tab().page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/product?**")
    seen = set()
    for number in range(20):
        seen.add(page.locator(".actions input[name=id]").first.get_attribute("value"))
        before = page.url
        if number % 4 == 3:
            page.keyboard.press("r")
            page.keyboard.press("Space")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("a")
        page.wait_for_url(lambda url, before=before: url != before)
    assert len(seen) == 20
    assert states(tmp_path) == {"generated": COUNT - 20, "approved": 15, "refused": 5}
    page.keyboard.press("u")
    page.wait_for_url("**verb=back**")
    assert states(tmp_path)["refused"] == 4
    with sync.Journal(tmp_path / "job.db") as journal:
        trail = sync.decisions(journal)
    assert {one.who for one in trail} == {"Ada"}
    assert {one.reason for one in trail if one.verb == "refuse"} == {"A fact is wrong"}


def test_keys_do_nothing_while_somebody_types_and_with_the_browsers_own(
    tab: Any, server: Served, tmp_path: Path
) -> None:
    one = tab()
    one.goto(server, "product?id=S3")
    page = one.page
    page.keyboard.press("e")
    page.keyboard.type("aaa rrr uuu jjj")
    for chord in ("Control+a", "Alt+a", "Meta+a"):
        page.keyboard.press(chord)
    assert states(tmp_path) == {"generated": COUNT}
    page.keyboard.press("Escape")
    expect(page.locator("#edit")).not_to_have_attribute("open", "")


# --- one product -------------------------------------------------------------------------


def test_an_edit_that_breaks_a_limit_is_told_while_typing_and_after(
    tab: Any, server: Served, tmp_path: Path
) -> None:
    one = tab()
    one.goto(server, "product?id=S3")
    page = one.page
    page.keyboard.press("e")
    box = page.get_by_role("textbox", name="Search title")
    box.fill("Leather shoes " * 6)
    told = page.locator("[data-of=seo_title]")
    expect(told).to_contain_text("83 / 70")
    expect(told).to_contain_text("83 characters, the limit is 70: shorten it")
    expect(box).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**verb=edit**")  # loaded: before it no script hears a key
    heading = page.get_by_role("heading", name="Search title")
    field = page.locator(".one-field", has=heading)
    expect(field).to_contain_text("83 characters, the limit is 70")
    expect(field.locator(".over")).to_be_visible()
    with sync.Journal(tmp_path / "job.db") as journal:
        [decision] = sync.decisions(journal, "S3")
        assert sync.look(journal, "S3").state == "generated"
    [pair] = decision.edits
    assert (decision.verb, pair.field, pair.model) == ("edit", "seo_title", "Leather shoes")
    page.keyboard.press("u")
    expect(page.get_by_text("1 product is as it was before.")).to_be_visible()
    with sync.Journal(tmp_path / "job.db") as journal:
        draft = sync.look(journal, "S3").description
    assert draft and draft.seo_title == "Leather shoes"


def test_one_sentence_is_refused_and_the_rest_stands(
    tab: Any, server: Served, tmp_path: Path
) -> None:
    one = tab()
    one.goto(server, "product?id=S3")
    page = one.page
    field = page.locator(".one-field").filter(
        has=page.get_by_role("heading", name="Description", exact=True)
    )
    field.get_by_text("Refuse one sentence").click()
    field.get_by_role("button", name="They keep feet warm for hours.").click()
    page.wait_for_url("**verb=sentence**")
    with sync.Journal(tmp_path / "job.db") as journal:
        draft = sync.look(journal, "S3").description
    assert draft
    assert draft.description == (
        "These shoes are made of leather. A lovely gift for a friend."
    )


def test_a_claim_lights_up_what_vouches_for_it(tab: Any, server: Served) -> None:
    one = tab()
    one.goto(server, "product?id=S3")
    page = one.page
    claim = page.locator(".one-field mark[data-attribute=material]").first
    row = page.locator("tr[data-attribute=material]")
    claim.hover()
    expect(row).to_have_class("lit")
    page.get_by_role("heading", level=1).hover()
    expect(row).not_to_have_class("lit")
    claim.focus()
    expect(row).to_have_class("lit")


def test_another_draft_is_asked_for(tab: Any, server: Served, tmp_path: Path) -> None:
    one = tab()
    one.goto(server, "product?id=S3")
    page = one.page
    page.keyboard.press("w")
    panel = page.locator("#ask")
    panel.get_by_label("Title", exact=True).check()
    panel.get_by_label("What should be different?").fill("Say that it is <b>handmade</b>.")
    panel.get_by_role("button", name="Ask again").click()
    page.wait_for_url("**verb=ask**")
    expect(page.get_by_text("Another draft is wished for")).to_be_visible()
    assert states(tmp_path)["new"] == 1


# --- many at once, and several reviewers -------------------------------------------------


def test_a_bulk_approval_says_its_number_and_is_undone(tab: Any, tmp_path: Path) -> None:
    page = tab().page
    page.get_by_role("button", name=f"Approve all {COUNT}").click()
    expect(page.get_by_text(f"{COUNT} products are approved.")).to_be_visible()
    assert states(tmp_path) == {"approved": COUNT}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"{COUNT} products are as they were before.")).to_be_visible()
    assert states(tmp_path) == {"generated": COUNT}


def test_a_bulk_that_is_not_what_the_button_said_is_refused(
    tab: Any, server: Served, tmp_path: Path
) -> None:
    ada, bob = tab("Ada"), tab("Bob")
    bob.goto(server, "product?id=S3")
    bob.page.keyboard.press("a")
    bob.page.wait_for_url("**verb=approve**")
    ada.page.get_by_role("button", name=f"Approve all {COUNT}").click()
    expect(ada.page.get_by_role("alert")).to_contain_text(str(COUNT - 1))
    assert states(tmp_path) == {"generated": COUNT - 1, "approved": 1}


def test_two_who_edit_one_product_clash_and_see_both_texts(
    tab: Any, server: Served, tmp_path: Path
) -> None:
    ada, bob = tab("Ada"), tab("Bob")
    for one, text in ((ada, "Ada's shoes"), (bob, "Bob's shoes")):
        one.goto(server, "product?id=S3")
        one.page.keyboard.press("e")
        one.page.locator("#edit-title").fill(text)
    ada.page.get_by_role("button", name="Save").click()
    ada.page.wait_for_url("**verb=edit**")
    bob.page.get_by_role("button", name="Save").click()
    alert = bob.page.get_by_role("alert")
    expect(alert).to_contain_text("Somebody was quicker")
    expect(alert).to_contain_text("Bob's shoes")
    expect(bob.page.get_by_role("heading", level=1)).to_have_text("Ada's shoes")
    with sync.Journal(tmp_path / "job.db") as journal:
        assert [one.who for one in sync.decisions(journal, "S3")] == ["Ada"]


# --- without script, and from elsewhere --------------------------------------------------


def test_all_of_it_works_without_script(tab: Any, server: Served, tmp_path: Path) -> None:
    one = tab(java_script_enabled=False)
    page = one.page
    page.locator("li[data-row] a").first.click()
    first = page.locator(".actions input[name=id]").first.get_attribute("value")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url("**verb=approve**")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**verb=back**")
    assert first and first in page.url
    page.locator("#refuse summary").click()
    page.locator("#refuse").get_by_label("It says too little").check()
    page.locator("#refuse").get_by_role("button", name="Refuse").click()
    page.wait_for_url("**verb=refuse**")
    page.locator("#edit summary").click()
    page.locator("#edit-title").fill("Shoes for Ada")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**verb=edit**")
    page.get_by_role("link", name="Decisions").click()
    expect(page.locator("ol.trail > li")).to_have_count(4)
    page.get_by_role("link", name="Queue").click()
    page.get_by_role("button", name=f"Approve all {COUNT - 1}").click()
    page.get_by_role("button", name="Undo").click()
    assert states(tmp_path) == {"generated": COUNT - 1, "refused": 1}


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], str]]:
    """Another site: a page with one link, and a form that sends itself."""
    bodies: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = bodies[0].encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()

    def page(body: str) -> str:
        bodies[:] = [body]
        return f"http://localhost:{made.server_address[1]}/"

    yield page
    made.shutdown()
    made.server_close()


def test_the_first_link_works_where_another_site_has_it(
    browser: Browser, server: Served, elsewhere: Any
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(elsewhere(f'<a href="{server.link()}">review</a>'))
    page.get_by_text("review").click()
    page.wait_for_url("**/shopify/en/")
    expect(page.locator("li[data-row]")).to_have_count(COUNT)
    context.close()


def test_a_page_on_another_port_decides_nothing_for_who_is_in(
    tab: Any, server: Served, elsewhere: Any, tmp_path: Path
) -> None:
    one = tab()
    one.goto(server, "product?id=S3")
    page = one.page
    token = page.locator("input[name=csrf]").first.get_attribute("value")
    digest = page.locator("input[name=digest]").first.get_attribute("value")
    fields = {"csrf": token, "id": "S3", "digest": digest, "verb": "approve"}
    inputs = "".join(f'<input name="{k}" value="{v}">' for k, v in fields.items())
    where = f"{server.origin}/shopify/en/decide"
    form = f'<form method="post" action="{where}">{inputs}</form>'
    page.goto(elsewhere(form + "<script>document.forms[0].submit()</script>"))
    page.wait_for_url("**/decide")
    expect(page.locator("body")).to_contain_text("403")
    frame = f'<iframe src="{server.origin}/shopify/en/"></iframe>'
    page.goto(elsewhere(frame))
    assert "Queue" not in page.frames[-1].content()
    assert states(tmp_path) == {"generated": COUNT}
    one.complaints.clear()  # the browser says that it refused the frame
