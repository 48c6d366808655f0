"""The tiny checkpoints of the fast engine's families, one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doubles import tiny_qwen2vl
from doubles.tiny_qwen import qwen3vl, qwen25vl
from transformers import (
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLForConditionalGeneration,
    Qwen3VLForConditionalGeneration,
)


@dataclass(frozen=True)
class TinyFamily:
    """How its checkpoints are made, transformers' class, and px of a patch's side."""

    title: str
    make: Callable[..., Path]
    reference: Any
    patch_size: int


QWEN2_VL = TinyFamily("Qwen2-VL", tiny_qwen2vl.make, Qwen2VLForConditionalGeneration, 14)
QWEN2_5_VL = TinyFamily("Qwen2.5-VL", qwen25vl.make, Qwen2_5_VLForConditionalGeneration, 14)
QWEN3_VL = TinyFamily("Qwen3-VL", qwen3vl.make, Qwen3VLForConditionalGeneration, 16)
FAMILIES = {family.title: family for family in (QWEN2_VL, QWEN2_5_VL, QWEN3_VL)}
LAYOUTS = [
    (QWEN2_VL, "flat"),
    (QWEN2_VL, "nested"),
    (QWEN2_5_VL, "flat"),
    (QWEN2_5_VL, "nested"),
    (QWEN3_VL, "nested"),
]
"""The layouts of config and tensor names in which checkpoints of each are found."""
LAYOUT_IDS = [f"{family.title}-{layout}" for family, layout in LAYOUTS]
