"""Prompts side by side: on a scripted engine, with figures worked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doubles.evaluation.labelled import SureEngine, labelled, source

from productdesc import ScriptedEngine
from productdesc.engines import EngineInfo, Request
from productdesc.engines.scripted import shortest
from productdesc.evaluate import Evaluation, evaluate, paired_prompts, prompts_task
from productdesc.evaluate.tasks.compared_prompts import PROMPTS, prompt_folder

PRODUCTS = (
    labelled("1", "Shoes", photo="navy", colour="navy"),
    labelled("2", "Shoes", photo="darkred", colour="green"),
)
COPY = {
    "shipped": "The shoes are navy.",
    "named": "The shoes are navy. The navy shoes are made of pure silver.",
    "generic": "The picture is a picture of a thing.",
}
ASKED: Any = {"fields": ["description"], "inferred": "all"}


def prompt_of(text: str) -> str:
    if "Describe this image." in text:
        return "generic"
    return "named" if "Name the colours" in text else "shipped"


def said(request: Request) -> Any:
    value = shortest(request.schema)
    if "category" in request.schema["properties"]:
        value["category"] = "shoes"
        value["attributes"]["colour"] = "navy"
    else:
        value["description"] = COPY[prompt_of(request.prompt.text)]
    return value


def figures(results: Any, prompt: str) -> dict[str, float]:
    found = results["results"][f"prompts/{prompt}"]
    return {
        name.partition(",")[0]: value
        for name, value in found.items()
        if name.endswith(",none") and "_ci95" not in name and "_stderr" not in name
    }


BY_HAND = {
    # True of the navy photo: 1 sentence, 4 words. A lie of the red one: it is removed, and
    # rules write "The photo shows red shoes. Pattern: solid.": 2 sentences, 7 words.
    "shipped": {
        "vouched": 3 / 4, "inferred": 0.0, "removed": 1 / 4,
        "words": (4 + 7) / 2, "distinct_words": 1.0,
    },
    # Of the navy photo 1 sentence is vouched for and 1 marked: 12 words, 8 distinct. Of
    # the red one the first sentence goes, and of the second the word "navy": 7 words.
    "named": {
        "vouched": 1 / 5, "inferred": 2 / 5, "removed": 2 / 5,
        "words": (12 + 7) / 2, "distinct_words": (8 + 7) / (12 + 7),
    },
    # 8 words, of which "a" and "picture" come twice; nobody vouches for the sentence.
    "generic": {
        "vouched": 0.0, "inferred": 1.0, "removed": 0.0,
        "words": 8.0, "distinct_words": 6 / 8,
    },
}  # fmt: skip


def test_the_figures_of_each_prompt_are_those_worked_by_hand() -> None:
    engine = ScriptedEngine(said)
    with Evaluation(prompts_task(source(*PRODUCTS), engine, ASKED)) as going:
        samples = list(going.samples())
        results = going.results()
    assert len(samples) == 2 * len(PROMPTS) and not any(s.error for s in samples)
    shipped, named, generic = (figures(results, name) for name in PROMPTS)
    for found, by_hand in zip((shipped, named, generic), BY_HAND.values(), strict=True):
        assert {name: found[name] for name in by_hand} == pytest.approx(by_hand)
    # attributes come of the look turn, which is alike: navy is right of one of the two
    assert (
        shipped["attribute_f1"] == named["attribute_f1"] == generic["attribute_f1"] == 0.5
    )
    assert shipped["kind_match"] == 1.0


def test_prompts_are_paired_on_the_same_products() -> None:
    task = prompts_task(source(*PRODUCTS), ScriptedEngine(said), ASKED)
    with Evaluation(task) as going:
        samples = list(going.samples())
        results = going.results()
    paired = paired_prompts(samples)
    assert list(paired) == ["named", "generic"]
    for prompt, compared in paired.items():
        by_name = {d.metric: d for d in compared.differences}
        for name, value in BY_HAND[prompt].items():
            found = by_name[name].second_minus_first
            assert found.value == pytest.approx(value - BY_HAND["shipped"][name]), name
            assert (found.n, found.clusters) == (2, 2)
        vouched = by_name["vouched"]  # each product has a smaller share of it
        assert (vouched.turned_right, vouched.turned_wrong) == (0, 2)
    assert json.dumps(results["paired"])


def test_a_model_that_does_not_write_is_compared_on_its_look(tmp_path: Path) -> None:
    engine = SureEngine([("shoes", 0.9)] * 6)
    engine.info = EngineInfo("looks", "", "", categories=("shoes", "shirt"), writes=False)
    results = evaluate(prompts_task(source(*PRODUCTS), engine))
    assert len(engine.requests) == 6  # one look a product and prompt, no copy
    found = figures(results, "named")
    assert found["kind_match"] == 1.0 and "vouched" not in found and "words" not in found
    asked = [request.prompt.text for request in engine.requests]
    assert "its colours, its shape" in asked[2] and asked[4].startswith("Describe this")


def test_a_prompt_of_ones_own_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "copy.j2").write_text("Sing of it. {{ facts }}")
    engine = ScriptedEngine(said)
    evaluate(
        prompts_task(source(PRODUCTS[0]), engine, ASKED, prompts=("shipped", str(tmp_path)))
    )
    assert any("Sing of it." in request.prompt.text for request in engine.requests)
    assert prompt_folder("shipped") is None
    with pytest.raises(ValueError, match="'nothere' is no prompt and no folder"):
        prompts_task(source(), engine, prompts=("shipped", "nothere"))
    with pytest.raises(ValueError, match="two or more"):
        prompts_task(source(), engine, prompts=("shipped", "shipped"))
    with pytest.raises(ValueError, match="chooses the templates itself"):
        prompts_task(source(), engine, {"templates": tmp_path})
