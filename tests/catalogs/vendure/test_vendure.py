"""A Vendure shop on loopback: reading its pages, writing one language, and its refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from doubles.shop_servers.vendure_server import Server, loopback, serving
from doubles.shop_servers.vendure_shop import Fault, Shop, with_products
from doubles.shops import CANARY
from factories import back, description

from productdesc.catalogs import Edit, Saved, VendureClient, VendureSink, VendureSource
from productdesc.catalogs.vendure import log_in
from productdesc.errors import CatalogError
from productdesc.net import NetworkAccess
from productdesc.records import Description, Product, Variant
from productdesc.secret import Secret

SEO = {"seoTitle": "localeString", "metaDescription": "text", "stock": "int"}
OURS = description(
    title="Our title",
    bullets=("Red upper", "Rubber sole"),
    description="Our words.",
    alt_texts=("front",),
    tags=("shoes",),
    attributes={"colour": "red"},
    seo_title="SEO title",
    seo_description="SEO words",
)
BODY = "<p>Our words.</p><ul><li>Red upper</li><li>Rubber sole</li></ul>"
BOTH = {
    "en": {"name": "Shoe", "slug": "Shoe_1", "description": ""},
    "de": {"name": "Schuh", "slug": "schuh", "description": "<p>Ein&nbsp;Schuh</p>\n"},
}


@pytest.fixture
def shop() -> Shop:
    return Shop(CANARY, fields=SEO)


def read(client: VendureClient, **options: Any) -> list[Product]:
    with VendureSource(client, **options) as source:
        found = list(source.products())
    assert not list(source.problems)
    return found


def save(
    client: VendureClient, key: str, ours: Description = OURS, **options: Any
) -> Saved:
    with VendureSink(client, **{"apply": True, **options}) as sink:
        return sink.save(Product(id=key), ours)


def asset(key: int, **values: Any) -> dict[str, Any]:
    made = {"id": str(key), "type": "IMAGE", "mimeType": "image/jpeg"}
    there = {
        "source": f"https://a.example/{key}.jpg",
        "preview": f"https://p.example/{key}",
    }
    return made | there | values


# --- Reading -----------------------------------------------------------------------------


def test_all_that_a_shop_says_of_a_product_is_read(shop: Shop) -> None:
    size = [{"id": "1", "name": "40"}, {"id": "2", "name": "41"}, {"id": "3", "name": "42"}]
    shop.add(
        "5",
        texts=BOTH,
        featuredAsset=asset(2),
        assets=[
            asset(1, mimeType="image/svg+xml"),
            asset(2),
            asset(3, type="VIDEO"),
        ],
        facetValues=[
            {"name": "Red", "facet": {"name": "Colour", "isPrivate": False}},
            {"name": "Blue", "facet": {"name": "Colour", "isPrivate": False}},
            {"name": "slow", "facet": {"name": "Turnover", "isPrivate": True}},
        ],
        collections=[
            {"name": "Sale", "isPrivate": True, "breadcrumbs": [{"name": "Sale"}]},
            {
                "name": "Shoes",
                "isPrivate": False,
                "breadcrumbs": [
                    {"name": "__root_collection__"},
                    {"name": "Clothing"},
                    {"name": "Shoes"},
                ],
            },
        ],
        optionGroups=[{"name": "Size", "options": size}],
        variants=[
            {"id": "8", "sku": "S-41", "options": size[1:2], "featuredAsset": asset(1)},
            {"id": "9", "sku": "", "options": size[:1], "featuredAsset": asset(2)},
        ],
        customFields={"metaDescription": "Meta"},
    )
    with serving(shop) as client:
        [product] = read(client, seo=("seoTitle", "metaDescription"))
        [listed] = read(client, variants=False)
        [german] = read(client, language="de")
    assert product.title == "Shoe" and product.description == ""
    assert product.attributes == {"Colour": "Red, Blue", "Size": "40, 41"}
    assert listed.attributes["Size"] == "40, 41, 42" and listed.variants == ()
    assert product.variants == (
        Variant(id="S-41", options={"Size": "41"}, photo=2),
        Variant(id="9", options={"Size": "40"}, photo=1),
    )
    assert product.photos == ("https://a.example/2.jpg", "https://p.example/1")
    assert product.present.category == "Clothing > Shoes"
    assert product.present.seo_description == "Meta"
    assert german.title == "Schuh" and german.description == "Ein Schuh"
    languages = [sent.language for sent in shop.requests]
    assert languages == ["", "en", "en", "de"]  # its settings are asked for once


def test_photos_on_the_shops_own_host_are_let_through_by_name(shop: Shop) -> None:
    shop.add("5", assets=[asset(1, source="assets/1.jpg")])
    with Server(shop) as server, loopback(server.port) as http:
        origin = server.url.removesuffix("/admin-api")
        network = NetworkAccess(origin)
        with VendureClient(server.url, CANARY, http=http, network=network) as client:
            [product] = read(client)
        with VendureClient(server.url, CANARY, http=http) as client:
            source = VendureSource(client)
            [closed] = source.products()
    assert product.photos == (f"{origin}/assets/1.jpg",)
    assert closed.photos == () and "--allow-host" in closed.photo_error
    assert source.problems.total == 1


@pytest.mark.parametrize("count", [0, 1, 95, 100, 101, 195, 350])
def test_every_page_is_read_and_nothing_twice(shop: Shop, count: int) -> None:
    with_products(shop, range(1, count + 1))
    with serving(shop) as client:
        assert [int(p.id) for p in read(client)] == list(range(1, count + 1))


IDS = {
    "numbers": str,
    "uuids": lambda n: f"{n:08x}-0000-4000-8000-000000000000",
    "made up": lambda n: f"T_{n:03}",
}


@pytest.mark.parametrize("kind", IDS)
def test_a_deletion_between_two_pages_loses_no_other_product(kind: str) -> None:
    shop = Shop(CANARY)
    for n in range(1, 61):
        shop.add(IDS[kind](n))
    gone = [IDS[kind](n) for n in range(1, 12)]

    def delete(sent: Any) -> None:
        if sent.variables["options"]["skip"] and gone[0] in shop.products:
            for key in gone:
                shop.products.pop(key)

    with serving(shop) as client:
        client.settings()
        shop.before = delete
        found = [p.id for p in read(client, per_page=20)]
    assert found == [IDS[kind](n) for n in range(1, 61)]


BROKEN = {
    "null": None,
    "a number": 2,
    "a text": "product",
    "without id": {"translations": []},
    "id a list": {"id": [2]},
    "texts an object": {"id": "2", "translations": {"en": {}}},
    "texts without a language": {"id": "2", "translations": [{"name": "Shoe"}]},
    "half a character": {
        "id": "2",
        "translations": [{"languageCode": "en", "name": "\ud83d", "slug": "a"}],
    },
    "half in a custom field": {"id": "2", "customFields": {"metaDescription": "\ud83d"}},
    "assets a text": {"id": "2", "assets": "x"},
    "a variant null": {"id": "2", "variants": [None]},
}


@pytest.mark.parametrize("second", BROKEN.values(), ids=BROKEN)
def test_a_broken_product_of_a_page_is_one_problem(shop: Shop, second: Any) -> None:
    def whole(key: str) -> dict[str, Any]:
        return {"id": key, "translations": [{"languageCode": "en", "name": f"Shoe {key}"}]}

    items = [whole("1"), second, whole("3")]
    body = json.dumps({"data": {"products": {"totalItems": 3, "items": items}}}).encode()
    shop.faults = [Fault("ProductdescProducts", (200, {}, body), times=9)]
    with serving(shop) as client, VendureSource(client) as source:
        titles = [product.title for product in source.products()]
    assert titles == ["Shoe 1", "Shoe 3"]
    [problem] = map(str, source.problems)
    assert problem.startswith("product ") and "Vendure's API" in problem
    assert len(problem) < 250 and problem.isprintable()


# --- Languages and custom fields ---------------------------------------------------------


def test_of_a_product_without_texts_in_a_language_its_other_name_is_known(
    shop: Shop,
) -> None:
    shop.add("5", texts={"en": BOTH["en"]})
    with serving(shop) as client:
        [product] = read(client, language="de")
    assert product.title == "" and product.attributes == {"name (en)": "Shoe"}


@pytest.mark.parametrize(
    ("languages", "asked", "used"),
    [
        (("en", "de"), "de", "de"),
        (("en_US", "de"), "en", "en_US"),
        (("de", "pt_BR"), "pt-br", "pt_BR"),
        (("de", "en"), "", "de"),
    ],
)
def test_a_language_is_the_shops_own_code_of_it(
    languages: tuple[str, ...], asked: str, used: str
) -> None:
    with serving(Shop(CANARY, languages=languages)) as client:
        assert client.settings().language(asked) == used


@pytest.mark.parametrize(
    ("languages", "asked", "words"),
    [
        (("de", "fr"), "en", "has no language 'en'; it has: de, fr"),
        (("de", "en_US", "en_GB"), "en", "may be en_US, en_GB"),
    ],
)
def test_a_language_that_the_shop_has_not_is_named(
    languages: tuple[str, ...], asked: str, words: str
) -> None:
    shop = with_products(Shop(CANARY, languages=languages), [1])
    with serving(shop) as client:
        with pytest.raises(CatalogError, match=words):
            read(client, language=asked)
        assert words in (saved := save(client, "1")).reason and saved.status == "refused"


def test_custom_fields_are_found_by_their_names_or_named(shop: Shop) -> None:
    with serving(shop) as client:
        settings = client.settings()
        seo = settings.seo("custom-fields")
        assert seo and (seo.title.name, seo.description.name) == (
            "seoTitle",
            "metaDescription",
        )
        with pytest.raises(CatalogError, match="no custom field 'title'; they have: seoT"):
            settings.seo(("title", "metaDescription"))
        with pytest.raises(CatalogError, match="of type 'int', which is no text"):
            settings.seo(("seoTitle", "stock"))
    with serving(Shop(CANARY)) as client, pytest.raises(CatalogError, match="has: none"):
        read(client, seo="custom-fields")


# --- Writing -----------------------------------------------------------------------------


def test_one_language_is_written_and_the_other_and_every_slug_stay(shop: Shop) -> None:
    shop.add("5", texts=BOTH)
    with serving(shop) as client:
        saved = save(client, "5", overwrite=["title"], seo="custom-fields")
        german = OURS.model_copy(update={"language": "de"})
        other = save(client, "5", german)
    assert saved.status == "written"
    assert [(e.field, e.target) for e in saved.edits] == [
        ("title", "en"),
        ("description", "en"),
        ("seo_title", "en"),
        ("seo_description", ""),
    ]
    english, here = shop.texts("5"), shop.texts("5", "de")
    assert (english["name"], english["description"]) == ("Our title", BODY)
    assert english["slug"] == "Shoe_1"  # one that is sent would come back as shoe-1
    assert {name: here[name] for name in BOTH["de"]} == BOTH["de"]
    assert here["customFields"] == {}
    assert shop.products["5"]["customFields"] == {"metaDescription": "SEO words"}
    assert other.status == "unchanged" and other.untouched == ("title", "description")


def test_a_new_language_gets_the_slug_of_the_default_one(shop: Shop) -> None:
    shop.add("5", texts={"en": {"name": "Shoe", "slug": "shoe"}})
    german = OURS.model_copy(update={"language": "de"})
    untitled = german.model_copy(update={"title": ""})
    with serving(shop) as client:
        refused = save(client, "5", untitled)
        saved = save(client, "5", german)
    assert refused.status == "refused" and "no texts in de yet" in refused.reason
    assert saved.status == "written"
    new = shop.texts("5", "de")
    assert (new["name"], new["slug"], new["description"]) == ("Our title", "shoe", BODY)


def test_what_a_person_edited_since_is_not_replaced(shop: Shop) -> None:
    shop.add("5", texts={"en": {"name": "Shoe", "description": "<p>Old.</p>"}})
    with serving(shop) as client:
        [product] = read(client)
        sink = VendureSink(client, apply=True, overwrite=["title", "description"])
        shop.texts("5")["description"] = "<p>A person's.</p>"
        saved = sink.save(product, OURS)
        assert shop.texts("5")["description"] == "<p>A person's.</p>"
        assert shop.texts("5")["name"] == "Our title"
        assert saved.status == "written" and saved.untouched == ("description",)
        assert "left alone: description, edited in the shop" in saved.reason
        [product] = read(client)
        assert sink.save(product, OURS).status == "written"


def test_edits_are_taken_back_letter_by_letter_and_drift_stays(shop: Shop) -> None:
    raw = '<P class="x">The  merchant&#8217;s<br/>\n own</P>\r\n'
    for key in ("1", "2", "3"):
        shop.add(key, texts={"en": {"name": f"Shoe  {key}", "description": raw}})
        shop.texts(key)["customFields"]["seoTitle"] = None
    first = {key: dict(shop.texts(key)) for key in shop.products}
    own = {"overwrite": ["title", "description"], "seo": "custom-fields"}
    with serving(shop) as client:
        sink = VendureSink(client, apply=True, **own)
        saved = list(sink.save_many([(Product(id=k), OURS) for k in first]))
        shop.texts("2")["description"] = "<p>A person's.</p>"
        pairs = [(one.product_id, back(one.edits)) for one in saved]
        planned = list(VendureSink(client, seo="custom-fields").restore(pairs))
        undone = list(sink.restore(pairs))
        again = list(sink.restore(pairs))
    assert [one.status for one in planned] == ["planned"] * 3
    assert [one.status for one in undone] == ["written"] * 3
    assert {one.status for one in again} == {"unchanged"}
    assert {"1": shop.texts("1"), "3": shop.texts("3")} == {
        key: first[key] | {"customFields": {"seoTitle": None}} for key in ("1", "3")
    }
    assert shop.texts("2")["name"] == "Shoe  2"
    assert (
        undone[1].untouched == ("description",) and "edited in the shop" in undone[1].reason
    )


def test_only_its_own_fields_are_taken_back(shop: Shop) -> None:
    with_products(shop, [1])
    with serving(shop) as client:
        sink = VendureSink(client, apply=True)
        [saved] = sink.restore([("1", [Edit("tags", "a", "b")])])
    assert saved.status == "refused" and "tags, which is never written" in saved.reason


def test_a_batch_is_read_written_and_read_back_in_three_requests(shop: Shop) -> None:
    with_products(shop, range(1, 101))
    pairs = [(Product(id=str(n)), OURS) for n in range(1, 101)]
    with serving(shop) as client:
        client.settings()
        saved = list(VendureSink(client, apply=True).save_many(pairs))
    assert {one.status for one in saved} == {"written"}
    assert [sent.name for sent in shop.requests[1:]] == [
        "ProductdescTexts",
        "ProductdescUpdate",
        "ProductdescTexts",
    ]


def test_a_request_is_never_larger_than_the_server_takes(shop: Shop) -> None:
    with_products(shop, range(1, 41))
    long = OURS.model_copy(update={"description": "é " * 2500})
    pairs = [(Product(id=str(n)), long) for n in range(1, 41)]
    with serving(shop) as client:
        saved = list(VendureSink(client, apply=True).save_many(pairs))
    assert {one.status for one in saved} == {"written"}
    assert shop.count("ProductdescUpdate") == 4


def test_what_is_too_large_for_any_request_is_refused_with_what_to_do(shop: Shop) -> None:
    with_products(shop, [1, 2])
    huge = OURS.model_copy(update={"description": "word " * 25_000})
    pairs = [(Product(id="1"), huge), (Product(id="2"), OURS)]
    with serving(shop) as client:
        one, other = VendureSink(client, apply=True).save_many(pairs)
    assert one.status == "refused" and "express.json" in one.reason
    assert other.status == "written"


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_refused_product_of_a_batch_keeps_no_other_from_being_written(
    shop: Shop, at: int
) -> None:
    with_products(shop, [1, 2, 3])
    shop.broken = lambda key: "USER_INPUT_ERROR" if key == str(at) else ""
    pairs = [(Product(id=str(n)), OURS) for n in (1, 2, 3)]
    with serving(shop) as client:
        said = list(VendureSink(client, apply=True).save_many(pairs))
    expected = ["written"] * 3
    expected[at - 1] = "refused"
    assert [one.status for one in said] == expected
    assert f"USER_INPUT_ERROR: error.of-product-{at}" in said[at - 1].reason
    assert sorted(key for key, _ in shop.changes) == sorted({"1", "2", "3"} - {str(at)})


def test_a_plugin_that_changes_another_text_is_told_of(shop: Shop) -> None:
    shop.add("5", texts=BOTH)

    def meddle(product: dict[str, Any]) -> None:
        for row in product["translations"]:
            row["slug"] = "new"

    shop.after_save = meddle
    with serving(shop) as client:
        saved = save(client, "5")
    assert saved.status == "collateral"
    assert saved.edits[0] == Edit("slug", "Shoe_1", "new", "en")
    assert "slug (de) was to stay" in saved.reason


def test_a_plugin_that_keeps_another_text_is_not_believed(shop: Shop) -> None:
    shop.add("5", texts=BOTH)

    def censor(product: dict[str, Any]) -> None:
        product["translations"][0]["description"] = "<p>Censored.</p>"

    shop.after_save = censor
    with serving(shop) as client:
        saved = save(client, "5")
    assert saved.status == "refused" and "holds another text: description" in saved.reason


@pytest.mark.parametrize("key", ["", "no such", "9", "7 ", "\ud800", "x" * 101])
def test_a_product_that_is_not_there_is_refused_by_name(shop: Shop, key: str) -> None:
    with_products(shop, [1])
    with serving(shop) as client:
        saved = save(client, key)
    assert saved.status == "refused" and saved.reason and not shop.changes


def test_a_text_that_cannot_be_stored_is_refused(shop: Shop) -> None:
    with_products(shop, [1])
    with serving(shop) as client:
        for name in ("title", "description"):
            ours = OURS.model_copy(update={name: "a\x00b"})
            saved = save(client, "1", ours, overwrite=["title"])
            assert saved.status == "refused" and name in saved.reason
    assert not shop.changes


def test_needs_are_what_is_empty_or_may_be_replaced(shop: Shop) -> None:
    with_products(shop, [1])
    with serving(shop) as client:
        [product] = read(client)
        plain = VendureSink(client).needs(product)
        more = VendureSink(client, overwrite=["title"], seo="custom-fields").needs(product)
    assert plain == {"description", "bullets"}
    assert more == {"title", "description", "bullets", "seo_title", "seo_description"}


# --- The key -----------------------------------------------------------------------------


def test_a_login_gives_a_token_and_a_wrong_password_says_so(shop: Shop) -> None:
    shop.password = "correct-horse"
    with Server(shop) as server, loopback(server.port) as http:
        token = log_in(server.url, "superadmin", "correct-horse", http=http)
        assert isinstance(token, Secret) and token.reveal() == CANARY
        with pytest.raises(CatalogError, match="INVALID_CREDENTIALS_ERROR: The") as raised:
            log_in(server.url, "superadmin", "wrong-donkey", http=http)
    assert "donkey" not in str(raised.value)


def test_an_api_key_goes_in_its_own_header_and_a_channel_in_another() -> None:
    shop = with_products(Shop("session", api_key=f"a1b2:{CANARY}"), [1])
    with serving(shop, token=f"a1b2:{CANARY}", channel="eu-channel") as client:
        assert len(read(client)) == 1
    headers = shop.requests[0].headers
    assert headers["vendure-token"] == "eu-channel" and "authorization" not in headers


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://shop.example", "https://shop.example/admin-api"),
        ("https://shop.example/", "https://shop.example/admin-api"),
        ("https://shop.example/x/admin/", "https://shop.example/x/admin"),
    ],
)
def test_an_address_without_a_path_leads_to_the_admin_api(url: str, api: str) -> None:
    with VendureClient(url, "token") as client:
        assert client.url == api


@pytest.mark.parametrize(
    "url",
    ["shop.example", "ftp://shop.example", "https://u:p@shop.example", "https://s/?a=b"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="a shop's address"):
        VendureClient(url, "token")
