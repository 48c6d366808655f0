"""The product type: what the merchant's data names, against what the model saw."""

from __future__ import annotations

import pytest
from doubles.processor_time import MAX_RATIO, growth

from productdesc.records import Facts, Product
from productdesc.taxonomy import settled_kind

SHOES = Facts(category="shoes")


@pytest.mark.parametrize(
    ("title", "seen", "kind"),
    [
        ("Acme tee", "t-shirt", ("t-shirt", "")),
        ("Acme tee", "hat", ("t-shirt", "title")),
        ("Acme tee", "other product", ("t-shirt", "title")),
        ("Oxford shirt", "anvil", ("shirt", "title")),
        ("Oxford shirt", "t-shirt", ("t-shirt", "")),
        ("Zip Hoodie", "shoes", ("hoodie", "title")),
        ("The Wanderer", "shoes", ("shoes", "")),
        ("The Wanderer", "other product", ("other product", "")),
        ("Candle - peach", "other product", ("candle", "title")),
        ("Phone case", "other product", ("phone case", "title")),
        ("Table runner", "other product", ("other product", "")),
        ("", "", ("", "")),
    ],
)
def test_the_kind_to_write_of_by_its_title(
    title: str, seen: str, kind: tuple[str, str]
) -> None:
    assert settled_kind(Product(title=title), Facts(category=seen)) == kind


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("Apparel > Women's Shirts", ("shirt", "category")),
        ("Long Sleeve Tees", ("t-shirt", "category")),
        ("Hats & Scarves", ("other product", "category")),
        ("Hoodies & Sweatshirts", ("longsleeve", "category")),
        ("Sweatshirt & Hoodie", ("longsleeve", "category")),
        ("Shoes & Boots", ("shoes", "")),
        ("Sneakers", ("shoes", "")),
        ("4711", ("shoes", "")),
        ("Sale", ("shoes", "")),
    ],
)
def test_the_kind_to_write_of_by_its_category(category: str, kind: tuple[str, str]) -> None:
    assert settled_kind(Product(attributes={"category": category}), SHOES) == kind


def test_the_attribute_names_the_type_before_the_title_does() -> None:
    product = Product(title="Acme tee", attributes={"type": "Handbag"})
    assert settled_kind(product, Facts(category="hat")) == ("bag", "type")


def test_the_time_for_a_title_of_fruit_that_are_colours_grows_as_the_title_does() -> None:
    def settled(size: int) -> object:
        return settled_kind(Product(title="orange " * size + "x"), SHOES)

    assert growth(settled, most=1 << 12) < MAX_RATIO
