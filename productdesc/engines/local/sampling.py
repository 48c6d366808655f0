"""Choosing the next token, and noticing a model that repeats itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ...errors import EngineError
from ..protocol import Settings


class LoopRule(NamedTuple):
    """A reply loops when its last tokens are one block, said again and again.

    Loose enough for lists of short equal items; a human text never repeats like this.
    """

    longest_block: int = 48  # tokens
    least_repeats: int = 4
    least_tokens: int = 32  # in all repeats together


LOOP = LoopRule()


def is_loop(ids: Sequence[int], rule: LoopRule = LOOP) -> bool:
    """Whether the end of `ids` is a loop by the rule."""
    for block in range(1, rule.longest_block + 1):
        repeats = max(rule.least_repeats, -(-rule.least_tokens // block))
        length = block * repeats
        if length > len(ids):
            if block >= rule.least_tokens // rule.least_repeats:
                return False
            continue
        tail = ids[len(ids) - length :]
        if tail[block:] == tail[:-block]:
            return True
    return False


def draws(settings: Settings, ids: Sequence[int]) -> np.random.Generator:
    """The random numbers of one request: by its seed and its own tokens alone.

    The rest of a batch has no part in it, so a request draws the same alone or beside
    others.
    """
    key = np.asarray(ids, dtype="<i8").tobytes()
    words = np.frombuffer(hashlib.sha256(key).digest(), dtype=np.uint32)
    return np.random.default_rng([settings.seed & 0xFFFF_FFFF_FFFF_FFFF, *words.tolist()])


def choose(
    logits: Tensor,
    masks: Tensor,
    settings: Settings,
    generators: Sequence[np.random.Generator],
) -> list[int]:
    """One token per row among those its mask allows.

    logits (rows, vocab), masks (rows, vocab) True where allowed. Raises `EngineError`
    where the model's numbers are not finite.
    """
    if settings.temperature == 0:
        return [int(token) for token in _best(logits, masks).tolist()]
    scores = logits.float().masked_fill(~masks, -torch.inf)
    best = _finite(scores.amax(dim=1))
    shares = torch.softmax((scores - best[:, None]) / settings.temperature, dim=1)
    shares, order = shares.cpu().double().sort(dim=1, descending=True, stable=True)
    sums = shares.cumsum(dim=1)
    chosen = []
    for row, generator in enumerate(generators):
        # The smallest set of tokens that holds top_p; always at least the best one.
        kept = int((sums[row] < settings.top_p * sums[row, -1]).sum()) + 1
        kept = min(kept, int((shares[row] > 0).sum()))
        point = generator.random() * float(sums[row, kept - 1])
        place = int(torch.searchsorted(sums[row, :kept], point, right=True))
        chosen.append(int(order[row, min(place, kept - 1)]))
    return chosen


def _best(logits: Tensor, masks: Tensor) -> Tensor:
    """Per row the allowed token of the highest logit, the first where several have it.

    Mostly the best of all tokens is allowed; only the other rows are masked and searched
    again, which spares two copies of all logits.
    """
    best, tokens = logits.max(dim=1)
    sure = masks.gather(1, tokens[:, None])[:, 0] & torch.isfinite(best)
    if not bool(sure.all()):
        rest = (~sure).nonzero()[:, 0]
        scores = logits[rest].masked_fill(~masks[rest], -torch.inf)
        best, found = scores.max(dim=1)
        _finite(best)
        tokens[rest] = found
    return tokens


def _finite(best: Tensor) -> Tensor:
    if not bool(torch.isfinite(best).all()):
        raise EngineError(
            "the model computed numbers that are not finite; load it with dtype=float32"
        )
    return best
