"""Text layers of Qwen-VL: attention and MLP over the loaded weights and our KV caches.

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
from .qwen_families import QwenFamily

Linears = Callable[[Tensor], list[Tensor]]
"""Linear layers over the same tokens, (tokens, inputs) -> (tokens, outputs) of each."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerWeights:
    """The weights of one transformer layer, not copied: memory would hold them twice.

    `qk_norms`: of queries and keys, each (head_dim,); None in families without them.
    """

    input_norm: Tensor
    qkv_proj: Linears
    qk_norms: tuple[Tensor, Tensor] | None
    o_proj: Linears
    post_attention_norm: Tensor
    gate_up_proj: Linears
    down_proj: Linears


@dataclass(frozen=True, slots=True, eq=False)
class DeepStack:
    """DeepStack features of images: level n is added to the output of text layer n.

    slots (image tokens,): where these are among the new tokens; features (image tokens,
    levels, width), with fewer levels than there are layers.
    """

    slots: Tensor
    features: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TokenGroup:
    """Input embeddings of new tokens for the rows of one KV cache, packed row after row.

    embeddings (tokens, width); positions (tokens, 3) in time, height, width; lengths:
    tokens of each row. `needs_output`: whether the last hidden states are used, or only
    the keys and values in the cache. `deepstack`: of the images among the tokens.
    """

    embeddings: Tensor
    positions: Tensor
    lengths: Sequence[int]
    cache: KVCache
    needs_output: bool
    deepstack: DeepStack | None = None


class TextLayers:
    """All transformer layers of the text model, and its last norm."""

    def __init__(
        self,
        text: Any,
        family: QwenFamily,
        kv_dtype: torch.dtype,
        max_mlp_tokens: int,
        fused_ops: FusedOps = PLAIN,
    ) -> None:
        """`kv_dtype`: of queries, keys and values in attention."""
        self._fused_ops = fused_ops
        config = text.config
        self._head_dim: int = text.layers[0].self_attn.head_dim
        self._epsilon: float = config.rms_norm_eps
        self._norm: Tensor = text.norm.weight
        rotary = text.rotary_emb
        self._frequencies: Tensor = rotary.inv_freq
        self._rotary_scaling: float = rotary.attention_scaling
        section = config.rope_parameters.get("mrope_section", family.section)
        axes = family.rotary_axes(section)
        self._axes = torch.tensor(axes, device=rotary.inv_freq.device)
        self._layers = [_layer(module) for module in text.layers]
        self._kv_dtype = kv_dtype
        self._kv_values: int = 2 * config.num_key_value_heads * self._head_dim
        self._max_mlp_tokens = max_mlp_tokens

    @property
    def depth(self) -> int:
        """How many layers there are."""
        return len(self._layers)

    @property
    def kv_bytes(self) -> int:
        """Bytes of the keys and values of one token, in all layers."""
        return self.depth * self._kv_values * self._kv_dtype.itemsize

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
        deepstack = _deepstack(groups)
        rms_norm, apply_rotary, swiglu = self._fused_ops
        for number, layer in enumerate(self._layers):
            y = rms_norm(x, layer.input_norm, self._epsilon)
            query, keys, values = (
                part.view(len(part), -1, self._head_dim) for part in layer.qkv_proj(y)
            )
            if layer.qk_norms:
                of_query, of_keys = layer.qk_norms
                query = rms_norm(query, of_query, self._epsilon)
                keys = rms_norm(keys, of_keys, self._epsilon)
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
            if deepstack and number < deepstack.features.shape[1]:
                # never the last layer, after which only some groups have output
                x.index_add_(0, deepstack.slots, deepstack.features[:, number])
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


def _deepstack(groups: Sequence[TokenGroup]) -> DeepStack | None:
    """That of all groups, with slots among the tokens of all of them."""
    start = 0
    slots, features = [], []
    for group in groups:
        if group.deepstack:
            slots.append(group.deepstack.slots + start)
            features.append(group.deepstack.features)
        start += len(group.embeddings)
    return DeepStack(concat(slots), concat(features)) if slots else None


def _layer(module: Any) -> LayerWeights:
    attention, mlp = module.self_attn, module.mlp
    has_norms = hasattr(attention, "q_norm")
    return LayerWeights(
        input_norm=module.input_layernorm.weight,
        qkv_proj=_linears(attention.q_proj, attention.k_proj, attention.v_proj),
        qk_norms=(attention.q_norm.weight, attention.k_norm.weight) if has_norms else None,
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
