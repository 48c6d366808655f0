"""Choose: one of some answers to a question about photos, and how sure the model is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..engines import Answer, Engine, Prompt, Request
from ..engines.protocol import check_engine
from ..net import Http
from ..prompts import Templates
from .look import SETTINGS, Photos, load_photos, read_photos

__all__ = ["Choice", "choose", "choose_all"]


class Choice(NamedTuple):
    """The answer that the model chose, and how sure it was.

    `probability` is the model's own among the choices, 0 to 1, not calibrated; None where
    the engine cannot tell. `runner_up` is the next likely choice, None where there was
    none.
    """

    value: str
    probability: float | None
    runner_up: str | None


def choose(
    engine: Engine,
    photos: Photos,
    question: str,
    choices: Sequence[str],
    *,
    http: Http | None = None,
) -> Choice:
    """The choice that answers a question about one photo, or several of one product.

    photos: a `Path`, bytes, a PIL image, an https URL, or a list of them. http: for
    photos that are URLs.

    Raises `PhotoError` for a photo that cannot be used, `ValueError` for fewer than two
    choices or an empty question, and what the engine raises (`Engine.generate`).
    """
    [choice] = choose_all(engine, photos, [(question, choices)], http=http)
    return choice


def choose_all(
    engine: Engine,
    photos: Photos,
    questions: Sequence[tuple[str, Sequence[str]]],
    *,
    http: Http | None = None,
) -> list[Choice]:
    """A choice for each question, in order; the photos are read once for all of them.

    No question sees another, nor its answer. Raises what `choose` raises.
    """
    check_engine(engine)
    asked = [(question, closed_list(question, choices)) for question, choices in questions]
    loaded = load_photos(photos, http)
    templates = Templates(special_tokens=engine.info.special_tokens)
    [seen] = read_photos(engine, templates, [loaded])
    requests = [
        Request(
            Prompt("", templates.choose(question, choices).text),
            answer_schema(choices),
            seen,
            ends=True,
            scored=("/answer",),
        )
        for question, choices in asked
    ]
    return [_choice(answer) for answer in engine.generate(requests, SETTINGS)]


def _choice(answer: Answer) -> Choice:
    found = answer.probabilities.get("/answer")
    if found is None:
        return Choice(json.loads(answer.text)["answer"], None, None)
    return Choice(found.value, found.probability, found.runner_up)


def answer_schema(choices: Sequence[str]) -> dict[str, Any]:
    """The JSON schema of `{"answer": one of the choices}`."""
    return {
        "type": "object",
        "properties": {"answer": {"enum": list(choices)}},
        "required": ["answer"],
        "additionalProperties": False,
    }


def closed_list(question: str, choices: Sequence[str]) -> tuple[str, ...]:
    """The choices, each once. `ValueError` for fewer than two, or for no question."""
    if not isinstance(question, str) or not question.strip():
        raise ValueError("question is empty; ask something")
    if isinstance(choices, str):
        raise ValueError(f"choices is a list of texts, not the text {choices!r}")
    texts = tuple(dict.fromkeys(str(choice).strip() for choice in choices))
    if len(texts) < 2 or not all(texts):
        raise ValueError(f"choices is {list(choices)!r}; give two different texts or more")
    return texts
