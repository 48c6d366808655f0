"""Languages of a Shopify shop: its translations read and written, against the stand-in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from doubles.shop_servers.shopify_schema import schema
from doubles.shop_servers.shopify_server import Fault, Kind, Sent, ShopifyServer
from doubles.shop_servers.shopify_shop import PRODUCT, Price
from doubles.shop_servers.shopify_translations import locale
from factories import back, description
from graphql import parse

from productdesc.catalogs import open_sink, open_source
from productdesc.catalogs.openers.open_options import OpenOptions
from productdesc.catalogs.output.guarded_writes import Planned
from productdesc.catalogs.protocol import Edit, Saved
from productdesc.catalogs.shopify.admin import ShopifyClient, ShopifySink, ShopifySource
from productdesc.catalogs.shopify.admin.api import queries
from productdesc.errors import CatalogError
from productdesc.records import Description, Present, Product, Translation
from productdesc.secret import Secret

IMAGE = "gid://shopify/MediaImage/5000"
GERMAN = description(
    language="de",
    title="Leinenschuh",
    description="Ein Schuh aus Leinen.",
    bullets=("Weiß & leicht",),
    seo_title="Leinenschuh in Weiß",
    seo_description="Ein weißer Schuh.",
    alt_texts=("Von vorn", "Von der Seite"),
    tags=("schuhe",),
)
HTML = "<p>Ein Schuh aus Leinen.</p><ul><li>Weiß &amp; leicht</li></ul>"


@pytest.fixture
def server() -> Iterator[ShopifyServer]:
    with ShopifyServer() as made:
        made.shop.translations.locales += [locale("de"), locale("fr", published=False)]
        yield made
    assert not made.leaks and not made.crashes and made.throttled == 0


def photo(number: int) -> str:
    return f"https://cdn.shopify.com/s/files/1/{number}.jpg?v=17"


def add(server: ShopifyServer, name: str = "1", **changes: Any) -> str:
    """A product with all its texts in English."""
    whole = {
        "title": "Shoe",
        "descriptionHtml": "<p>A shoe.</p>",
        "seo": {"title": "Shoe!", "description": "A good shoe."},
        "tags": ["shoes"],
        "images": [(photo(1), "Front"), (photo(2), "Side")],
    }
    return server.shop.add(name, **{**whole, **changes})


def read(shop: ShopifyClient, *languages: str, **options: Any) -> list[Product]:
    with ShopifySource(shop, languages=languages, **options) as source:
        found = list(source.products())
    assert not source.problems.total
    return found


def saved(
    shop: ShopifyClient, ours: Description = GERMAN, *, many: bool = False, **options: Any
) -> list[Saved]:
    """What became of all products, read and written in German."""
    options = {"apply": True, "language": "de", **options}
    products = read(shop, "en", "de")
    with ShopifySink(shop, **options) as sink:
        if many:
            return list(sink.save_many([(product, ours) for product in products]))
        return [sink.save(product, ours) for product in products]


def german(server: ShopifyServer, gid: str = PRODUCT + "1") -> dict[str, str]:
    """What the shop holds in German of one resource, looked at from behind."""
    held = server.shop.translations.held
    return {k: v for (of, code, k), (v, _) in held.items() if (of, code) == (gid, "de")}


# ---- reading ---------------------------------------------------------------------------

BULK = pytest.mark.parametrize("bulk", [False, True], ids=["pages", "bulk"])


@BULK
def test_the_copy_of_each_further_language_is_read(
    server: ShopifyServer, bulk: bool
) -> None:
    gid = add(server)
    server.shop.translations.add(gid, "de", title="Schuh", body_html="<p>Ein<br>Schuh.</p>")
    server.shop.translations.add(gid, "de", meta_title="Schuh!", meta_description="Gut.")
    server.shop.translations.add("gid://shopify/MediaImage/5001", "de", alt="Seite")
    server.shop.translations.add(gid, "fr", title="Soulier")
    add(server, "2")
    first, second = read(server.connection(), "en", "de", "fr", bulk=bulk)
    [plain, other] = read(server.connection(), bulk=bulk)
    assert first.model_copy(update={"translations": {}}) == plain
    assert first.translations == {
        "de": Translation(
            title="Schuh",
            description="Ein\nSchuh.",
            present=Present(
                seo_title="Schuh!", seo_description="Gut.", alt_texts=("", "Seite")
            ),
        ),
        # an unpublished language is the merchant's work too
        "fr": Translation(title="Soulier", present=Present(alt_texts=("", ""))),
    }
    nothing = Translation(present=Present(alt_texts=("", "")))
    assert second.translations == {"de": nothing, "fr": nothing}
    assert second.in_language("de").title == "" and other.title == "Shoe"


@BULK
def test_products_are_read_in_the_first_language(server: ShopifyServer, bulk: bool) -> None:
    server.shop.translations.add(add(server), "de", title="Schuh", meta_title="Schuh!")
    add(server, "2")
    shop = server.connection()
    first, second = read(shop, "de", "en", bulk=bulk)
    assert (first.title, first.description) == ("Schuh", "")
    assert "name (en)" not in first.attributes
    assert first.present == Present(seo_title="Schuh!", alt_texts=("", ""))
    assert second.title == "" and second.attributes["name (en)"] == "Shoe"
    [plain, _] = read(shop)
    assert first.in_language("en").present == plain.present
    assert first.in_language("en").description == "A shoe."


def test_without_languages_nobody_asks_for_any(server: ShopifyServer) -> None:
    server.shop.scopes_lacking = {"read_locales", "read_translations", "write_translations"}
    add(server, descriptionHtml="")
    shop = server.connection()
    ours = GERMAN.model_copy(update={"language": "de"})
    with ShopifySink(shop, apply=True) as sink:
        assert [sink.save(product, ours).status for product in read(shop)] == ["written"]
    assert not {"shopLocales", "translated", "translatable"} & {
        sent.name for sent in server.requests
    }


def test_reading_many_photos_in_two_languages_stays_below_the_limit(
    server: ShopifyServer,
) -> None:
    for number in range(45):
        images = [(photo(number * 9 + n), f"alt {n}") for n in range(9)]
        add(server, str(1000 + number), images=images)
    for gid in list(server.shop.files):
        server.shop.translations.add(gid, "de", alt="Bild")
    found = read(server.connection(), "en", "de", "fr")
    assert len(found) == 45
    assert all(one.translations["de"].present.alt_texts == ("Bild",) * 9 for one in found)
    # 45 products and their 405 photos, in two languages: by pages of 20 products, 100 ids
    assert server.count("translated") == 2 * (2 + 2 + 1)


@pytest.mark.parametrize(
    "document",
    [queries.SHOP_LOCALES, queries.TRANSLATED, queries.TRANSLATABLE],
    ids=lambda one: one.name,
)
def test_a_document_costs_at_most_what_it_says(document: queries.Document) -> None:
    price = Price(schema(), parse(document.text), {"ids": ["x"], "locale": "de"}).points
    assert price <= document.cost < 1000


@BULK
def test_a_translation_that_is_not_whole_is_a_problem_or_an_error(
    server: ShopifyServer, bulk: bool
) -> None:
    server.shop.translations.add(add(server), "de", title="Schuh aus Leinen")
    if not bulk:

        def alter(body: dict[str, Any]) -> None:
            if "translatableResourcesByIds" in body["data"]:
                nodes = body["data"]["translatableResourcesByIds"]["nodes"]
                nodes[0]["translations"] = [{"key": 7}]

        server.alter = alter
        with pytest.raises(CatalogError, match="not what the API promises"):
            read(server.connection(), "en", "de")
        return

    def spoil(body: dict[str, Any]) -> None:
        for path, content in server.shop.stored.items():
            if b'"resourceId": "gid://shopify/Product/1"' in content:
                wrong = json.dumps({"resourceId": PRODUCT + "1", "l0": "none"}) + " "
                row = wrong.ljust(len(content) - 1).encode() + b"\n"
                server.shop.stored[path] = row

    shop = server.connection()
    server.alter = spoil
    with ShopifySource(shop, bulk=True, languages=["en", "de"]) as source:
        [product] = source.products()
        [problem] = source.problems
    assert product.title == "Shoe" and "its translations are not whole" in str(problem)


def test_a_bulk_file_without_all_translations_is_an_error(server: ShopifyServer) -> None:
    add(server)
    add(server, "2")

    def shorten(body: dict[str, Any]) -> None:
        operation = body["data"].get("bulkOperation") or {}
        if str(operation.get("url")).partition("?")[0].endswith("/2.jsonl"):
            operation["rootObjectCount"] = "3"

    server.alter = shorten
    with pytest.raises(CatalogError, match="holds 2 things with translations instead of 3"):
        read(server.connection(), "en", "de", bulk=True)


def test_a_list_of_languages_is_one(server: ShopifyServer) -> None:
    shop = server.connection()
    for wrong in ("de", ["de", "de"], [""]):
        with pytest.raises(ValueError, match="languages is"):
            ShopifySource(shop, languages=wrong)  # type: ignore[arg-type]


# ---- languages that a shop has, and has not --------------------------------------------


def test_a_language_that_the_shop_has_not_is_named_before_anything_is_done(
    server: ShopifyServer,
) -> None:
    add(server)
    shop, product = server.connection(), Product(id="1")
    sink = ShopifySink(shop, language="it", apply=True)
    tries = [
        lambda: read(shop, "en", "it"),
        lambda: sink.needs(product),
        lambda: sink.save(product, GERMAN),
        lambda: list(sink.save_many([(product, GERMAN)])),
        lambda: sink.look(["1"]),
    ]
    for one in tries:
        with pytest.raises(CatalogError) as caught:
            one()
        said = str(caught.value)
        assert "no language 'it'; it has en, de, fr" in said
        assert "Settings > Languages" in said
    assert not server.shop.changes


def test_a_language_is_the_shops_only_variety_of_it(server: ShopifyServer) -> None:
    server.shop.translations.locales += [locale("pt-BR"), locale("zh-CN"), locale("zh-TW")]
    server.shop.translations.add(add(server), "pt-BR", title="Sapato")
    shop = server.connection()
    [product] = read(shop, "en", "pt")
    assert product.in_language("pt").title == "Sapato"
    assert ShopifySink(shop).languages() == ("en", "de", "fr", "pt-BR", "zh-CN", "zh-TW")
    [again] = read(shop, "PT_br")
    assert again.title == "Sapato"
    with pytest.raises(CatalogError, match="may be zh-CN, zh-TW of this shop; name one"):
        read(shop, "en", "zh")


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize(
    "scope", ["read_locales", "read_translations", "write_translations"]
)
def test_a_scope_that_is_missing_is_named(
    server: ShopifyServer, scope: str, many: bool
) -> None:
    add(server)
    shop = server.connection()
    [product] = read(shop, "en", "de")
    server.shop.scopes_lacking = {scope}
    sink = ShopifySink(shop, language="de", apply=True)
    pairs = [(product, GERMAN)]
    said = ""
    try:
        results = list(sink.save_many(pairs)) if many else [sink.save(*pairs[0])]
        assert results[0].status == "refused"
        said = results[0].reason
    except CatalogError as e:
        said = str(e)
    assert scope in said and "access scope" in said
    assert not server.shop.changes


def test_a_token_of_former_days_writes_as_it_did(server: ShopifyServer) -> None:
    add(server, descriptionHtml="")
    server.shop.scopes_lacking = {"read_locales", "read_translations", "write_translations"}
    shop = server.connection()
    sink = ShopifySink(shop, language="de", apply=True, assume_primary=True)
    assert sink.save(Product(id="1"), GERMAN).status == "written"
    assert {c.field for c in server.shop.changes} == {"descriptionHtml"}
    assert server.count("shopLocales") == 1
    with pytest.raises(CatalogError, match="read_locales"):
        sink.languages()


def test_a_shop_without_one_primary_language_is_an_error_of_ours(
    server: ShopifyServer,
) -> None:
    server.shop.translations.locales[1]["primary"] = True
    with pytest.raises(CatalogError, match="of 3 languages 2 are the primary one"):
        read(server.connection(), "en")


def test_the_primary_language_is_written_into_the_products_themselves(
    server: ShopifyServer,
) -> None:
    add(server, descriptionHtml="")
    shop = server.connection()
    ours = GERMAN.model_copy(update={"language": "en"})
    [product] = read(shop, "de", "en")
    sink = ShopifySink(shop, language="en", apply=True)
    assert sink.needs(product) == {"description", "bullets"}
    assert sink.save(product, ours).status == "written"
    assert {c.field for c in server.shop.changes} == {"descriptionHtml"}
    assert not server.shop.translations.held


@pytest.mark.parametrize("language", ["en", "de"])
def test_copy_in_another_language_is_refused(server: ShopifyServer, language: str) -> None:
    add(server, descriptionHtml="")
    ours = GERMAN.model_copy(update={"language": "fr"})
    for many in (False, True):
        [one] = saved(server.connection(), ours, many=many, language=language)
        assert one.status == "refused" and "its copy is in fr" in one.reason
    assert not server.shop.changes


def test_a_shop_is_opened_in_a_language_by_name() -> None:
    secrets = (Secret("shpat_0"),)
    options = OpenOptions(secrets=secrets, language="de", languages=("en", "de"))
    sink = open_sink("my-shop.myshopify.com", "shopify", options)
    assert isinstance(sink, ShopifySink) and sink.language == "de" and sink.assume_primary
    with open_source("my-shop.myshopify.com", "shopify", options) as source:
        assert isinstance(source, ShopifySource)
        assert source.languages == ("en", "de")


# ---- writing ---------------------------------------------------------------------------

MANY = pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])


@MANY
def test_what_is_written_are_translations_and_nothing_else(
    server: ShopifyServer, many: bool
) -> None:
    gid = add(server)
    before = json.dumps([server.shop.products, server.shop.files], default=str)
    [one] = saved(server.connection(), many=many)
    assert one.status == "written" and not one.reason
    assert one.edits[:2] == (
        Edit("title", "", "Leinenschuh", "de"),
        Edit("description", "", HTML, "de"),
    )
    assert one.edits[-2] == Edit("alt_texts", "", "Von vorn", f"{IMAGE} de")
    held = german(server, gid)
    body = held.pop("body_html")
    assert "Ein Schuh aus Leinen." in body and "<li>Weiß &amp; leicht</li>" in body
    assert held == {
        "title": "Leinenschuh",
        "meta_title": "Leinenschuh in Weiß",
        "meta_description": "Ein weißer Schuh.",
    }
    assert german(server, IMAGE) == {"alt": "Von vorn"}
    assert before == json.dumps([server.shop.products, server.shop.files], default=str)
    assert not {code for _, code, _ in server.shop.translations.held} - {"de"}
    [again] = saved(server.connection(), many=many)
    assert again.status == "unchanged"


@MANY
def test_what_the_merchant_translated_stays_unless_it_is_named(
    server: ShopifyServer, many: bool
) -> None:
    gid = add(server)
    server.shop.translations.add(gid, "de", title="Schuh", body_html="<p>Meins.</p>")
    server.shop.products[gid]["title"] = "Shoe of canvas"  # so that it is outdated
    [one] = saved(server.connection(), many=many, overwrite=["description", "tags"])
    assert one.status == "written" and one.untouched == ("title",)
    assert "outdated in de, and left as it is: title" in one.reason
    assert german(server)["title"] == "Schuh"
    assert "Ein Schuh aus Leinen." in german(server)["body_html"]
    assert server.shop.products[gid]["tags"] == ["shoes"]


def test_a_text_of_which_the_shop_has_none_is_left_out_and_said(
    server: ShopifyServer,
) -> None:
    add(server, seo={"title": None, "description": ""}, images=[(photo(1), "")])
    [one] = saved(server.connection())
    assert one.status == "written"
    assert {e.field for e in one.edits} == {"title", "description"}
    assert "left out in de: seo_title, seo_description, alt_texts" in one.reason
    assert "no such text in en yet" in one.reason


@MANY
def test_where_nothing_can_be_translated_yet_it_is_refused_until_it_can(
    server: ShopifyServer, many: bool
) -> None:
    gid = add(server, descriptionHtml="", images=[])
    server.shop.translations.add(gid, "de", title="Schuh")
    ours = description(language="de", description="Ein Schuh aus Leinen.")
    [one] = saved(server.connection(), ours, many=many)
    assert one.status == "refused" and "publish that first" in one.reason
    assert not server.shop.changes
    server.shop.products[gid]["descriptionHtml"] = "<p>A shoe.</p>"
    assert saved(server.connection(), ours, many=many)[0].status == "written"


def test_an_unpublished_language_is_written_and_said(server: ShopifyServer) -> None:
    add(server)
    ours = GERMAN.model_copy(update={"language": "fr"})
    [one] = saved(server.connection(), ours, language="fr")
    assert one.status == "written" and "fr is not published in the shop" in one.reason
    [again] = saved(server.connection(), ours, language="fr")
    assert again.status == "unchanged" and not again.reason


@MANY
def test_without_apply_it_is_only_said(server: ShopifyServer, many: bool) -> None:
    add(server)
    [one] = saved(server.connection(), many=many, apply=False)
    assert one.status == "planned" and len(one.edits) == 6
    assert not server.shop.changes


@MANY
def test_a_text_that_changes_in_this_moment_is_decided_about_anew(
    server: ShopifyServer, many: bool
) -> None:
    gid = add(server, images=[])

    def edit(sent: Sent) -> None:
        if sent.name in ("translationsRegister", "bulkWrite"):
            server.shop.products[gid]["title"] = "Another shoe"
            server.before = lambda sent: None

    server.before = edit
    [one] = saved(server.connection(), many=many)
    assert one.status == "planned" and "content hash is invalid" in one.reason
    assert german(server) == {}
    [again] = saved(server.connection(), many=many)
    assert again.status == "written"


@MANY
def test_the_shops_own_words_come_back_where_it_refuses(
    server: ShopifyServer, many: bool
) -> None:
    add(server)
    ours = GERMAN.model_copy(update={"alt_texts": ("x" * 600, "Seite")})
    [one] = saved(server.connection(), ours, many=many)
    assert one.status == "refused"
    assert "alt is too long (maximum is 512 characters)" in one.reason
    assert {e.field for e in one.edits} >= {"title", "description"}
    assert german(server)["title"] == "Leinenschuh" and german(server, IMAGE) == {}


def test_a_text_that_the_shop_changes_is_not_called_written(server: ShopifyServer) -> None:
    add(server)
    server.shop.cleans = lambda html: "<p>Another.</p>"
    [one] = saved(server.connection())
    assert one.status == "refused" and "holds another text: description" in one.reason


def test_what_is_needed_is_what_is_empty_in_that_language(server: ShopifyServer) -> None:
    server.shop.translations.add(add(server, tags=[]), "de", title="Schuh")
    shop = server.connection()
    [product] = read(shop, "en", "de")
    sink = ShopifySink(shop, language="de")
    below = {"description", "bullets", "seo_title", "seo_description", "alt_texts"}
    assert sink.needs(product) == below
    assert sink.needs(product.in_language("de")) == below
    assert ShopifySink(shop, language="de", overwrite=["title"]).needs(product) == {
        "title",
        *below,
    }
    assert ShopifySink(shop, language="en").needs(product) == {"tags"}


def test_the_older_version_is_spoken_too() -> None:
    with ShopifyServer(version="2026-07") as server:
        server.shop.translations.locales.append(locale("de"))
        add(server)
        assert saved(server.connection(), many=True)[0].status == "written"
    assert not server.crashes


# ---- what is looked at, and given back -------------------------------------------------


def test_a_look_gives_what_the_source_reads_and_the_raw_texts(
    server: ShopifyServer,
) -> None:
    server.shop.translations.add(add(server), "de", title="Schuh", body_html="<p>X</p>")
    shop = server.connection()
    [product] = read(shop, "en", "de")
    held = ShopifySink(shop, language="de").look(["1"])["1"]
    assert held.product == product.in_language("de")
    assert held.values["description", "de"] == "<p>X</p>"
    assert held.values["alt_texts", f"{IMAGE} de"] == ""
    assert ("tags", "") not in held.values


@MANY
def test_former_texts_are_given_back_byte_for_byte(
    server: ShopifyServer, many: bool
) -> None:
    gid = add(server)
    raw = '<p  class="x">Meins &amp; <b>deins</b></p>'
    server.shop.cleans = lambda html: html
    server.shop.translations.add(gid, "de", body_html=raw, meta_title="Meins ")
    before = {place: text for place, (text, _) in server.shop.translations.held.items()}
    shop = server.connection()
    written = saved(shop, many=many, overwrite=["description", "seo_title"])[0].edits
    assert len(written) == 6
    # what is translated has changed meanwhile: the present digest is what counts
    server.shop.products[gid]["descriptionHtml"] = "<p>A new shoe.</p>"
    sink = ShopifySink(shop, language="de", apply=True)
    [one] = sink.restore([("1", back(written))])
    assert one.status == "written" and set(one.edits) == set(back(written))
    now = {place: text for place, (text, _) in server.shop.translations.held.items()}
    assert now == before


def test_what_cannot_be_given_back_is_said(server: ShopifyServer) -> None:
    gid = add(server)
    server.shop.translations.add(gid, "de", title="Schuh", body_html="<p>Meins.</p>")
    shop = server.connection()
    server.shop.products[gid]["descriptionHtml"] = ""
    edits = [
        Edit("title", "Schuh", "Stiefel", "de"),
        Edit("description", "<p>Meins.</p>", "<p>Alt.</p>", "de"),
        Edit("title", "Soulier", "Botte", "fr"),
        Edit("title", "Shoe", "Boot"),
        Edit("tags", "a", "b"),
        Edit("alt_texts", "a", "b", "gid://shopify/MediaImage/77 de"),
    ]
    [one] = ShopifySink(shop, language="de", apply=True).restore([("1", edits)])
    assert one.status == "written" and one.edits == tuple(edits[:1])
    assert "description in de, since the shop has no such text in en any more" in one.reason
    assert one.reason.count("no text in de of it") == 4
    assert german(server) == {"title": "Stiefel", "body_html": "<p>Meins.</p>"}
    assert server.shop.products[gid]["title"] == "Shoe"


def test_a_sink_of_the_primary_language_gives_no_translation_back(
    server: ShopifyServer,
) -> None:
    add(server)
    shop = server.connection()
    edits = [Edit("title", "Leinenschuh", "Schuh", "de"),
             Edit("alt_texts", "Von vorn", "Vorn", f"{IMAGE} de")]  # fmt: skip
    for language in ("", "en"):
        sink = ShopifySink(shop, apply=True, language=language)
        [one] = sink.restore([("1", edits)])
        assert one.status == "refused" and "give the sink language='de'" in one.reason
    assert not server.shop.changes


def test_a_guard_is_asked_with_the_texts_of_that_language(server: ShopifyServer) -> None:
    server.shop.translations.add(add(server), "de", title="Schuh")
    shop = server.connection()
    seen: list[Planned] = []

    class Guard:
        def admit(self, planned: Any) -> list[str]:
            seen.extend(planned)
            return ["not now"] * len(planned)

        def check(self) -> None:
            raise AssertionError("nothing leaves")

    [product] = read(shop, "en", "de")
    sink = ShopifySink(shop, language="de", apply=True)
    sink.guard(Guard())
    [one] = sink.save_many([(product, GERMAN)])
    assert one.status == "planned" and one.reason == "not now"
    assert seen[0].held.product.title == "Schuh" and seen[0].untouched == ("title",)


# ---- answers that are late, broken or missing -------------------------------------------

KINDS: tuple[Kind, ...] = get_args(Kind)
NOT_DONE = {"429", "throttled"}
CLOSED = {"401", "access"}
LOST = {"drop", "502", "503", "internal", "late"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_translation_is_lost_or_doubled_that_could_be_known(
    server: ShopifyServer, kind: Kind
) -> None:
    add(server)
    late = kind == "delay"
    shop = server.connection(http=server.http(idle_seconds=2.0 if late else 20.0))
    [product] = read(shop, "en", "de")
    server.faults.append(Fault(kind, "translationsRegister"))
    sink = ShopifySink(shop, language="de", apply=True)
    if kind in CLOSED:
        with pytest.raises(CatalogError):
            sink.save(product, GERMAN)
        assert not server.shop.changes
        return
    one = sink.save(product, GERMAN)
    lost = kind in LOST - {"late"}  # that one is done while it is looked for
    assert one.status == ("unknown" if lost else "written")
    texts = {"de:title", "de:body_html", "de:meta_title", "de:meta_description"}
    done = {c.field for c in server.shop.changes if c.gid == PRODUCT + "1"}
    assert done == (set() if lost else texts)
    counted = Counter((c.gid, c.field) for c in server.shop.changes)
    assert set(counted.values()) <= {1}
    times = 1 if lost else 4 if kind in NOT_DONE else 3
    assert server.count("translationsRegister") == times


@pytest.mark.parametrize("kind", sorted(set(KINDS) - CLOSED))
def test_no_text_is_given_back_twice(server: ShopifyServer, kind: Kind) -> None:
    add(server, images=[])
    late = kind == "delay"
    shop = server.connection(http=server.http(idle_seconds=2.0 if late else 20.0))
    written = saved(shop)[0].edits
    before = german(server)
    server.shop.changes.clear()
    server.faults.append(Fault(kind, "bulkWrite"))
    sink = ShopifySink(shop, language="de", apply=True)
    [one] = sink.restore([("1", back(written))])
    assert one.status == ("written" if kind in NOT_DONE else "unknown")
    server.catch_up()
    server.shop.run_operations()
    assert all(c.after == "" for c in server.shop.changes)
    assert len({c.field for c in server.shop.changes}) == len(server.shop.changes)
    assert german(server) == ({} if server.shop.changes else before)
