"""Choice probabilities: how sure a model was of each closed choice, from its own tokens.

At every token at which more than one value is still possible, the allowed tokens' softmax
says how much lies on those that agree with the value that came out; the product over these
tokens is its probability. Tokens that spell the same value another way count for it, and
tokens that the grammar forces count 1. It is the model's own, not calibrated.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import PromptError
from ...text.json_pointer import pointer_parts
from ..lru_cache import LruCache
from ..protocol import ChoiceProbability, JsonSchema
from .json_cursor import JsonCursor
from .schema import schema_key

LIKELY_TOKENS = 16
"""Tokens of a step that may begin a runner-up: one of 10,595 is not looked for in all."""
_AFTER_VALUE = b",}]"
_CHOICES: LruCache[dict[str, ClosedChoice]] = LruCache(64)


@dataclass(frozen=True, slots=True)
class ClosedChoice:
    """One closed choice of a schema: its values, and each as JSON in UTF-8."""

    values: tuple[Any, ...]
    spelled: tuple[bytes, ...]

    def agreeing(self, data: bytes) -> list[int]:
        """Which values the text `data`, from where the value begins, may still become."""
        return [at for at, text in enumerate(self.spelled) if _agrees(data, text)]


def closed_choices(schema: JsonSchema, pointers: Iterable[str]) -> dict[str, ClosedChoice]:
    """The closed choices (`enum`, `const`) at these JSON pointers of what fits the schema.

    Raises `PromptError` for a pointer that names none.
    """
    wanted = tuple(pointers)
    if not wanted:
        return {}
    return _CHOICES.get((schema_key(schema), wanted), lambda: _closed(schema, wanted))


def _closed(schema: JsonSchema, pointers: Iterable[str]) -> dict[str, ClosedChoice]:
    found = {}
    for pointer in pointers:
        values = _values(schema, pointer)
        if not values:
            raise PromptError(
                f"scored: {pointer!r} is no closed choice (enum) of the schema"
            )
        texts = (json.dumps(v, ensure_ascii=False, separators=(",", ":")) for v in values)
        found[pointer] = ClosedChoice(values, tuple(t.encode() for t in texts))
    return found


def _values(schema: JsonSchema, pointer: str) -> tuple[Any, ...]:
    part: Any = schema
    try:
        for name in pointer_parts(pointer):
            part = part["properties"][name]
    except (KeyError, TypeError, ValueError):
        return ()
    if not isinstance(part, Mapping):
        return ()
    return (part["const"],) if "const" in part else tuple(part.get("enum", ()))


@dataclass(frozen=True, slots=True)
class ChoiceStep:
    """One token at which a choice was open: what stood, and what could have come.

    `before` is the value's text so far; `tokens` maps the bytes that a token would have
    added to it to their share, equal bytes added up.
    """

    before: bytes
    tokens: Mapping[bytes, float]

    def share(self, text: bytes) -> float:
        """How much lies on tokens that agree with the value spelled `text`."""
        rest = text[len(self.before) :]
        begun = sum(self.tokens.get(rest[:end], 0.0) for end in range(len(rest) + 1))
        longer = (
            share
            for token, share in self.tokens.items()
            if len(token) > len(rest) and _agrees(token, rest)
        )
        return min(1.0, begun + sum(longer))


Likelihoods = Callable[[], Iterable[tuple[bytes, float]]]
"""Tokens that could come next in bytes, and the probability of each."""


@dataclass(slots=True)
class ChoiceWatch:
    """Watches a reply grow, and keeps what its closed choices were chosen by.

    `is_listed`: of the tokens that could come only a few are known, with probabilities
    from before the grammar, as servers tell them.
    """

    choices: Mapping[str, ClosedChoice]
    is_listed: bool = False
    _cursor: JsonCursor = field(default_factory=JsonCursor)
    _texts: dict[str, bytes] = field(default_factory=dict)
    _steps: dict[str, list[ChoiceStep]] = field(default_factory=dict)

    def read(self, data: bytes) -> None:
        """The next bytes of the reply, which nobody had to choose."""
        for byte in data:
            self._read(byte)

    def take(self, token: bytes, likelihoods: Likelihoods) -> None:
        """The next token of the reply, chosen among others.

        `likelihoods` is asked only where a choice was open, or begins within the token.
        """
        begun: list[tuple[str, bytes, bytes]] = []
        for at, byte in enumerate(token):
            pointer = self._cursor.pointer
            if (
                pointer
                and pointer in self.choices
                and (at == 0 or pointer not in self._texts)
            ):
                before = self._texts.get(pointer, b"")
                if len(self.choices[pointer].agreeing(before)) > 1:
                    begun.append((pointer, before, token[:at]))
            self._read(byte)
        if begun:
            possible = list(likelihoods())
            for pointer, before, lead in begun:
                self._note(pointer, before, lead, possible)

    def probabilities(self) -> dict[str, ChoiceProbability | None]:
        """Each choice's value and runner-up; None for one that has not ended yet."""
        return {
            pointer: self._probability(pointer, choice)
            for pointer, choice in self.choices.items()
        }

    def _read(self, byte: int) -> None:
        pointer = self._cursor.read(byte)
        if pointer and pointer in self.choices:
            self._texts[pointer] = self._texts.get(pointer, b"") + bytes([byte])

    def _note(
        self, pointer: str, before: bytes, lead: bytes, possible: list[tuple[bytes, float]]
    ) -> None:
        """The tokens possible at an open choice, without what stands before its value."""
        summed: dict[bytes, float] = {}
        for token, share in possible:
            if not token:  # a special one, which a server lists as no text
                continue
            if lead.startswith(token):
                added = b""
            elif token.startswith(lead):
                added = token[len(lead) :] if before else token[len(lead) :].lstrip()
            else:
                continue
            if self.is_listed and not self.choices[pointer].agreeing(before + added):
                continue
            summed[added] = summed.get(added, 0.0) + share
        if total := math.fsum(summed.values()):
            shares = {token: share / total for token, share in summed.items()}
            self._steps.setdefault(pointer, []).append(ChoiceStep(before, shares))

    def _probability(self, pointer: str, choice: ClosedChoice) -> ChoiceProbability | None:
        text = self._texts.get(pointer, b"")
        if text not in choice.spelled or self._cursor.pointer == pointer:
            return None
        steps = self._steps.get(pointer, [])
        at = choice.spelled.index(text)
        chosen = math.prod(step.share(text) for step in steps)
        others = [
            (_reach(steps, choice.spelled[n]), -n) for n in _others(steps, choice, at)
        ]
        share, place = max(others, default=(0.0, 0))
        if others and (share or not self.is_listed):
            return ChoiceProbability(
                choice.values[at], chosen, choice.values[-place], share
            )
        if self.is_listed and len(choice.values) > 1:
            return None
        return ChoiceProbability(choice.values[at], chosen, None, 0.0)


