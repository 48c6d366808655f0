"""Text layers of Qwen2-VL: attention and MLP over the loaded weights and our KV caches.

The same arithmetic in the same order as transformers' modules (tested to 1e-4), without
what a module does between the operations: that is a tenth of a decode step on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear

from ..attention.kv_cache import KVCache
from ..attention.varlen import concat, even_block
from . import int8, upcast_linear
from .fused_ops import PLAIN, FusedOps

Linears = Callable[[Tensor], list[Tensor]]
"""Linear layers over the same tokens, (tokens, inputs) -> (tokens, outputs) of each."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerWeights:
    """The weights of one transformer layer, not copied: memory would hold them twice."""

    input_norm: Tensor
    qkv_proj: Linears
    o_proj: Linears
    post_attention_norm: Tensor
    gate_up_proj: Linears
    down_proj: Linears


@dataclass(frozen=True, slots=True, eq=False)
class TokenGroup:
    """Input embeddings of new tokens for the rows of one KV cache, packed row after row.

    embeddings (tokens, width); positions (tokens, 3) in time, height, width; lengths:
    tokens of each row. `needs_output`: whether the last hidden states are used, or only
    the keys and values in the cache.
    """

    embeddings: Tensor
    positions: Tensor
    lengths: Sequence[int]
    cache: KVCache
    needs_output: bool


class TextLayers:
    """All transformer layers of the text model, and its last norm."""

    def __init__(
        self,
        text: Any,
        kv_dtype: torch.dtype,
        max_mlp_tokens: int,
        fused_ops: FusedOps = PLAIN,
    ) -> None:
        """`kv_dtype`: of queries, keys and values in attention."""
        self._fused_ops = fused_ops
        config = text.config
        self._head_dim: int = config.hidden_size // config.num_attention_heads
        self._epsilon: float = config.rms_norm_eps
        self._norm: Tensor = text.norm.weight
        rotary = text.rotary_emb
        self._frequencies: Tensor = rotary.inv_freq
        self._rotary_scaling: float = rotary.attention_scaling
        section = config.rope_parameters.get("mrope_section", [16, 24, 24])
        axes = [axis for axis, count in enumerate(section) for _ in range(count)]
        self._axes = torch.tensor(axes, device=rotary.inv_freq.device)
        self._layers = [_layer(module) for module in text.layers]
        self._kv_dtype = kv_dtype
        self._max_mlp_tokens = max_mlp_tokens

    @property
    def depth(self) -> int:
        """How many layers there are."""
        return len(self._layers)

    @property
    def is_compiled(self) -> bool:
        """Whether its fused ops are compiled."""
        return self._fused_ops is not PLAIN

    def __call__(self, groups: Sequence[TokenGroup]) -> list[Tensor]:
        """Prefill or decode new tokens: fill the caches, return last hidden states.

        One tensor for each group that needs output, of the shape of its `embeddings`. All
        products but attention are made for all groups together.
        """
        for group in groups:
            group.cache.reserve(group.lengths)
        x = concat([group.embeddings for group in groups])
        counts = [len(group.embeddings) for group in groups]
        rotary = self._rotary(concat([group.positions for group in groups]), x.dtype)
        rms_norm, apply_rotary, swiglu = self._fused_ops
        for number, layer in enumerate(self._layers):
            y = rms_norm(x, layer.input_norm, self._epsilon)
            query, keys, values = (
                part.view(len(part), -1, self._head_dim) for part in layer.qkv_proj(y)
            )
            query, keys = apply_rotary(query, *rotary), apply_rotary(keys, *rotary)
            qkv = [part.to(self._kv_dtype) for part in (query, keys, values)]
            is_last = number == len(self._layers) - 1
            attended = []
            for group, q, k, v in zip(
                groups, *(torch.split(part, counts) for part in qkv), strict=True
            ):
                if is_last and not group.needs_output:
                    group.cache.update(number, k, v)
                else:
                    attended.append(group.cache.attend(number, q, k, v))
            if not attended:
                return []
            if len(attended) < len(groups):
                pairs = zip(groups, torch.split(x, counts), strict=True)
                x = concat([part for group, part in pairs if group.needs_output])
            x = x + layer.o_proj(concat(attended))[0]
            block = even_block(len(x), self._max_mlp_tokens)
            for part in torch.split(x, block):  # each a view of x
                gate, up = layer.gate_up_proj(
                    rms_norm(part, layer.post_attention_norm, self._epsilon)
                )
                part += layer.down_proj(swiglu(gate, up))[0]
        return list(torch.split(x, [len(g.embeddings) for g in groups if g.needs_output]))

    def final_norm(self, hidden: Tensor) -> Tensor:
        """Last hidden states after the model's final RMS norm, as lm_head takes them."""
        return self._fused_ops.rms_norm(hidden, self._norm, self._epsilon)

    def _rotary(self, positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """M-RoPE cosine and sine, (tokens, 1, head_dim), of positions (tokens, 3)."""
        per_pair = positions[:, self._axes]  # each pair of a head rotates by its own axis
        angle = per_pair.float() * self._frequencies
        both = torch.cat([angle, angle], -1)[:, None]
        cosine = (both.cos() * self._rotary_scaling).to(dtype)
        return cosine, (both.sin() * self._rotary_scaling).to(dtype)


def _layer(module: Any) -> LayerWeights:
    attention, mlp = module.self_attn, module.mlp
    return LayerWeights(
        input_norm=module.input_layernorm.weight,
        qkv_proj=_linears(attention.q_proj, attention.k_proj, attention.v_proj),
        o_proj=_linears(attention.o_proj),
        post_attention_norm=module.post_attention_layernorm.weight,
        gate_up_proj=_linears(mlp.gate_proj, mlp.up_proj),
        down_proj=_linears(mlp.down_proj),
    )


def _linears(*layers: Any) -> Linears:
    if isinstance(layers[0], int8.Int8Linear):
        return partial(int8.apply_linears, layers)
    if isinstance(layers[0], upcast_linear.Float32Linear):
        return partial(upcast_linear.apply_linears, layers)
    weights = [(layer.weight, layer.bias) for layer in layers]
    return lambda x: [linear(x, weight, bias) for weight, bias in weights]
