"""Fifty products in several colours: no text claims one of them, and true ones stay.

The engine is scripted to name one colour of each. A checker is scored by how many products
it gets wholly right, so that one that removes all colours fails, and one that removes none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from doubles.lies.colour_variants import (
    HEXES,
    OWN,
    Coloured,
    Said,
    coloured,
    said_of,
    true_of_one,
)
from doubles.pictures import picture

from productdesc import Description, ScriptedEngine, describe
from productdesc.engines import Request
from productdesc.records import Product

COUNT = 50
FIELDS = ("title", "bullets", "description", "alt_texts", "tags")
Checker = Callable[[Product, dict[str, Any]], Description]


def described(product: Product, texts: dict[str, Any]) -> Description:
    """What is left of these texts; the photo shows the first of the product's colours."""
    colour = product.attributes["Color"].split(", ")[0]

    def answer(request: Request) -> Any:
        asked = request.schema["properties"]
        if "category" not in asked:
            return {name: texts[name] for name in asked}
        shown = asked["attributes"]["properties"]
        seen = {n: "unknown" for n in shown} | {"colour": colour.lower()}
        return {"category": "other product", "attributes": seen, "text": []}

    photo = picture(HEXES[colour], background="#b9c7b0")
    return describe(
        product.model_copy(update={"photos": (photo,)}),
        ScriptedEngine(answer),
        fields=FIELDS,
        categories=["other product"],
    )


def texts_of(one: Coloured, sentences: Sequence[str], text: str) -> dict[str, Any]:
    colour = one.colours[0]
    return {
        "title": f"{colour} {one.product.title}",
        "bullets": [s for s in sentences if len(s) < 120][:5],
        "description": text,
        "alt_texts": [f"{one.product.title} seen from the side, in {colour.lower()}"],
        "tags": [colour.lower(), "gift"],
    }


def names(text: str, colour: str) -> bool:
    return colour.lower() in text.lower()


def is_cleared(one: Coloured, said: Said, d: Description) -> bool:
    """Whether no text but what is bound, or names all, has the colour that was claimed."""
    colour = one.colours[0]
    left = d.description
    for sentence in (*said.bound, *said.true):
        left = left.replace(sentence, "")
    bullets = [b for b in d.bullets if b not in (*said.bound, *said.true)]
    shown = d.attributes["Color"].split(", ")
    return (
        not names(left, colour)
        and not names(d.title.replace(one.product.title, ""), colour)
        and not any(names(text, colour) and one.colours[1] not in text for text in bullets)
        and colour.lower() not in d.tags
        and set(shown) == set(one.colours)
        and any(f.code == "one-variant" and f.severity == "removed" for f in d.findings)
    )


def is_true_left(said: Said, d: Description) -> bool:
    """Whether the sentences of a variant and those of all colours stand as they were."""
    return all(sentence in d.description for sentence in (*said.bound, *said.true))


def score(
    several: Sequence[Coloured], single: Sequence[Coloured], check: Checker
) -> tuple[int, int, int]:
    """Products cleared; those whose true sentences stay, of several colours and of one."""
    cleared = stayed = 0
    for one in several:
        said = said_of(one.colours, one.product.title)
        d = check(one.product, texts_of(one, said.claims, said.text))
        cleared += is_cleared(one, said, d)
        stayed += is_true_left(said, d)
    alone = 0
    for one in single:
        true = true_of_one(one.colours[0], one.product.title)
        d = check(one.product, texts_of(one, true, " ".join(true)))
        alone += all(sentence in d.description for sentence in true)
    return cleared, stayed, alone


@pytest.fixture(params=["shared", "own"])
def products(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[list[Coloured], list[Coloured]]:
    """Products of several colours and of one, the shared files' or our own."""
    shared, count = None, len(OWN)
    if request.param == "shared":
        shared, count = request.getfixturevalue("shared"), COUNT
    several = coloured(shared, tmp_path, count, 5)
    assert len(several) == count and all(len(o.product.variants) > 1 for o in several)
    return several, coloured(shared, tmp_path, count, 1)


def test_one_colour_is_never_said_of_all(
    products: tuple[list[Coloured], list[Coloured]],
) -> None:
    several, single = products
    count = len(several)
    assert score(several, single, described) == (count, count, count)


def _removing_all(product: Product, texts: dict[str, Any]) -> Description:
    """A checker that takes out every sentence about colour."""
    text = " ".join(
        sentence
        for sentence in texts["description"].split(". ")
        if not any(names(sentence, word) for word in (*HEXES, "colour"))
    )
    return described(product, texts | {"description": text or "A gift."})


def _removing_none(product: Product, texts: dict[str, Any]) -> Description:
    """A checker that leaves what the model wrote."""
    found = described(product, texts)
    return found.model_copy(update={n: texts[n] for n in ("title", "description")})


@pytest.mark.parametrize("check", [_removing_all, _removing_none])
def test_a_checker_that_removes_all_or_none_fails(check: Checker, tmp_path: Path) -> None:
    several = coloured(None, tmp_path, len(OWN), 5)
    single = coloured(None, tmp_path, len(OWN), 1)
    cleared, stayed, alone = score(several, single, check)
    if check is _removing_all:
        assert (stayed, alone) == (0, 0)
    else:
        assert cleared == 0


def test_evidence_names_the_variant(tmp_path: Path) -> None:
    [one] = coloured(None, tmp_path, 1, 5)
    said = said_of(one.colours, one.product.title)
    d = described(one.product, texts_of(one, said.claims, said.text))
    claims = {
        (e.value, e.attribute, e.name)
        for e in d.evidence["description"]
        if e.kind == "claim" and e.name
    }
    first, last = one.colours[0], one.colours[-1]
    assert (first.lower(), "Color", first) in claims
    assert (last.lower(), "Color", last) in claims
    [alt] = [e for e in d.evidence["alt_texts"] if e.kind == "claim" and e.name]
    assert (alt.source, alt.photo, alt.name) == ("photo", 1, first)
