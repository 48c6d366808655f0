"""Text of strangers on the page: nothing in it is markup, whatever field it comes from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from doubles.review.jobs import PHOTOS, described, products
from doubles.review.served import Served, served

from productdesc import Product, sync
from productdesc.cli import main
from productdesc.records import Present

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "</textarea></title><script>alert(1)</script>",
    "<!-- {{ 7 * 7 }} {% raw %} -->",
    "javascript:alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e\u2066<svg/onload=alert(1)>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
)
OURS = {"src": "/assets/review.js", "defer": None}
FIELDS = ("title", "description", "seo_title", "seo_description", "bullets", "tags")


class Markup(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def faults(self) -> Iterator[str]:
        """Tags and attributes that are none of ours."""
        for tag, attributes in self.tags:
            if tag in ("svg", "iframe", "object", "embed", "base", "style", "math"):
                yield tag
            if tag == "script" and attributes != {
                "src": "/assets/review.js",
                "defer": None,
            }:
                yield "script"
            for name, value in attributes.items():
                if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                    yield f"{tag} {name}"
                is_address = name in ("href", "src", "action")
                if is_address and not (value or "").startswith(("/", "#")):
                    yield f"{tag} {name}={value}"
                if (value or "").startswith("//"):
                    yield f"{tag} {name}={value}"
            if tag == "meta" and attributes.get("http-equiv"):
                yield "meta"


def job(tmp_path: Path, text: str) -> Path:
    """A job of one product that has the text everywhere, and of another."""
    name = "".join(c for c in text if c not in "/\0")[:60]
    photo = tmp_path / f"{name}.jpg"
    shutil.copy(PHOTOS[0], photo)
    path = tmp_path / "job.db"
    evil = Product(
        id=text, title=text, description=text, photos=[photo],
        attributes={text: text, "brand": text, "material": "leather"},
        present=Present(seo_title=text, seo_description=text, tags=(text,)),
    )  # fmt: skip
    described(path, [evil, *products(1)])
    return path


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(tmp_path: Path, text: str) -> Iterator[Served]:
    with served(job(tmp_path, text)) as made:
        yield made


def test_no_field_of_a_product_or_a_draft_is_markup(server: Served, text: str) -> None:
    eve = server.visitor(text)
    edits = {name: [text] if name in ("bullets", "tags") else text for name in FIELDS}
    body = {"product_id": text, "digest": eve.digest(text), "verb": "edit", "edits": edits}
    assert eve.api("decide", body).status_code == 200
    assert eve.decide(text, "refuse", reason=text).status_code == 303
    pages = {
        "queue": eve.get("", where=""),
        "filter": eve.get("", where=text),
        "product": eve.get("product", id=text, where=text),
        "told": eve.get("product", id=text, done="1", verb=text, of=text),
        "trail": eve.get("trail"),
        "trail of one": eve.get("trail", id=text),
        "not there": eve.get("product", id=text + "x"),
        "no such job": eve.client.get(f"/{quote(text, safe='')}/en/"),
    }
    for name, page in pages.items():
        markup = Markup(page.text)
        assert [*markup.faults()] == [], name
        assert "alert" not in "".join(t for t, _ in markup.tags), name
    shown = "".join(Markup(pages["product"].text).text)
    visible = text.replace("\u202e", "").replace("\u2066", "")
    assert visible in shown.replace("\\u202e", "").replace("\\u2066", "")


def test_no_cell_of_the_trail_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    described(path, [*products(1)])
    formula = '=HYPERLINK("http://evil.example")'
    with served(path) as made:
        eve = made.visitor(formula)
        assert eve.decide("S1", "refuse", reason=formula).status_code == 303
        csv, lines = eve.get("trail.csv"), eve.get("trail.jsonl")
    assert csv.headers["content-disposition"] == 'attachment; filename="decisions.csv"'
    assert f"'{formula[:12]}" in csv.text and f",{formula[:12]}" not in csv.text
    assert formula.replace('"', '\\"') in lines.text


@pytest.mark.parametrize("number", ["S/1", "a b", "é", "100%", "x?y#z", ".", "..", "S\t1"])
def test_any_id_has_its_page(tmp_path: Path, number: str) -> None:
    path = tmp_path / "job.db"
    [one] = products(1)
    described(path, [one.model_copy(update={"id": number})])
    with served(path) as made:
        ada = made.visitor()
        page = ada.get("", where="")
        [link] = [
            attributes["href"] or ""
            for tag, attributes in Markup(page.text).tags
            if tag == "a" and "/product?" in (attributes.get("href") or "")
        ]
        assert ada.client.get(link).status_code == 200
        assert ada.decide(number, "approve").status_code == 303
    with sync.Journal(path) as journal:
        assert sync.job_status(journal).states["approved"] == 1


def test_half_a_character_is_told_by_pages_and_api(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    [one] = products(1)
    half = {"title": "Shoe \ud800", "attributes": {"material": "leather \udc00"}}
    described(path, [one.model_copy(update=half)])
    with served(path) as made:
        ada = made.visitor()
        for page in (ada.get(""), ada.get("product", id="S1"), ada.api("queue")):
            assert page.status_code == 200
        product = ada.api("product", id="S1").json()["product"]
    assert product["title"] == "Shoe \ud800"


def test_the_page_and_the_command_line_export_the_same_trail(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    described(path, [*products(2)])
    with served(path) as made:
        ada = made.visitor()
        body = {"product_id": "S1", "digest": ada.digest("S1"), "verb": "edit"}
        assert (
            ada.api("decide", body | {"edits": {"title": "Our shoes"}}).status_code == 200
        )
        assert ada.decide("S2", "refuse", reason="thin").status_code == 303
        pages = [ada.get(f"trail.{kind}").content for kind in ("csv", "jsonl")]
    for kind, page in zip(("csv", "jsonl"), pages, strict=True):
        out = tmp_path / f"out.{kind}"
        to = [f"--{kind}", str(out)]
        assert main(["sync", "decisions", "--journal", str(path), *to]) == 0
        assert out.read_bytes() == page
