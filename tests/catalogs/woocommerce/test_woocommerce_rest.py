"""A WooCommerce shop on loopback: reading its pages, writing into it, and its refusals."""

from __future__ import annotations

import html
import itertools
import json
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from doubles.pages import blocks
from doubles.shop_servers.woocommerce_server import (
    Fault,
    Server,
    Shop,
    blank,
    sent_fields,
    with_products,
)
from doubles.shops import CANARY
from doubles.shops.live.woocommerce import AWAKE, KEY, SECRET, serving
from factories import description

from productdesc import ScriptedEngine
from productdesc.catalogs.live import Clock
from productdesc.catalogs.protocol import Saved
from productdesc.catalogs.woocommerce.rest import (
    RANK_MATH,
    YOAST,
    WooCommerceClient,
    WooCommerceSink,
    WooCommerceSource,
)
from productdesc.errors import CatalogError
from productdesc.net import Http, Policy, RetryPolicy
from productdesc.records import Product
from productdesc.secret import Secret

OURS = description(
    title="Our title",
    bullets=("Red upper", "Rubber sole"),
    description="Our words.",
    alt_texts=("front", "back"),
    tags=("shoes", "red"),
    attributes={"colour": "red", "material": "canvas"},
    seo_title="SEO title",
    seo_description="SEO words",
)
IMAGES = [
    (71, "https://cdn.example.com/a.jpg", ""),
    (72, "https://cdn.example.com/b.jpg", ""),
]


@pytest.fixture
def shop() -> Shop:
    return Shop(KEY, SECRET)


def read(client: WooCommerceClient, **options: Any) -> list[Product]:
    with WooCommerceSource(client, **options) as source:
        found = list(source.products())
    assert not list(source.problems)
    return found


def save(client: WooCommerceClient, number: int, ours: Any = OURS, **options: Any) -> Saved:
    with WooCommerceSink(client, **{"apply": True, **options}) as sink:
        return sink.save(Product(id=str(number)), ours)


# --- Reading -----------------------------------------------------------------------------


def test_a_product_is_read_as_it_is_stored_and_not_as_it_is_shown(shop: Shop) -> None:
    shop.add(
        5,
        name="Salt &amp; pepper",
        description="<p>Two jars.</p>[gallery]<ul><li>oak</li></ul>",
        short_description="<ul><li>Oak lid</li><li>Fits &amp; holds</li></ul>",
        categories=[{"id": 3, "name": "Kitchen &amp; home"}],
        tags=["R&B", "oak"],
        attributes=[
            {"id": 1, "name": "Colour", "options": ["red", "blue"], "visible": True},
            {"id": 0, "name": "Wood", "options": ["oak"], "position": 1},
        ],
        images=[
            (71, "https://cdn.example.com/a.jpg", "front"),
            (72, "https://cdn.example.com/b.jpg", ""),
        ],
        meta_data=[{"id": 1, "key": RANK_MATH[0], "value": "Jars"}],
    )
    with serving(shop) as client:
        [product] = read(client, seo=RANK_MATH)
    assert product.id == "5"
    assert product.title == "Salt & pepper"
    assert product.description == "Two jars.\n[gallery]\n\n- oak"
    assert product.attributes == {"Colour": "red, blue", "Wood": "oak"}
    assert product.photos == (
        "https://cdn.example.com/a.jpg",
        "https://cdn.example.com/b.jpg",
    )
    present = product.present
    assert present.bullets == ("Oak lid", "Fits & holds")
    assert present.category == "Kitchen & home"
    assert present.alt_texts == ("front", "")
    assert present.tags == ("R&B", "oak")
    assert present.seo_title == "Jars" and present.seo_description == ""


def test_plugins_fields_are_read_only_when_they_are_named(shop: Shop) -> None:
    shop.add(5, name="A", meta_data=[{"id": 1, "key": YOAST[0], "value": "Jars"}])
    with serving(shop) as client:
        assert read(client)[0].present.seo_title == ""
        assert read(client, seo=YOAST)[0].present.seo_title == "Jars"


