"""Logprobs of a server: how sure its model was, by the likely tokens that it lists.

They are probabilities before the grammar, and only a few tokens are listed: what is said
is the share of the value among the values that were listed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from ..protocol import ChoiceProbability
from ..structured.choice_probabilities import ChoiceWatch, ClosedChoice


class ListedToken(NamedTuple):
    """One token of a reply, and the likely ones at its place, itself among them."""

    token: bytes
    likely: tuple[tuple[bytes, float], ...]


def listed_probabilities(
    choices: Mapping[str, ClosedChoice], listed: Sequence[ListedToken], text: str
) -> Mapping[str, ChoiceProbability | None]:
    """By the tokens that the server listed; None where it told none of another value.

    None also where the tokens do not spell the reply `text`: nothing is said of another.
    """
    if _spelled(listed) != text.strip():
        listed = listed[:-1]  # vLLM lists the token that ended the turn as well
    if _spelled(listed) != text.strip():
        return dict.fromkeys(choices)
    watch = ChoiceWatch(choices, is_listed=True)
    for token, likely in listed:
        watch.take(token, partial(iter, likely))
    return watch.probabilities()


def _spelled(listed: Sequence[ListedToken]) -> str:
    return b"".join(one.token for one in listed).decode("utf-8", "replace").strip()


def listed_tokens(given: Any) -> tuple[ListedToken, ...]:
    """The tokens in `choices[0].logprobs`; none where one of them cannot be read."""
    rows = given.get("content") if isinstance(given, dict) else None
    found = []
    for row in rows if isinstance(rows, list) else ():
        likely = row.get("top_logprobs") if isinstance(row, dict) else None
        entries = [_likely(one) for one in (row, *(likely or ()))]
        known = [entry for entry in entries if entry is not None]
        if len(known) < len(entries):
            return ()
        found.append(ListedToken(known[0][0], tuple(dict.fromkeys(known))))
    return tuple(found)


def _likely(entry: Any) -> tuple[bytes, float] | None:
    if not isinstance(entry, dict):
        return None
    token, spelled = entry.get("token"), entry.get("bytes")
    logprob = entry.get("logprob")
    if not isinstance(logprob, int | float) or not isinstance(token, str):
        return None
    data = token.encode("utf-8", "replace")
    if isinstance(spelled, list) and all(
        isinstance(b, int) and 0 <= b < 256 for b in spelled
    ):
        data = bytes(spelled)  # a token may be half a character
    return data, math.exp(min(0.0, float(logprob)))
