"""Choose: one of some answers about photos, each question by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import productdesc
from productdesc import Choice, PhotoError, ScriptedEngine
from productdesc.engines import Engine, Request

SHOE = Path(__file__).parents[2] / "examples" / "striped-shoe.jpg"
KINDS = ("shoes", "shirt", "fruit")


@pytest.fixture(scope="module")
def demo() -> Engine:
    return productdesc.load_engine()


def test_a_choice_says_how_sure_the_model_was(demo: Engine) -> None:
    choice = productdesc.choose(demo, SHOE, "What is it?", KINDS)
    assert choice.value in KINDS and choice.runner_up in KINDS
    assert choice.value != choice.runner_up
    assert choice.probability is not None and 1 / 3 - 1e-6 <= choice.probability <= 1


def test_a_question_is_answered_alike_alone_and_beside_others(demo: Engine) -> None:
    questions = [
        ("What is it?", KINDS),
        ("Which colour is it?", ("black", "blue", "light blue")),
        ("Is it worn?", ("yes", "no")),
    ]
    together = productdesc.choose_all(demo, [SHOE, SHOE], questions)
    for (question, choices), found in zip(questions, together, strict=True):
        alone = productdesc.choose(demo, [SHOE, SHOE], question, choices)
        assert (alone.value, alone.runner_up) == (found.value, found.runner_up)
        assert alone.probability == pytest.approx(found.probability, abs=1e-5)


def test_photos_are_read_once_and_no_question_sees_another() -> None:
    def script(request: Request) -> Any:
        if request.prompt.photos:
            return {"ready": True}
        return {"answer": request.schema["properties"]["answer"]["enum"][-1]}

    engine = ScriptedEngine(script)
    questions = [("Gift?", ("yes", "no")), ("Season?", ("summer", "winter"))]
    assert productdesc.choose_all(engine, SHOE, questions) == [
        Choice("no", None, None),
        Choice("winter", None, None),
    ]
    first, *others = engine.requests
    assert len(first.prompt.photos) == 1 and "Questions follow" in first.prompt.text
    contexts: list[Any] = [request.context for request in others]
    assert [len(context.turns) for context in contexts] == [1, 1]
    assert "Gift?\nChoose one: yes, no." in others[0].prompt.text


@pytest.mark.parametrize(
    "question, choices, said",
    [
        ("What?", ("shoes",), "two different texts"),
        ("What?", ("shoes", " shoes "), "two different texts"),
        ("What?", ("shoes", ""), "two different texts"),
        ("What?", "shoes", "not the text"),
        (" ", KINDS, "question is empty"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    question: str, choices: Any, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        productdesc.choose(ScriptedEngine(), SHOE, question, choices)


def test_a_photo_that_is_not_there_and_no_photo_are_refused() -> None:
    with pytest.raises(PhotoError, match=r"nowhere\.jpg"):
        productdesc.choose(ScriptedEngine(), Path("nowhere.jpg"), "What?", KINDS)
    with pytest.raises(ValueError, match="0 photos"):
        productdesc.choose(ScriptedEngine(), [], "What?", KINDS)
