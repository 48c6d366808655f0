"""Kinds of answers: what a question expects, the JSON schema for it, and how it is read.

Every kind can say that no photo shows it. To add a kind: a row in KINDS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from ..engines import Answer
from ..text.suggest import did_you_mean
from .choices import closed_list

__all__ = ["UNSEEN", "AnswerKind", "Expect", "Question", "RawAnswer", "kind_of", "read"]

Expect = Literal["free", "yes-no", "number", "text"]

UNSEEN = "cannot be seen"
"""The reply that is always possible."""
MAX_NUMBER = 9_999
"""Of things that can be counted on a photo."""
MAX_ANSWER = 200
"""Characters of a free answer, or of words that are printed on a product."""

Value = str | bool | int | None


class Question(NamedTuple):
    """One question about photos.

    choices: what the answer is one of. expect, where there are none: "free" (a few words),
    "yes-no", "number" (a count), or "text" (words printed on the product, as they are).
    """

    text: str
    choices: Sequence[str] | None = None
    expect: Expect | None = None


class AnswerKind(NamedTuple):
    """One kind of answers.

    `values`: the closed list that is scored, without `UNSEEN`; empty where the answer is
    open: then whether it can be seen is scored, and `open` is the answer's own schema.
    `value` makes of the JSON what a caller gets.
    """

    name: str
    values: tuple[str, ...] = ()
    open: Mapping[str, Any] | None = None
    value: Callable[[Any], Value] = lambda answer: str(answer)

    @property
    def choices(self) -> tuple[str, ...]:
        """What a model chooses from; empty where the answer is open."""
        return tuple(dict.fromkeys((*self.values, UNSEEN))) if self.values else ()

    @property
    def pointer(self) -> str:
        """The JSON pointer of the choice that is scored."""
        return "/answer" if self.values else "/seen"

    def schema(self, photos: int) -> dict[str, Any]:
        """What a model must reply; of several photos also on which one it is seen."""
        properties: dict[str, Any] = {}
        if self.open is None:
            properties["answer"] = {"enum": list(self.choices)}
        else:
            properties["seen"] = {"enum": ["yes", UNSEEN]}
            properties["answer"] = dict(self.open)
        if photos > 1:
            properties["photo"] = {"enum": list(range(1, photos + 1))}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }


_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_ANSWER}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER}

KINDS: Mapping[str, AnswerKind] = {
    "free": AnswerKind("free", open=_TEXT, value=lambda answer: str(answer).strip()),
    "yes-no": AnswerKind("yes-no", ("yes", "no"), value=lambda answer: answer == "yes"),
    "number": AnswerKind("number", open=_NUMBER, value=int),
    "text": AnswerKind("text", open=_TEXT, value=lambda answer: str(answer).strip()),
}


def kind_of(question: Question) -> AnswerKind:
    """The kind of answer that a question wants. `ValueError` for what cannot be asked."""
    if not isinstance(question.text, str) or not question.text.strip():
        raise ValueError("question is empty; ask something")
    if question.choices is not None:
        if question.expect is not None:
            raise ValueError("give either choices= or expect=, not both")
        return AnswerKind("choice", closed_list(question.text, question.choices))
    expect = question.expect or "free"
    if expect not in KINDS:
        known, hint = ", ".join(get_args(Expect)), did_you_mean(str(expect), KINDS)
        raise ValueError(f"expect is one of {known}, not {expect!r}{hint}")
    return KINDS[expect]


class RawAnswer(NamedTuple):
    """What a model said: None for what it cannot see; how sure, on which photo (from 1)."""

    value: Value
    probability: float | None
    photo: int

    @property
    def shown(self) -> str:
        """The value in a message."""
        return UNSEEN if self.value is None else str(self.value)


def read(kind: AnswerKind, answer: Answer) -> RawAnswer:
    """The answer of one request of this kind."""
    said = json.loads(answer.text)
    scored = answer.probabilities.get(kind.pointer)
    is_seen = UNSEEN not in (said["answer"], said.get("seen"))
    if UNSEEN in kind.values:  # a choice of the caller's own
        is_seen = True
    value = kind.value(said["answer"]) if is_seen else None
    if value == "":  # nothing but spaces
        value = None
    return RawAnswer(value, scored.probability if scored else None, said.get("photo", 1))
