"""What is of a wrong type is one `TypeError`, which says what to give instead."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from productdesc import (
    Product,
    ScriptedEngine,
    adescribe,
    adescribe_many,
    catalogs,
    describe,
    describe_many,
    load_engine,
)

PRODUCT = Product(title="Shoe")
ENGINE = ScriptedEngine()


def one(product: Any, engine: Any, **options: Any) -> None:
    describe(product, engine, **options)


def many(products: Any, engine: Any, **options: Any) -> None:
    list(describe_many(products, engine, **options))


def later(product: Any, engine: Any, **options: Any) -> None:
    asyncio.run(adescribe(product, engine, **options))


def many_later(products: Any, engine: Any, **options: Any) -> None:
    async def main() -> None:
        async for _ in adescribe_many(products, engine, **options):
            pass

    asyncio.run(main())


CALLS = (one, many, later, many_later)
ENGINES: list[tuple[Any, str]] = [
    ("demo", "engine is the name 'demo'; load it first: productdesc.load_engine('demo')"),
    (Path("a/model"), "load it first: productdesc.load_engine('a/model')"),
    (None, "engine is a NoneType, which is no engine; productdesc.load_engine(...) gives"),
    (ScriptedEngine, "engine is the class ScriptedEngine, which is no engine"),
    (load_engine, "engine is a function, which is no engine"),
    (PRODUCT, "engine is a Product, which is no engine"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("engine", "message"), ENGINES, ids=lambda v: str(v)[:12])
def test_what_is_no_engine_is_told_how_to_load_one(
    call: Any, engine: Any, message: str
) -> None:
    given = PRODUCT if call in (one, later) else [PRODUCT]
    with pytest.raises(TypeError, match=re.escape(message)):
        call(given, engine)


@pytest.mark.parametrize("call", [one, later])
@pytest.mark.parametrize(
    ("product", "message"),
    [
        ({"title": "Shoe"}, "a dict; give Product(title=..., photos=[...], attributes="),
        ([PRODUCT, PRODUCT], "a list of products; call describe_many for those"),
        ((photo for photo in ()), "not a generator"),
        (None, "not a NoneType"),
        ([None], "a list with a NoneType in it"),
        (3, "a photo is a pathlib.Path, bytes, a PIL image, an https URL as str"),
    ],
    ids=lambda v: str(v)[:12],
)
def test_what_is_no_product_is_told_what_is_one(
    call: Any, product: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        call(product, ENGINE)


@pytest.mark.parametrize("call", [many, many_later])
@pytest.mark.parametrize(
    ("products", "message"),
    [
        (PRODUCT, "products is one Product; describe_many takes an iterable of products"),
        ("https://x.example/a.jpg", "products is one str"),
        (Path("a.jpg"), "Path; describe_many takes"),
        (b"abc", "products is one bytes"),
        ({"a": PRODUCT}, "products is one dict"),
        (None, "products is a NoneType, which is no iterable"),
        (
            catalogs.FolderSource("."),
            "products is a FolderSource; give what its",
        ),
        ([{"title": "Shoe"}], "not a dict; give Product("),
    ],
    ids=lambda v: str(v)[:12],
)
def test_one_product_is_no_iterable_of_products(
    call: Any, products: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        call(products, ENGINE)


OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"settings": {"max_tokens": 9}}, "settings is a Settings, not {'max_tokens': 9}"),
    ({"taxonomy": "shopify"}, "taxonomy is a Taxonomy, as load_taxonomy(...) gives it"),
    ({"templates": "folder"}, "templates is a pathlib.Path, of a folder"),
    ({"template": 3}, "template is the name of a template, or a pathlib.Path"),
    ({"visible": ["pattern"]}, "visible is attributes and the values of each"),
    ({"schema": {"type": "object"}}, "schema must be a Pydantic model class"),
    ({"http": "x"}, "http is a productdesc.net.Http, not 'x'"),
    ({"clock": 3}, "clock is a function that gives a datetime"),
    ({"deadline": "60"}, "deadline is a number of seconds, not '60'"),
    ({"cancel": True}, "cancel is a threading.Event, not True"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("options", "message"), OPTIONS, ids=lambda v: str(v)[:12])
def test_an_option_of_a_wrong_type_is_named(
    call: Any, options: dict[str, Any], message: str
) -> None:
    given = PRODUCT if call in (one, later) else [PRODUCT]
    with pytest.raises(TypeError, match=re.escape(message)):
        call(given, ENGINE, **options)


@pytest.mark.parametrize("call", [many, many_later])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": "3"}, "batch_size is a number of products, not '3'"),
        ({"needs": ["title"]}, "needs is a function of a product, such as catalogs.needs"),
    ],
    ids=lambda v: str(v)[:12],
)
def test_an_option_of_many_of_a_wrong_type_is_named(
    call: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        call([PRODUCT], ENGINE, **options)


def test_options_of_many_products_are_none_of_one() -> None:
    for name in ("needs", "batch_size", "ordered", "keep_drafts"):
        with pytest.raises(TypeError, match=f"describe has no option '{name}'"):
            one(PRODUCT, ENGINE, **{name: None})


def test_other_doors_say_what_they_take_too() -> None:
    name: Any
    for name in (3, ENGINE, ["demo"]):
        with pytest.raises(TypeError, match="a model is the name or folder of one"):
            load_engine(name)
    with pytest.raises(TypeError, match="needs takes a sink, not a Product"):
        catalogs.needs(PRODUCT)  # type: ignore[arg-type]
    value: Any
    for value in ({"b": 1}, object(), b"x", [{"b": 1}], [object()]):
        with pytest.raises(ValueError, match="attribute 'a' is an object"):
            Product(attributes={"a": value})
