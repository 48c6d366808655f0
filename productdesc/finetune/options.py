"""Options of training, and its table of limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple


class Range(NamedTuple):
    """What a number may be, and why."""

    least: float
    most: float
    why: str


RANGES: Mapping[str, Range] = {
    "rank": Range(1, 512, "peft's usual 8 to 64; above, the adapter outgrows its use"),
    "alpha": Range(1, 4096, "its share of rank is the scale of the change"),
    "learning_rate": Range(1e-7, 1e-1, "of LoRA usually 1e-5 to 1e-3"),
    "epochs": Range(0.01, 1000, "early stopping ends most runs before"),
    "batch_size": Range(1, 4096, "examples a step"),
    "kept": Range(0, 1, "a share of the loss of what is replayed"),
    "patience": Range(1, 1000, "evaluations without a better held-out loss"),
    "every": Range(1, 10**6, "steps between two evaluations"),
    "max_steps": Range(1, 10**9, "steps in all"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """How an adapter is trained.

    `rank` and `alpha` of the LoRA. `batch_size`: examples a step; `at_once`: of these in
    one forward, None: all of a small model's, one of a large one's. `every`: steps between
    two evaluations and checkpoints, None: a tenth of the run. It ends after `epochs`,
    after `max_steps`, or when `patience` evaluations brought no better held-out loss.
    `checkpointing`: compute each layer twice to save memory, None: where the model is
    large. `kept`: the share of a replayed product's loss by which the model is held to
    what it answered before; the rest is by the label. With labels alone it grows too sure
    of what it is shown again, and names others worse. `device` and `dtype` as
    `QwenOptions`, float32 or bfloat16.
    """

    rank: int = 16
    alpha: int = 32
    learning_rate: float = 2e-4
    epochs: float = 3.0
    batch_size: int = 8
    at_once: int | None = None
    patience: int = 3
    every: int | None = None
    max_steps: int | None = None
    checkpointing: bool | None = None
    kept: float = 0.8
    device: str | None = None
    dtype: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in RANGES.items():
            value = getattr(self, name)
            if value is not None and not known.least <= value <= known.most:
                raise ValueError(
                    f"{name} is {value}; it is {known.least:g} to {known.most:g} "
                    f"({known.why})"
                )
        at_once = self.at_once
        if at_once is not None and (at_once < 1 or self.batch_size % at_once):
            raise ValueError(
                f"at_once is {at_once}; it must divide batch_size, {self.batch_size}"
            )

    @property
    def shaping(self) -> dict[str, object]:
        """All that the trained adapter depends on, as JSON values."""
        return asdict(self)
