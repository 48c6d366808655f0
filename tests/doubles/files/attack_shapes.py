"""Catalogues of one shape in any size: many columns, rows, fields or parts of a product.

`SHAPES` has a function for each that writes a catalogue with so many of a thing into a
folder, and reads all of it. To add one: a function in `_rows`, `_columns` or `_parts`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from doubles.files.attack_texts import (
    MEDIUM,
    OFFER,
    PRODUCT,
    ROWS,
    RSS,
    SHOPIFY,
    WOOCOMMERCE,
    written,
)

from productdesc.catalogs.protocol import Problems
from productdesc.catalogs.shopify.admin.reading import product_node
from productdesc.catalogs.shopify.admin.reading.bulk_join import BulkJoin
from productdesc.catalogs.woocommerce.rest import item as woocommerce_item

Shape = Callable[[Path, int], None]
"""Writes a catalogue with so many of a thing into a folder, and reads it."""

KEYS = {
    "shopify-csv": "Handle",
    "woocommerce-csv": "ID",
    "magento-csv": "sku",
    "google-tsv": "id",
    "csv": "id",
}
OTHERS = {
    "no known name": "x",
    "money": "1.00 €",
    "cents": "1.00",
    "links": "https://a.example/x",
    "pictures": "https://a.example/1.jpg",
    "long texts": "word " * 30,
}
"""Columns of a plain table that are understood by their values."""
OF_KINDS = {**ROWS, "csv": {**ROWS["csv"], **OTHERS}}


def _table(format: str, rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter="\t" if format == "google-tsv" else ",").writerows(rows)
    return text.getvalue()


def _columns() -> Iterator[tuple[str, Shape]]:
    """A valid row, and beside it two of its columns so many times, one after the other."""
    for format in ROWS:
        kinds = [name for name in OF_KINDS[format] if name != KEYS[format]]
        for before, after in zip(kinds, kinds[1:] + kinds[:1], strict=True):

            def shape(
                folder: Path,
                count: int,
                format: str = format,
                more: tuple[str, ...] = (before, after),
            ) -> None:
                names = [n for n in more for _ in range(max(1, count // 2))]
                cells = [OF_KINDS[format][name] for name in names]
                names, cells = [*ROWS[format], *names], [*ROWS[format].values(), *cells]
                rows = [names, cells, [*cells[:-1], "other"]]
                written(folder / "t.csv", _table(format, rows), format)

            yield f"{format}: columns {before}, {after}", shape


def _rows() -> Iterator[tuple[str, Shape]]:
    """A row so many times, under keys that are the same, that alternate, that differ."""
    keys: dict[str, Callable[[int], str]] = {
        "same": lambda number: "1",
        "apart": lambda number: str(number % 2),
        "far apart": lambda number: str(number * 7919 % 1000),
        "other": str,
        "none": lambda number: "",
        "alike": lambda number: "aA"[number % 2] * (number // 2 % 50),
    }
    for format in ROWS:
        for name, key in keys.items():

            def shape(
                folder: Path,
                count: int,
                format: str = format,
                key: Callable[[int], str] = key,
            ) -> None:
                row = ROWS[format]
                rows = [[*row]]
                for number in range(count // 64 + 1):
                    other = {
                        column: value.replace("1.jpg", f"{number}.jpg")
                        for column, value in row.items()
                    }
                    rows.append([*{**other, KEYS[format]: key(number)}.values()])
                written(folder / "t.csv", _table(format, rows), format)

            yield f"{format}: rows, keys {name}", shape

    def magento(folder: Path, count: int) -> None:
        """Magento 1: a product goes on in rows without a SKU."""
        names = ["sku", "_type", "_attribute_set", "_media_image", "_super_attribute_code"]
        names += ["_super_attribute_option", "_category"]
        rows = [
            ["", "", "", f"/{n}.jpg", "size", str(n), f"c{n}"] for n in range(count // 8)
        ]
        table = [names, ["A1", "configurable", "x", "", "", "", ""], *rows]
        written(folder / "t.csv", _table("csv", table), "magento-csv")

    yield "magento-csv: rows of one product", magento


def _parts() -> Iterator[tuple[str, Shape]]:
    """One product with so many of a thing."""

    def feed(make: Callable[[int], str]) -> Shape:
        def shape(folder: Path, count: int) -> None:
            inner = "".join(map(make, range(count // 16)))
            content = RSS.replace("{}", OFFER.replace("{}", inner))
            written(folder / "t.xml", content, "google-xml")

        return shape

    yield "google-xml: links", feed(lambda n: f"<g:image_link>https://a/{n}</g:image_link>")
    yield "google-xml: custom", feed(lambda n: f"<c:a{n}>x</c:a{n}>")
    yield "google-xml: titles", feed(lambda n: "<title>x</title>")
    yield "google-xml: offers", feed(lambda n: f"</item><item><g:id>{n}</g:id>")
    yield "google-xml: ids", feed(lambda n: f"<g:id>{n}</g:id>")
    yield "google-xml: tags", feed(lambda n: f"<description><a{n}>x</a{n}></description>")

    def lines(make: Callable[[int], dict[str, Any]]) -> Shape:
        return lambda folder, count: written(
            folder / "t.jsonl", json.dumps(PRODUCT | make(count // 16)) + "\n", "jsonl"
        )

    yield (
        "jsonl: attributes",
        lines(lambda n: {"attributes": dict.fromkeys(map(str, range(n)))}),
    )
    yield "jsonl: photos", lines(lambda n: {"photos": [f"https://a/{i}" for i in range(n)]})
    yield "jsonl: paths", lines(lambda n: {"photos": [f"{i}.jpg" for i in range(n)]})
    yield "jsonl: objects", lines(lambda n: {"photos": [{"url": "https://a/1"}] * n})
    yield "jsonl: unknown", lines(lambda n: dict.fromkeys(map(str, range(n))))
    yield "jsonl: bullets", lines(lambda n: {"present": {"bullets": [*map(str, range(n))]}})

    def woocommerce(
        make: Callable[[range], dict[str, Any]], *, is_open: bool = False
    ) -> Shape:
        def shape(folder: Path, count: int) -> None:
            made = make(range(count // 32))
            item = woocommerce_item.parse_item(WOOCOMMERCE | made)
            assert not isinstance(item, str), item
            names = [a["name"] for a in made.get("attributes", [])][:8] or ["Size"]
            if is_open:
                names = ["another"]
            variations = [
                woocommerce_item.Variation.model_validate(
                    {"attributes": [{"name": names[n % len(names)], "option": str(n % 2)}]}
                )
                for n in range(count // 32)
            ]
            woocommerce_item.to_product(item, ("seo", "x"), Problems(), variations)

        return shape

    def each(name: str, make: Callable[[int], dict[str, Any]]) -> Shape:
        return woocommerce(lambda numbers: {name: [make(n) for n in numbers]})

    image, size = WOOCOMMERCE["images"][0], WOOCOMMERCE["attributes"][0]
    yield "woocommerce: images", each("images", lambda n: image | {"src": f"https://a/{n}"})
    yield "woocommerce: paths", each("images", lambda n: image | {"src": f"a{n}"})
    yield "woocommerce: tags", each("tags", lambda n: {"id": n, "name": str(n)})
    yield "woocommerce: categories", each("categories", lambda n: {"id": n, "name": ""})
    yield "woocommerce: attributes", each("attributes", lambda n: size | {"name": str(n)})
    yield "woocommerce: one attribute", each("attributes", lambda n: size)
    varied = size | {"variation": True, "options": ["0", "1"]}
    yield "woocommerce: varied", each("attributes", lambda n: varied | {"name": str(n)})
    yield "woocommerce: meta", each("meta_data", lambda n: {"key": "seo", "value": n})
    yield (
        "woocommerce: options",
        woocommerce(
            lambda numbers: {"attributes": [size | {"options": [*map(str, numbers)]}]}
        ),
    )
    yield (
        "woocommerce: variations",
        woocommerce(
            lambda numbers: {
                "attributes": [size | {"variation": True, "options": [*map(str, numbers)]}]
            }
        ),
    )
    yield (
        "woocommerce: open variations",
        woocommerce(
            lambda numbers: {
                "attributes": [size | {"variation": True, "options": [*map(str, numbers)]}]
            },
            is_open=True,
        ),
    )

    def shopify(make: Callable[[range], dict[str, Any]]) -> Shape:
        def shape(folder: Path, count: int) -> None:
            made = make(range(count // 32))
            media, fields = made.pop("media", ()), made.pop("metafields", ())
            node = product_node.parse(SHOPIFY | made, media, fields)
            product_node.to_product(node, ("custom",))

        return shape

    field = {"namespace": "custom", "type": "boolean", "value": "x"}
    yield "shopify: media", shopify(lambda numbers: {"media": [MEDIUM for _ in numbers]})
    yield (
        "shopify: metafields",
        shopify(lambda numbers: {"metafields": [field | {"key": str(n)} for n in numbers]}),
    )
    yield (
        "shopify: options",
        shopify(
            lambda numbers: {
                "options": [{"name": str(n), "values": ["x"]} for n in numbers]
            }
        ),
    )
    yield "shopify: tags", shopify(lambda numbers: {"tags": [*map(str, numbers)]})

    def joined(parent: Callable[[int], int]) -> Shape:
        def shape(folder: Path, count: int) -> None:
            numbers = range(count // 16)
            gids = [f"{product_node.GID}{parent(n)}" for n in numbers]
            roots = [SHOPIFY | {"id": gid} for gid in dict.fromkeys(gids)]
            with BulkJoin() as join:
                join.add(
                    [*roots, *(MEDIUM | {"__parentId": gid} for gid in gids)], Problems()
                )
                for _ in join.nodes():
                    pass
                join.strays()

        return shape

    yield "shopify: bulk file of one product", joined(lambda n: 1)
    yield "shopify: bulk file of many products", joined(lambda n: n)


SHAPES: dict[str, Shape] = dict([*_columns(), *_rows(), *_parts()])
