"""Ids and texts that are no Unicode: half a character, as in the name of a broken file."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import description

from productdesc.catalogs import FolderSource, open_sink
from productdesc.catalogs.formats import FORMATS
from productdesc.catalogs.protocol import Problems
from productdesc.catalogs.shop_text.product_ids import IdCheck
from productdesc.records import Description, Product

HALF = "\udcff"
OURS = description(title="Our title", description="Ours.", tags=("new",))
NEW = [
    name
    for name, known in FORMATS.items()
    if known.open_sink and not known.secrets and (not known.rewrites or known.creates)
]


@pytest.mark.parametrize("format", NEW)
@pytest.mark.parametrize(
    "bad",
    [
        (Product(id=f"sku{HALF}"), OURS),
        (Product(id="b"), description(title=f"Our {HALF}", description="Ours.")),
    ],
    ids=["id", "title"],
)
def test_a_product_that_cannot_be_written_is_refused_and_the_rest_is_written(
    format: str, bad: tuple[Product, Description], tmp_path: Path
) -> None:
    out = tmp_path / "out.parquet"
    with open_sink(out, format) as sink:
        statuses = [
            sink.save(product, ours).status
            for product, ours in ((Product(id="a"), OURS), bad, (Product(id="c"), OURS))
        ]
    made_handle = format == "shopify-csv-new" and not bad[1].title.endswith(HALF)
    assert statuses == ["written", "written" if made_handle else "refused", "written"]
    assert out.stat().st_size > 0


def test_a_folder_whose_names_are_no_unicode_is_read(tmp_path: Path) -> None:
    (tmp_path / f"sku{HALF}_1.jpg").touch()
    (tmp_path / f"SKU{HALF}_2.jpg").touch()
    with FolderSource(tmp_path) as source:
        assert [len(p.photos) for p in source.products()] == [1, 1]
    problems = Problems()
    with IdCheck(problems, in_memory=1) as ids:
        for number, name in enumerate(("a", f"b{HALF}", "c", f"B{HALF}")):
            ids.look(name, f"{name}{number}{HALF}")
    assert "in letter case only" in str(problems.first[0])
