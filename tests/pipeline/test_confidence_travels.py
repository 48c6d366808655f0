"""How sure the model was goes from its answer to JSON, page and review files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import productdesc
from productdesc import Description, Product, ScriptedEngine
from productdesc.catalogs.output.evidence_lines import evidence_lines
from productdesc.engines import Answer, Request, Settings
from productdesc.engines.protocol import ChoiceProbability
from productdesc.engines.scripted import shortest
from productdesc.records import Evidence

SHOE = Path(__file__).parents[2] / "examples" / "striped-shoe.jpg"


class SureEngine(ScriptedEngine):
    """Says how sure it is of each scored choice: 0.75 of the category, 0.5 of others."""

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        return [
            Answer(
                answer.text,
                answer.finish,
                answer.tokens,
                answer.context,
                probabilities={
                    pointer: ChoiceProbability(
                        "x", 0.75 if pointer == "/category" else 0.5, None, 0.0
                    )
                    for pointer in request.scored
                },
            )
            for request, answer in zip(
                requests, super().generate(requests, settings), strict=True
            )
        ]


def script(request: Request) -> Any:
    value = shortest(request.schema)
    if "category" in value:
        return {
            "category": "shoes",
            "attributes": {"colour": "unknown", "pattern": "striped"},
            "text": [],
        }
    return {**value, "title": "Striped shoes by Acme"}


@pytest.fixture
def made() -> Description:
    product = Product(photos=[SHOE], attributes={"brand": "Acme"})
    return productdesc.describe(product, SureEngine(script), fields=["title"])


def test_what_the_model_chose_has_its_confidence_and_data_has_none(
    made: Description,
) -> None:
    [category] = made.evidence["category"]
    assert (category.value, category.source, category.confidence) == (
        "shoes",
        "photo",
        0.75,
    )
    attributes = {e.name: e for e in made.evidence["attributes"]}
    assert attributes["pattern"].confidence == 0.5
    assert attributes["brand"].confidence is None
    assert attributes["colour"].confidence is None, "measured on the pixels"


def test_a_claim_has_that_of_the_choice_it_repeats_and_a_sentence_the_least(
    made: Description,
) -> None:
    found = {(e.kind, e.value): e.confidence for e in made.evidence["title"]}
    assert found["claim", "Striped"] == 0.5
    assert found["claim", "shoes"] == 0.75
    assert found["claim", "Acme"] is None
    assert found["sentence", "Striped shoes by Acme"] == 0.5


def test_it_is_in_json_page_and_review_file(made: Description) -> None:
    again = Description.model_validate_json(made.model_dump_json())
    assert again.evidence == made.evidence
    assert (
        json.loads(made.model_dump_json())["evidence"]["category"][0]["confidence"] == 0.75
    )
    assert "photo 1, 0.75" in made._repr_html_()
    assert "shoes [photo 1, 0.75]" in evidence_lines(made.evidence["category"])


def test_an_engine_that_cannot_tell_leaves_none() -> None:
    made = productdesc.describe(SHOE, ScriptedEngine(script), fields=["title"])
    everything = [e for found in made.evidence.values() for e in found]
    assert everything and all(e.confidence is None for e in everything)


def test_files_of_former_versions_are_read() -> None:
    old = Evidence.model_validate({"value": "shoes", "source": "photo", "photo": 1})
    assert old.confidence is None


def test_of_several_photos_each_attribute_is_scored_where_it_stands() -> None:
    def of_two(request: Request) -> Any:
        if "category" in request.schema["properties"]:
            assert "/attributes/pattern/value" in request.scored
            return {
                "category": "shoes",
                "attributes": {
                    "colour": {"value": "unknown", "photo": 1},
                    "pattern": {"value": "striped", "photo": 2},
                },
                "text": [],
            }
        return script(request)

    other = next(p for p in sorted(SHOE.parent.glob("*.jpg")) if p != SHOE)
    product = Product(photos=[SHOE, other])
    made = productdesc.describe(product, SureEngine(of_two), fields=["title"])
    [pattern] = [e for e in made.evidence["attributes"] if e.name == "pattern"]
    assert (pattern.photo, pattern.confidence) == (2, 0.5)
