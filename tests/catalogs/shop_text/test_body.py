"""Empty bodies: what shows nothing is empty in every source and in every sink alike."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from factories import description

from productdesc.catalogs.google.feed import GoogleSink, GoogleSource
from productdesc.catalogs.jsonl import JsonlSink, JsonlSource
from productdesc.catalogs.jsonld import JsonLdSink
from productdesc.catalogs.merge_policy import Current
from productdesc.catalogs.passthrough import passthrough_copy
from productdesc.catalogs.protocol import Problems, Saved
from productdesc.catalogs.shop_text.body import body_text, is_empty
from productdesc.catalogs.shopify.admin.reading import product_node
from productdesc.catalogs.shopify.admin.writing.edits import Rules, plan
from productdesc.catalogs.shopify.csv_file.sink import ShopifyCsvSink
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.catalogs.tables.csv_table import TableNewSink, TableSource
from productdesc.catalogs.tables.table_sink import TableSink
from productdesc.catalogs.woocommerce.csv_file.sink import WooCommerceCsvSink
from productdesc.catalogs.woocommerce.csv_file.source import WooCommerceCsvSource
from productdesc.catalogs.woocommerce.rest.item import Item, to_product
from productdesc.records import WORDLESS, Present, Product

FAULTS = Path(__file__).parents[2] / "data" / "faults"
OURS = description(description="About the jug.")

EMPTY = (
    "", " \n", "<p></p>", "<p>&nbsp;</p>", "<p\n>\xa0</p >", "<!-- split -->",
    '<meta charset="utf-8">', '<div><br data-mce-bogus="1"></div>', "<br/>",
    '<p class="p1"></p><style>p.p1{margin:0}</style>', "\u200b", "&#8203;<br>", "&nbsp",
    "&zwnj;&ZeroWidthSpace;&#xfeff;", '<span style="color:red">\ufeff</span>',
    "<script>var a = 1</script>", "<p><!-- a --><!-- b --></p>", "<o:p></o:p>",
    "<ul><li></li></ul>", "<table><tr><td></td></tr></table>", "<h1> </h1><hr>",
    "<!--more-->", "<!DOCTYPE html><html><head></head><body></body></html>",
    "<!-- wp:paragraph --><p></p><!-- /wp:paragraph -->", "<font color=red></font>",
    "<?xml version='1.0'?>", "<a name='top'></a>", "\u00ad", "<p>\u2060\u200e</p>",
)  # fmt: skip
SHOWN = (
    '<img src="x.jpg">', "<p><img src='x.jpg' alt=''></p>", "<video src=y></video>",
    '<iframe src="https://www.youtube.com/embed/abc"></iframe>', "<svg></svg>",
    "<script src='https://video.example/player.js'></script>", "<object></object>",
    "<div style='background:url(x.jpg)'></div>", '<!-- wp:block {"ref":12} /-->',
    "<size-chart></size-chart>", "<picture><source srcset=a></picture>", "<audio></audio>",
)  # fmt: skip
SAID = ("Jug", "<p>Pot.</p>", "&copy;", "[gallery]", "<p>\u200bx</p>", "<!-- open", "<3")


@pytest.mark.parametrize("markup", EMPTY)
def test_what_shows_nothing_is_empty(markup: str) -> None:
    assert is_empty(markup)
    assert body_text(markup) == ""


@pytest.mark.parametrize("markup", [*SHOWN, *SAID])
def test_what_shows_anything_is_not(markup: str) -> None:
    assert not is_empty(markup)
    assert (body_text(markup) == WORDLESS) == (markup in SHOWN)


def table(header: str, **cells: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(header.split(","))
    writer.writerow(
        [cells.get(name.split(" ")[0].lower(), "") for name in header.split(",")]
    )
    return file.getvalue()


def shopify(path: Path, body: str) -> tuple[Product, Saved]:
    path = path / "export.csv"
    head = "Handle,Title,Body (HTML),Vendor,Image Src"
    path.write_text(table(head, handle="jug", title="Jug", body=body), "utf-8")
    with ShopifyCsvSource(path) as source:
        [product] = source.products()
    with ShopifyCsvSink(path, path.with_name("out.csv")) as sink:
        return product, sink.save(product, OURS)


def woocommerce(path: Path, body: str) -> tuple[Product, Saved]:
    path = path / "woo.csv"
    head = "ID,Type,SKU,Name,Published,Short description,Description,Categories"
    cells = table(head, id="7", type="simple", name="Jug", description=body)
    path.write_text(cells, "utf-8")
    with WooCommerceCsvSource(path) as source:
        [product] = source.products()
    with WooCommerceCsvSink(path, path.with_name("out.csv")) as sink:
        return product, sink.save(product, OURS)


def own_table(path: Path, body: str) -> tuple[Product, Saved]:
    path = path / "table.csv"
    path.write_text(
        table("id,title,description", id="7", title="J", description=body), "utf-8"
    )
    with TableSource(path) as source:
        [product] = source.products()
    with TableSink(path, path.with_name("out.csv")) as sink:
        return product, sink.save(product, OURS)


def jsonl(path: Path, body: str) -> tuple[Product, Saved]:
    path = path / "p.jsonl"
    path.write_text(json.dumps({"id": "7", "description": body}) + "\n", "utf-8")
    with JsonlSource(path) as source:
        [product] = source.products()
    with JsonlSink(path.with_name("out.jsonl")) as sink:
        return product, sink.save(product, OURS)


def google(path: Path, body: str) -> tuple[Product, Saved]:
    path = path / "feed.xml"
    path.write_text(
        '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>7</g:id>'
        f"<g:description><![CDATA[{body}]]></g:description></item></channel></rss>",
        "utf-8",
    )
    with GoogleSource(path) as source:
        [product] = source.products()
    with GoogleSink(path.with_name("out.xml")) as sink:
        return product, sink.save(product, OURS)


Shop = Callable[[Path, str], tuple[Product, Saved]]


@pytest.mark.parametrize("shop", [shopify, woocommerce, own_table, jsonl, google])
@pytest.mark.parametrize("body", [*EMPTY, *SHOWN, *SAID])
def test_a_source_calls_empty_what_its_sink_fills(
    shop: Shop, body: str, tmp_path: Path
) -> None:
    product, saved = shop(tmp_path, body)
    assert (product.description == "") == (body in EMPTY)
    assert (saved.status == "written") == (body in EMPTY)


@pytest.mark.parametrize("body", [*EMPTY, *SHOWN, *SAID])
def test_a_woocommerce_shop_calls_empty_what_its_files_do(body: str) -> None:
    item = Item.model_validate({"id": 7, "description": body, "short_description": body})
    product = to_product(item, None, Problems())
    for text in (product.description, item.current(None).description):
        assert (text == "") == (body in EMPTY)
    assert (product.present.bullets == ()) == (body in EMPTY)


@pytest.mark.parametrize("body", [*EMPTY, *SHOWN, *SAID])
def test_a_shopify_shop_calls_empty_what_its_files_do(body: str) -> None:
    texts = dict.fromkeys(("vendor", "kind", "seo_title", "seo_description"), "")
    lists: dict[str, Any] = dict.fromkeys(("tags", "options", "images", "metafields"), ())
    node = product_node.ProductNode(
        gid=f"{product_node.GID}7", handle="jug", title="Jug", html=body,
        category_id="", category="", **texts, **lists,
    )  # fmt: skip
    product = product_node.to_product(node, ())
    assert (product.description == "") == (body in EMPTY)
    planned = plan(node, product, OURS, Rules())
    assert bool(planned.edits) == (body in EMPTY)
    assert planned.untouched == (() if body in EMPTY else ("description",))


def test_the_empty_bodies_of_a_real_export_are_filled(tmp_path: Path) -> None:
    path = FAULTS / "o10_empty_bodies.csv"
    with (
        ShopifyCsvSource(path) as source,
        ShopifyCsvSink(path, tmp_path / "out.csv") as sink,
    ):
        for product in source.products():
            assert product.description == ""
            assert sink.save(product, OURS).status == "written"


def test_a_stand_in_for_pictures_goes_nowhere(tmp_path: Path) -> None:
    product = Product(
        id="7", title="Jug", description=WORDLESS, present=Present(bullets=(WORDLESS, "a"))
    )
    assert product.words == ""
    copy = passthrough_copy(product, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert (copy.description, copy.bullets) == ("", ("a",))
    assert Current.of(product).updated({}).description == ""
    sinks: tuple[tuple[Any, str], ...] = ((TableNewSink, "o.csv"), (JsonLdSink, "o.jsonld"))
    for sink, name in sinks:
        with sink(tmp_path / name) as file:
            file.save(product, description(description="Ours.", title="Ours"))
        written = (tmp_path / name).read_text("utf-8")
        assert WORDLESS not in written and "Ours." not in written


@pytest.mark.parametrize("field", ["title", "description"])
def test_a_text_without_anything_to_see_is_empty_in_every_product(field: str) -> None:
    product = Product.model_validate({field: " \u200b\ufeff\n\xa0"})
    assert getattr(product, field) == ""
    assert getattr(Product.model_validate({field: "\u200bJug"}), field) == "\u200bJug"
    blank = Present(category="\u200b", alt_texts=("\xa0", "a"))
    assert (blank.category, blank.alt_texts) == ("", ("", "a"))


@pytest.mark.parametrize("piece", ["<!--", "<style>", "<script>", "<p ", "<p url(", "&#"])
def test_bodies_of_any_size_are_judged_at_once(piece: str) -> None:
    assert body_text(piece * 200_000)
