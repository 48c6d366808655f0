"""A Shopify shop whose answers have another shape than its API promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from doubles.shop_servers.shopify_server import ShopifyServer
from doubles.shop_servers.shopify_translations import locale
from factories import description

from productdesc.catalogs.shopify.admin import ShopifySink, ShopifySource
from productdesc.catalogs.shopify.admin.api import queries
from productdesc.catalogs.shopify.admin.api.response_shapes import DATA
from productdesc.errors import CatalogError
from productdesc.records import Product

Alter = Callable[[dict[str, Any]], object]

DEEP: Any = [[[[]]]]
OURS = description(title="Our title", alt_texts=("Front",))


@pytest.fixture
def server() -> Iterator[ShopifyServer]:
    with ShopifyServer() as made:
        for number in range(3):
            photos = [("https://cdn.shopify.com/s/files/1/1.jpg", "")]
            made.shop.add(str(1000 + number), title="Shoe", images=photos)
        yield made


def data(**changes: Any) -> Alter:
    """These keys of `data`, where the answer has them."""

    def alter(body: dict[str, Any]) -> None:
        have = body.get("data") or {}
        have.update({key: value for key, value in changes.items() if key in have})

    return alter


def node(**changes: Any) -> Alter:
    """These fields of the second product."""

    def alter(body: dict[str, Any]) -> None:
        if "products" in body["data"]:
            body["data"]["products"]["nodes"][1].update(changes)

    return alter


LAST = {"hasNextPage": False, "endCursor": None}


@pytest.mark.parametrize(
    "alter",
    [
        lambda body: body["data"].clear(),
        data(products=None),
        data(products="x"),
        data(products={"nodes": [], "pageInfo": None}),
        data(products={"nodes": [], "pageInfo": {"hasNextPage": "x"}}),
        data(products={"nodes": {}, "pageInfo": LAST}),
        data(products={"nodes": [1.5], "pageInfo": LAST}),
        data(products={"nodes": [{"id": None}], "pageInfo": LAST}),
    ],
)
def test_a_page_of_another_shape_is_an_error_of_ours(
    alter: Alter, server: ShopifyServer
) -> None:
    server.alter = alter
    with (
        ShopifySource(server.connection()) as source,
        pytest.raises(CatalogError, match="not what the API promises"),
    ):
        list(source.products())


@pytest.mark.parametrize(
    "changes",
    [
        {"title": 7},
        {"tags": [None]},
        {"tags": "shoes"},
        {"seo": []},
        {"category": "shoes"},
        {"category": {"id": [], "fullName": "x"}},
        {"options": [{"name": "Size", "values": [["42"]]}]},
        {"descriptionHtml": None},
        {"media": DEEP},
        {"media": {"nodes": [3], "pageInfo": LAST}},
        {"media": {"nodes": [{"id": "x", "alt": 1}], "pageInfo": LAST}},
        {"metafields": {"nodes": [{"key": "x"}], "pageInfo": LAST}},
    ],
    ids=str,
)
def test_a_product_of_another_shape_is_a_problem_and_the_rest_is_read(
    changes: dict[str, Any], server: ShopifyServer
) -> None:
    server.alter = node(**changes)
    with ShopifySource(server.connection()) as source:
        assert [p.id for p in source.products()] == ["1000", "1002"]
        [problem] = source.problems
    assert "product 1001: the shop's answer is not whole" in str(problem)
    assert next(iter(changes)) in str(problem)


@pytest.mark.parametrize(
    "changes",
    [
        {"shopLocales": None},
        {"shopLocales": []},
        {"shopLocales": [{"locale": "en", "name": "E", "primary": "?", "published": True}]},
        {"translatableResourcesByIds": None},
        {"translatableResourcesByIds": {"nodes": [{"resourceId": 1}]}},
        {"translatableResourcesByIds": {"nodes": [{"resourceId": "x", "translations": 3}]}},
    ],
    ids=str,
)
def test_languages_of_another_shape_are_an_error_of_ours(
    changes: dict[str, Any], server: ShopifyServer
) -> None:
    server.shop.translations.locales.append(locale("de"))
    server.alter = data(**changes)
    shop = server.connection()
    with pytest.raises(CatalogError, match="not what the API promises"):
        list(ShopifySource(shop, languages=["en", "de"]).products())
    sink = ShopifySink(shop, apply=True, language="de")
    ours = OURS.model_copy(update={"language": "de"})
    with pytest.raises(CatalogError, match="not what the API promises"):
        sink.save(Product(id="1001"), ours)
    assert not server.shop.changes


def test_a_text_without_what_it_translates_is_never_written(server: ShopifyServer) -> None:
    server.shop.translations.locales.append(locale("de"))
    lacking = {"resourceId": "gid://shopify/Product/1001", "translations": []}
    server.alter = data(translatableResourcesByIds={"nodes": [lacking]})
    sink = ShopifySink(server.connection(), apply=True, language="de")
    with pytest.raises(CatalogError, match="translatableContent"):
        sink.save(Product(id="1001"), description(title="Unser Titel", language="de"))
    assert not server.shop.changes


@pytest.mark.parametrize("payload", [[], "x", {"userErrors": 1}, {"userErrors": ["no"]}])
def test_a_translation_is_looked_up_where_its_answer_has_another_shape(
    payload: Any, server: ShopifyServer
) -> None:
    server.shop.translations.locales.append(locale("de"))
    server.alter = data(translationsRegister=payload)
    sink = ShopifySink(server.connection(), apply=True, language="de")
    ours = description(title="Unser Titel", language="de")
    assert sink.save(Product(id="1001"), ours).status == "written"
    held = server.shop.translations.held
    assert held["gid://shopify/Product/1001", "de", "title"][0] == "Unser Titel"


@pytest.mark.parametrize("payload", [[], "x", {"userErrors": 1}, {"userErrors": ["no"]}])
def test_what_a_write_did_is_looked_up_where_its_answer_has_another_shape(
    payload: Any, server: ShopifyServer
) -> None:
    server.alter = data(productUpdate=payload, fileUpdate=payload)
    sink = ShopifySink(server.connection(), apply=True, overwrite=("title",))
    assert sink.save(Product(id="1001"), OURS).status == "written"
    assert server.shop.products["gid://shopify/Product/1001"]["title"] == "Our title"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bulkOperationRunQuery": []}, "did not start"),
        ({"bulkOperation": {"status": "COMPLETED"}}, "not what the API promises"),
        ({"bulkOperation": 5}, "not what the API promises"),
    ],
)
def test_a_bulk_read_whose_state_cannot_be_read_is_an_error_of_ours(
    changes: dict[str, Any], message: str, server: ShopifyServer
) -> None:
    server.alter = data(**changes)
    with (
        ShopifySource(server.connection(), bulk=True) as source,
        pytest.raises(CatalogError, match=message),
    ):
        list(source.products())


@pytest.mark.parametrize(
    "changes",
    [
        {"nodes": []},
        {"nodes": "x"},
        {"stagedUploadsCreate": {"stagedTargets": [], "userErrors": []}},
        {"stagedUploadsCreate": {"stagedTargets": [{"url": "x", "parameters": [1]}]}},
        {"stagedUploadsCreate": True},
    ],
    ids=str,
)
def test_a_bulk_write_that_cannot_begin_is_an_error_of_ours(
    changes: dict[str, Any], server: ShopifyServer
) -> None:
    server.alter = data(**changes)
    sink = ShopifySink(server.connection(), apply=True, overwrite=("title",))
    with pytest.raises(CatalogError):
        list(sink.save_many([(Product(id="1001"), OURS)]))
    assert server.shop.products["gid://shopify/Product/1001"]["title"] == "Shoe"


def test_a_cost_that_no_number_can_hold_is_passed_over(server: ShopifyServer) -> None:
    def huge(body: dict[str, Any]) -> None:
        status = dict.fromkeys(("currentlyAvailable", "maximumAvailable"), 10**400)
        status["restoreRate"] = -(10**400)
        cost = {"requestedQueryCost": 10**400, "throttleStatus": status}
        body["extensions"] = {"cost": cost}

    server.alter = huge
    with ShopifySource(server.connection()) as source:
        assert len(list(source.products())) == 3


def test_every_document_has_a_shape() -> None:
    assert set(DATA) == {document.name for document in queries.DOCUMENTS}
