"""Tokens of an example: those that the fast engine reads at inference, and what is learned.

Ids, M-RoPE positions and image patches are made by the engine's own code. An example is a
tree of turns in one row: a turn sees those that it goes on from, and no other branch, as
branches of a context do in the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...engines.qwen2vl.inputs.image_processor import (
    ImagePatches,
    image_patches,
    photo_grid,
)
from ...engines.qwen2vl.inputs.mrope import Piece, positions
from ...engines.qwen2vl.inputs.tokenizer import TURN_END
from ...errors import CatalogError
from ...photos import load
from ...text.printable import quoted
from ..data.base_model import BaseModel
from ..data.completion import Span
from ..data.data_folder import Example, TaughtTurn

IGNORED = -100
"""The label of a token that gets no loss, as torch has it."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """One example in tokens; `length` of them.

    ids, labels, turns (length,): the token, the same where it is learned and IGNORED where
    not, and the place of its turn. positions (3, length). sees (turns, turns): whether the
    first turn reads the second. weight: of its loss. keeps: it is replayed, so that the
    model goes on answering it as it did.
    """

    ids: NDArray[np.int64]
    labels: NDArray[np.int64]
    positions: NDArray[np.int64]
    turns: NDArray[np.int64]
    sees: NDArray[np.bool_]
    images: tuple[ImagePatches, ...]
    weight: float
    keeps: bool = False

    @property
    def length(self) -> int:
        return len(self.ids)

    def attention(self) -> NDArray[np.bool_]:
        """Which token reads which, (length, length)."""
        earlier = np.tri(self.length, dtype=np.bool_)
        return earlier & self.sees[self.turns[:, None], self.turns[None, :]]


@dataclass(slots=True)
class _Row:
    """An example while it is written, turn by turn."""

    ids: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    positions: list[NDArray[np.int64]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)  # the position after each turn


def tokens_of(example: Example, folder: Path, base: BaseModel) -> Tokens:
    """An example of a data folder in tokens, with the patches of its photos.

    Raises `CatalogError` where it is longer than the model reads.
    """
    config, tokenizer = base.image_processor, base.tokenizer
    photos = [load(folder / name) for name in example.photos]
    grids = [photo_grid(photo, config) for photo in photos]
    row, sees = _Row(), np.eye(len(example.turns), dtype=np.bool_)
    for number, turn in enumerate(example.turns):
        start = 0
        if turn.parent is not None:
            start = row.ends[turn.parent]
            sees[number] |= sees[turn.parent]
        own = [] if number else grids
        asked = tokenizer.turn(turn.system, turn.text, own)
        reply, learned = _reply(turn, base)
        pieces: list[Piece] = [*asked.pieces, len(reply)]
        places, end = positions(pieces, start)
        row.ids += [*asked.ids, *reply]
        row.labels += [*[IGNORED] * len(asked.ids), *learned]
        row.turns += [number] * (len(asked.ids) + len(reply))
        row.positions.append(places)
        row.ends.append(end)
    tokens = Tokens(
        np.array(row.ids),
        np.array(row.labels),
        np.concatenate(row.positions, axis=1),
        np.array(row.turns),
        sees,
        tuple(image_patches(photo, config) for photo in photos),
        example.weight,
        example.origin == "replay",
    )
    _check(tokens, example, base)
    return tokens


def _reply(turn: TaughtTurn, base: BaseModel) -> tuple[list[int], list[int]]:
    """An answer and the end of its turn in tokens, and their labels."""
    ids, spans = base.tokenizer.encode_spans(turn.completion)
    labels = [
        IGNORED if _overlaps(span, turn.untaught) else token
        for token, span in zip(ids, spans, strict=True)
    ]
    end = base.tokenizer.turn_end()
    stop = base.tokenizer.specials[TURN_END]
    return [*ids, *end], [*labels, *(t if t == stop else IGNORED for t in end)]


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _check(tokens: Tokens, example: Example, base: BaseModel) -> None:
    shown = quoted(example.id, "name")
    if tokens.length > base.most_tokens:
        raise CatalogError(
            f"example {shown} takes {tokens.length:,} tokens and the model reads "
            f"{base.most_tokens:,}; lower max_pixels or leave it out"
        )
