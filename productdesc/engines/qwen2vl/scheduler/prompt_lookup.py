"""Drafts: what a reply may say next, guessed from what was read and said before.

Product copy repeats its source: names, attributes and facts stand in the prompt. A guess
costs one more row in a forward that reads all weights anyway, as long as there are few;
the model checks every guess, so no text depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol


class NgramRule(NamedTuple):
    """How much is guessed."""

    tokens: int = 6  # at most, of one reply in one forward
    together: int = 16  # tokens of all rows that one forward may read; beyond it costs more
    context: int = 3  # last tokens that must have stood before the guess, or fewer
    least_context: int = 2


RULE = NgramRule()


class NgramProposer:
    """Finds where the last tokens stood before, the longest match first, latest first."""

    def __init__(self, read: Sequence[int], rule: NgramRule = RULE) -> None:
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

    def propose(self, most: int) -> list[int]:
        """What followed the last tokens when they stood before; at most so many."""
        for length in range(self._rule.context, self._rule.least_context - 1, -1):
            start = self._after.get(tuple(self._ids[-length:]))
            if start is not None and length <= len(self._ids):
                return self._ids[start : start + most]
        return []


class ProposingSequence(Protocol):
    """A reply under way that may guess."""

    proposer: NgramProposer
    proposed: list[int]

    @property
    def left(self) -> int:
        """Tokens that it has yet to write, in all likelihood."""

    def allowed(self, tokens: list[int]) -> list[int]:
        """As many first tokens of these as may come next."""


def propose(rows: Sequence[ProposingSequence], rule: NgramRule = RULE) -> None:
    """Let rows guess, those that have most to write first: they decide when all are done.

    Beside its guesses every row reads one token that it must.
    """
    spare = rule.together - len(rows)
    for row in sorted(rows, key=lambda row: row.left, reverse=True):
        most = min(rule.tokens, spare)
        row.proposed = row.allowed(row.proposer.propose(most)) if most > 0 else []
        spare -= len(row.proposed)
