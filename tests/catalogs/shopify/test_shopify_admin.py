"""The Shopify Admin API adapter against its stand-in, which runs Shopify's own schema."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from doubles.processor_time import MAX_RATIO, growth
from doubles.shop_servers.shopify_server import DOMAIN, ShopifyServer
from doubles.shop_servers.shopify_shop import PRODUCT, Bucket, Clock
from factories import description
from hypothesis import example, given
from hypothesis import strategies as st

from productdesc.catalogs.protocol import Edit, Saved
from productdesc.catalogs.shopify.admin import (
    ShopifyClient,
    ShopifySink,
    ShopifySource,
)
from productdesc.catalogs.shopify.admin.api import bulk
from productdesc.catalogs.shopify.admin.api.pacing import CostBucket
from productdesc.catalogs.shopify.admin.api.queries import bulk_products
from productdesc.catalogs.shopify.admin.reading import fetch
from productdesc.catalogs.shopify.admin.reading.product_node import (
    MAX_TAGS,
    ProductNode,
    same_markup,
    to_product,
)
from productdesc.catalogs.shopify.admin.writing.edits import Rules, plan
from productdesc.catalogs.shopify.admin.writing.verify import missing
from productdesc.errors import CatalogError
from productdesc.net import RetryPolicy
from productdesc.records import Description, Product
from productdesc.secret import Secret

SHOES = "gid://shopify/TaxonomyCategory/aa-8"
OURS = description(
    title="Canvas shoe",
    description="A shoe of canvas.",
    bullets=("White",),
    seo_title="Canvas shoe",
    seo_description="White canvas shoe.",
    alt_texts=("Front", "Side"),
    tags=("shoes", "canvas"),
)


@pytest.fixture
def server() -> Iterator[ShopifyServer]:
    with ShopifyServer() as made:
        yield made
    assert not made.leaks and not made.crashes and made.throttled == 0


def photo(number: int) -> str:
    return f"https://cdn.shopify.com/s/files/1/{number}.jpg?v=17"


def read(shop: ShopifyClient, **options: Any) -> list[Product]:
    with ShopifySource(shop, **options) as source:
        found = list(source.products())
    assert not source.problems.total
    return found


def save(shop: ShopifyClient, ours: Description = OURS, **options: Any) -> list[Saved]:
    with ShopifySink(shop, **{"apply": True, **options}) as sink:
        return [sink.save(product, ours) for product in read(shop)]


# ---- who may be talked to --------------------------------------------------------------


def test_a_secret_shows_itself_only_when_asked_by_name() -> None:
    secret = Secret("shpat_canary")
    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>20}", f"{secret!r}"]
    shown += ["%s" % secret, repr([secret]), repr({"token": secret})]  # noqa: UP031
    assert "canary" not in " ".join(shown)
    assert secret.reveal() == "shpat_canary"
    with pytest.raises(TypeError):
        vars(secret)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError, match="not pickled"):
        copy.deepcopy(secret)


@pytest.mark.parametrize("value", ["", "shpat_canary\n", " shpat_canary", "shpat_canaryé"])
def test_a_secret_that_no_header_can_carry_is_refused_unseen(value: str) -> None:
    with pytest.raises(ValueError) as caught:
        Secret(value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "domain",
    [
        "https://my-shop.myshopify.com",
        "my-shop.myshopify.com/admin",
        "my-shop.myshopify.com.evil.example",
        "evil.example#.myshopify.com",
        "evil.example/.myshopify.com",
        "user@my-shop.myshopify.com",
        "my-shop.myshopify.com:8443",
        "my-shop.myshopify.com\n",
        "a.b.myshopify.com",
        ".myshopify.com",
        "my-shop",
        "my-ѕhop.myshopify.com",
        "",
    ],
)
def test_a_token_goes_to_a_shopify_domain_only(domain: str) -> None:
    with pytest.raises(ValueError, match="is no Shopify domain"):
        ShopifyClient(domain, "shpat_0")


def test_a_version_that_was_never_checked_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-10, 2026-07"):
        ShopifyClient(DOMAIN, "shpat_0", version="2024-07")


def test_the_older_version_is_spoken_too() -> None:
    with ShopifyServer(version="2026-07") as server:
        server.shop.add("1", title="Shoe")
        assert [p.title for p in read(server.connection())] == ["Shoe"]
    assert not server.crashes


# ---- reading ---------------------------------------------------------------------------


def fill(server: ShopifyServer, count: int, **values: Any) -> None:
    for number in range(count):
        server.shop.add(str(1000 + number), title=f"Shoe {number}", **values)


def rich(server: ShopifyServer) -> None:
    """A product with everything, more of it than fits into one page."""
    server.shop.add(
        "1",
        title="Shoe",
        descriptionHtml="<p>White &amp; soft.</p>",
        vendor="Acme",
        productType="Sneaker",
        tags=["a", "b"],
        seo={"title": "S", "description": None},
        category={"id": SHOES, "fullName": "Apparel & Accessories > Shoes"},
        options=[{"name": "Size", "values": ["38", "39"]}],
        images=[(photo(n), f"alt {n}") for n in range(230)],
        metafields=[
            {
                "namespace": "custom" if n else "reviews_app",
                "key": f"fact_{n}",
                "type": "single_line_text_field",
                "value": f"v{n}",
            }
            for n in range(130)
        ]
        + [
            {
                "namespace": "custom",
                "key": "width",
                "type": "dimension",
                "value": '{"value": 10.5, "unit": "CM"}',
            },
            {
                "namespace": "custom",
                "key": "related",
                "type": "list.product_reference",
                "value": '["gid://shopify/Product/2"]',
            },
        ],
    )
    server.shop.products[PRODUCT + "1"]["media"].insert(3, server.shop.add_video())
    server.shop.products[PRODUCT + "1"]["media"].insert(
        5, server.shop.add_file(photo(999), status="PROCESSING")
    )


@pytest.mark.parametrize("bulk", [False, True], ids=["pages", "bulk"])
def test_a_product_is_read_with_everything_on_it(server: ShopifyServer, bulk: bool) -> None:
    rich(server)
    (product,) = read(server.connection(), bulk=bulk)
    assert product.id == "1" and product.title == "Shoe"
    assert product.description == "White & soft."
    assert tuple(product.photos) == tuple(photo(n) for n in range(230))
    assert product.present.alt_texts == tuple(f"alt {n}" for n in range(230))
    assert product.present.tags == ("a", "b") and product.present.seo_title == "S"
    assert product.present.category == "Apparel & Accessories > Shoes"
    plain = {"brand": "Acme", "type": "Sneaker", "Size": "38, 39", "width": "10.5 cm"}
    facts = {f"fact {n}": f"v{n}" for n in range(1, 130)}
    assert product.attributes == plain | facts


def test_metafields_of_other_namespaces_are_read_when_named(server: ShopifyServer) -> None:
    rich(server)
    (product,) = read(server.connection(), namespaces=("reviews_app",))
    assert product.attributes["fact 0"] == "v0" and "fact 1" not in product.attributes


@pytest.mark.parametrize("bulk", [False, True], ids=["pages", "bulk"])
def test_every_product_comes_once_and_by_rising_id(
    server: ShopifyServer, bulk: bool
) -> None:
    fill(server, 95, images=[(photo(1), "")])
    ids = [product.id for product in read(server.connection(), bulk=bulk)]
    assert ids == [str(1000 + number) for number in range(95)]


def test_a_walk_that_shopify_would_cut_begins_anew(server: ShopifyServer) -> None:
    fill(server, 95)
    found = list(fetch.pages(server.connection(), walk=40))
    ids = [one.gid for one in found if isinstance(one, ProductNode)]
    assert ids == [f"{PRODUCT}{1000 + number}" for number in range(95)]
    queries = [sent.variables["query"] for sent in server.requests]
    assert queries == [None] * 2 + ["id:>1039"] * 2 + ["id:>1079"]


@pytest.mark.parametrize("bulk", [False, True], ids=["pages", "bulk"])
def test_only_what_is_searched_for_comes(server: ShopifyServer, bulk: bool) -> None:
    fill(server, 3, vendor="Other")
    server.shop.add("7", title="Mine", vendor="Acme")
    found = read(server.connection(), bulk=bulk, query="vendor:Acme")
    assert [product.id for product in found] == ["7"]


def test_an_empty_shop_has_no_products(server: ShopifyServer) -> None:
    assert read(server.connection()) == [] == read(server.connection(), bulk=True)


def test_a_bulk_file_comes_in_pieces(server: ShopifyServer) -> None:
    fill(server, 60, descriptionHtml="<p>Ünï\u2028çödé 🥿</p>")
    shop = server.connection()
    result = bulk.poll(shop, bulk.start_query(shop, bulk_products()))
    assert result
    whole = list(bulk.result_lines(shop, result))
    assert len(whole) == 60 == result.roots
    for size in (1, result.bytes - 1, result.bytes, result.bytes + 1, 4099):
        if size > 1:
            assert list(bulk.result_lines(shop, result, piece_bytes=size)) == whole


def test_a_bulk_read_that_fails_gives_the_shops_reason(server: ShopifyServer) -> None:
    fill(server, 2)
    server.shop.bulk_ends = "FAILED"
    with pytest.raises(CatalogError, match=r"ended FAILED \(TIMEOUT\)"):
        read(server.connection(), bulk=True)


def test_a_bulk_read_that_never_ends_is_left(server: ShopifyServer) -> None:
    retry = RetryPolicy(bulk_seconds=1.5)
    with pytest.raises(CatalogError, match="took more than 2 s"):
        read(server.connection(retry=retry), bulk=True)


# ---- writing ---------------------------------------------------------------------------


@pytest.mark.parametrize("many", [False, True], ids=["save", "save_many"])
def test_what_is_written_is_what_the_shop_holds(server: ShopifyServer, many: bool) -> None:
    server.shop.add("1", title="Old", images=[(photo(1), ""), (photo(2), "mine")])
    server.shop.add("2", title="Old", images=[(photo(3), "")])
    shop = server.connection()
    sink = ShopifySink(shop, apply=True, overwrite=["title"])
    products = read(shop)
    if many:
        said = list(sink.save_many((p, OURS) for p in products))
    else:
        said = [sink.save(p, OURS) for p in products]
    assert [one.status for one in said] == ["written", "written"]
    assert [one.product_id for one in said] == ["1", "2"]
    assert said[0].untouched == ("alt_texts",) and said[1].untouched == ()
    one = server.shop.products[PRODUCT + "1"]
    assert one["title"] == "Canvas shoe" and one["handle"] == "handle-1"
    assert one["seo"] == {"title": "Canvas shoe", "description": "White canvas shoe."}
    assert one["tags"] == ["canvas", "shoes"]
    assert "<p" in one["descriptionHtml"] and "<li>White" in one["descriptionHtml"]
    assert [server.shop.files[m]["alt"] for m in one["media"]] == ["Front", "mine"]
    # the record of changes is the shop's own: each value once, and nothing else
    changed = [(c.gid, c.field) for c in server.shop.changes]
    product_fields = ("title", "descriptionHtml", "seo", "tags")
    assert sorted(changed) == sorted(
        [(PRODUCT + n, f) for n in ("1", "2") for f in product_fields]
        + [(f"gid://shopify/MediaImage/{n}", "alt") for n in (5000, 5002)]
    )
    again = list(sink.save_many((p, OURS) for p in read(shop)))
    assert {one.status for one in again} == {"unchanged"}
    assert len(server.shop.changes) == len(changed)


@pytest.mark.parametrize("many", [False, True], ids=["save", "save_many"])
def test_without_apply_only_questions_are_asked(server: ShopifyServer, many: bool) -> None:
    fill(server, 3)
    shop = server.connection()
    sink = ShopifySink(shop)
    products = read(shop)
    if many:
        said = list(sink.save_many((p, OURS) for p in products))
    else:
        said = [sink.save(p, OURS) for p in products]
    assert {one.status for one in said} == {"planned"}
    assert {e.field for e in said[0].edits} >= {"description", "seo_title", "tags"}
    assert {s.name for s in server.requests} <= {"products", "product", "productsById"}


def test_what_a_person_wrote_since_the_reading_stays(server: ShopifyServer) -> None:
    server.shop.add("1", title="Shoe")
    shop = server.connection()
    (product,) = read(shop)
    server.shop.products[PRODUCT + "1"]["descriptionHtml"] = "<p>By hand.</p>"
    said = ShopifySink(shop, apply=True).save(product, OURS)
    assert said.status == "written" and "description" in said.untouched
    assert server.shop.products[PRODUCT + "1"]["descriptionHtml"] == "<p>By hand.</p>"


def test_markup_without_text_is_the_merchants_too(server: ShopifyServer) -> None:
    video = '<div><iframe src="https://v.example/1"></iframe></div>'
    server.shop.add("1", title="Shoe", descriptionHtml=video)
    server.shop.add("2", title="Shoe", descriptionHtml="<p><br>&nbsp;</p>")
    said = save(server.connection())
    assert "description" in said[0].untouched and "description" not in said[1].untouched
    assert server.shop.products[PRODUCT + "1"]["descriptionHtml"] == video


def test_alt_texts_follow_their_photos_when_the_order_has_changed(
    server: ShopifyServer,
) -> None:
    gid = server.shop.add("1", title="Shoe", images=[(photo(1), ""), (photo(2), "")])
    shop = server.connection()
    (product,) = read(shop)
    server.shop.products[gid]["media"].reverse()
    server.shop.products[gid]["media"].insert(0, server.shop.add_file(photo(3)))
    assert ShopifySink(shop, apply=True).save(product, OURS).status == "written"
    alts = {f["image"]["url"]: f["alt"] for f in server.shop.files.values()}
    assert alts == {photo(1): "Front", photo(2): "Side", photo(3): None}


def test_a_photo_that_is_not_ready_is_left_alone_and_said(server: ShopifyServer) -> None:
    gid = server.shop.add("1", title="Shoe", images=[(photo(1), "")])
    shop = server.connection()
    (product,) = read(shop)
    server.shop.files[server.shop.products[gid]["media"][0]]["fileStatus"] = "PROCESSING"
    said = ShopifySink(shop, apply=True).save(product, OURS)
    assert said.status == "written" and "1 photos are still being processed" in said.reason
    assert server.count("fileUpdate") == 0


def test_alt_texts_of_other_photos_are_never_written(server: ShopifyServer) -> None:
    server.shop.add("1", title="Shoe", images=[(photo(1), "")])
    elsewhere = Product(id="1", photos=["https://other.example/1.jpg"])
    said = ShopifySink(server.connection(), apply=True).save(elsewhere, OURS)
    assert "not those of the shop" in said.reason and server.count("fileUpdate") == 0


def test_more_than_a_hundred_alt_texts_are_all_written(server: ShopifyServer) -> None:
    server.shop.add("1", title="Shoe", images=[(photo(n), "") for n in range(230)])
    alts = tuple(f"View {n}" for n in range(230))
    (said,) = save(server.connection(), description(alt_texts=alts))
    assert said.status == "written" and len(said.edits) == 230
    assert [f["alt"] for f in server.shop.files.values()] == list(alts)


def test_tags_are_merged_with_those_there_are_now(server: ShopifyServer) -> None:
    server.shop.add("1", title="Shoe", tags=["Sale", "Shoes"])
    shop = server.connection()
    (product,) = read(shop)
    server.shop.products[PRODUCT + "1"]["tags"].append("by hand")
    ShopifySink(shop, apply=True, overwrite=["tags"]).save(product, OURS)
    tags = server.shop.products[PRODUCT + "1"]["tags"]
    assert tags == ["by hand", "canvas", "Sale", "Shoes"]


def test_a_tag_that_shopify_would_split_is_refused(server: ShopifyServer) -> None:
    server.shop.add("1", title="Shoe")
    (said,) = save(server.connection(), description(tags=("red, white",)))
    assert said.status == "refused" and "comma" in said.reason
    assert not server.shop.changes


def category_id(name: str) -> str | None:
    return {"shoes": SHOES}.get(name)


def test_a_category_is_written_by_its_id(server: ShopifyServer) -> None:
    na = {"id": "gid://shopify/TaxonomyCategory/na", "fullName": "Uncategorized"}
    mine = {"id": "gid://shopify/TaxonomyCategory/aa-1", "fullName": "Clothing"}
    server.shop.add("1", title="Shoe", category=na)
    server.shop.add("2", title="Shoe", category=mine)
    shop = server.connection()
    said = save(shop, description(category="shoes"), category_id=category_id)
    assert [one.status for one in said] == ["written", "unchanged"]
    assert said[1].untouched == ("category",)
    held = [p["category"]["id"] for p in server.shop.products.values()]
    assert held == [SHOES, mine["id"]]
    again = save(shop, description(category="shoes"), category_id=category_id)
    assert again[0].status == "unchanged" and again[0].untouched == ()
    unknown = save(shop, description(category="hats"), category_id=category_id)
    assert "'hats' is in no taxonomy" in unknown[0].reason


def test_a_category_is_given_back_by_its_id(server: ShopifyServer) -> None:
    server.shop.add("1", title="Shoe", category={"id": SHOES, "fullName": "shoes"})
    hats = {"id": "gid://shopify/TaxonomyCategory/aa-2", "fullName": "hats"}
    server.shop.products[PRODUCT + "1"]["category"] = hats
    back = [("1", [Edit("category", "hats", "shoes")])]
    options = {"apply": True, "category_id": category_id}
    with ShopifySink(server.connection(), **options) as sink:  # type: ignore[arg-type]
        [said] = sink.restore(back)
    assert said.status == "written", said.reason
    assert server.shop.products[PRODUCT + "1"]["category"]["id"] == SHOES
    for former, why in (("shoes", "which was 'shoes', and is in no"), ("", "no value")):
        with ShopifySink(server.connection(), apply=True) as sink:
            [said] = sink.restore([("1", [Edit("category", "shoes", former)])])
        assert said.status == "refused" and why in said.reason


def test_attributes_go_into_the_metafields_that_are_named(server: ShopifyServer) -> None:
    def custom(key: str, kind: str, value: str) -> dict[str, str]:
        return {"namespace": "custom", "key": key, "type": kind, "value": value}

    held = [
        custom("pattern", "multi_line_text_field", "plain"),
        custom("size", "number_integer", "3"),
    ]
    gid = server.shop.add("1", title="Shoe", metafields=held)
    ours = description(
        attributes={"Material": "canvas", "pattern": "dots", "size": "4", "colour": "red"}
    )
    names = {name: f"custom.{name}" for name in ("material", "pattern", "size")}
    (said,) = save(server.connection(), ours, metafields=names)
    assert said.status == "written" and said.untouched == ("attributes",)
    assert "custom.size holds a number_integer" in said.reason
    there = {m["key"]: m["value"] for m in server.shop.products[gid]["metafields"]}
    assert there == {"material": "canvas", "pattern": "plain", "size": "3"}
    with pytest.raises(ValueError, match=r"namespace\.key"):
        ShopifySink(server.connection(), metafields={"material": "material"})


@pytest.mark.parametrize("many", [False, True], ids=["save", "save_many"])
def test_what_the_shop_refuses_comes_back_in_its_own_words(
    server: ShopifyServer, many: bool
) -> None:
    fill(server, 2, images=[(photo(1), "")])
    shop = server.connection()
    sink = ShopifySink(shop, apply=True, overwrite=["title"])
    bad = OURS.model_copy(update={"title": "x" * 300})
    pairs = list(zip(read(shop), (bad, OURS), strict=True))
    said = list(sink.save_many(pairs)) if many else [sink.save(*pair) for pair in pairs]
    assert [one.status for one in said] == ["refused", "written"]
    assert "title: Title is too long (maximum is 255 characters)" in said[0].reason
    if not many:
        assert "request id req-7f3a" in said[0].reason
    assert {c.gid for c in server.shop.changes} == {
        PRODUCT + "1001",
        "gid://shopify/MediaImage/5001",
    }


@pytest.mark.parametrize("many", [False, True], ids=["save", "save_many"])
def test_text_that_is_written_stays_known_when_an_alt_text_is_refused(
    server: ShopifyServer, many: bool
) -> None:
    server.shop.add("1", title="Shoe", images=[(photo(1), "")])
    shop = server.connection()
    sink = ShopifySink(shop, apply=True)
    bad = OURS.model_copy(update={"alt_texts": ("x" * 600,)})
    (product,) = read(shop)
    said = next(sink.save_many([(product, bad)])) if many else sink.save(product, bad)
    assert said.status == "refused" and "exceeds the maximum limit of 512" in said.reason
    assert {e.field for e in said.edits} == {
        "description",
        "seo_title",
        "seo_description",
        "tags",
    }


def test_a_text_that_the_shop_changes_is_not_called_written(server: ShopifyServer) -> None:
    server.shop.cleans = lambda html: "<p>shortened</p>"
    server.shop.add("1", title="Shoe")
    (said,) = save(server.connection())
    assert said.status == "refused" and "holds another text: description" in said.reason
    assert "description" not in {e.field for e in said.edits}


@pytest.mark.parametrize("key", ["404404", "no-such-handle", ""])
def test_a_product_that_is_not_there_is_refused(server: ShopifyServer, key: str) -> None:
    sink = ShopifySink(server.connection(), apply=True)
    product = Product(id=key)
    for said in (sink.save(product, OURS), next(sink.save_many([(product, OURS)]))):
        assert said.status == "refused" and f"no product {key!r}" in said.reason


def test_a_product_is_found_by_its_handle(server: ShopifyServer) -> None:
    server.shop.add("1", title="Shoe", handle="white-shoe")
    sink = ShopifySink(server.connection(), apply=True)
    assert sink.save(Product(id="white-shoe"), OURS).status == "written"


def test_a_product_that_comes_twice_is_written_one_after_the_other(
    server: ShopifyServer,
) -> None:
    server.shop.add("1", title="Shoe")
    shop = server.connection()
    (product,) = read(shop)
    pairs = [(product, OURS), (product, OURS), (product, OURS)]
    said = list(ShopifySink(shop, apply=True).save_many(pairs))
    assert [one.status for one in said] == ["written", "unchanged", "unchanged"]


def test_a_bulk_write_that_breaks_off_gives_each_product_its_own_verdict(
    server: ShopifyServer,
) -> None:
    fill(server, 5)
    server.shop.bulk_lines = 3
    shop = server.connection()
    said = list(ShopifySink(shop, apply=True).save_many((p, OURS) for p in read(shop)))
    assert [one.status for one in said] == ["written"] * 3 + ["refused"] * 2
    assert "ended FAILED" in said[4].reason
    assert {c.gid for c in server.shop.changes} == {f"{PRODUCT}100{n}" for n in range(3)}


def test_large_uploads_are_cut_at_the_shops_limit(server: ShopifyServer) -> None:
    fill(server, 9)
    shop = server.connection()
    pairs = [(p, OURS) for p in read(shop)]
    sink = ShopifySink(shop, apply=True, batch=100, max_upload_bytes=600)
    said = list(sink.save_many(pairs))
    assert [one.status for one in said] == ["written"] * 9
    uploads = [v for k, v in server.shop.stored.items() if k.startswith("tmp/")]
    assert len(uploads) > 2 and max(map(len, uploads)) <= 600
    assert sum(v.count(b"\n") for v in uploads) == 9


EMPTY = ProductNode(
    gid=PRODUCT + "1", handle="h", title="", html="", vendor="", kind="", tags=(),
    seo_title="", seo_description="", category_id="", category="", options=(),
    images=(), metafields=(),
)  # fmt: skip


@example("\x00")
@given(st.text(max_size=40))
def test_any_text_is_planned_and_recognised_or_refused(text: str) -> None:
    made = plan(EMPTY, to_product(EMPTY, ()), description(description=text), Rules())
    assert made.unfit or made.edits or not text.strip()
    for step in made.steps:
        html = step.variables["product"]["descriptionHtml"]
        rewritten = html.replace("</p>", "</p>\n").replace("<br>", "<br />")
        for stored in (html, rewritten):
            assert not missing(step, replace(EMPTY, html=stored), Rules())
        assert missing(step, EMPTY, Rules())
        assert missing(step, replace(EMPTY, html=f"<p>x</p>{html}"), Rules())


# ---- pace ------------------------------------------------------------------------------


@pytest.mark.parametrize(("maximum", "rate"), [(1000.0, 50.0), (2000.0, 100.0)])
def test_a_shop_is_never_asked_faster_than_it_allows_nor_much_slower(
    maximum: float, rate: float
) -> None:
    images = [(photo(n), "") for n in range(10)]
    with ShopifyServer(maximum=maximum, rate=rate) as server:
        fill(server, 45, images=images)
        shop = server.connection()
        spent, began = [], []

        def note(sent: Any) -> None:
            spent.append(server.bucket.level)
            began.append(server.clock())

        server.before = note
        sink = ShopifySink(shop, apply=True)
        products = read(shop)
        for product in products:
            sink.save(product, OURS)
    assert server.throttled == 0  # never faster than allowed
    # once the first burst is over, what the shop restored was used
    middle = len(began) // 2
    restored = rate * (began[-1] - began[middle])
    assert restored > 10 * rate
    assert (spent[middle] - spent[-1] + restored) / restored >= 0.9
    assert max(spent[middle:]) < maximum / 2  # full, it would restore nothing


def test_a_request_waits_for_its_whole_price() -> None:
    clock = Clock()
    bucket = CostBucket(clock, clock.sleep)
    status = {"currentlyAvailable": 10, "maximumAvailable": 1000, "restoreRate": 50}
    bucket.take(5)
    bucket.settle(5, status)
    bucket.take(10)
    assert clock.slept == []
    bucket.settle(10, status)
    bucket.take(110)
    assert sum(clock.slept) == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("rate", [1e-9, 0.001, float("nan"), -1])
def test_no_bucket_makes_a_request_wait_longer_than_it_may(rate: float) -> None:
    clock = Clock()
    bucket = CostBucket(clock, clock.sleep, longest_wait_seconds=30)
    status = {"currentlyAvailable": -1e9, "maximumAvailable": 1000, "restoreRate": rate}
    bucket.take(5)
    bucket.settle(5, status)
    bucket.take(10)
    assert sum(clock.slept) <= 30


def test_what_is_on_its_way_is_not_spent_twice() -> None:
    clock = Clock()
    bucket = CostBucket(clock, clock.sleep)
    status = {"currentlyAvailable": 100, "maximumAvailable": 1000, "restoreRate": 50}
    bucket.take(0)
    bucket.settle(0, status)
    bucket.take(80)
    bucket.take(80)
    assert sum(clock.slept) == pytest.approx(1.2, abs=0.01)


@given(
    st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1)), min_size=1, max_size=60),
    st.sampled_from([(1000.0, 50.0), (400.0, 100.0)]),
)
def test_the_bucket_is_never_overdrawn(
    requests: list[tuple[int, float]], plan: tuple[float, float]
) -> None:
    clock = Clock()
    ours, theirs = CostBucket(clock, clock.sleep), Bucket(clock, *plan)
    ours.take(0)
    ours.settle(0, theirs.status())
    for price, share in requests:
        ours.take(price)
        assert theirs.level >= price
        theirs.spend(round(price * share))
        ours.settle(price, theirs.status())


def test_threads_share_one_bucket(server: ShopifyServer) -> None:
    fill(server, 9)
    shop = server.connection()
    products = read(shop)
    sink = ShopifySink(shop, apply=True)
    threads = [
        threading.Thread(target=lambda p=part: [sink.save(one, OURS) for one in p])
        for part in (products[::3], products[1::3], products[2::3])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({c.gid for c in server.shop.changes}) == 9


def test_a_description_of_nested_tags_is_no_work() -> None:
    """To read 512 KB of these took half a minute."""
    assert not same_markup("<div>" * 100_000 + "a", "<p>a</p>")
    run = lambda size: same_markup("<div>" * size + "a", "<p>a</p>")  # noqa: E731
    assert growth(run, most=100_000) < MAX_RATIO
    assert same_markup("<div>" * MAX_TAGS + "a", "a")
    assert same_markup("<p>a</p>" * MAX_TAGS, "<p>a</p>" * MAX_TAGS)
