"""Products of any source as import files of new products, for Shopify and WooCommerce."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from factories import description

from productdesc.catalogs import (
    ShopifyCsvNewSink,
    ShopifyCsvSource,
    WooCommerceCsvNewSink,
    WooCommerceCsvSource,
)
from productdesc.errors import CatalogError
from productdesc.records import Present, Product

URLS = ("https://cdn.example.com/a.jpg", "https://cdn.example.com/b,c.jpg")
HAT = Product(
    id="Rain Hat_7",
    photos=URLS,
    attributes={"brand": "Acme", "type": "Hats"},
    present=Present(tags=("rain",), alt_texts=("", "own back")),
)
OURS = description(
    title="Acme rain hat",
    description="A hat for rain.",
    bullets=("Wide brim", "Packs flat"),
    seo_title="Rain hat",
    alt_texts=("Front of a hat", "Back of a hat"),
    tags=("hat",),
)


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_new_shopify_product_is_a_draft_with_a_row_for_each_further_image(
    tmp_path: Path,
) -> None:
    out = tmp_path / "new.csv"
    with ShopifyCsvNewSink(out) as sink:
        said = sink.save(HAT, OURS)
        assert said.status == "written" and said.untouched == ("alt_texts", "tags")
        assert sink.save(HAT, OURS).status == "unchanged"
    first, second = rows(out)
    assert first["Title"] == "Acme rain hat" and first["URL handle"] == "rain-hat-7"
    assert (first["Status"], first["Published on online store"]) == ("Draft", "FALSE")
    assert first["Description"] == (
        "<p>A hat for rain.</p><ul><li>Wide brim</li><li>Packs flat</li></ul>"
    )
    assert (first["Vendor"], first["Type"], first["Tags"]) == ("Acme", "Hats", "rain")
    assert (first["Product image URL"], first["Image alt text"]) == (
        URLS[0],
        "Front of a hat",
    )
    assert (second["Product image URL"], second["Image alt text"]) == (URLS[1], "own back")
    assert second["Title"] == "" and second["Image position"] == "2"
    with ShopifyCsvSource(out) as source:
        [again] = source.products()
    assert again.id == "rain-hat-7" and tuple(again.photos) == URLS


def test_a_new_woocommerce_product_is_a_draft_and_its_id_the_sku(tmp_path: Path) -> None:
    out = tmp_path / "new.csv"
    with WooCommerceCsvNewSink(out) as sink:
        said = sink.save(HAT, OURS)
        assert said.status == "written" and said.untouched == ("tags",)
    [row] = rows(out)
    assert (row["SKU"], row["Published"], row["Type"]) == ("Rain Hat_7", "-1", "simple")
    assert row["Images"] == f"{URLS[0]}, {URLS[1].replace(',', '%2C')}"
    with WooCommerceCsvSource(out) as source:
        [again] = source.products()
    assert again.title == "Acme rain hat" and again.description == "A hat for rain."
    assert again.present.bullets == ("Wide brim", "Packs flat")


@pytest.mark.parametrize("new", [ShopifyCsvNewSink, WooCommerceCsvNewSink])
def test_what_cannot_be_imported_is_refused_and_the_rest_goes_on(
    new: Any, tmp_path: Path
) -> None:
    out = tmp_path / "new.csv"
    nameless = description(description="No title.")
    formula = description(title="Hat", tags=('=HYPERLINK("x")',))
    with new(out) as sink:
        assert "has no title" in sink.save(Product(id="a"), nameless).reason
        assert "formula" in sink.save(Product(id="b"), formula).reason
        photo = Product(id="c", photos=[Path("a.jpg")])
        assert "1 photos are files" in sink.save(photo, OURS).reason
        clash = OURS.model_copy(update={"title": "Another"})
        assert "saved before" in sink.save(photo, clash).reason
    assert len(rows(out)) == 1


@pytest.mark.parametrize("new", [ShopifyCsvNewSink, WooCommerceCsvNewSink])
def test_a_run_that_dies_leaves_nothing(new: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), new(tmp_path / "new.csv") as sink:
        sink.save(HAT, OURS)
        raise RuntimeError("killed")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(CatalogError, match="cannot be written"):
        new(tmp_path / "nowhere" / "new.csv").__enter__()
    with pytest.raises(ValueError, match="titel"):
        new(tmp_path / "new.csv", overwrite=["titel"])