@pytest.mark.parametrize("count", [0, 1, 95, 99, 100, 101, 195, 200, 350])
def test_every_page_is_read_and_nothing_twice(shop: Shop, count: int) -> None:
    with_products(shop, range(1, count + 1))
    with serving(shop) as client:
        ids = [int(product.id) for product in read(client)]
    assert ids == list(range(1, count + 1))
    # 5 of each page are read again with the next, and no page is asked for twice
    assert len(shop.requests) == max(1, -(-(count - 5) // 95))


@pytest.mark.parametrize("deleted", [1, 5, 6, 40, 100, 140])
def test_a_deletion_between_two_pages_loses_no_other_product(
    shop: Shop, deleted: int
) -> None:
    with_products(shop, range(1, 351))

    def delete_some(shop: Shop) -> None:
        if len(shop.requests) == 2:  # page one is read
            for number in sorted(shop.products)[:deleted]:
                del shop.products[number]

    shop.before = delete_some
    with serving(shop) as client:
        ids = [int(product.id) for product in read(client)]
    assert set(shop.products) <= set(ids)
    assert ids == sorted(set(ids))


def test_products_that_are_added_while_reading_are_read_too(shop: Shop) -> None:
    with_products(shop, range(1, 151))
    shop.before = lambda shop: with_products(shop, [900])
    with serving(shop) as client:
        assert [p.id for p in read(client)][-1] == "900"


def test_only_the_asked_status_is_read(shop: Shop) -> None:
    shop.add(1, name="Live")
    shop.add(2, name="Draft", status="draft")
    shop.add(3, name="Gone", status="trash")
    with serving(shop) as client:
        assert [p.title for p in read(client)] == ["Live", "Draft"]
        assert [p.title for p in read(client, status="publish")] == ["Live"]


def variable(shop: Shop) -> None:
    shop.add(
        9,
        name="Tee",
        type="variable",
        attributes=[
            {"id": 6, "name": "Colour", "options": ["red", "blue", "green"]}
            | {"variation": True},
            {"id": 0, "name": "Size", "options": ["S", "M"], "variation": True},
            {"id": 0, "name": "Fabric", "options": ["cotton"], "variation": False},
        ],
    )
    shop.variations[9] = [
        {"id": 100 + n, "attributes": [{"id": 6, "name": "Colour", "option": colour}]}
        for n, colour in enumerate(["green", "red"] * 60)
    ]


def test_only_values_that_can_be_bought_are_attributes_of_what_varies(shop: Shop) -> None:
    variable(shop)
    with serving(shop) as client:
        [product] = read(client)
    assert product.attributes == {
        "Colour": "red, green",  # in the merchant's order; blue has no variation
        "Size": "S, M",  # any size goes
        "Fabric": "cotton",
    }
    pages = [q["page"] for _, path, q in shop.requests if path.endswith("/variations")]
    assert pages == ["1", "2"]


def test_a_variation_of_another_shape_is_one_problem_in_one_line(shop: Shop) -> None:
    variable(shop)
    shop.add(10, name="Cap")
    answer = b'[{"id":100,"attributes":[{"option":{"a":1},"id":"Infinity"}]}]'
    shop.faults = [Fault("GET", "products/9/variations", (200, {}, answer))]
    with serving(shop) as client, WooCommerceSource(client) as source:
        assert [p.title for p in source.products()] == ["Cap"]
        [problem] = source.problems
    assert str(problem).startswith("product 9: attributes.0.id is not as WooCommerce's API")
    assert str(problem).isprintable()


def test_variations_are_not_asked_for_when_they_are_not_wanted(shop: Shop) -> None:
    variable(shop)
    with serving(shop) as client:
        [product] = read(client, variations=False)
    assert product.attributes["Colour"] == "red, blue, green"
    assert [path for _, path, _ in shop.requests] == ["products"]


def test_a_product_that_cannot_be_read_is_a_problem_and_the_rest_goes_on(
    shop: Shop,
) -> None:
    with_products(shop, [1, 2, 3])
    shop.products[2]["name"] = {"rendered": "a plugin's idea"}
    shop.products[3]["description"] = None
    with serving(shop) as client, WooCommerceSource(client) as source:
        assert [p.id for p in source.products()] == ["1", "3"]
        [problem] = source.problems
    assert problem.where == "product 2" and "name" in problem.message


def test_products_in_another_order_are_not_read_at_all(shop: Shop) -> None:
    with_products(shop, range(1, 5))
    values = [shop.shown(i) for i in (3, 1, 2)]
    answer = (200, {"X-WP-Total": "3"}, json.dumps(values).encode())
    shop.faults = [Fault("GET", "products", answer)]
    with serving(shop) as client, pytest.raises(CatalogError, match="another order"):
        read(client)


def test_the_stand_in_answers_with_the_documented_properties(shared: Path) -> None:
    folder = shared / "catalogs" / "woocommerce-rest-examples"
    documented = json.loads((folder / "products__01_http-request.json").read_text())
    ours = blank(1)
    assert set(documented) == set(ours)
    for name, value in documented.items():
        assert type(ours[name]) is type(value), name


# --- Writing -----------------------------------------------------------------------------


def test_every_image_is_sent_again_by_its_id_and_none_by_its_address(shop: Shop) -> None:
    shop.add(5, name="A", images=[*IMAGES, (73, "https://cdn.example.com/c.jpg", "mine")])
    with serving(shop) as client:
        assert save(client, 5).status == "written"
    [(_, _, body)] = [c for c in shop.changes if c[0] == "PUT"]
    assert body["images"] == [
        {"id": 71, "alt": "front"},
        {"id": 72, "alt": "back"},
        {"id": 73},
    ]
    assert [image["id"] for image in shop.shown(5)["images"]] == [71, 72, 73]
    assert "src" not in json.dumps(body) and len(shop.attachments) == 3


def test_a_product_that_lost_an_image_on_saving_is_not_called_written(shop: Shop) -> None:
    shop.add(5, name="A", images=IMAGES)
    shop.after_save = lambda made: made.update(images=made["images"][:1])
    with serving(shop) as client:
        saved = save(client, 5)
    assert saved.status == "collateral" and "images" in saved.reason


def test_a_photo_that_is_no_attachment_keeps_its_alt_texts_untouched(shop: Shop) -> None:
    shop.add(5, name="A", images=[(0, "https://cdn.example.com/placeholder.png", "")])
    with serving(shop) as client:
        saved = save(client, 5)
    assert saved.status == "written"
    assert "images" not in sent_fields(shop)
    assert "alt_texts" not in {edit.field for edit in saved.edits}


def test_only_what_changes_is_sent(shop: Shop) -> None:
    shop.add(5, name="Theirs", description="<p>Theirs</p>", images=IMAGES)
    with serving(shop) as client:
        save(client, 5, description(description="Ours"), overwrite=["description"])
    assert sent_fields(shop) == {"description"}
    assert shop.products[5]["description"] == "<p>Ours</p>"
    assert shop.products[5]["name"] == "Theirs"


def test_bullets_become_the_short_description(shop: Shop) -> None:
    shop.add(5, name="A")
    with serving(shop) as client:
        save(client, 5)
        assert read(client)[0].present.bullets == OURS.bullets
    assert shop.products[5]["short_description"] == (
        "<ul><li>Red upper</li><li>Rubber sole</li></ul>"
    )


def test_an_edit_made_since_the_product_was_read_is_kept(shop: Shop) -> None:
    shop.add(5, name="A")
    with serving(shop) as client:
        [product] = read(client)
        shop.products[5]["description"] = "<p>Typed meanwhile</p>"
        with WooCommerceSink(client, apply=True) as sink:
            saved = sink.save(product, OURS)
    assert shop.products[5]["description"] == "<p>Typed meanwhile</p>"
    assert saved.untouched == ("title", "description")


def test_tags_are_added_by_id_and_made_only_where_none_has_the_name(shop: Shop) -> None:
    shop.add(4, name="Other", tags=["Shoes"])
    shop.add(5, name="A", tags=["R&B"])
    with serving(shop) as client:
        ours = description(tags=("shoes", "red", "r&b"))
        saved = save(client, 5, ours, overwrite=["tags"])
    assert saved.status == "written"
    assert [tag["name"] for tag in shop.shown(5)["tags"]] == ["R&amp;B", "Shoes", "red"]
    assert len(shop.tags) == 3


def test_a_tag_that_only_the_database_finds_is_taken_by_its_id(shop: Shop) -> None:
    shop.add(5, name="A")
    shop.add(6, name="B", tags=["R&B"])  # stored as R&amp;B, so a search for R&B fails
    with serving(shop) as client:
        assert save(client, 5, description(tags=("R&B",))).status == "written"
    assert len(shop.tags) == 1 and shop.products[5]["tags"] == shop.products[6]["tags"]


def test_no_tag_is_made_where_that_is_switched_off(shop: Shop) -> None:
    shop.add(4, name="Other", tags=["red"])
    shop.add(5, name="A")
    with serving(shop) as client:
        saved = save(client, 5, description(tags=("shoes", "red")), create_tags=False)
        assert [(e.field, e.after) for e in saved.edits] == [("tags", "red")]
        again = save(client, 5, description(tags=("shoes",)), create_tags=False)
    assert again.status == "unchanged"
    assert list(shop.tags.values()) == ["red"]


def test_nothing_is_made_or_written_without_apply(shop: Shop) -> None:
    shop.add(5, name="A", images=IMAGES)
    with serving(shop) as client:
        saved = save(client, 5, apply=False)
    assert saved.status == "planned" and not shop.changes and not shop.tags
    assert {m for m, _, _ in shop.requests} == {"GET"}
    edits = {(e.field, e.target): e.after for e in saved.edits}
    assert edits["alt_texts", "71"] == "front"
    assert edits["description", ""] == "<p>Our words.</p>"


def test_seo_texts_go_into_the_fields_that_are_named(shop: Shop) -> None:
    shop.add(5, name="A", meta_data=[{"id": 8, "key": YOAST[1], "value": ""}])
    with serving(shop) as client:
        save(client, 5, seo=YOAST)
    meta = {row["key"]: (row["id"], row["value"]) for row in shop.products[5]["meta_data"]}
    assert meta[YOAST[0]][1] == "SEO title"
    assert meta[YOAST[1]] == (8, "SEO words")


def test_seo_texts_go_nowhere_unless_fields_are_named(shop: Shop) -> None:
    shop.add(5, name="A")
    with serving(shop) as client:
        save(client, 5)
        with pytest.raises(ValueError, match="seo_title"):
            WooCommerceSink(client, overwrite=["seo_title"])
    assert "meta_data" not in sent_fields(shop)


def test_attributes_are_added_behind_the_merchants_own_when_asked_for(shop: Shop) -> None:
    theirs = {"id": 6, "name": "Colour", "position": 0, "visible": False}
    theirs |= {"variation": False, "options": ["navy"]}
    shop.add(5, name="A", attributes=[theirs])
    shop.add(6, name="B")
    with serving(shop) as client:
        save(client, 6)
        assert shop.products[6]["attributes"] == []
        assert save(client, 5, attributes=True).status == "written"
    first, second = shop.products[5]["attributes"]
    assert first["id"] == 6 and first["options"] == ["navy"] and not first["visible"]
    assert (second["name"], second["options"], second["visible"]) == (
        "material",
        ["canvas"],
        True,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"type": "variable"},
        {"attributes": [{"id": 6, "name": "Size", "options": ["5\\'"]}]},
        {"attributes": [{"id": 0, "name": "Size", "options": ["S &amp; M"]}]},
        {"attributes": [{"id": 0, "name": "Size", "options": []}]},
        {"attributes": [{"id": 0, "name": "Size", "options": ["S"], "variation": True}]},
    ],
)
def test_attributes_that_would_not_come_through_again_are_left_alone(
    shop: Shop, change: dict[str, Any]
) -> None:
    shop.add(5, name="A", **change)
    with serving(shop) as client:
        saved = save(client, 5, attributes=True)
    assert saved.status == "written" and "attributes (colour, material)" in saved.reason
    assert "attributes" not in sent_fields(shop)


