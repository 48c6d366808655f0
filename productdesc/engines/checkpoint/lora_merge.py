"""LoRA adapters merged into a model's weights, in float32: W + scale * B A.

    merge = plan_merge(adapter, module, older_name)  # lora_plan.py
    for name in merge.names:
        weight = merge.apply(name, weight_of(name))  # float32; cast it once
    # or, over a module that is loaded: merge_into(module, merge, weight_of)

Any engine that runs transformers' modules can merge by these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ...errors import EngineError
from ...text.printable import printable, words_of
from .adapter import WEIGHTS


@dataclass(frozen=True, slots=True)
class LowRank:
    """B A of one weight, by the names of their tensors.

    `magnitude`: DoRA's, the length of each row of the result. `is_transposed`: the weight
    holds (inputs, outputs), as embeddings do.
    """

    a: str
    b: str
    scale: float
    magnitude: str | None
    is_transposed: bool


@dataclass(frozen=True, slots=True)
class WeightChange:
    """What becomes of one parameter: a value in its place, then what is added to it."""

    value: str | None = None
    low_rank: LowRank | None = None
    bias: tuple[str, float] | None = None  # a tensor, and its scale


class LoraMerge:
    """An adapter fitted to a module: which parameters it changes, and their new values."""

    def __init__(self, file: Path, changes: Mapping[str, WeightChange]) -> None:
        self._file = file
        self._changes = changes

    @property
    def names(self) -> Collection[str]:
        """The parameters that change, as the module calls them.

        One of two that share a tensor may stand here alone: it gets a tensor of its own.
        """
        return self._changes.keys()

    def apply(self, name: str, weight: Tensor) -> Tensor:
        """The merged parameter in float32; `weight` itself where it does not change.

        `weight` has the base's values, best in the dtype of its file. Raises `EngineError`
        where a tensor of the adapter, or the result, holds what is no finite number.
        """
        change = self._changes.get(name)
        if change is None:
            return weight
        # Opened for each: what was read of a mapped file counts as memory until then.
        try:
            with safe_open(self._file, "pt") as file:
                merged = _merged(weight, change, partial(_read, file))
        except (SafetensorError, OSError) as e:
            raise EngineError(f"{self._file}: not readable: {words_of(e)}") from e
        if not merged.isfinite().all():
            raise EngineError(
                f"{WEIGHTS}: refused, {name} holds what is no finite number when merged"
            )
        return merged


NO_MERGE = LoraMerge(Path(), {})
"""That of no adapter: nothing changes."""


def _read(file: Any, key: str) -> Tensor:
    value: Tensor = file.get_tensor(key).float()
    if not value.isfinite().all():
        raise EngineError(
            f"{WEIGHTS}: refused, {printable(key, 'name')} holds what is no finite number; "
            "its training went wrong"
        )
    return value


def _merged(weight: Tensor, change: WeightChange, read: Callable[[str], Tensor]) -> Tensor:
    merged = weight.float() if change.value is None else read(change.value)
    if change.low_rank is not None:
        merged = _add_low_rank(merged, change.low_rank, read)
    if change.bias is not None:
        key, scale = change.bias
        merged = merged + scale * read(key)
    return merged


def _add_low_rank(weight: Tensor, low: LowRank, read: Callable[[str], Tensor]) -> Tensor:
    rows = weight.T if low.is_transposed else weight.flatten(1)  # (outputs, inputs)
    rows = torch.addmm(
        rows, read(low.b).flatten(1), read(low.a).flatten(1), alpha=low.scale
    )
    if low.magnitude is not None:
        rows *= (read(low.magnitude).flatten() / rows.norm(dim=1))[:, None]
    return (rows.T if low.is_transposed else rows).reshape(weight.shape).contiguous()


def merge_into(module: Any, merge: LoraMerge, weight_of: Callable[[str], Tensor]) -> None:
    """Give a loaded module its merged parameters, each cast once to the dtype it has.

    `weight_of` gives the base's values of a parameter, as `LoraMerge.apply` takes them.
    """
    for name in merge.names:
        old = module.get_parameter(name)
        value = merge.apply(name, weight_of(name)).to(old.device, old.dtype)
        path, _, leaf = name.rpartition(".")
        # A new parameter: what shares the old one keeps it.
        setattr(module.get_submodule(path), leaf, nn.Parameter(value, requires_grad=False))
