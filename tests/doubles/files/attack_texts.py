"""Texts that make a reader slow, and the places of a catalogue where a stranger puts one.

`PLACES` has a function for each cell, header name, element and whole file: it writes a
catalogue with the text in that place into a folder, and reads all of it. To attack one
more reader: its rows in ROWS, or a function in `_others`. To attack with one more text: an
`Attack` in ATTACKS.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from productdesc.catalogs.detect import detect_format
from productdesc.catalogs.formats import open_source
from productdesc.catalogs.openers import OpenOptions
from productdesc.catalogs.protocol import Problem, Problems
from productdesc.catalogs.shopify.admin.api import replies as shopify_replies
from productdesc.catalogs.shopify.admin.api.response_shapes import WrongShape
from productdesc.catalogs.shopify.admin.reading import product_node
from productdesc.catalogs.woocommerce.rest import item as woocommerce_item
from productdesc.catalogs.woocommerce.rest import replies as woocommerce_replies
from productdesc.errors import CatalogError
from productdesc.net import HttpReply

Place = Callable[[Path, str], None]
"""Writes a catalogue with a text in one place into a folder, and reads it."""


class Attack(NamedTuple):
    """A text of any length: a unit again and again, between a begin and an end."""

    unit: str
    begin: str = ""
    end: str = ""

    def text(self, size: int) -> str:
        return self.begin + self.unit * (size // len(self.unit)) + self.end


_UNITS = (
    *('"', '""', "'", 'a"', "\r", "\n", "\r\n", "\t", "\r\r\n", "\n \n", " \n", ",", ";"),
    *("|", ", ", " , ", " ", "  x", "\xa0", "\u200b", "\u3000", "\ufeff", "1", "1 "),
    *("1,", "1.", "1 000", "0", "-", "--", "- ", "_", "_1", "#", "*", "+", "@", "a", "A"),
    *("a ", "aB", "é", "ß", "İ", "ﬁ", "한", "漢", "́", "é", "\u202e", "👍\u200d", "ᾇ", "("),
    *(")", "()", "(a", "((a)", "[", "]", "[]", "{", "}", "{}", "<", ">", "<>", "<a"),
    *("<a ", "</", "<p>", "<p><p ", "</p>", "<br>", "<li>", "</li>", "<td>", "<tr><td>"),
    *("<table>", "<dl><dt>", "<!--", "<!-- ", "-->", "<script>", "<style", "<![CDATA["),
    *("<!doctype", "<?", "<img src=", "<a href='", "&", "&amp", "&lt;", "&#", "&#1"),
    *("&#x1;", "&amp;amp;", "%", "%2", "%20", "%%", "\\", "\\\\", "\\n", "\\u", "/"),
    *("//", "http", "http://", "https://a", "https://a/ ", "https://a.b/c.jpg,", "a.b"),
    *(".", "..", ". ", ": ", ":", "a:", "a:b,", "a=", "a=b,", "a=b|", 'a="', "=", '="'),
    *("=1", " > ", "/a", "a|b", "a^", "~", "n/a", "n/a ", "null,", "sku=a,", "|sku="),
    *("e+", "1e+1", "color=", "x.jpg", ".jpg", "wp:", "<!-- wp:a -->", "[a", "[/a]", "$"),
    *("€1,", "kg", "(cm)", '1,"a","\n', 'x","\n', '"a\n', "a,b\n", "a\r", "a\tb\n"),
    *('"a" b,', "id,", "title,"),
)  # fmt: skip

ATTACKS = (
    *(Attack(unit) for unit in _UNITS),
    *(Attack(unit, end="x") for unit in _UNITS if len(unit) == 1 or unit.isspace()),
    *(Attack(unit, "<", "!") for unit in (" ", "a", "a ", "a=", "'", '"', "!--", "/")),
    *(Attack(unit, "&", ";") for unit in ("#", "a", "1", "amp")),
    *(
        Attack(unit, "https://a.example/", ".jpg")
        for unit in ("a", "/", "%", "?", "&a=", ".")
    ),
    *(Attack(unit, '["', '"]') for unit in ("a", "\\", '\\"', '","', "[", "https://a/b,")),
    *(Attack(unit, "[", "]") for unit in ("1,", "[", '"a",', "{},", '{"url":1},')),
    Attack('{"url":', "", "1"),
    Attack('{"a":', "", "1"),
    Attack("[", '{"images":'),
    Attack(" ", "a,", "x"),
    Attack(" ", "a", ",b"),
    Attack(" ", "sku=1,", "x"),
)
"""Each is tried in every place by the long test, and some in each by the short one."""

ROWS: Mapping[str, Mapping[str, str]] = {
    "shopify-csv": {
        "Handle": "shoe", "Title": "Shoe", "Body (HTML)": "<p>Red</p>", "Vendor": "Acme",
        "Product Category": "Shoes", "Type": "Shoes", "Tags": "a, b", "Published": "TRUE",
        "Option1 Name": "Size", "Option1 Value": "S", "Variant SKU": "A1",
        "Image Src": "https://a.example/1.jpg", "Image Position": "1",
        "Image Alt Text": "Shoe", "SEO Title": "Shoe", "SEO Description": "Shoe",
        "Google Shopping / Gender": "unisex", "Sole (product.metafields.custom.sole)": "x",
    },
    "woocommerce-csv": {
        "ID": "1", "Type": "simple", "SKU": "A1", "Name": "Shoe", "Published": "1",
        "Is featured?": "0", "Visibility in catalog": "visible", "Short description": "x",
        "Description": "<p>Red</p>", "Categories": "Shoes > Red, Other", "Tags": "a, b",
        "Images": "https://a.example/1.jpg, https://a.example/2.jpg",
        "Attribute 1 name": "Size", "Attribute 1 value(s)": "S, M",
        "Attribute 1 visible": "1", "Attribute 1 global": "1",
    },
    "magento-csv": {
        "sku": "A1", "store_view_code": "", "attribute_set_code": "Default",
        "product_type": "simple", "categories": "Default Category/Shoes", "name": "Shoe",
        "description": "<p>Red</p>", "short_description": "x", "meta_title": "Shoe",
        "meta_keywords": "a,b", "meta_description": "x", "base_image": "/a/1.jpg",
        "base_image_label": "Shoe", "additional_images": "/a/2.jpg,/a/3.jpg",
        "additional_image_labels": "a,b", "color": "red",
        "additional_attributes": 'size=S,sole="a ""b"""',
        "configurable_variations": "sku=A1-S,size=S|sku=A1-M,size=M",
        "visibility": "Catalog, Search",
    },
    "google-tsv": {
        "id": "A1", "title": "Shoe", "description": "Red", "link": "https://a.example/",
        "image_link": "https://a.example/1.jpg", "availability": "in_stock",
        "additional_image_link": "https://a.example/2.jpg,https://a.example/3.jpg",
        "structured_title": "trained_algorithmic_media:Shoe", "product_highlight": '"a",b',
        "product_detail": "a:b:c", "brand": "Acme", "google_product_category": "Shoes",
        "product_type": "Shoes > Red", "color": "red/blue", "c:sole": "x",
        "shipping(country:price)": "DE:1 EUR",
    },
    "csv": {
        "id": "A1", "title": "Shoe", "description": "<p>Red</p>", "photos": "1.jpg",
        "category": "Shoes", "bullets": "a\nb", "tags": "a, b", "seo title": "Shoe",
        "attributes": "size: S\nsole: x", "price": "1.00", "Weight (kg)": "1", "other": "x",
    },
}  # fmt: skip
"""A valid row of each kind of table, by column."""


