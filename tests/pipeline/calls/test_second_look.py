"""A second look of `describe`: off unless asked, and what differs cannot be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from productdesc import (
    Described,
    Description,
    Product,
    ScriptedEngine,
    describe,
    describe_many,
)
from productdesc.engines import EngineInfo, Request
from productdesc.engines.scripted import shortest
from productdesc.pipeline import resolve

EXAMPLES = Path(__file__).parents[3] / "examples"
SHOE, WHITE = EXAMPLES / "striped-shoe.jpg", EXAMPLES / "white-shoes.jpg"
KINDS = ["shoes", "hat", "fruit"]
LISTS: dict[str, Any] = {
    "categories": KINDS,
    "visible": {"closure": ["laces", "zip"], "pattern": ["plain", "striped"]},
}
INFO = EngineInfo("m", "r", "d")


def seeing(first: dict[str, Any], second: dict[str, Any] | None = None) -> ScriptedEngine:
    """Sees these in two looks: a category, and attributes; writes what is asked."""

    def script(request: Request) -> Any:
        if not request.prompt.photos:
            return shortest(request.schema)
        turned = request.schema["properties"]["category"]["enum"][0] != KINDS[0]
        seen = {**(second or first)} if turned else {**first}
        category = seen.pop("category")
        several = len(request.prompt.photos) > 1
        said = {k: {"value": v, "photo": 1} if several else v for k, v in seen.items()}
        return {"category": category, "attributes": said, "text": []}

    return ScriptedEngine(script)


def looks(engine: ScriptedEngine) -> list[Request]:
    return [request for request in engine.requests if request.prompt.photos]


def doubts(made: Description[Any]) -> list[tuple[str, str]]:
    found = [one for one in made.findings if one.code == "cannot-be-told"]
    return [(one.field, one.message) for one in found]


SAME = {"category": "shoes", "colour": "black", "closure": "laces", "pattern": "striped"}


def test_it_is_off_unless_asked_and_changes_no_key() -> None:
    engine = seeing(SAME)
    made = describe(SHOE, engine, **LISTS)
    assert len(looks(engine)) == 1 and "second-look" not in made.provenance.templates
    off, on = resolve(INFO, {"second_look": False}), resolve(INFO, {"second_look": True})
    assert off.digest == resolve(INFO, {}).digest and off.digest.startswith("66b53d91")
    assert on.digest != off.digest
    with pytest.raises(TypeError, match="second_look is True or False"):
        resolve(INFO, {"second_look": "yes"})  # type: ignore[typeddict-item]


def test_it_asks_smaller_photos_with_every_list_the_other_way_round() -> None:
    engine = seeing(SAME)
    made = describe([SHOE, WHITE], engine, second_look=True, **LISTS)
    first, second = looks(engine)
    for photo, again in zip(first.prompt.photos, second.prompt.photos, strict=True):
        assert again.image.width == round(photo.image.width * 0.75)
        assert again.sha256 != photo.sha256
    assert second.ends and not first.ends  # the copy goes on from the first
    assert "Choose the category: fruit, hat, shoes." in second.prompt.system
    assert "Choose the pattern: striped, plain, unknown." in second.prompt.system
    # it agrees: the description is that of one look, with what made it
    once = describe([SHOE, WHITE], seeing(SAME), **LISTS)
    assert (made.category, made.attributes, made.title, made.evidence) == (
        *(once.category, once.attributes, once.title, once.evidence),
    )
    assert doubts(made) == doubts(once) == []
    assert made.provenance.templates["second-look"]


def test_kinds_that_differ_are_told_where_the_data_does_not_name_it() -> None:
    other = {**SAME, "category": "hat"}
    made = describe(SHOE, seeing(SAME, other), second_look=True, **LISTS)
    [(field, message)] = doubts(made)
    assert field == "category" and made.category == "shoes"
    assert "one look says 'shoes', a second one 'hat'" in message
    named = Product(title="Running shoes", photos=[SHOE])
    made = describe(named, seeing(SAME, other), second_look=True, **LISTS)
    assert doubts(made) == []


def test_an_attribute_that_differs_is_told_and_left_out() -> None:
    other = {**SAME, "pattern": "plain"}
    engine = seeing(SAME, other)
    made = describe(SHOE, engine, second_look=True, **LISTS)
    assert made.attributes["closure"] == "laces" and "pattern" not in made.attributes
    [(field, message)] = doubts(made)
    assert field == "attributes" and message == (
        "'pattern' cannot be told from the photos: one look says 'striped', a second one "
        "'plain'"
    )
    writes = [r.prompt.text for r in engine.requests if not r.prompt.photos]
    assert writes and not any("striped" in text for text in writes)


def test_its_cost_is_a_turn_of_the_draft() -> None:
    engine, options = seeing(SAME), {"keep_drafts": True, **LISTS}
    [outcome] = describe_many([SHOE], engine, second_look=True, **options)
    assert isinstance(outcome, Described) and outcome.draft
    stages = [turn.stage for turn in outcome.draft.turns]
    assert stages[:2] == ["observe", "second-look"] and stages.count("second-look") == 1
    turn = outcome.draft.turn("second-look")
    assert turn.written_tokens > 0


def test_without_photos_there_is_nothing_to_look_at_again() -> None:
    engine = ScriptedEngine()
    describe(Product(title="Shoe"), engine, second_look=True)
    alone = ScriptedEngine()
    describe(Product(title="Shoe"), alone)
    assert len(engine.requests) == len(alone.requests)
