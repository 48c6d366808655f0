"""A product as a row, and back; what is none is told, and never becomes another product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc import Product
from productdesc.records import Present, Variant
from productdesc.scale.product_rows import product_of, row_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)


@given(
    st.builds(
        Product,
        id=TEXT.filter(bool),
        title=TEXT,
        description=TEXT,
        photos=st.lists(TEXT | TEXT.map(Path)),
        attributes=st.dictionaries(TEXT, TEXT),
        present=st.builds(Present, tags=st.tuples(TEXT)),
        variants=st.lists(st.builds(Variant, options=st.just({"size": "M"})), max_size=2),
    )
)
def test_a_row_of_a_product_gives_the_same_product(product: Product) -> None:
    assert product_of(row_of(product)) == product


def test_photos_keep_their_order_whatever_they_are() -> None:
    photos = [{"url": "https://a.test/1"}, {"path": "/b"}, b"jpeg", "https://a.test/2"]
    made = product_of({"id": 7, "photos": photos})
    assert made == Product(
        id="7", photos=["https://a.test/1", Path("/b"), b"jpeg", "https://a.test/2"]
    )


def test_a_text_is_a_url_and_only_a_column_of_paths_opens_files() -> None:
    assert product_of({"id": "a", "photos": ["/etc/passwd"]}).photos == ("/etc/passwd",)
    paths = product_of({"id": "a", "photo_paths": ["/etc/passwd"]}).photos
    assert paths == (Path("/etc/passwd"),)


@pytest.mark.parametrize("attributes", [{"a": "b", "c": None}, [("a", "b")], '{"a": "b"}'])
def test_attributes_are_an_object_a_struct_or_a_map(attributes: Any) -> None:
    made = product_of({"id": "a", "attributes": attributes})
    assert made.attributes == {"a": "b"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "the row has no id"),
        ({"id": ""}, "the row has no id"),
        ({"id": True}, "the row has no id"),
        ({"id": "a", "attributes": "no"}, "attributes is no JSON"),
        ({"id": "a", "attributes": "[1]"}, "attributes is a list, not an object"),
        ({"id": "a", "photos": "https://a.test"}, "photos is a str, not a list"),
        ({"id": "a", "photos": [1]}, "a photo is a int, not a URL or bytes"),
        ({"id": "a", "photos": [{"url": "u", "path": "p"}]}, "it has 2"),
        ({"id": "a", "photos": [{}]}, "it has 0"),
        ({"id": "a", "photos": ["u"], "photo_paths": ["p"]}, "are both given"),
        ({"id": "a", "photo_paths": [b"p"]}, "something other than texts"),
        ({"id": "a", "title": 3}, "'title': Input should be"),
        ({"id": "a", "more": '{"id": "b"}'}, "more holds 'id'"),
        ({"id": "a", "more": '{"variants": [{"sku": 1}]}'}, "variants.0.sku"),
    ],
)
def test_what_is_no_product_is_told(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        product_of(row)


def test_a_photo_at_hand_is_no_part_of_a_plan() -> None:
    with pytest.raises(ValueError, match="a photo is a bytes, not a URL or a path"):
        row_of(Product(id="a", photos=[b"jpeg"]))