def test_attributes_are_never_replaced(shop: Shop) -> None:
    with serving(shop) as client, pytest.raises(ValueError, match="attributes"):
        WooCommerceSink(client, attributes=True, overwrite=["attributes"])


def test_a_text_that_cannot_be_kept_is_refused_and_nothing_of_it_written(
    shop: Shop,
) -> None:
    shop.add(5, name="A", images=IMAGES)
    with serving(shop) as client:
        saved = save(client, 5, OURS.model_copy(update={"alt_texts": ("a \\ b",)}))
    assert saved.status == "refused" and "alt text 1" in saved.reason
    assert not shop.changes


def test_a_tag_longer_than_the_database_holds_is_refused(shop: Shop) -> None:
    shop.add(5, name="A")
    with serving(shop) as client:
        saved = save(client, 5, description(tags=("x" * 201,)))
    assert saved.status == "refused" and "200" in saved.reason


def test_a_text_that_a_plugin_changes_on_saving_is_not_called_written(shop: Shop) -> None:
    shop.add(5, name="A")
    shop.after_save = lambda made: made.update(description=made["description"] + "Buy now!")
    with serving(shop) as client:
        saved = save(client, 5)
    assert saved.status == "refused" and "Buy now!" in saved.reason


def test_a_text_that_a_plugin_spells_in_another_way_is_written(shop: Shop) -> None:
    shop.add(5, name="A")
    shop.after_save = lambda made: made.update(
        description=made["description"].replace("<br>", "<br />\n")
    )
    ours = description(description="one\ntwo")
    with serving(shop) as client:
        assert save(client, 5, ours).status == "written"
        assert save(client, 5, ours, overwrite=["description"]).status == "unchanged"


