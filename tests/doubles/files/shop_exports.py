"""Exports of shops as Hypothesis makes them: any reader, dialect, language and encoding.

`exports(format)` draws an `Export`: the bytes of a file, and the products that it holds.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape as escape_html
from typing import NamedTuple
from xml.sax.saxutils import escape

from doubles.product_texts import LEGACY, TEXTS, WESTERN
from hypothesis import strategies as st

from productdesc.words.catalog_words import column_names, woocommerce_names

PHOTO_LISTS: tuple[Callable[[Sequence[str]], str], ...] = (
    ",".join,
    ", ".join,
    " , ".join,
    ";".join,
    "; ".join,
    "|".join,
    " | ".join,
    "||".join,
    " ".join,
    "\n".join,
    "\r\n".join,
    "\t".join,
    ",\n".join,
    "~".join,
    "^".join,
    "<br>".join,
    "\\n".join,
    "，".join,
    json.dumps,
    lambda urls: json.dumps(urls).replace("/", "\\/"),
    lambda urls: json.dumps(urls, indent=1),
    lambda urls: json.dumps(json.dumps(urls)),
    lambda urls: json.dumps([{"url": url, "alt": "x"} for url in urls]),
    lambda urls: json.dumps([{"id": 7, "src": url} for url in urls]),
    lambda urls: json.dumps({str(n): url for n, url in enumerate(urls)}),
    lambda urls: json.dumps({"images": [{"node": {"url": url}} for url in urls]}),
    lambda urls: str(list(urls)),
    lambda urls: f"[{', '.join(urls)}]",
    lambda urls: "{" + ",".join(urls) + "}",
    lambda urls: ",".join(f'"{url}"' for url in urls),
    lambda urls: " ".join(f"<{url}>" for url in urls),
    lambda urls: "".join(f'<img alt="" src="{escape(url)}">' for url in urls),
    lambda urls: ",".join(urls) + ", ",
)
"""Ways in which shops write several URLs into one text."""

FORMATS = (
    *("shopify-csv", "woocommerce-csv", "csv", "google-tsv", "google-xml", "magento-csv"),
    "jsonl",
)
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le")
COLOURS: Mapping[str, tuple[str, str]] = {
    "en": ("Finish", "Matt green"), "de": ("Oberfläche", "Grün"),
    "fr": ("Finition", "Doré"), "es": ("Acabado", "Marrón"),
    "it": ("Finitura", "Grigio chiaro"), "pt": ("Acabamento", "Âmbar"),
    "sv": ("Yta", "Blå"), "da": ("Overflade", "Grøn"),
    "nl": ("Afwerking", "Crème"), "pl": ("Wykończenie", "Zielony"),
    "cs": ("Povrch", "Žlutý"), "hu": ("Felület", "Zöld"), "ro": ("Finisaj", "Roşu"),
    "hr": ("Završna obrada", "Smeđa"), "ru": ("Отделка", "Зелёный"),
    "ja": ("仕上げ", "緑"), "zh": ("表面", "绿色"), "ko": ("마감", "초록색"),
}  # fmt: skip
"""An attribute of a product and its value, by language."""
URLS = (
    "https://img.example/1.jpg",
    "https://img.example/2.png?v=3&w=4",
    "https://res.example/upload/w_300,h_300,c_fill/shoe.jpg",
    "https://img.example/p/7731",
    "https://img.example/red shoe.jpg",
)
IDS = ("A1", "00123", "J-7", "x_9", "8710000012345", "mug.green")
HIDDEN = ("", "\u200b", "\ufeff", "\u00a0", "\u2060", " ")
NEWLINES = ("\n", "\r\n", "\r")


class Expected(NamedTuple):
    """A product of an export as it must be read."""

    id: str
    title: str
    description: str
    photos: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Export:
    """A file, the products in it, and the encoding that it is in."""

    name: str
    content: bytes
    encoding: str
    products: tuple[Expected, ...]

    @property
    def is_unicode(self) -> bool:
        return self.encoding in UNICODE


@st.composite
def exports(draw: st.DrawFn, format: str) -> Export:
    """One export of a format; its name says nothing of it, or something wrong."""
    encoding = draw(st.sampled_from((*UNICODE, *UNICODE, "cp1252", *ENCODINGS)))
    language = draw(st.sampled_from(languages_of(encoding)))
    count = draw(st.integers(1, 4))
    ids = draw(st.permutations(IDS))[:count]
    products = tuple(draw(_products(language, key)) for key in ids)
    name = draw(st.sampled_from(("export.csv", "export.txt", "export", "feed.dat")))
    writers = {"google-xml": _xml, "jsonl": _json_lines}
    write = writers.get(format, _delimited)
    content, products = draw(write(format, encoding, language, products))
    return Export(name, content, encoding, products)


ENCODINGS = ("cp1250", "cp1251", "shift_jis", "gbk", "euc-kr", "mac-roman")
"""Of before Unicode; their bytes are text in cp1252, too."""


def languages_of(encoding: str) -> tuple[str, ...]:
    """The languages with a text that an encoding was used for."""
    if encoding in UNICODE:
        return tuple(COLOURS)
    return WESTERN if encoding == "cp1252" else LEGACY[encoding]


@st.composite
def _products(draw: st.DrawFn, language: str, key: str) -> Expected:
    title, text = draw(st.sampled_from(TEXTS[language]))
    title = title.replace("’", "'") + draw(st.sampled_from(("", " 2", ' 10"', " (L)")))
    more = ("", ' "Matt", 5; 7', " A|B", " R&D", "  ")
    text = f"{text.replace('’', chr(39))}{draw(st.sampled_from(more))}".strip()
    urls = draw(st.lists(st.sampled_from(URLS), max_size=3, unique=True))
    return Expected(key, title, text, tuple(urls), (COLOURS[language],))


def _lists(encoding: str) -> list[Callable[[Sequence[str]], str]]:
    """The ways of listing whose marks an encoding has."""
    if encoding in UNICODE:
        return list(PHOTO_LISTS)
    return [listed for listed in PHOTO_LISTS if listed(["", ""]).isascii()]


def _as_read(one: Expected, **changes: object) -> Expected:
    """A space in a URL is read as a browser sends it."""
    photos = tuple(url.replace(" ", "%20") for url in one.photos)
    return one._replace(photos=photos, **changes)


# ---- delimited text ---------------------------------------------------------------------


@st.composite
def _delimited(
    draw: st.DrawFn,
    format: str,
    encoding: str,
    language: str,
    products: Sequence[Expected],
) -> tuple[bytes, tuple[Expected, ...]]:
    listed = draw(st.sampled_from(_lists(encoding)))
    header, rows = draw(_tables(format, language, products, listed))
    delimiter = draw(st.sampled_from(",;\t|"))
    newline = draw(st.sampled_from(NEWLINES))
    if newline == "\r":  # a line end within a cell would be the file's own
        rows = [[cell.replace("\n", " ") for cell in row] for row in rows]
    if encoding in UNICODE:
        header = [f"{draw(st.sampled_from(HIDDEN))}{name}" for name in header]
    file = io.StringIO(newline="")
    if draw(st.booleans()):
        file.write(f"sep={delimiter}{newline}")
    quoting = draw(st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
    writer = csv.writer(file, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(header)
    if draw(st.booleans()):
        rows = [[f'="{row[0]}"', *row[1:]] for row in rows]
    writer.writerows(rows)
    file.write(newline * draw(st.integers(0, 2)))
    read = tuple(_as_read(one, attributes=_attributes(format, one)) for one in products)
    return draw(_encoded(file.getvalue(), encoding)), read


@st.composite
def _encoded(draw: st.DrawFn, text: str, encoding: str) -> bytes:
    marks = {"utf-8": codecs.BOM_UTF8, "utf-8-sig": codecs.BOM_UTF8}
    content = text.encode(encoding)
    return marks.get(encoding, b"") * draw(st.integers(0, 1)) + content


def _attributes(format: str, one: Expected) -> tuple[tuple[str, str], ...]:
    """Google and Magento have names of their own for attributes."""
    if format in ("google-tsv", "magento-csv"):
        return tuple(("color", value) for _, value in one.attributes)
    return one.attributes


@st.composite
def _tables(
    draw: st.DrawFn,
    format: str,
    language: str,
    products: Sequence[Expected],
    listed: Callable[[Sequence[str]], str],
) -> tuple[list[str], list[list[str]]]:
    """The header of a format and a row a product."""
    html = [f"<p>{escape_html(one.description, quote=False)}</p>" for one in products]
    photos = [listed(one.photos) if one.photos else "" for one in products]
    match format:
        case "shopify-csv":
            old = draw(st.booleans())
            header = (
                ["Handle", "Title", "Body (HTML)", "Image Src"]
                if old
                else ["URL handle", "Title", "Description", "Product image URL"]
            )
            option = "Option1 Name", "Option1 Value"
            header += list(option) if old else [name.capitalize() for name in option]
            rows = [
                [p.id, p.title, text, links, *p.attributes[0]]
                for p, text, links in zip(products, html, photos, strict=True)
            ]
        case "woocommerce-csv":
            names = woocommerce_names().columns
            header, known = [], names.get(language, names["en"])
            for role in (
                "id",
                "type",
                "sku",
                "title",
                "published",
                "visibility",
                "description",
                "images",
                "attribute_name",
                "attribute_values",
            ):
                header.append(known[role][0].replace("%d", "1"))  # fmt: skip
            rows = [
                [p.id, "simple", f"s{p.id}", p.title, "1", "visible", text, links,
                 *p.attributes[0]]
                for p, text, links in zip(products, html, photos, strict=True)
            ]  # fmt: skip
        case "magento-csv":
            header = ["sku", "name", "description", "product_type", "attribute_set_code",
                      "additional_images", "additional_attributes"]  # fmt: skip
            rows = [
                [p.id, p.title, text, "simple", "Default", links,
                 f"color={p.attributes[0][1]}"]
                for p, text, links in zip(products, html, photos, strict=True)
            ]  # fmt: skip
        case "google-tsv":
            header = ["id", "title", "description", "availability", "color",
                      "additional image link"]  # fmt: skip
            rows = [
                [p.id, p.title, text, "in stock", p.attributes[0][1], links]
                for p, text, links in zip(products, html, photos, strict=True)
            ]
        case _:
            names = column_names().get(language, column_names()["en"])
            header = [
                draw(st.sampled_from(names[role]))
                if role == "description"
                else names[role][0]
                for role in ("id", "title", "description")
            ]
            header += [names["photos"][0], products[0].attributes[0][0]]  # fmt: skip
            rows = [
                [p.id, p.title, p.description, links, p.attributes[0][1]]
                for p, links in zip(products, photos, strict=True)
            ]
    return header, rows


# ---- XML and JSON -----------------------------------------------------------------------


@st.composite
def _xml(
    draw: st.DrawFn,
    format: str,
    encoding: str,
    language: str,
    products: Sequence[Expected],
) -> tuple[bytes, tuple[Expected, ...]]:
    listed = draw(st.sampled_from([f for f in _lists(encoding) if "\r" not in f(["", ""])]))
    declared = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16"}.get(encoding, encoding)
    head = f'<?xml version="1.0" encoding="{declared}"?>'
    if encoding in UNICODE:
        head = draw(st.sampled_from((head, "")))
    items = []
    for one in products:
        values = {
            "id": one.id, "title": one.title, "description": one.description,
            "color": one.attributes[0][1],
            "additional_image_link": listed(one.photos) if one.photos else "",
        }  # fmt: skip
        fields = (f"<g:{name}>{escape(text)}</g:{name}>" for name, text in values.items())
        items.append(f"<item>{''.join(fields)}</item>")
    space = 'xmlns:g="http://base.google.com/ns/1.0"'
    text = f"{head}<rss {space}><channel>{''.join(items)}</channel></rss>"
    marks = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b""
    read = tuple(
        _as_read(one, attributes=(("color", one.attributes[0][1]),)) for one in products
    )
    return marks + text.encode(encoding), read


@st.composite
def _json_lines(
    draw: st.DrawFn,
    format: str,
    encoding: str,
    language: str,
    products: Sequence[Expected],
) -> tuple[bytes, tuple[Expected, ...]]:
    listed = draw(st.sampled_from((*_lists(encoding), None)))
    objects = [
        {
            "id": one.id,
            "title": one.title,
            "description": one.description,
            "photos": list(one.photos) if listed is None else listed(one.photos),
            "attributes": dict(one.attributes),
        }
        for one in products
    ]
    newline = draw(st.sampled_from(("\n", "\r\n")))
    if draw(st.booleans()):
        text = newline.join(json.dumps(one, ensure_ascii=False) for one in objects)
    else:
        indent = draw(st.sampled_from((None, 1)))
        text = json.dumps(objects, ensure_ascii=False, indent=indent)
    marks = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b""
    read = tuple(map(_as_read, products))
    return marks + text.encode(encoding), read
