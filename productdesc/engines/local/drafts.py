"""Drafts: what a reply may say next, guessed from what was read and said before.

Product copy repeats its source: names, attributes and facts stand in the prompt. A guess
costs one more row in a forward that reads all weights anyway; the model checks every
guess, so no text depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class DraftRule(NamedTuple):
    """How much is guessed."""

    tokens: int = 6  # at most, of one reply in one forward
    together: int = 32  # tokens of all rows that one forward may read; beyond it costs more
    context: int = 3  # last tokens that must have stood before the guess, or fewer
    least_context: int = 2


RULE = DraftRule()


class Lookup:
    """Finds where the last tokens stood before, the longest match first, latest first."""

    def __init__(self, read: Sequence[int], rule: DraftRule = RULE) -> None:
        self._rule = rule
        self._ids: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}
        self.add(read)

    def add(self, ids: Iterable[int]) -> None:
        """What was read or said next."""
        for token in ids:
            end = len(self._ids)
            for length in range(self._rule.least_context, self._rule.context + 1):
                if length <= end:
                    self._after[tuple(self._ids[end - length : end])] = end
            self._ids.append(token)

    def guess(self, most: int) -> list[int]:
        """What followed the last tokens when they stood before; at most so many."""
        for length in range(self._rule.context, self._rule.least_context - 1, -1):
            start = self._after.get(tuple(self._ids[-length:]))
            if start is not None and length <= len(self._ids):
                return self._ids[start : start + most]
        return []


def most_guessed(rows: int, rule: DraftRule = RULE) -> int:
    """Tokens to guess for each of so many rows, beside the one that each must read."""
    return max(0, min(rule.tokens, rule.together // rows - 1))