@pytest.mark.parametrize("number", ["", "x", "-1", "5.0", "١", "9" * 30])
def test_what_is_no_product_id_is_refused_without_a_question(
    shop: Shop, number: str
) -> None:
    with (
        serving(shop) as client,
        WooCommerceSink(client, apply=True) as sink,
    ):
        assert sink.save(Product(id=number), OURS).status == "refused"
    assert not shop.requests


def test_a_product_that_is_not_there_is_refused(shop: Shop) -> None:
    shop.add(5, name="A", status="trash")
    with serving(shop) as client:
        assert "trash" in save(client, 5).reason
        assert save(client, 6).status == "refused"


# --- Many at once ------------------------------------------------------------------------


def test_a_hundred_products_are_one_request_and_each_has_its_own_answer(
    shop: Shop,
) -> None:
    with_products(shop, range(1, 101))
    shop.products[7]["images"] = [71]
    shop.attachments[71] = {"src": "https://cdn.example.com/a.jpg", "alt": ""}
    pairs = [(Product(id=str(n)), OURS) for n in range(1, 101)]

    def vanish(shop: Shop) -> None:
        if shop.requests[-1][1] == "products/batch":
            del shop.products[3]

    shop.before = vanish
    ours = OURS.model_copy(update={"tags": ()})
    with (
        serving(shop) as client,
        WooCommerceSink(client, apply=True) as sink,
    ):
        said = list(sink.save_many((product, ours) for product, _ in pairs))
        assert [path for _, path, _ in shop.requests] == [
            "products",
            "products/batch",
            "products",
        ]
        again = list(sink.save_many((product, ours) for product, _ in pairs))
    assert [one.product_id for one in said] == [str(n) for n in range(1, 101)]
    assert {one.status for n, one in enumerate(said, 1) if n != 3} == {"written"}
    assert said[2].status == "refused"
    assert "woocommerce_rest_product_invalid_id" in said[2].reason
    assert [i["alt"] for i in shop.shown(7)["images"]] == ["front"]
    assert {one.status for n, one in enumerate(again, 1) if n != 3} == {"unchanged"}


