"""The fifty lies and fifty truths of `checks_lies`, through the whole pipeline."""

from __future__ import annotations

from typing import Any

import pytest
from doubles.lies.checks_lies import CASES, LIES, TRUTHS, Case, Lie
from doubles.pictures import picture

from productdesc import Description, ScriptedEngine, describe
from productdesc.engines import Request


def told(case: Case, text: str) -> Description:
    """What comes out when the model sees the case's facts and writes `text`."""
    colour = case.measured[0][0].name
    seen = {name: value.value for name, value in case.facts.attributes.items()}

    def answer(request: Request) -> Any:
        properties = request.schema["properties"]
        if "category" not in properties:
            return {"description": text}
        choices = properties["attributes"]["properties"]
        attributes = {
            name: seen.get(name, colour if name == "colour" else choice["enum"][-1])
            for name, choice in choices.items()
        }
        return {
            "category": case.facts.category,
            "attributes": attributes,
            "text": list(case.facts.text),
        }

    first, *others = [colour.hex for colour in case.measured[0]]
    photo = picture(first, background="#b9c7b0", stripes=others[0] if others else None)
    product = case.product.model_copy(update={"photos": (photo,)})
    return describe(
        product,
        ScriptedEngine(answer),
        fields=["description"],
        categories=[case.facts.category],
        visible={
            name: [value.value, "unknown"]
            for name, value in case.facts.attributes.items()
            if name != "colour"
        },
    )


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.text)
def test_a_model_that_lies_is_caught(lie: Lie) -> None:
    d = told(CASES[lie.case], lie.text)
    if lie.outcome == "inferred":
        sources = {e.value: e.source for e in d.evidence["description"]}
        assert (d.description, sources[lie.words]) == (lie.text, "inferred")
        return
    assert lie.words not in d.description
    assert lie.code in {f.code for f in d.findings if f.severity == "removed"}
    assert d.description == lie.left or not lie.left


@pytest.mark.parametrize(("case", "text"), TRUTHS, ids=lambda value: str(value))
def test_a_model_that_tells_the_truth_is_quoted(case: str, text: str) -> None:
    d = told(CASES[case], text)
    assert d.description == text
    assert not [f for f in d.findings if f.severity == "removed"]