def softmax_tokens(
    scores: Sequence[float], tokens: Iterable[bytes]
) -> Iterator[tuple[bytes, float]]:
    """Allowed tokens in bytes, each with its share of their softmax at temperature 1."""
    best = max(scores)
    weights = [math.exp(score - best) for score in scores]
    total = math.fsum(weights)
    return zip(tokens, (weight / total for weight in weights), strict=True)


def _others(steps: Sequence[ChoiceStep], choice: ClosedChoice, chosen: int) -> list[int]:
    """Values that a likely token of one of the steps leads to, but for the chosen one."""
    found: dict[int, None] = {}
    for step in steps:
        likely = sorted(step.tokens, key=step.tokens.__getitem__, reverse=True)
        begun = tuple(step.before + token for token in likely[:LIKELY_TOKENS])
        for at, text in enumerate(choice.spelled):
            if at != chosen and (
                text.startswith(begun) or any(_agrees(b, text) for b in begun)
            ):
                found[at] = None
    return list(found)


def _reach(steps: Sequence[ChoiceStep], other: bytes) -> float:
    """How much of the softmax led towards another value, to where the reply left it.

    At most its probability, for values that begin alike share it beyond that place.
    """
    share = 1.0
    for step in steps:
        if not _agrees(step.before, other):
            break
        share *= step.share(other)
    return share


def _agrees(data: bytes, text: bytes) -> bool:
    """Whether a reply that goes on with `data` may be, or was, the value spelled `text`."""
    if len(data) <= len(text):
        return text.startswith(data)
    return data.startswith(text) and data[len(text)] in _AFTER_VALUE
