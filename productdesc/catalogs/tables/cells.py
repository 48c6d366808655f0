"""Cells of a table: lists in one cell, and the product of a row.

Written, a list has one entry a line. Read, it may also be parted as shops do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...net.network_access import NO_ACCESS, NetworkAccess
from ...records import Present, Product
from ...text.plain_values import plain_text
from ...text.printable import quoted
from ..merge_policy import Current
from ..protocol import Problem, Problems
from ..shop_text.attribute_values import plain_attributes
from ..shop_text.body import body_text
from ..shop_text.image_urls import photo_links
from ..shop_text.photo_lists import split_photos
from ..shop_text.placeholders import stated, stated_attributes, stated_html, stated_list
from ..shop_text.shop_html import to_text
from .columns import Columns

_TAG = re.compile(
    r"</[a-z][a-z0-9]*\s*>|<(?:p|br|div|ul|ol|li|span|b|strong|em|i|h[1-6]|table|tr|td|th"
    r"|dl|dt|dd|a|img|video|iframe|embed|object|svg|hr|meta)\b[^<>]*>|<!--",
    re.IGNORECASE,
)


def to_product(
    columns: Columns,
    values: Sequence[Any],
    problems: Problems,
    where: str,
    *,
    line: int = 0,
    folder: Path | None = None,
    network: NetworkAccess = NO_ACCESS,
) -> Product | None:
    """The product of one row; None, and a problem, where it has no id.

    values: one a column: text, or numbers, lists and mappings from a typed file. folder,
    network: where photos may be, see `photo_links`.
    """

    def first(role: str) -> str:
        return next((t for n in columns.of(role) if (t := as_text(values[n]))), "")

    def many(role: str, parted: Any) -> list[str]:
        return [one for n in columns.of(role) for one in _items(values[n], parted)]

    key = product_id(columns, values)
    if not key:
        problems.add(Problem(where, "has no id, so it was left out", line))
        return None
    place = f"{where}, product {quoted(key, 'name')}"
    photos = photo_links(
        (one for n in columns.of("photos") for one in split_photos(values[n])),
        problems,
        place,
        line=line,
        folder=folder,
        network=network,
    )
    attributes: dict[str, Any] = {}
    for n in columns.of("attributes"):
        attributes |= _pairs(values[n])
    attributes |= {columns.header[n]: values[n] for n in columns.of("attribute")}
    return Product(
        id=key,
        title=_prose(stated_html(first("title"))),
        description=_prose(stated_html(first("description")), body_text),
        photos=photos.photos,
        photo_error=photos.error,
        attributes=stated_attributes(plain_attributes(attributes, problems, place, line)),
        present=Present(
            category=stated(first("category").strip()),
            bullets=tuple(filter(stated, many("bullets", bullets))),
            seo_title=stated(first("seo_title").strip()),
            seo_description=stated(first("seo_description").strip()),
            alt_texts=_alts(list(map(stated, many("alt_texts", _lines_of)))),
            tags=stated_list(many("tags", tags)),
        ),
    )


def product_id(columns: Columns, values: Sequence[Any]) -> str:
    """The id of a row's product, "" where it has none."""
    texts = (as_text(values[n]).strip() for n in columns.of("id"))
    return next((text for text in texts if text), "")


def as_text(value: Any) -> str:
    """One value of a typed file as text; bytes say nothing."""
    match value:
        case str():
            return value
        case list() | tuple():
            return ", ".join(t for t in map(as_text, value) if t)
        case dict():
            return ", ".join(f"{k}: {as_text(v)}" for k, v in value.items() if as_text(v))
        case bytes():
            return ""
        case _:
            return plain_text(value)


def _prose(text: str, read: Callable[[str], str] = to_text) -> str:
    """Plain text; a cell is taken for HTML only where it has a tag of ordinary HTML."""
    return read(text) if _TAG.search(text) else text.strip()


def _items(value: Any, parted: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [as_text(one) for one in value]
    items: list[str] = parted(as_text(value))
    return items


def bullets(cell: str) -> list[str]:
    lines = re.split(r"[\r\n]+" if "\n" in cell else r"\|", cell)
    return [text for one in lines if (text := re.sub(r"^\s*[-•*]\s+", "", one).strip())]


def tags(cell: str) -> list[str]:
    parts = re.split(r"[\r\n]+" if "\n" in cell else ",", cell)
    return [part.strip() for part in parts if part.strip()]


def _lines_of(cell: str) -> list[str]:
    """Every line, an empty one too: it stands for a photo without a text."""
    return re.split(r"\r\n|\r|\n", cell) if cell else []


def _alts(lines: Sequence[str]) -> tuple[str, ...]:
    texts = tuple(text.strip() for text in lines)
    return texts if any(texts) else ()


def _pairs(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {str(k): v for k, v in value.items()}
    if isinstance(value, list):  # a map column of Parquet: pairs
        return {str(k): v for k, v in (p for p in value if len(p) == 2)}
    pairs = (line.partition(":") for line in as_text(value).splitlines())
    return {key.strip(): text.strip() for key, _, text in pairs if text.strip()}


def cells(current: Current) -> dict[str, str]:
    """One cell a field of a description, as a table is written."""
    return {
        "title": current.title,
        "category": current.category,
        "attributes": _lines(f"{key}: {text}" for key, text in current.attributes.items()),
        "bullets": _lines(current.bullets),
        "description": current.description,
        "seo_title": current.seo_title,
        "seo_description": current.seo_description,
        "alt_texts": _lines(current.alt_texts),
        "tags": _tags(current.tags),
    }


def _lines(texts: Any) -> str:
    return "\n".join(" ".join(text.splitlines()) for text in texts)


def _tags(texts: Sequence[str]) -> str:
    if not any("," in text for text in texts):
        return ", ".join(texts)
    return _lines(texts) + ("\n" if len(texts) == 1 else "")