@pytest.mark.parametrize("batch", [0, 101])
def test_more_than_a_hundred_products_are_too_many(shop: Shop, batch: int) -> None:
    with serving(shop) as client:
        with pytest.raises(ValueError, match=f"{batch}; it must be from 1 to 100"):
            WooCommerceSink(client, batch=batch)
        assert list(WooCommerceSink(client).save_many([])) == []
    assert not shop.requests


def test_one_product_twice_in_a_batch_is_written_once(shop: Shop) -> None:
    with_products(shop, [1])
    with (
        serving(shop) as client,
        WooCommerceSink(client, apply=True) as sink,
    ):
        said = list(sink.save_many([(Product(id="1"), OURS), (Product(id="1"), OURS)]))
    assert [one.status for one in said] == ["written", "unchanged"]
    assert [path for _, path, _ in shop.changes if "tags" not in path] == ["products/1"]


def test_a_shop_with_a_smaller_batch_says_so(shop: Shop) -> None:
    with_products(shop, [1, 2, 3])
    shop.batch_limit = 2
    pairs = [(Product(id=str(n)), OURS) for n in (1, 2, 3)]
    with (
        serving(shop) as client,
        WooCommerceSink(client, apply=True) as sink,
    ):
        said = list(sink.save_many(pairs))
    assert {one.status for one in said} == {"refused"}
    assert "413" in said[0].reason and "more than 2 items" in said[0].reason


