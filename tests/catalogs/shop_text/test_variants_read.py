"""Variants, as each reader finds them, and as they are kept and written again."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from doubles.shop_servers.shopify_server import ShopifyServer
from doubles.shop_servers.woocommerce_server import Shop
from doubles.shops.live.woocommerce import KEY, SECRET
from doubles.shops.live.woocommerce import serving as woocommerce

from productdesc.catalogs.jsonl import JsonlSource
from productdesc.catalogs.magento_csv import MagentoCsvSource
from productdesc.catalogs.shopify.admin import ShopifySource
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.catalogs.woocommerce.csv_file.source import WooCommerceCsvSource
from productdesc.catalogs.woocommerce.rest.source import WooCommerceSource
from productdesc.photos import product_digest
from productdesc.records import VARIANT_LIMITS, Product, Variant
from productdesc.records.variants import on_photos, varying_options, within_limits
from productdesc.sync.stored import product_of, product_text

BLACK, NAVY = "https://a.example/black.jpg", "https://a.example/navy.jpg"


def variant(id: str, photo: int | None = None, **options: str) -> Variant:
    return Variant(id=id, options=options, photo=photo)


def table(path: Path, rows: list[dict[str, str]]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


# ---- Shopify's export -------------------------------------------------------------------

HEADERS = {
    "until 2025": (
        "Handle",
        "Title",
        "Variant SKU",
        "Image Src",
        "Variant Image",
        "N",
        "V",
    ),
    "since 2025": (
        *("URL handle", "Title", "SKU", "Product image URL", "Variant image URL", "n", "v"),
    ),
}


def shopify(path: Path, header: str, option: str, *values: str) -> Product:
    """A mug in some colours: the second row has no value, as rows of images have none."""
    handle, title, sku, image, own, name, value = HEADERS[header]
    option_name = f"Option1 {'Name' if name == 'N' else 'name'}"
    option_value = f"Option1 {'Value' if value == 'V' else 'value'}"
    rows = [
        {handle: "mug", title: "Mug", option_name: option, image: BLACK},
        {handle: "mug", image: NAVY},
        *({handle: "mug"} for _ in values[1:]),
    ]
    for row, text in zip([rows[0], *rows[2:]], values, strict=True):
        row |= {option_value: text, sku: f"M-{text}"}
        row[own] = {"Black": BLACK, "Navy": NAVY + "?v=2"}.get(text, "")
    [product] = ShopifyCsvSource(table(path / "export.csv", rows)).products()
    return product


@pytest.mark.parametrize("header", HEADERS)
def test_a_shopify_export_has_a_variant_a_row(tmp_path: Path, header: str) -> None:
    product = shopify(tmp_path, header, "Color", "Navy", "Black", "Red", "N/A")
    assert product.attributes["Color"] == "Navy, Black, Red"
    assert product.variants == (
        variant("M-Navy", 2, Color="Navy"),
        variant("M-Black", 1, Color="Black"),
        variant("M-Red", None, Color="Red"),
    )


@pytest.mark.parametrize("header", HEADERS)
def test_a_product_without_options_has_no_variants(tmp_path: Path, header: str) -> None:
    product = shopify(tmp_path, header, "Title", "Default Title")
    assert product.variants == () and "Title" not in product.attributes


def test_real_exports_of_every_header_have_the_same_variants(shared: Path) -> None:
    found = {
        path.name: {
            product.id: sorted(tuple(v.options.values()) for v in product.variants)
            for product in ShopifyCsvSource(path).products()
            if product.variants
        }
        for path in sorted((shared / "catalogs/shopify-csv").glob("[a-h]-20*.csv"))
    }
    assert len(found) == 8 and len({str(one) for one in found.values()}) == 1
    one = found["a-2014-theme-export.csv"]
    assert one["tablet"] == [("128GB",), ("32GB",)] and len(one["laptop"]) == 4


# ---- the Admin API ----------------------------------------------------------------------


@pytest.mark.parametrize("bulk", [False, True], ids=["pages", "bulk"])
def test_a_shopify_shop_tells_variants_and_their_photos(bulk: bool) -> None:
    with ShopifyServer() as server:
        server.shop.add(
            "1001",
            title="Mug",
            images=[(BLACK, ""), (NAVY, "")],
            variants=[
                ("M1", {"Colour": "Black", "Size": "S"}, 0),
                ("", {"Colour": "Navy", "Size": "S"}, 1),
                ("M3", {"Colour": "Navy", "Size": "M"}, None),
            ],
        )
        server.shop.add("1002", title="Cup")
        server.shop.add("1003", options=[{"name": "Colour", "values": ["Red"]}])
        with server.connection() as client, ShopifySource(client, bulk=bulk) as source:
            mug, cup, red = source.products()
        assert not source.problems.total and not server.crashes
        asked = [sent.name for sent in server.requests]
    assert mug.variants == (
        variant("M1", 1, Colour="Black", Size="S"),
        variant("21001", 2, Colour="Navy", Size="S"),  # without an SKU by its number
        variant("M3", None, Colour="Navy", Size="M"),
    )
    assert cup.variants == () and red.variants == (variant("", None, Colour="Red"),)
    assert asked.count("variants") == (0 if bulk else 1)  # of the one that has several


# ---- WooCommerce ------------------------------------------------------------------------


def test_a_woocommerce_export_has_variations_anywhere(tmp_path: Path) -> None:
    def row(number: str, kind: str, parent: str = "", **more: str) -> dict[str, str]:
        return {"ID": number, "Type": kind, "SKU": "", "Name": "Tee", "Parent": parent} | {
            name.replace("_", " "): text for name, text in more.items()
        }

    both = {"Attribute 1 name": "Colour", "Attribute 2 name": "Size"}
    rows = [
        row("3", "variation", "id:1", Images=NAVY)
        | both
        | {"Attribute 1 value(s)": "Navy"},
        row("1", "variable", Images=f"{BLACK}, {NAVY}")
        | both
        | {"Attribute 1 value(s)": "Black, Navy", "Attribute 2 value(s)": "S, M"},
        row("2", "simple") | {"Attribute 1 name": "Colour", "Attribute 1 value(s)": "Red"},
        row("4", "variation", "id:1", SKU="T-B")
        | both
        | {"Attribute 1 value(s)": "Black", "Attribute 2 value(s)": "M"},
    ]
    tee, plain = WooCommerceCsvSource(table(tmp_path / "woo.csv", rows)).products()
    assert tee.variants == (
        variant("3", 2, Colour="Navy", Size="S"),  # it leaves the size open
        variant("3", 2, Colour="Navy", Size="M"),
        variant("T-B", None, Colour="Black", Size="M"),
    )
    assert plain.variants == () and plain.attributes == {"Colour": "Red"}


def test_a_woocommerce_shop_tells_its_variations() -> None:
    shop = Shop(KEY, SECRET)
    images = [(1, BLACK, ""), (2, NAVY, "")]
    listed = {"id": 0, "name": "Colour", "options": ["Black", "Navy"], "variation": True}
    size = {"id": 0, "name": "Size", "options": ["S", "M"], "variation": True}
    cloth = {"id": 0, "name": "Cloth", "options": ["cotton", "linen"]}
    attributes = [listed, size, cloth | {"variation": False}]
    shop.add(9, name="Tee", type="variable", images=images, attributes=attributes)
    shop.variations[9] = [
        {"id": 20, "sku": "T-N", "image": {"id": 2, "src": NAVY},
         "attributes": [{"id": 0, "name": "Colour", "option": "Navy"}]},
        {"id": 21, "sku": "", "image": [],  # PHP's empty object
         "attributes": [{"id": 0, "name": "Colour", "option": "Black"},
                        {"id": 0, "name": "Size", "option": "M"}]},
    ]  # fmt: skip
    with woocommerce(shop) as client, WooCommerceSource(client) as source:
        [tee] = source.products()
    assert tee.variants == (
        variant("T-N", 2, Colour="Navy", Size="S"),
        variant("T-N", 2, Colour="Navy", Size="M"),
        variant("21", None, Colour="Black", Size="M"),
    )


# ---- Magento ----------------------------------------------------------------------------


def test_a_configurable_product_of_magento_has_its_variations(tmp_path: Path) -> None:
    cell = "sku=H-S-B,size=S,color=Black|sku=H-M-G,size=M,color=Gray"
    rows = [{"sku": "H", "name": "Hoodie", "configurable_variations": cell}]
    [product] = MagentoCsvSource(table(tmp_path / "m2.csv", rows)).products()
    assert product.variants == (
        variant("H-S-B", None, size="S", color="Black"),
        variant("H-M-G", None, size="M", color="Gray"),
    )


def test_rows_below_a_product_of_magento_1_are_its_variants(tmp_path: Path) -> None:
    names = ("products_sku", "attribute_code", "attribute_option")

    def below(*texts: str) -> dict[str, str]:
        return {f"_super_{n}": t for n, t in zip(names, texts, strict=True)}

    rows = [
        {"sku": "H", "name": "Hoodie", "_store": ""} | below("H-B", "color", "Black"),
        {"sku": ""} | below("H-B", "size", "S"),
        {"sku": ""} | below("H-G", "color", "Gray"),
    ]
    [product] = MagentoCsvSource(table(tmp_path / "m1.csv", rows)).products()
    assert product.variants == (
        variant("H-B", None, color="Black", size="S"),
        variant("H-G", None, color="Gray"),
    )


# ---- JSON lines, the journal, digests ---------------------------------------------------

MUG = Product(
    id="A1",
    title="Mug",
    photos=(BLACK, NAVY),
    variants=[variant("M1", 1, Colour="Black"), variant("M2", None, Colour="Navy")],
)
PLAIN = MUG.model_copy(update={"variants": ()})


@pytest.mark.parametrize("product", [MUG, PLAIN], ids=["variants", "none"])
def test_json_lines_and_the_journal_give_a_product_back(
    product: Product, tmp_path: Path
) -> None:
    path = tmp_path / "products.jsonl"
    path.write_text(product.model_dump_json() + "\n", "utf-8")
    [read] = JsonlSource(path).products()
    again = product_of(product_text(product))
    assert read.variants == again.variants == product.variants
    assert product_digest(read) == product_digest(again) == product_digest(product)


def test_variants_are_in_no_text_of_a_product_without_them() -> None:
    for dumped in (PLAIN.model_dump(), PLAIN.model_dump(mode="json")):
        absent = ("variants", "translations")
        assert list(dumped) == [n for n in Product.model_fields if n not in absent]
    assert "variants" not in PLAIN.model_dump_json() + product_text(PLAIN)
    assert product_digest(PLAIN) != product_digest(MUG)


@pytest.mark.parametrize(
    "wrong",
    [{"photo": 0}, {"options": "red"}, {"options": {"Colour": {"a": 1}}}, {"price": 1}],
    ids=str,
)
def test_a_variant_that_is_none_is_the_products_error(wrong: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="variants"):
        Product(variants=[wrong])


def test_limits_keep_every_value_before_any_repeat() -> None:
    limits = VARIANT_LIMITS._replace(variants=4, values=3, options=2, characters=8)
    many = [
        variant(f"{colour}{size}", None, colour=colour, size=size, cut="x")
        for colour in "abcd"
        for size in "STU"
    ]
    kept = within_limits(many, limits)
    assert len(kept) == limits.variants
    assert varying_options(kept) == {"colour": ("a", "b"), "size": ("S", "T", "U")}
    assert all("cut" not in v.options for v in kept)
    assert within_limits([variant("long", None, colour="x" * 9)], limits) == ()
    assert within_limits(many) == tuple(many)


def test_the_page_has_the_limits() -> None:
    page = Path(__file__).parents[3] / "docs" / "your-own-voice.md"
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (\d+) \|", page.read_text("utf-8"), re.MULTILINE)
    )
    limits = VARIANT_LIMITS._asdict()
    assert {n: int(rows[n]) for n in limits} == limits


def test_a_variants_photo_is_counted_among_those_that_are_used() -> None:
    first, second = on_photos([variant("a", 1), variant("b", 3)], [2, 3])
    assert (first.photo, second.photo) == (None, 2)
