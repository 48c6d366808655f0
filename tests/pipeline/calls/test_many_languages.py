"""Several languages from one look: an outcome for each product and language."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from productdesc import Product, ScriptedEngine, describe_many
from productdesc.errors import PhotoError
from productdesc.pipeline.aio import adescribe_many

LANGUAGES = ("en", "de", "fr")
PHOTO = Path(__file__).parents[3] / "examples" / "striped-shoe.jpg"
WORDS = {"en": "leather", "de": "Leder", "fr": "cuir", "es": "cuero", "it": "pelle"}


def products(count: int) -> list[Product]:
    return [
        Product(
            id=f"S{n}", title="Shoe", photos=[PHOTO], attributes={"material": "leather"}
        )
        for n in range(count)
    ]


def asked(engine: ScriptedEngine) -> tuple[int, int]:
    """How many requests had photos, and how many had none."""
    looks = sum(bool(request.prompt.photos) for request in engine.requests)
    return looks, len(engine.requests) - looks


def test_fifty_products_are_looked_at_once_and_written_of_in_three_languages() -> None:
    engine = ScriptedEngine()
    outcomes = [*describe_many(products(50), engine, channel="plain", languages=LANGUAGES)]
    found = [(one.product.id, one.description.language) for one in outcomes]
    assert found == [(f"S{n}", language) for n in range(50) for language in LANGUAGES]
    assert asked(engine) == (50, 150)
    for one in outcomes:
        text = " ".join(one.description.bullets)
        assert WORDS[one.description.language] in text


def test_attributes_come_out_in_the_language_of_the_copy() -> None:
    data = {"material": "leather", "weight": "0.5 kg", "sku": "A-1", "gender": "female"}
    product = Product(id="S", title="Shoe", photos=[PHOTO], attributes=data)
    outcomes = describe_many(
        [product], ScriptedEngine(), channel="plain", languages=("en", "de", "nl")
    )
    found = {one.description.language: one.description for one in outcomes}
    for language in ("en", "nl"):
        assert dict(data).items() <= found[language].attributes.items()
    german = {**data, "material": "Leder", "weight": "0,5 kg"}
    assert german.items() <= found["de"].attributes.items()
    vouched = {one.name: one for one in found["de"].evidence["attributes"]}
    assert vouched["material"].source == "attribute"


def test_each_is_what_a_call_in_that_language_alone_gives() -> None:
    for language, other in (("en", "de"), ("it", "es")):
        both = describe_many(
            products(2), ScriptedEngine(), channel="shopify", languages=[language, other]
        )
        alone = describe_many(
            products(2), ScriptedEngine(), channel="shopify", language=other
        )
        mine = [o.description for o in both if o.description.language == other]
        theirs = [one.description for one in alone]
        assert [m.provenance.templates for m in mine] == [
            t.provenance.templates for t in theirs
        ]
        for one, same in zip(mine, theirs, strict=True):
            changes = {"provenance": same.provenance}
            assert one.model_copy(update=changes) == same


def test_one_that_fails_fails_in_each_language_and_the_others_go_on() -> None:
    found = products(2)
    bad = Product(id="bad", photos=[PHOTO.with_name("none.jpg")])
    outcomes = [
        *describe_many(
            [found[0], bad, found[1]],
            ScriptedEngine(),
            channel="plain",
            languages=LANGUAGES,
        )
    ]
    failed = outcomes[3:6]
    assert [one.language for one in failed] == [*LANGUAGES]
    assert all(isinstance(one.error, PhotoError) for one in failed)
    assert [one.product.id for one in outcomes[6:]] == ["S1"] * 3


def test_what_needs_nothing_is_skipped_in_each_language() -> None:
    outcomes = [
        *describe_many(
            products(1), ScriptedEngine(), needs=lambda _: (), languages=["en", "de"]
        )
    ]
    assert [(type(one).__name__, one.language) for one in outcomes] == [
        ("Skipped", "en"), ("Skipped", "de"),
    ]  # fmt: skip


@pytest.mark.parametrize("ordered", [True, False])
def test_asynchronous_calls_give_the_same(ordered: bool) -> None:
    async def run() -> list[tuple[str, str]]:
        engine = ScriptedEngine()
        coming = adescribe_many(
            products(3), engine, channel="plain", languages=LANGUAGES, ordered=ordered
        )
        found = [(one.product.id, one.description.language) async for one in coming]
        assert asked(engine) == (3, 9)
        return found

    found = asyncio.run(run())
    assert sorted(found) == sorted((f"S{n}", one) for n in range(3) for one in LANGUAGES)
    assert not ordered or found[:3] == [("S0", one) for one in LANGUAGES]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"languages": ["en"], "language": "de"}, "either language= or languages="),
        ({"languages": []}, "a list of codes"),
        ({"languages": "en"}, "a list of codes"),
        ({"languages": ["en", "en"]}, "names one twice"),
        ({"languages": ["en", "xx"]}, "'xx' is not known"),
    ],
)
def test_a_wrong_list_raises_at_the_call(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        describe_many(products(1), ScriptedEngine(), **options)
