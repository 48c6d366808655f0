"""Closing JSON that was cut: the shortest end that the grammar allows, byte by byte.

Where the value is text or a number it is ended at once; where more is demanded (a choice
from a list, a minimum length, a pattern, required keys) the least is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from llguidance import LLMatcher

from ...errors import OutputError
from ...text.printable import words_of


class ClosingLimits(NamedTuple):
    """When closing gives up."""

    tokens: int = 4_096  # in all: a schema that recurses without end has no end
    greedy_text: int = 2_048  # tokens of one string by preference, before searching
    greedy_number: int = 24
    searched: int = 20_000  # states looked at in one search


LIMITS = ClosingLimits()

# Between values: end what is open, then go on with the least.
BETWEEN = b'}],:n"1234567890ft[{-.eE+'
# Inside a text: end it, else plain letters.
INSIDE = b'"abcdefghijklmnopqrstuvwxyz0123456789 -.ABCDEFGHIJKLMNOPQRSTUVWXYZ'


def close(
    matcher: LLMatcher,
    byte_tokens: Sequence[int],
    decode: Callable[[list[int]], bytes],
    data: bytes,
    limits: ClosingLimits = LIMITS,
) -> list[int]:
    """Tokens that end the reply `data`; the matcher is left where the schema is met.

    `byte_tokens` are the ids of the 256 single bytes. Raises `OutputError` where the
    limits are reached.
    """
    closer = _Closer(matcher, byte_tokens, decode, _Place().after(data), limits)
    while not matcher.is_accepting():
        if len(closer.taken) > limits.tokens:
            raise OutputError(
                f"the reply could not be closed within {limits.tokens} tokens; does the "
                "schema demand itself?"
            )
        closer.go_on()
    return closer.taken


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in JSON a reply stands: inside a text, inside a number or word, or between."""

    in_text: bool = False
    in_escape: bool = False
    in_word: bool = False

    def after(self, data: bytes) -> _Place:
        text, escape, word = self.in_text, self.in_escape, self.in_word
        for byte in data:
            if escape:
                escape = False
            elif text and byte == ord("\\"):
                escape = True
            elif byte == ord('"'):
                text, word = not text, False
            elif not text:
                word = byte not in b"{}[],:"
        return _Place(text, escape, word)

    @property
    def is_open(self) -> bool:
        return self.in_text or self.in_word


class _Closer:
    def __init__(
        self,
        matcher: LLMatcher,
        byte_tokens: Sequence[int],
        decode: Callable[[list[int]], bytes],
        place: _Place,
        limits: ClosingLimits,
    ) -> None:
        self._matcher = matcher
        self._byte_tokens = np.array([max(token, 0) for token in byte_tokens])
        self._exists = np.array([token >= 0 for token in byte_tokens])
        self._decode = decode
        self._place = place
        self._limits = limits
        self.taken: list[int] = []

    def go_on(self) -> None:
        """End the open value, or take one step between values."""
        if not self._place.is_open:
            self._step()
            return
        start, place = len(self.taken), self._place
        limits = self._limits
        limit = limits.greedy_text if place.in_text else limits.greedy_number
        while self._is_open() and len(self.taken) - start < limit:
            self._step()
        if self._is_open():
            self._matcher.rollback(len(self.taken) - start)
            del self.taken[start:]
            self._place = place
            self._take(self._search())

    def _is_open(self) -> bool:
        return self._place.is_open and not self._matcher.is_accepting()

    def _step(self) -> None:
        self._take(self._matcher.compute_ff_tokens() or [self._preferred()])

    def _take(self, tokens: list[int]) -> None:
        if not self._matcher.consume_tokens(tokens):
            raise OutputError(
                f"the reply could not be closed: {words_of(self._matcher.get_error())}"
            )
        self.taken += tokens
        self._place = self._place.after(self._decode(tokens))

    def _preferred(self) -> int:
        # one of the first is nearly always allowed, and a mask takes as long as thirty
        for byte in INSIDE if self._place.in_text else BETWEEN:
            token = int(self._byte_tokens[byte])
            if self._exists[byte] and self._matcher.validate_tokens([token]):
                return token
        allowed = self._allowed_bytes()
        if not allowed:
            raise OutputError("the reply could not be closed: nothing may follow")
        return int(self._byte_tokens[min(allowed)])

    def _allowed_bytes(self) -> list[int]:
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        ids = self._byte_tokens
        allowed = (bits[ids >> 3] >> (ids & 7)) & 1
        return [int(b) for b in np.nonzero(allowed & self._exists)[0]]

    def _edges(self) -> list[list[int]]:
        """The single bytes to try: ASCII where any may follow, as it ends soonest."""
        allowed = self._allowed_bytes()
        short = [byte for byte in allowed if byte < 0x80]
        return [[int(self._byte_tokens[byte])] for byte in short or allowed]

    def _search(self) -> list[int]:
        """The fewest bytes that end the open value; breadth first.

        Bytes after which the same may follow are taken as one, within a layer.
        """
        layer: list[tuple[list[int], _Place]] = [([], self._place)]
        looked_at = 0
        while layer:
            following: dict[bytes, tuple[list[int], _Place]] = {}
            for path, place in layer:
                self._matcher.consume_tokens(path)
                forced = self._matcher.compute_ff_tokens()
                for edge in [forced] if forced else self._edges():
                    looked_at += 1
                    self._matcher.consume_tokens(edge)
                    there = place.after(self._decode(edge))
                    ended = not there.is_open or self._matcher.is_accepting()
                    mask = b"" if ended else self._matcher.compute_bitmask()
                    self._matcher.rollback(len(edge))
                    if ended:
                        self._matcher.rollback(len(path))
                        return [*path, *edge]
                    following.setdefault(mask, ([*path, *edge], there))
                self._matcher.rollback(len(path))
            if looked_at > self._limits.searched:
                break
            layer = list(following.values())
        raise OutputError(
            f"a value could not be closed: no end within {looked_at:,} tries; anchor a "
            "pattern with ^ and $, or make it simpler"
        )
