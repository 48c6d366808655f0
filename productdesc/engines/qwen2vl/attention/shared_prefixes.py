"""Shared prefixes: the distinct KV prefixes of a batch's rows, each held once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .kv_cache import KVPrefix, LayerKV


@dataclass(frozen=True, slots=True, eq=False)
class SharedPrefixes:
    """The distinct KV prefixes of a batch, stacked, and which row attends to which.

    `of` (rows,) is the prefix of a row and `branch` (rows,) the row's number among the
    branches of that prefix; `max_branches` is the most of any prefix. `is_one_to_one`: row
    n is the only branch of prefix n. `padding` (prefixes, length) is True in the slots that
    a shorter prefix does not fill; None where all are of one length.
    """

    prefixes: tuple[KVPrefix, ...]
    layers: LayerKV  # with the prefixes as first axis
    of: Tensor
    branch: Tensor
    max_branches: int
    is_one_to_one: bool
    padding: Tensor | None

    @property
    def length(self) -> int:
        """Tokens of the longest prefix."""
        return int(self.layers[0][0].shape[2])

    @classmethod
    def of_rows(
        cls, rows: Sequence[KVPrefix], device: torch.device
    ) -> SharedPrefixes | None:
        """The distinct prefixes of these rows; None where no row has read a token."""
        by_id: dict[int, KVPrefix] = {id(prefix): prefix for prefix in rows}
        order = {key: n for n, key in enumerate(by_id)}
        of = [order[id(prefix)] for prefix in rows]
        branch = [of[:row].count(number) for row, number in enumerate(of)]
        prefixes = tuple(by_id.values())
        longest = max(prefix.length for prefix in prefixes)
        if not longest:
            return None
        lengths = torch.tensor([prefix.length for prefix in prefixes], device=device)
        columns = torch.arange(longest, device=device)
        return cls(
            prefixes,
            _stack(prefixes, longest),
            torch.tensor(of, device=device),
            torch.tensor(branch, device=device),
            max(branch) + 1,
            of == list(range(len(prefixes))),
            None if bool((lengths == longest).all()) else columns >= lengths[:, None],
        )

    def select_rows(self, rows: Tensor, device: torch.device) -> SharedPrefixes | None:
        """The prefixes of fewer rows; unused ones are dropped once they are half of all."""
        of = self.of[rows].tolist()
        if 2 * len(set(of)) <= len(self.prefixes):
            return SharedPrefixes.of_rows([self.prefixes[number] for number in of], device)
        return SharedPrefixes(
            self.prefixes,
            self.layers,
            self.of[rows],
            self.branch[rows],
            self.max_branches,
            of == list(range(len(self.prefixes))),
            self.padding,
        )


def _stack(prefixes: Sequence[KVPrefix], length: int) -> LayerKV:
    """All layers of all prefixes, padded and stacked along a first axis.

    The prefixes become views of the stacked copy.
    """
    numbers = range(max(prefix.depth for prefix in prefixes))
    if len(prefixes) == 1:
        single = tuple(prefixes[0].layer(number) for number in numbers)
        prefixes[0].adopt(single)
        return tuple((keys[None], values[None]) for keys, values in single)
    like = next(prefix.layer(0)[0] for prefix in prefixes if prefix.depth)
    shape = (len(prefixes), like.shape[0], length, like.shape[2])
    layers = []
    for number in numbers:
        # Zeros, not empty: a masked slot still enters the product, and NaN * 0 is NaN.
        keys, values = like.new_zeros(shape), like.new_zeros(shape)
        for n, prefix in enumerate(prefixes):
            prefix.copy_to(number, keys[n], values[n])
        layers.append((keys, values))
    for n, prefix in enumerate(prefixes):
        prefix.adopt(tuple((keys[n], values[n]) for keys, values in layers))
    return tuple(layers)
