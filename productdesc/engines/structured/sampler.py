"""Sampler: choose each next token under a mask, and detect repetition loops."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...errors import EngineError
from ..protocol import Settings


@dataclass(frozen=True, slots=True)
class LoopRule:
    """Repetition rule: a reply loops when its last tokens repeat one block of tokens.

    Loose enough for lists of short equal items; a human text never repeats like this.
    """

    longest_block: int = 48  # tokens
    least_repeats: int = 4
    least_tokens: int = 32  # in all repeats together


LOOP = LoopRule()


def is_loop(ids: Sequence[int], rule: LoopRule = LOOP) -> bool:
    """Whether a reply's last tokens repeat one block, by the rule."""
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


def random_generator(settings: Settings, ids: Sequence[int]) -> np.random.Generator:
    """Random generator of one request, seeded by the settings and its own tokens alone.

    The rest of a batch has no part in it, so a request samples the same alone or beside
    others.
    """
    key = np.asarray(ids, dtype="<i8").tobytes()
    words = np.frombuffer(hashlib.sha256(key).digest(), dtype=np.uint32)
    return np.random.default_rng([settings.seed & 0xFFFF_FFFF_FFFF_FFFF, *words.tolist()])


class Constraint(Protocol):
    """Token mask of one reply: which tokens may come next, at least one."""

    def allowed(self, tokens: list[int]) -> list[int]:
        """As many first tokens of these as may come next, one after the other."""
        ...

    def mask(self) -> NDArray[np.bool_]:
        """Which tokens may come next, (vocab,)."""
        ...


def choose(
    logits: Tensor,
    constraints: Sequence[Constraint],
    settings: Settings,
    generators: Sequence[np.random.Generator],
) -> list[int]:
    """Sample one token per row among those its constraint allows; logits (rows, vocab).

    Raises `EngineError` where the model's numbers are not finite.
    """
    if settings.temperature == 0:
        return _best(logits, constraints)
    allowed = np.stack([constraint.mask() for constraint in constraints])
    masks = torch.from_numpy(allowed).to(logits.device)
    scores = logits.float().masked_fill(~masks, -torch.inf)
    best = _finite(scores.amax(dim=1), logits.dtype)
    probabilities = torch.softmax((scores - best[:, None]) / settings.temperature, dim=1)
    probabilities, order = (
        probabilities.cpu().double().sort(dim=1, descending=True, stable=True)
    )
    sums = probabilities.cumsum(dim=1)
    chosen = []
    for row, generator in enumerate(generators):
        # The smallest set of tokens that holds top_p; always at least the best one.
        count = int((sums[row] < settings.top_p * sums[row, -1]).sum()) + 1
        count = min(count, int((probabilities[row] > 0).sum()))
        point = generator.random() * float(sums[row, count - 1])
        place = int(torch.searchsorted(sums[row, :count], point, right=True))
        chosen.append(int(order[row, min(place, count - 1)]))
    return chosen


def _best(logits: Tensor, constraints: Sequence[Constraint]) -> list[int]:
    """Greedy choice: per row the allowed token of the highest logit, the first of several.

    Mostly the best of all tokens is allowed. To ask whether it is takes a hundredth of the
    time of a mask, so only the other rows get a mask.
    """
    best, tokens = logits.max(dim=1)
    sure = torch.isfinite(best).tolist()
    chosen: list[int] = tokens.tolist()
    for row, constraint in enumerate(constraints):
        if not (sure[row] and constraint.allowed([chosen[row]])):
            chosen[row] = _best_allowed(logits[row], constraint.mask())
    return chosen


def _best_allowed(scores: Tensor, mask: NDArray[np.bool_]) -> int:
    """Greedy choice of one row under its mask, (vocab,)."""
    ids = np.flatnonzero(mask)
    if len(ids) < len(mask) // 8:  # to pick most of a row out takes longer than to look
        best, place = scores[torch.from_numpy(ids).to(scores.device)].max(dim=0)
        token = int(ids[int(place)])
    else:
        barred = torch.from_numpy(~mask).to(scores.device)
        best, place = scores.masked_fill(barred, -torch.inf).max(dim=0)
        token = int(place)
    _finite(best, scores.dtype)
    return token


def _finite(best: Tensor, dtype: torch.dtype) -> Tensor:
    if not bool(torch.isfinite(best).all()):
        cure = "load it with dtype=float32"
        if dtype == torch.float32:  # a wider one would not help
            cure = "are its weights whole? download it again, or choose another dtype"
        raise EngineError(f"the model computed numbers that are not finite; {cure}")
    return best