# --- Keys, addresses, pace ---------------------------------------------------------------


def test_over_https_the_key_goes_in_a_header_and_nothing_into_the_address(
    shop: Shop,
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("shop.example.com").configure_cert(tls)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with_products(shop, [1])
    with Server(shop, tls=tls) as server:
        policy = Policy(allowed_networks=("127.0.0.1/32",), ports=frozenset({server.port}))
        web = Http(policy, lookup=lambda h, p: ["127.0.0.1"], trust=trust)
        url = f"https://shop.example.com:{server.port}/"
        client = WooCommerceClient(url, KEY, SECRET, http=web, clock=AWAKE)
        assert [p.id for p in read(client)] == ["1"]
        assert save(client, 1).status == "written"
    assert all("oauth" not in str(q) for _, _, q in shop.requests)


def test_every_request_over_http_is_signed_anew(shop: Shop) -> None:
    with_products(shop, range(1, 250))
    with serving(shop) as client:
        read(client)
        save(client, 1)
    assert len(shop.nonces) == len(shop.requests) > 5
    assert all(q["oauth_signature_method"] == "HMAC-SHA256" for _, _, q in shop.requests)


def test_a_wrong_clock_is_told_in_the_shops_own_words(shop: Shop) -> None:
    clock = AWAKE._replace(now=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    with (
        serving(shop, clock=clock) as client,
        pytest.raises(CatalogError, match="Invalid timestamp"),
    ):
        read(client)


@pytest.mark.parametrize(
    ("key", "secret", "words"),
    [
        ("ck_other", SECRET, "Consumer key is invalid"),
        (KEY, "cs_other", "signature does not match"),
    ],
)
def test_a_wrong_key_is_told_in_the_shops_own_words(
    shop: Shop, key: str, secret: str, words: str
) -> None:
    with (
        serving(shop, key=key, secret=Secret(secret)) as client,
        pytest.raises(CatalogError, match=words) as raised,
    ):
        read(client)
    assert "401 woocommerce_rest_authentication_error" in str(raised.value)
    assert len(shop.requests) == 1


def test_a_key_that_may_only_read_stops_the_run_before_anything_is_written(
    shop: Shop,
) -> None:
    with_products(shop, [1])
    shop.permissions = "read"
    with serving(shop) as client, pytest.raises(CatalogError, match="write permissions"):
        save(client, 1)
    assert not shop.changes


@pytest.mark.parametrize(
    "url",
    [
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://a:b@shop.example",
        "https://shop.example/?x=1",
    ],
)
def test_what_is_no_address_of_a_shop_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="address") as raised:
        WooCommerceClient(url, KEY, SECRET)
    assert "a:b" not in str(raised.value)


def test_a_shop_is_asked_at_the_pace_that_is_set_and_not_slower(shop: Shop) -> None:
    with_products(shop, range(1, 1900))
    clock = [0.0]
    at: list[float] = []
    shop.before = lambda shop: at.append(clock[0])

    def sleep(seconds: float) -> None:
        assert seconds > 0
        clock[0] += seconds

    retry = RetryPolicy(per_second=4)
    ticking = Clock(monotonic=lambda: clock[0], sleep=sleep)
    with serving(shop, retry=retry, clock=ticking) as client:
        read(client)
    gaps = [b - a for a, b in itertools.pairwise(at)]
    assert len(at) == 20 and min(gaps) >= 0.25 - 1e-9
    assert (len(at) - 1) / (at[-1] - at[0]) >= 0.9 * 4


def test_nothing_but_text_images_tags_and_named_fields_is_ever_written(shop: Shop) -> None:
    shop.add(5, name="A", images=IMAGES)
    everything = OURS.model_copy(update={"category": "shoes"})
    with serving(shop) as client:
        save(client, 5, everything, seo=YOAST, attributes=True, overwrite=["title"])
    assert sent_fields(shop) == {
        *("name", "description", "short_description", "images", "tags", "meta_data"),
        "attributes",
    }
    assert {path for _, path, _ in shop.changes} == {"products/5", "products/tags"}


def test_names_with_entities_are_not_escaped_twice(shop: Shop) -> None:
    shop.add(5, name="A")
    with serving(shop) as client:
        ours = description(title="Salt & pepper <3")
        assert save(client, 5, ours, overwrite=["title"]).status == "written"
        assert save(client, 5, ours, overwrite=["title"]).status == "unchanged"
        assert read(client)[0].title == "Salt & pepper <3"
    assert shop.products[5]["name"] == html.escape("Salt & pepper <3", quote=False)


def test_secrets_are_not_in_what_a_sink_or_source_shows_of_itself(shop: Shop) -> None:
    with serving(shop) as client:
        for made in (
            WooCommerceSource(client),
            WooCommerceSink(client),
        ):
            assert CANARY not in f"{made!r} {vars(made)} {client!r} {vars(client)}"


def test_the_first_program_of_the_docs_fills_a_shop(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.add(5, name="Linen tee", attributes=[{"name": "colour", "options": ["navy"]}])
    program: dict[str, Any] = {}
    exec(blocks("docs/woocommerce.md")[0].body, program)
    with serving(shop) as client:
        program["describe_shop"](client, ScriptedEngine())
        assert "5 planned" in capsys.readouterr().out and not shop.changes
        program["describe_shop"](client, ScriptedEngine(), apply=True)
    assert "5 written" in capsys.readouterr().out
    assert shop.products[5]["description"].startswith("<p>")
    assert shop.products[5]["name"] == "Linen tee"
