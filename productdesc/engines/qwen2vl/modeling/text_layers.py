"""Qwen2-VL's text layers as plain sums over the loaded weights and our own cache.

The same arithmetic in the same order as transformers' modules (tested to 1e-4), without
what a module does between the sums: that is a tenth of a decode step on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear

from ..attention.kv_cache import Cache
from ..attention.varlen import even, joined
from . import int8
from . import upcast_linear as widened
from .fused_ops import PLAIN, FusedOps

MOST_TOKENS = 2048  # widened at a time: of Qwen2-VL 2B 54 KB each in bfloat16
MOST_TOKENS_ON_CPU = 256  # no slower there, and what is used again stays in its cache


Products = Callable[[Tensor], list[Tensor]]
"""What several weights give for the same tokens, (tokens, inputs) -> (tokens, outputs)."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The weights of one layer, as they lie in the files: copies would be held twice.

    ask: queries, keys and values. widen: the gate, and what goes through it.
    """

    input_norm: Tensor
    qkv_proj: Products
    o_proj: Products
    post_attention_norm: Tensor
    gate_up_proj: Products
    down_proj: Products


@dataclass(frozen=True, slots=True, eq=False)
class TokenGroup:
    """New tokens of the rows of one cache, row after row.

    embedded (tokens, width); positions (tokens, 3) in time, height, width; lengths: tokens
    of each row. `needs_output`: whether the last hidden states are of use, or only what the
    cache remembers.
    """

    embedded: Tensor
    positions: Tensor
    lengths: Sequence[int]
    cache: Cache
    needs_output: bool


class TextLayers:
    """All layers of a text model, by their weights."""

    def __init__(
        self, text: Any, remembered: torch.dtype, pointwise: FusedOps = PLAIN
    ) -> None:
        """`remembered`: of the keys and values, and of what looks at them."""
        self._pointwise = pointwise
        config = text.config
        self._size: int = config.hidden_size // config.num_attention_heads
        self._epsilon: float = config.rms_norm_eps
        self._norm: Tensor = text.norm.weight
        rotary = text.rotary_emb
        self._frequencies: Tensor = rotary.inv_freq
        self._stretch: float = rotary.attention_scaling
        section = config.rope_parameters.get("mrope_section", [16, 24, 24])
        axes = [axis for axis, count in enumerate(section) for _ in range(count)]
        self._axes = torch.tensor(axes, device=rotary.inv_freq.device)
        self._layers = [_layer(module) for module in text.layers]
        self._remembered = remembered
        on_cpu = self._norm.device.type == "cpu"
        self._block = MOST_TOKENS_ON_CPU if on_cpu else MOST_TOKENS

    def __call__(self, groups: Sequence[TokenGroup]) -> list[Tensor]:
        """Read new tokens into the caches; the last hidden states of those that are heard.

        One tensor for each group that is heard, of the shape of its `embedded`. All sums
        but attention are made for all groups together.
        """
        for group in groups:
            group.cache.reserve(group.lengths)
        x = joined([group.embedded for group in groups])
        counts = [len(group.embedded) for group in groups]
        turns = self._rotary(joined([group.positions for group in groups]), x.dtype)
        norm, turn, gated = self._pointwise
        for number, layer in enumerate(self._layers):
            y = norm(x, layer.input_norm, self._epsilon)
            query, keys, values = (
                found.view(len(found), -1, self._size) for found in layer.qkv_proj(y)
            )
            query, keys = turn(query, *turns), turn(keys, *turns)
            parts = [part.to(self._remembered) for part in (query, keys, values)]
            is_last = number == len(self._layers) - 1
            found = []
            for group, q, k, v in zip(
                groups, *(torch.split(part, counts) for part in parts), strict=True
            ):
                if is_last and not group.needs_output:
                    group.cache.update(number, k, v)
                else:
                    found.append(group.cache.attend(number, q, k, v))
            if not found:
                return []
            if len(found) < len(groups):
                some = zip(groups, torch.split(x, counts), strict=True)
                x = joined([part for group, part in some if group.needs_output])
            x = x + layer.o_proj(joined(found))[0]
            for part in torch.split(x, even(len(x), self._block)):  # each a view of x
                gate, up = layer.gate_up_proj(
                    norm(part, layer.post_attention_norm, self._epsilon)
                )
                part += layer.down_proj(gated(gate, up))[0]
        return list(torch.split(x, [len(g.embedded) for g in groups if g.needs_output]))

    def normed(self, hidden: Tensor) -> Tensor:
        """Hidden states as the head reads them."""
        return self._pointwise.rms_norm(hidden, self._norm, self._epsilon)

    def _rotary(self, places: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Cosine and sine per token, (tokens, 1, head_dim); positions (tokens, 3)."""
        at = places[:, self._axes]  # each pair turns with its own axis
        angle = at.float() * self._frequencies
        both = torch.cat([angle, angle], -1)[:, None]
        return (both.cos() * self._stretch).to(dtype), (both.sin() * self._stretch).to(
            dtype
        )


def _layer(module: Any) -> Layer:
    attention, mlp = module.self_attn, module.mlp
    return Layer(
        input_norm=module.input_layernorm.weight,
        qkv_proj=_products(attention.q_proj, attention.k_proj, attention.v_proj),
        o_proj=_products(attention.o_proj),
        post_attention_norm=module.post_attention_layernorm.weight,
        gate_up_proj=_products(mlp.gate_proj, mlp.up_proj),
        down_proj=_products(mlp.down_proj),
    )


def _products(*layers: Any) -> Products:
    if isinstance(layers[0], int8.Int8Linear):
        return partial(int8.together, layers)
    if isinstance(layers[0], widened.Float32Linear):
        return partial(widened.together, layers)
    weights = [(layer.weight, layer.bias) for layer in layers]
    return lambda x: [linear(x, weight, bias) for weight, bias in weights]
