"""Qwen-VL families that the fast engine reads: one row each, by the config's `model_type`.

What no row names is the same in all of them, or stands in the checkpoint's own config:
sizes, biases, tied words, `head_dim`, the blocks that DeepStack takes features from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

TIME, HEIGHT, WIDTH = range(3)


@dataclass(frozen=True, slots=True)
class QwenFamily:
    """A family of checkpoints: its name in messages, and what its network does otherwise.

    classes: transformers' configuration and model class, imported when called. `section`
    is the `mrope_section` where a config has none. rotary_axes: of a section, the axis by
    which each pair of a head rotates (0 time, 1 height, 2 width), as the family's paper
    lays them out.
    """

    title: str
    classes: Callable[[], tuple[Any, Any]]
    section: tuple[int, int, int]
    rotary_axes: Callable[[Sequence[int]], list[int]]


def blocks_of_axes(section: Sequence[int]) -> list[int]:
    """All pairs of time, then all of height, then all of width (Qwen2-VL paper, 2.1)."""
    return [axis for axis, count in enumerate(section) for _ in range(count)]


def interleaved_axes(section: Sequence[int]) -> list[int]:
    """Time, height and width in turn while all have pairs left, then time (Qwen3-VL)."""
    axes = [TIME] * sum(section)
    for axis in (HEIGHT, WIDTH):
        for pair in range(axis, min(3 * section[axis], len(axes)), 3):
            axes[pair] = axis
    return axes


def _qwen2_vl() -> tuple[Any, Any]:
    from transformers.models.qwen2_vl.configuration_qwen2_vl import Qwen2VLConfig
    from transformers.models.qwen2_vl.modeling_qwen2_vl import (
        Qwen2VLForConditionalGeneration,
    )

    return Qwen2VLConfig, Qwen2VLForConditionalGeneration


def _qwen2_5_vl() -> tuple[Any, Any]:
    from transformers.models.qwen2_5_vl.configuration_qwen2_5_vl import Qwen2_5_VLConfig
    from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import (
        Qwen2_5_VLForConditionalGeneration,
    )

    return Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration


def _qwen3_vl() -> tuple[Any, Any]:
    from transformers.models.qwen3_vl.configuration_qwen3_vl import Qwen3VLConfig
    from transformers.models.qwen3_vl.modeling_qwen3_vl import (
        Qwen3VLForConditionalGeneration,
    )

    return Qwen3VLConfig, Qwen3VLForConditionalGeneration


FAMILIES: Mapping[str, QwenFamily] = MappingProxyType(
    {
        "qwen2_vl": QwenFamily("Qwen2-VL", _qwen2_vl, (16, 24, 24), blocks_of_axes),
        "qwen2_5_vl": QwenFamily("Qwen2.5-VL", _qwen2_5_vl, (16, 24, 24), blocks_of_axes),
        "qwen3_vl": QwenFamily("Qwen3-VL", _qwen3_vl, (24, 20, 20), interleaved_axes),
    }
)