def _consume(path: Path, format: str) -> None:
    """Read all of a catalogue; that it may be refused is no matter here."""
    options = OpenOptions(
        media_url="https://a.example/media" if "magento" in format else None
    )
    with suppress(CatalogError, ValueError), open_source(path, format, options) as source:
        for _ in source.products():
            pass
        list(map(str, source.problems))


def written(path: Path, content: str, format: str) -> None:
    """Write a catalogue, and read all of it."""
    path.write_bytes(content.encode("utf-8", "replace"))
    _consume(path, format)


# ---- tables -----------------------------------------------------------------------------


def _table(rows: list[list[str]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def _tables() -> Iterator[tuple[str, Place]]:
    for format, row in ROWS.items():
        delimiter = "\t" if format == "google-tsv" else ","
        for column in row:
            yield f"{format}: cell {column}", _cell(format, column, delimiter)
            yield f"{format}: name {column}", _header(format, column, delimiter)
        yield f"{format}: a row", _raw(format, _table([[*row]], delimiter) + "{}\n")
        names = _table([[*row]], delimiter).strip()
        yield (
            f"{format}: the header",
            _raw(format, f"{names}{delimiter}{{}}\n1{delimiter}2\n"),
        )
        yield f"{format}: columns", _columns(format, delimiter)


def _cell(format: str, column: str, delimiter: str) -> Place:
    names, row = [*ROWS[format]], [*ROWS[format].values()]
    at = names.index(column)

    def place(folder: Path, text: str) -> None:
        attacked = [*row[:at], text, *row[at + 1 :]]
        written(folder / "t.csv", _table([names, attacked, row], delimiter), format)

    return place


def _header(format: str, column: str, delimiter: str) -> Place:
    names, row = [*ROWS[format]], [*ROWS[format].values()]
    at = names.index(column)

    def place(folder: Path, text: str) -> None:
        attacked = [*names[:at], text, *names[at + 1 :]]
        written(folder / "t.csv", _table([attacked, row], delimiter), format)

    return place


def _raw(format: str, around: str) -> Place:
    return lambda folder, text: written(
        folder / "t.csv", around.replace("{}", text), format
    )


def _columns(format: str, delimiter: str) -> Place:
    """A column for each character pair of the text, beside those of the format."""
    names, row = [*ROWS[format]], [*ROWS[format].values()]

    def place(folder: Path, text: str) -> None:
        more = [text[at : at + 2] for at in range(0, len(text), 2)]
        cells = _table([names + more, row + more, row + more], delimiter)
        written(folder / "t.csv", cells, format)

    return place


# ---- other files ------------------------------------------------------------------------

RSS = (
    '<rss xmlns:g="http://base.google.com/ns/1.0" xmlns:c="http://base.google.com/cns/1.0">'
    "<channel>{}</channel></rss>"
)
_XML_FIELDS = ("g:id", "g:title", "title", "description", "g:image_link", "c:sole")
_XML_FIELDS += ("g:additional_image_link", "g:product_highlight", "g:product_type", "link")
OFFER = "<item><g:id>A1</g:id><title>Shoe</title>{}</item>"
_ENTRY = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{}</entry></feed>'
PRODUCT = {
    "id": "A1", "title": "Shoe", "description": "<p>Red</p>", "attributes": {"size": "S"},
    "photos": ["https://a.example/1.jpg"], "present": {"tags": ["a"], "category": "Shoes"},
}  # fmt: skip


def _xml() -> Iterator[tuple[str, Place]]:
    def feed(around: str, *, escaped: bool, template: str = RSS) -> Place:
        def place(folder: Path, text: str) -> None:
            inner = around.replace("{}", escape(text) if escaped else text)
            written(folder / "t.xml", template.replace("{}", inner), "google-xml")

        return place

    for name in _XML_FIELDS:
        field = OFFER.replace("{}", f"<{name}>{{}}</{name}>")
        yield f"google-xml: {name}", feed(field, escaped=True)
        yield f"google-xml: in {name}", feed(field, escaped=False)
    cdata = OFFER.replace("{}", "<g:description><![CDATA[{}]]></g:description>")
    detail = "<g:product_detail><g:attribute_name>{}</g:attribute_name></g:product_detail>"
    structured = "<g:structured_title><g:content>{}</g:content></g:structured_title>"
    yield "google-xml: CDATA", feed(cdata, escaped=False)
    yield "google-xml: detail", feed(OFFER.replace("{}", detail), escaped=True)
    yield "google-xml: structured", feed(OFFER.replace("{}", structured), escaped=True)
    yield "google-xml: a comment", feed("<!-- {} -->", escaped=False)
    yield "google-xml: a tag", feed(OFFER.replace("{}", "<g:a{}>x</g:a>"), escaped=False)
    yield "google-xml: an attribute", feed('<item a="{}"></item>', escaped=True)
    yield "google-xml: offers", feed("{}", escaped=False)
    yield "google-xml: all", feed("{}", escaped=False, template="{}")
    yield (
        "google-xml: behind",
        feed("{}", escaped=False, template="<?xml version='1.0'?>{}"),
    )
    for name in ("title", "summary", "content", "link"):
        entry = f"<{name}>{{}}</{name}>"
        yield f"atom: {name}", feed(entry, escaped=True, template=_ENTRY)
        yield f"atom: in {name}", feed(entry, escaped=False, template=_ENTRY)


def _json() -> Iterator[tuple[str, Place]]:
    def lines(make: Callable[[str], Any], template: str = "{}\n") -> Place:
        return lambda folder, text: written(
            folder / "t.jsonl", template.replace("{}", json.dumps(make(text))), "jsonl"
        )

    for name in PRODUCT:
        yield f"jsonl: {name}", lines(lambda text, name=name: PRODUCT | {name: text})
        yield (
            f"jsonl: array {name}",
            lines(lambda text, name=name: [PRODUCT | {name: text}, PRODUCT]),
        )
    yield "jsonl: attribute", lines(lambda text: PRODUCT | {"attributes": {"size": text}})
    yield "jsonl: name", lines(lambda text: PRODUCT | {"attributes": {text: "S"}})
    yield "jsonl: photo", lines(lambda text: PRODUCT | {"photos": [text]})
    yield "jsonl: photos", lines(lambda text: PRODUCT | {"photos": text.split("a")})
    yield "jsonl: tag", lines(lambda text: PRODUCT | {"present": {"tags": [text]}})
    yield "jsonl: unknown key", lines(lambda text: PRODUCT | {text: "x"})
    for around in ('{"id":"1"}\n{}\n', '[{"id":"1"},{}', '{"id":"1","title":"{}', "[{}]"):
        yield (
            f"jsonl: in {around!r}",
            lambda folder, text, around=around: written(
                folder / "t.jsonl", around[::-1].replace("}{", text[::-1], 1)[::-1], "jsonl"
            ),
        )


def _parquet() -> Iterator[tuple[str, Place]]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        return

    def table(make: Callable[[str], dict[str, Any]]) -> Place:
        def place(folder: Path, text: str) -> None:
            columns = pyarrow.table({k: [v] for k, v in make(text).items()})
            pyarrow.parquet.write_table(columns, folder / "t.parquet", compression="none")
            _consume(folder / "t.parquet", "parquet")

        return place

    row = ROWS["csv"]
    for column in row:
        yield f"parquet: {column}", table(lambda text, column=column: {**row, column: text})
    yield "parquet: a name", table(lambda text: {**row, text: "x"})
    yield "parquet: a list", table(lambda text: {**row, "tags": text.split("a")})


def _folder() -> Iterator[tuple[str, Place]]:
    def place(folder: Path, text: str) -> None:
        """Many files, named by parts of the text; made once, since that takes longest."""
        top = folder / str(hash(text))
        if not top.exists():
            top.mkdir()
            for at in range(0, len(text) // 64):
                name = text[at * 48 : at * 48 + 48].replace("/", "").replace("\0", "")
                (top / f"{name}{at}.jpg").touch()
        _consume(top, "folder")

    yield "folder: names", place


def _detection() -> Iterator[tuple[str, Place]]:
    """What a file is, by its bytes, whatever its name."""

    def detected(name: str, around: str) -> Place:
        def place(folder: Path, text: str) -> None:
            (folder / name).write_bytes(around.replace("{}", text).encode())
            with suppress(CatalogError):
                detect_format(folder / name)

        return place

    for name in ("f.csv", "f.txt", "f.xml", "f.jsonl", "f"):
        yield f"detected: {name}", detected(name, "{}")
    yield "detected: below a name", detected("f.csv", "id,title\n{}\n1,2\n")
    yield "detected: beside names", detected("f.csv", "id,{},title\n1,2,3\n")
    yield "detected: comment", detected("f.xml", "<!--{}--><rss/>")
    yield "detected: sep", detected("f.csv", "sep=;{}\nid;title\n1;2\n")
    yield (
        "detected: cp1252",
        detected("f.csv", "id,title\n\udce9 {}\n".replace("\udce9", "é")),
    )


# ---- live shops -------------------------------------------------------------------------

WOOCOMMERCE: dict[str, Any] = {
    "id": 1, "name": "Shoe", "type": "simple", "description": "x", "short_description": "x",
    "categories": [{"id": 1, "name": "Shoes", "slug": "x"}],
    "tags": [{"id": 1, "name": "a", "slug": "a"}],
    "images": [{"id": 1, "src": "https://a.example/1.jpg", "alt": "x"}],
    "attributes": [{"id": 1, "name": "Size", "options": ["S"]}], "meta_data": [],
}  # fmt: skip
SHOPIFY: dict[str, Any] = {
    "id": "gid://shopify/Product/1", "handle": "x", "title": "Shoe", "descriptionHtml": "x",
    "vendor": "Acme", "productType": "Shoes", "tags": ["a"], "category": None,
    "seo": {"title": "x", "description": "x"},
    "options": [{"name": "Size", "values": ["S"]}],
}  # fmt: skip
MEDIUM: dict[str, Any] = {
    "id": "gid://shopify/MediaImage/1", "alt": "x", "fileStatus": "READY",
    "mediaContentType": "IMAGE", "image": {"url": "https://a.example/1.jpg"},
}  # fmt: skip
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _reply(
    body: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpReply:
    return HttpReply(status, dict(headers or {}), body.encode(), "https://shop.example/")


def _woocommerce() -> Iterator[tuple[str, Place]]:
    def product(change: Callable[[str], dict[str, Any]]) -> Place:
        def place(folder: Path, text: str) -> None:
            body = json.dumps([WOOCOMMERCE | change(text)])
            outcome, problems = woocommerce_replies.judge(_reply(body), NOW), Problems()
            assert isinstance(outcome, woocommerce_replies.Answered)
            item = woocommerce_item.parse_item(outcome.value[0])
            if not isinstance(item, str):
                woocommerce_item.to_product(item, ("seo", "seo"), problems)

        return place

    for name, value in WOOCOMMERCE.items():
        if isinstance(value, str):
            yield f"woocommerce: {name}", product(lambda text, name=name: {name: text})
        elif isinstance(value, list) and value:
            for key in (key for key in value[0] if key != "id"):

                def within(text: str, name: str = name, key: str = key) -> dict[str, Any]:
                    attacked = [text] if key == "options" else text
                    return {name: [WOOCOMMERCE[name][0] | {key: attacked}]}

                yield f"woocommerce: {name} {key}", product(within)
    yield (
        "woocommerce: seo",
        product(lambda text: {"meta_data": [{"key": "seo", "value": text}]}),
    )

    def error(make: Callable[[str], HttpReply]) -> Place:
        return lambda folder, text: str(woocommerce_replies.judge(make(text), NOW)) and None

    for key in ("code", "message"):
        yield (
            f"woocommerce: error {key}",
            error(
                lambda text, key=key: _reply(
                    json.dumps({"code": "x", "message": "x"} | {key: text}), 400
                )
            ),
        )
    yield "woocommerce: page", error(lambda text: _reply(text, 502))
    yield "woocommerce: answer", error(lambda text: _reply(f"[{text}]"))
    yield "woocommerce: broken answer", error(lambda text: _reply(f'[NaN,{{"a":{text}]'))
    yield "woocommerce: title", error(lambda text: _reply(f"<title>{text}", 500))
    for name in ("location", "retry-after", "x-request-id"):
        yield (
            f"woocommerce: {name}",
            error(lambda text, name=name: _reply("", 302, {name: text.replace("\n", " ")})),
        )


def _shopify() -> Iterator[tuple[str, Place]]:
    def product(change: Callable[[str], dict[str, Any]]) -> Place:
        def place(folder: Path, text: str) -> None:
            changes = change(text)
            media = [MEDIUM | changes.pop("medium", {})]
            try:
                node = product_node.parse(
                    SHOPIFY | changes, media, changes.pop("metafields", ())
                )
            except WrongShape as e:
                str(Problem("", str(e)))
            else:
                product_node.to_product(node, ("custom",))

        return place

    for name, value in SHOPIFY.items():
        if isinstance(value, str):
            yield f"shopify: {name}", product(lambda text, name=name: {name: text})
    yield "shopify: tag", product(lambda text: {"tags": [text]})
    yield "shopify: tags", product(lambda text: {"tags": text.split("a")})
    yield (
        "shopify: seo",
        product(lambda text: {"seo": {"title": text, "description": text}}),
    )
    yield (
        "shopify: category",
        product(lambda text: {"category": {"id": "x", "fullName": text}}),
    )
    yield (
        "shopify: option",
        product(lambda text: {"options": [{"name": text, "values": [text]}]}),
    )
    yield (
        "shopify: values",
        product(lambda text: {"options": [{"name": "a", "values": text.split("a")}]}),
    )
    yield "shopify: alt", product(lambda text: {"medium": {"alt": text}})
    yield "shopify: url", product(lambda text: {"medium": {"image": {"url": text}}})
    for kind in (*product_node.TEXTS, "weight", "list.single_line_text_field", "boolean"):
        for around in ("{}", '["{}"]', '{"value":1,"unit":"{}"}'):

            def field(text: str, kind: str = kind, around: str = around) -> dict[str, Any]:
                value = around.replace("{}", text)
                field = {"namespace": "custom", "key": "a", "type": kind, "value": value}
                return {"metafields": [field]}

            yield f"shopify: {kind} {around}", product(field)

    def error(make: Callable[[str], HttpReply]) -> Place:
        return lambda folder, text: str(shopify_replies.judge(make(text), NOW)) and None

    def message(text: str) -> HttpReply:
        return _reply(json.dumps({"errors": [{"message": text}]}))

    yield "shopify: error message", error(message)
    yield "shopify: errors", error(lambda text: _reply(json.dumps({"errors": text})))
    yield "shopify: answer", error(lambda text: _reply(f"[{text}]"))
    yield "shopify: request id", error(lambda text: _reply("", 500, {"x-request-id": text}))


def _others() -> Iterator[tuple[str, Place]]:
    for kind in (_xml, _json, _parquet, _folder, _detection, _woocommerce, _shopify):
        yield from kind()


PLACES: dict[str, Place] = dict([*_tables(), *_others()])
