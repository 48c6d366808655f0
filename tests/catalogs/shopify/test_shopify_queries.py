"""Every GraphQL document that can be sent is one that Shopify knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doubles.shop_servers.shopify_schema import real, schema
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    parse,
    validate,
)

import productdesc
from productdesc.catalogs.shopify.admin import VERSIONS
from productdesc.catalogs.shopify.admin.api import queries

TEXTS = {document.name: document.text for document in queries.DOCUMENTS} | {
    "bulk": queries.bulk_products(),
    "bulk translations": queries.bulk_translations("PRODUCT", ["de", "pt-BR"]),
    "bulk translations of photos": queries.bulk_translations("MEDIA_IMAGE", ["fr"]),
    "bulk with a filter": queries.bulk_products('tag:"ä ö" \\ 🥿 }'),
}


@pytest.fixture(params=["", *VERSIONS], ids=lambda v: v or "small")
def known(request: pytest.FixtureRequest) -> GraphQLSchema:
    version: str = request.param
    if version and not real(version).is_file():
        pytest.skip(f"needs Shopify's schema {version} in ../shared, which is not here")
    return schema(version)


@pytest.mark.parametrize("name", TEXTS)
def test_a_document_is_valid(name: str, known: GraphQLSchema) -> None:
    assert validate(known, parse(TEXTS[name])) == []


def test_a_wrong_field_is_not_valid(known: GraphQLSchema) -> None:
    text = queries.PRODUCT.text.replace("descriptionHtml", "descriptionHTML")
    assert "descriptionHTML" in str(validate(known, parse(text)))


def test_every_document_there_is_is_listed() -> None:
    made = {v for v in vars(queries).values() if isinstance(v, queries.Document)}
    assert made == set(queries.DOCUMENTS)
    folder = Path(productdesc.__file__).parent / "catalogs" / "shopify"
    for path in folder.rglob("*.py"):
        if path.name != "queries.py":
            assert not re.search(r'"(mutation|query) ', path.read_text("utf-8"))


def test_products_and_translations_are_changed_by_two_mutations_each() -> None:
    used = {
        field.name.value
        for document in queries.DOCUMENTS
        if document.changes
        for operation in parse(document.text).definitions
        for field in operation.selection_set.selections  # type: ignore[attr-defined]
    }
    assert used == {
        "productUpdate",
        "fileUpdate",
        "translationsRegister",
        "translationsRemove",
        "stagedUploadsCreate",
        "bulkOperationRunQuery",
        "bulkOperationRunMutation",
    }


@pytest.mark.parametrize("document", queries.DOCUMENTS, ids=lambda d: d.name)
def test_no_document_can_cost_a_thousand_points(document: queries.Document) -> None:
    assert 0 < document.cost < 1000


def test_the_small_schema_is_a_part_of_the_real_one() -> None:
    if not real(VERSIONS[0]).is_file():
        pytest.skip("needs Shopify's schema in ../shared, which is not here")
    small, whole = schema(), schema(VERSIONS[0])
    for name, kind in small.type_map.items():
        there = whole.type_map.get(name)
        assert type(there) is type(kind), name
        if isinstance(kind, GraphQLEnumType):
            assert set(kind.values) <= set(there.values), name  # type: ignore[union-attr]
        if isinstance(
            kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
        ) and not name.startswith("__"):
            for field, own in kind.fields.items():
                theirs = there.fields[field]  # type: ignore[union-attr]
                assert str(own.type) == str(theirs.type), f"{name}.{field}"
                for argument, value in getattr(own, "args", {}).items():
                    assert str(value.type) == str(theirs.args[argument].type)
