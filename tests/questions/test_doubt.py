"""Doubt: a photo that shows nothing that can be named is told of, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doubles.pages import read

from productdesc import Product, ScriptedEngine, describe
from productdesc.checks.facts.doubt import (
    DOUBT_LIMITS,
    POOR,
    answer_doubt,
    are_poor,
    photo_doubts,
)
from productdesc.photos.quality import RULES
from productdesc.records import Facts, Finding
from productdesc.taxonomy import OTHER, Settled

SHOE = Path(__file__).parents[2] / "examples" / "striped-shoe.jpg"


def doubts(product: Product, **seen: Any) -> list[str]:
    facts = Facts(category=seen.pop("category", "shoes"), confidence=seen.pop("sure", None))
    kind = Settled(facts.category, seen.pop("source", ""))
    given: dict[str, Any] = {"findings": (), "photos": ["a.jpg"], **seen}
    return [one.message for one in photo_doubts(product, facts, kind, **given)]


def blurred(name: str) -> Finding:
    return Finding(code="photo-blurred", field="photos", message="", value=name)


def test_nothing_nameable_is_a_doubt_unless_the_data_names_it() -> None:
    [why] = doubts(Product(), category=OTHER)
    assert "nothing that the list of kinds has a name for" in why
    assert doubts(Product(title="Widget"), category=OTHER) == []
    assert doubts(Product(), category=OTHER, source="type") == []
    assert doubts(Product(), category=OTHER, photos=[]) == []
    assert doubts(Product()) == []


def test_a_model_that_is_less_sure_than_the_limit_is_a_doubt() -> None:
    least = DOUBT_LIMITS.sure
    assert doubts(Product(), sure=least) == []
    [why] = doubts(Product(), sure=least - 0.01)
    assert "holds 'shoes' for 49 % likely, 50 % are needed" in why
    assert doubts(Product(title="Trail shoe"), sure=0.1) == []


def test_of_poor_photos_more_is_needed() -> None:
    sure = (DOUBT_LIMITS.sure + DOUBT_LIMITS.sure_of_poor) / 2
    [why] = doubts(Product(), sure=sure, findings=[blurred("a.jpg")])
    assert "photo-blurred" in why
    assert doubts(Product(), sure=sure, findings=[blurred("b.jpg")]) == []
    two = {"photos": ["a.jpg", "b.jpg"], "findings": [blurred("a.jpg")]}
    assert doubts(Product(), sure=sure, **two) == []


def test_a_photo_is_poor_by_findings_that_the_gate_has() -> None:
    assert {rule.code for rule in RULES if rule.action == "warn"} >= POOR
    assert not are_poor([blurred("a")], [])


def test_who_gives_no_probability_is_not_doubted_by_it() -> None:
    assert answer_doubt("shoes", None) == ""
    assert answer_doubt("shoes", 0.0)


@pytest.mark.parametrize("category, is_told", [("shoes", False), (OTHER, True)])
def test_a_description_says_that_it_cannot_be_told(category: str, is_told: bool) -> None:
    def script(request: Any) -> Any:
        if "category" in request.schema["properties"]:
            seen = {"colour": "black", "pattern": "unknown"}
            return {"category": category, "attributes": seen, "text": []}
        return {"title": "Black thing"}

    made = describe(SHOE, ScriptedEngine(script), fields=["title"])
    found = [one for one in made.findings if one.code == "cannot-be-told"]
    assert bool(found) == is_told
    named = Product(photos=[SHOE], title="Widget")
    made = describe(named, ScriptedEngine(script), fields=["title"])
    assert "cannot-be-told" not in {one.code for one in made.findings}


def test_the_page_has_the_limits_of_doubt() -> None:
    page = read("docs/questions.md").partition("## Doubt")[2]
    for limit in DOUBT_LIMITS:
        assert f"less than {100 * limit:g} % sure" in page
