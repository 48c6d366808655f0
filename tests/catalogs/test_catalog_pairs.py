"""Any source to any sink: read, described, saved; the file is there and can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from doubles.pictures import jpeg

from productdesc import Described, ScriptedEngine, describe_many
from productdesc.catalogs.formats import (
    FORMATS,
    detect_format,
    open_sink,
    open_source,
)
from productdesc.catalogs.openers import OpenOptions
from productdesc.secret import Secret

GOOGLE_XML = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>x</title>
<item><g:id>a1</g:id><g:title>Trail shoe</g:title></item>
<item><g:id>a2</g:id><g:title>Rain hat</g:title></item>
</channel></rss>
"""


def photos(path: Path) -> Path:
    path = path.with_suffix("")
    path.mkdir()
    for name in ("a1_1.jpg", "a2_1.jpg"):
        (path / name).write_bytes(jpeg())
    return path


def parquet(path: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"id": ["a1", "a2"], "title": ["Trail shoe", "Rain hat"]})
    pq.write_table(table, path)
    return path


def text(content: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_text(content, encoding="utf-8")
        return path

    return write


def table(head: str, rest: str, mark: str = ",") -> Callable[[Path], Path]:
    """Two products; `rest` follows id and title in each row."""
    names = (("a1", "Trail shoe"), ("a2", "Rain hat"))
    rows = [rest.format(id=key, title=title) for key, title in names]
    lines = [head, *rows]
    return text("".join(f"{line.replace(' | ', mark)}\n" for line in lines))


JSONL = '{"id":"a1","title":"Trail shoe"}\n{"id":"a2","title":"Rain hat"}\n'

# a file of two products for each format that is read from a file
MAKE: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "shopify-csv": (
        ".csv",
        table("Handle | Title | Body (HTML) | SEO Title", "{id} | {title} |  | "),
    ),
    "woocommerce-csv": (
        ".csv",
        table(
            "Type | SKU | Name | In stock? | Description | Tags",
            "simple | {id} | {title} | 1 |  | ",
        ),
    ),
    "google-xml": (".xml", text(GOOGLE_XML)),
    "google-tsv": (
        ".tsv",
        table("id | title | availability", "{id} | {title} | in_stock", "\t"),
    ),
    "csv": (".csv", table("SKU | Name | Colour", "{id} | {title} | red", ";")),
    "jsonl": (".jsonl", text(JSONL)),
    "parquet": (".parquet", parquet),
    "folder": ("", photos),
    "magento-csv": (
        ".csv",
        table(
            "sku | product_type | attribute_set_code | name",
            "{id} | simple | Default | {title}",
        ),
    ),
}

READ = [name for name, known in FORMATS.items() if known.open_source and not known.secrets]
WRITTEN = [name for name, known in FORMATS.items() if known.open_sink and not known.secrets]


def test_every_file_format_that_is_read_has_a_sample_and_is_recognised(
    tmp_path: Path,
) -> None:
    assert set(MAKE) == set(READ)
    for name, (ending, make) in MAKE.items():
        assert detect_format(make(tmp_path / f"{name}-in{ending}")) == name


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("read", READ)
def test_every_source_can_be_described_into_every_sink(
    read: str, written: str, tmp_path: Path
) -> None:
    if (same := FORMATS[written].rewrites) and same != read:
        pytest.skip(f"{written} is a {same} file rewritten")
    ending, make = MAKE[read]
    place = make(tmp_path / f"in{ending}")
    out = tmp_path / "out"
    options = OpenOptions(source_path=place)
    engine, channel = ScriptedEngine(), FORMATS[written].channel
    with (
        open_source(place, read, options) as source,
        open_sink(out, written, options) as sink,
    ):
        outcomes = list(describe_many(source.products(), engine, channel=channel))
        assert all(isinstance(outcome, Described) for outcome in outcomes), outcomes
        said = [
            sink.save(outcome.product, outcome.description)
            for outcome in outcomes
            if isinstance(outcome, Described)
        ]
        assert not source.problems.total
        assert not out.exists()
    assert len(said) == 2
    assert {one.status for one in said} <= {"written", "unchanged"}, said
    assert out.exists()


class Connection:
    """Notes whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_leaving_a_shop_that_was_opened_by_its_format_closes_its_connections() -> None:
    places = {
        "shopify": "my-shop.myshopify.com",
        "woocommerce": "https://shop.example",
        "vendure": "https://shop.example/admin-api",
    }
    assert set(places) == {name for name, known in FORMATS.items() if known.secrets}
    for name, place in places.items():
        options = OpenOptions(secrets=(Secret("s"),) * len(FORMATS[name].secrets))
        for shop in (open_source(place, name, options), open_sink(place, name, options)):
            connection = Connection()
            if name == "shopify":
                vars(shop)["_client"]._owned.append(connection)
            else:
                vars(shop)["_client"]._http = connection
            with shop:
                assert not connection.closed
            assert connection.closed, name
