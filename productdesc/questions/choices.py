"""Choose: one of some answers to a question about photos, and how sure the model is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from ..engines import Answer, Engine, Prompt, Request, Settings
from ..engines.protocol import check_engine
from ..net import Http
from ..photos import load
from ..prompts import Templates
from ..records import MAX_PHOTOS, Photo, PhotoSource

__all__ = ["Choice", "choose", "choose_all"]

_READY = {
    "type": "object",
    "properties": {"ready": {"const": True}},
    "required": ["ready"],
    "additionalProperties": False,
}
_SETTINGS = Settings(max_tokens=256)

Photos = PhotoSource | Sequence[PhotoSource]


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
    asked = [(question, _closed_list(question, choices)) for question, choices in questions]
    loaded = _loaded(photos, http)
    templates = Templates(special_tokens=engine.info.special_tokens)
    look = Prompt(templates.system().text, templates.look(len(loaded)).text, loaded)
    [seen] = engine.generate([Request(look, _READY)], _SETTINGS)
    requests = [
        Request(
            Prompt("", templates.choose(question, choices).text),
            _schema(choices),
            seen.context,
            ends=True,
            scored=("/answer",),
        )
        for question, choices in asked
    ]
    return [_choice(answer) for answer in engine.generate(requests, _SETTINGS)]


def _choice(answer: Answer) -> Choice:
    found = answer.probabilities.get("/answer")
    if found is None:
        return Choice(json.loads(answer.text)["answer"], None, None)
    return Choice(found.value, found.probability, found.runner_up)


def _schema(choices: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"answer": {"enum": list(choices)}},
        "required": ["answer"],
        "additionalProperties": False,
    }


def _closed_list(question: str, choices: Sequence[str]) -> tuple[str, ...]:
    if not isinstance(question, str) or not question.strip():
        raise ValueError("question is empty; ask something")
    if isinstance(choices, str):
        raise ValueError(f"choices is a list of texts, not the text {choices!r}")
    texts = tuple(dict.fromkeys(str(choice).strip() for choice in choices))
    if len(texts) < 2 or not all(texts):
        raise ValueError(f"choices is {list(choices)!r}; give two different texts or more")
    return texts


def _loaded(photos: Photos, http: Http | None) -> tuple[Photo, ...]:
    given: list[Any] = list(photos) if isinstance(photos, list | tuple) else [photos]
    if not 0 < len(given) <= MAX_PHOTOS:
        raise ValueError(f"{len(given)} photos; give 1 to {MAX_PHOTOS}")
    with ExitStack() as stack:
        if http is None and any(isinstance(one, str) for one in given):
            http = stack.enter_context(Http())
        return tuple(load(one, http=http) for one in given)
