"""Prompt lookup: draft tokens proposed from n-grams of the prompt and of the reply so far.

Product copy repeats its source: names, attributes and facts stand in the prompt. A draft
token costs one more row in a forward that reads all weights anyway, as long as there are
few; the model verifies every draft token, so no text depends on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NgramRule:
    """How many draft tokens are proposed, and after which n-grams."""

    tokens: int = 6  # draft tokens at most, of one reply in one forward
    together: int = 16  # tokens of all rows that one forward may read; beyond it costs more
    context: int = 3  # last tokens that must have stood before the draft, or fewer
    least_context: int = 2


RULE = NgramRule()


class NgramProposer:
    """Proposes what followed the last n-gram before: the longest first, then the latest."""

    def __init__(self, ids: Sequence[int], rule: NgramRule = RULE) -> None:
        self._rule = rule
        self._ids: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}
        self.add(ids)

    def add(self, ids: Iterable[int]) -> None:
        """Index the next tokens of the prompt or the reply."""
        for token in ids:
            end = len(self._ids)
            for length in range(self._rule.least_context, self._rule.context + 1):
                if length <= end:
                    self._after[tuple(self._ids[end - length : end])] = end
            self._ids.append(token)

    def propose(self, most: int) -> list[int]:
        """Draft tokens: at most so many of those that followed the last n-gram before."""
        for length in range(self._rule.context, self._rule.least_context - 1, -1):
            start = self._after.get(tuple(self._ids[-length:]))
            if start is not None and length <= len(self._ids):
                return self._ids[start : start + most]
        return []


class ProposingSequence(Protocol):
    """A sequence under way that may propose draft tokens."""

    proposer: NgramProposer
    proposed: list[int]

    @property
    def expected_left(self) -> int:
        """Tokens that the reply has yet to get, in all likelihood."""

    def allowed(self, tokens: list[int]) -> list[int]:
        """As many first tokens of these as may come next."""


def propose(rows: Sequence[ProposingSequence], rule: NgramRule = RULE) -> None:
    """Propose draft tokens for the rows that have most to write first.

    Those decide when all are done. Beside its draft every row reads one token that it must.
    """
    spare = rule.together - len(rows)
    for row in sorted(rows, key=lambda row: row.expected_left, reverse=True):
        most = min(rule.tokens, spare)
        row.proposed = row.allowed(row.proposer.propose(most)) if most > 0 else []
        spare -= len(row.proposed)
