"""Descriptions written in part: shared images, the shop's own attributes, SEO fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doubles.shop_servers.woocommerce_server import Fault, Shop, sent_fields
from doubles.shops.live.woocommerce import KEY, SECRET, serving
from factories import description

from productdesc import ScriptedEngine, describe
from productdesc.catalogs.merge_policy import Current, decide
from productdesc.catalogs.protocol import Saved
from productdesc.catalogs.woocommerce.rest import YOAST, WooCommerceSink
from productdesc.channels import WOOCOMMERCE
from productdesc.records import Description, Product
from productdesc.words.attribute_key import attribute_key

SHARED = [(71, "https://cdn.example.com/a.jpg", "")]


@pytest.fixture
def shop() -> Shop:
    return Shop(KEY, SECRET)


def save_many(shop: Shop, *pairs: tuple[int, Description], **options: Any) -> list[Saved]:
    with serving(shop) as client:
        sink = WooCommerceSink(client, **{"apply": True} | options)
        return list(sink.save_many((Product(id=str(n)), ours) for n, ours in pairs))


# --- Images that two products share ------------------------------------------------------


def sharing(number: int) -> Description:
    return description(description=f"Words {number}.", alt_texts=(f"alt {number}",))


def test_the_first_of_two_products_names_the_image_that_they_share(shop: Shop) -> None:
    for number in (5, 6):
        shop.add(number, name="A", images=SHARED)
    first, second = save_many(shop, (5, sharing(5)), (6, sharing(6)))
    assert [first.status, second.status] == ["written", "written"] and not first.reason
    assert [edit.field for edit in second.edits] == ["description"]
    assert "image 71" in second.reason and "product 5" in second.reason
    assert shop.attachments[71]["alt"] == "alt 5"
    assert shop.products[6]["description"] == "<p>Words 6.</p>"


@pytest.mark.parametrize("batch", [1, 2])
def test_a_second_run_that_may_replace_alt_texts_changes_none_back_and_forth(
    shop: Shop, batch: int
) -> None:
    for number in (5, 6):
        shop.add(number, name="A", images=SHARED)
    pairs, options = [(5, sharing(5)), (6, sharing(6))], {"overwrite": ["alt_texts"]}
    save_many(shop, *pairs, batch=batch, **options)
    assert shop.attachments[71]["alt"] == "alt 5"
    again = save_many(shop, *pairs, batch=batch, **options)
    assert [one.status for one in again] == ["unchanged", "unchanged"]
    assert "product 5" in again[1].reason
    assert shop.attachments[71]["alt"] == "alt 5"


def test_a_product_whose_texts_are_stored_is_written_though_its_alt_text_is_not(
    shop: Shop,
) -> None:
    shop.add(5, name="A", images=SHARED)
    shop.after_save = lambda made: shop.attachments[71].update(alt="a plugin's")
    [saved] = save_many(shop, (5, sharing(5)))
    assert saved.status == "written" and "a plugin's" in saved.reason
    assert [edit.field for edit in saved.edits] == ["description"]


# --- Attributes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Color", "colors", "COLOUR", "Farbe", "couleurs", "Kolor", "Цвет", "颜色"]
)
def test_one_attribute_has_one_key_in_any_spelling_and_language(name: str) -> None:
    assert attribute_key(name) == attribute_key("colour")
    held = Current(attributes={name: "Red"})
    ours = description(attributes={"colour": "red"})
    decision = decide(held, ours, writes=("attributes",))
    assert not decision.new and decision.untouched == ("attributes",)
    over = decide(held, ours, writes=("attributes",), overwrite=("attributes",))
    assert over.attributes() == {name: "red"}  # under the merchant's own name


def test_an_empty_attribute_of_the_merchants_is_filled_under_its_own_name() -> None:
    held = Current(attributes={"Color": "", "Farbe": "Rot", "Material": " "})
    ours = description(attributes={"colour": "red", "material": "wool"})
    decision = decide(held, ours, writes=("attributes",))
    assert decision.attributes() == {"Material": "wool"}  # the colour is there


def test_other_attributes_keep_keys_of_their_own() -> None:
    names = ("colour", "colour family", "material", "lining material", "size", "###", "+")
    assert len({attribute_key(name) for name in names}) == len(names)


def test_no_second_colour_stands_beside_the_shops_own(shop: Shop) -> None:
    theirs = {"id": 6, "name": "Color", "options": ["Navy &amp; White", "Red"]}
    shop.add(5, name="A", attributes=[theirs])
    ours = description(attributes={"colour": "red", "fit": "slim"})
    [saved] = save_many(shop, (5, ours), attributes=True)
    assert saved.status == "written" and saved.untouched == ("attributes",)
    assert [edit.target for edit in saved.edits] == ["fit"]
    kept, new = shop.products[5]["attributes"]
    assert (kept["id"], kept["options"]) == (6, ["Navy &amp; White", "Red"])
    assert (new["name"], new["options"]) == ("fit", ["slim"])


@pytest.mark.parametrize(
    "known",
    [
        {"id": 9, "name": "Material", "slug": "pa_material"},
        {"id": 9, "name": "Stoff &amp; Garn", "slug": "pa_material"},
        {"id": 9, "name": "Matière", "slug": "pa_composition"},
    ],
)
def test_an_attribute_that_the_shop_has_for_all_products_is_taken(
    shop: Shop, known: dict[str, Any]
) -> None:
    shop.shop_attributes.append(known)
    shop.add(5, name="A")
    shop.add(6, name="B")
    ours = description(attributes={"material": "canvas & wool"})
    results = save_many(shop, (5, ours), (6, ours), attributes=True)
    assert [saved.status for saved in results] == ["written", "written"]
    [row] = shop.products[5]["attributes"]
    assert (row["id"], row["options"]) == (9, ["canvas &amp; wool"])
    asked = [path for _, path, _ in shop.requests if path.endswith("products/attributes")]
    assert len(asked) == 1  # once a run


def test_an_attribute_of_the_shop_that_cannot_be_read_is_passed_over(shop: Shop) -> None:
    shop.add(5, name="A")
    answer = b'[{"id":[4],"name":"Material"},7,{"id":9,"name":"Fit","slug":"pa_fit"}]'
    shop.faults = [Fault("GET", "products/attributes", (200, {}, answer))]
    ours = description(attributes={"material": "wool", "fit": "slim"})
    [saved] = save_many(shop, (5, ours), attributes=True)
    assert saved.status == "written"
    assert [(a["id"], a["options"]) for a in shop.products[5]["attributes"]] == [
        (0, ["wool"]),
        (9, ["slim"]),
    ]


def test_the_shops_attributes_are_not_asked_for_where_none_are_written(shop: Shop) -> None:
    shop.add(5, name="A")
    save_many(shop, (5, description(title="x", attributes={"colour": "red"})))
    save_many(shop, (5, description(title="x")), attributes=True)
    assert not [path for _, path, _ in shop.requests if path.endswith("attributes")]


def test_attributes_of_a_product_that_varies_are_left_out_and_said(shop: Shop) -> None:
    shop.add(5, name="A", type="variable-subscription")
    ours = description(description="Words.", attributes={"material": "wool"})
    [saved] = save_many(shop, (5, ours), attributes=True)
    assert saved.status == "written" and "attributes (material)" in saved.reason
    assert "varies" in saved.reason and "attributes" not in sent_fields(shop)
    [again] = save_many(shop, (5, ours), attributes=True)
    assert again.status == "unchanged" and "attributes (material)" in again.reason


# --- SEO ---------------------------------------------------------------------------------


def test_the_documented_call_writes_the_texts_of_an_seo_plugin(
    shop: Shop, root: Path
) -> None:
    shop.add(5, name="Sneaker")
    product = Product(id="5", title="Sneaker", photos=[root / "examples/striped-shoe.jpg"])
    engine = ScriptedEngine()
    plain = describe(product, engine, channel="woocommerce")
    assert not plain.seo_title and not plain.seo_description
    asked = {"channel": "woocommerce", "fields": WOOCOMMERCE.names, "inferred": "all"}
    ours = describe(product, engine, **asked)  # type: ignore[arg-type]
    assert ours.title and ours.tags and ours.seo_title and ours.seo_description
    [saved] = save_many(shop, (5, ours), seo=YOAST)
    assert saved.status == "written"
    meta = {row["key"]: row["value"] for row in shop.products[5]["meta_data"]}
    assert meta == {YOAST[0]: ours.seo_title, YOAST[1]: ours.seo_description}
    [again] = save_many(shop, (5, ours), seo=YOAST)
    assert again.status == "unchanged"


def test_a_field_that_no_plugin_has_is_still_named_as_wrong() -> None:
    with pytest.raises(ValueError, match=r"'subtitle'.*tags, seo_title, seo_description"):
        WOOCOMMERCE.pick(["subtitle"])
    assert [f.name for f in WOOCOMMERCE.pick(["seo_title", "title"])] == [
        "title",
        "seo_title",
    ]
