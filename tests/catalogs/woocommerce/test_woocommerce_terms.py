"""What WooCommerce itself names: terms kept as HTML, the category that is none, types."""

from __future__ import annotations

from typing import Any

import pytest
from doubles.shop_servers.woocommerce_server import Shop
from doubles.shops.live.woocommerce import KEY, SECRET, serving
from factories import description

from productdesc.catalogs.woocommerce.rest import WooCommerceSink, WooCommerceSource
from productdesc.catalogs.woocommerce.terms import is_variable, is_variation
from productdesc.records import Product


@pytest.fixture
def shop() -> Shop:
    return Shop(KEY, SECRET)


def read(shop: Shop) -> list[Product]:
    with serving(shop) as client, WooCommerceSource(client) as source:
        found = list(source.products())
    assert not list(source.problems)
    return found


def attribute(number: int, name: str, *options: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "options": list(options), **more}


def test_only_options_of_the_shops_own_attributes_are_kept_as_html(shop: Shop) -> None:
    shop.add(
        5,
        name="A",
        attributes=[
            attribute(3, "Size &amp; fit", "Navy &amp; White", "12&quot;"),
            attribute(0, "Care &amp; wash", 'no "tumble" &amp; dry'),
        ],
    )
    [product] = read(shop)
    assert product.attributes == {
        "Size & fit": 'Navy & White, 12"',
        "Care &amp; wash": 'no "tumble" &amp; dry',  # as the merchant wrote it
    }


def test_options_of_variations_are_the_shops_terms_too(shop: Shop) -> None:
    shop.add(
        5,
        name="A",
        type="variable",
        attributes=[attribute(3, "Colour", "Navy &amp; White", "Red", variation=True)],
    )
    shop.variations[5] = [
        {
            "id": 50,
            "attributes": [{"id": 3, "name": "Colour", "option": "Navy &amp; White"}],
        }
    ]
    assert read(shop)[0].attributes == {"Colour": "Navy & White"}


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        ([("Uncategorized", "uncategorized")], ""),
        ([("Sonstiges", "uncategorized")], ""),  # renamed, with the slug of the default
        ([("Unkategorisiert", "unkategorisiert")], ""),
        ([("未分類", "")], ""),
        ([("Uncategorized", ""), ("Salt &amp; oil", "salt-oil")], "Salt & oil"),
        ([("Category", "category")], "Category"),
        ([], ""),
    ],
)
def test_the_category_of_what_is_in_none_is_no_category(
    shop: Shop, categories: list[tuple[str, str]], expected: str
) -> None:
    rows = [{"id": n, "name": name, "slug": s} for n, (name, s) in enumerate(categories)]
    shop.add(5, name="A", categories=rows)
    assert read(shop)[0].present.category == expected


@pytest.mark.parametrize(
    "kind", ["variation", "subscription_variation", "product_variation", " Variation "]
)
def test_whatever_ends_in_variation_is_no_product_of_its_own(shop: Shop, kind: str) -> None:
    assert is_variation(kind) and not is_variable(kind)
    shop.add(5, name="Tee")
    shop.add(6, name="Tee - red", type=kind)
    assert [product.id for product in read(shop)] == ["5"]
    with serving(shop) as client, WooCommerceSink(client, apply=True) as sink:
        saved = sink.save(Product(id="6"), description(description="Ours"))
    assert saved.status == "refused" and "variation" in saved.reason
    assert not shop.changes


@pytest.mark.parametrize("kind", ["simple", "variable", "variable-subscription", "bundle"])
def test_other_types_are_products(kind: str) -> None:
    assert not is_variation(kind)
    assert is_variable(kind) == kind.startswith("variable")
