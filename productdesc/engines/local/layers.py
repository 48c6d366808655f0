"""Qwen2-VL's text layers as plain sums over the loaded weights and our own cache.

The same arithmetic in the same order as transformers' modules (tested to 1e-4), without
what a module does between the sums: that is a tenth of a decode step on a CPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear, silu

from .attention import attend
from .cache import BatchCache

MOST_TOKENS = 2048  # widened at a time: of Qwen2-VL 2B 54 KB each in bfloat16


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The weights of one layer, as they lie in the files: copies would be held twice.

    ask: weight and bias of queries, keys and values.
    """

    before: Tensor
    ask: tuple[tuple[Tensor, Tensor], ...]
    out: Tensor
    after: Tensor
    gate: Tensor
    up: Tensor
    down: Tensor


class Layers:
    """All layers of a text model, by their weights."""

    def __init__(self, text: Any) -> None:
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

    def __call__(
        self, embedded: Tensor, places: Tensor, used: Tensor, cache: BatchCache
    ) -> Tensor:
        """Read new tokens into the cache; their last hidden states, of embedded's shape.

        embedded (rows, new, width); places (3, rows, new) in time, height, width; used
        (rows, new) False where a row has fewer tokens.
        """
        mask = cache.reserve(used)
        turns = self._turns(places, embedded.dtype)
        rows, new, _ = embedded.shape
        pack = _Pack(used)
        x = pack.packed(embedded)
        for number, layer in enumerate(self._layers):
            y = _norm(x, layer.before, self._epsilon)
            query, keys, values = (
                pack.unpacked(linear(y, weight, bias))
                .view(rows, new, -1, self._size)
                .transpose(1, 2)
                for weight, bias in layer.ask
            )
            query, keys = _turned(query, *turns), _turned(keys, *turns)
            y = pack.packed(attend(query, keys, values, mask, cache, number))
            x = x + linear(y, layer.out)
            for part in torch.split(x, MOST_TOKENS):  # each a view of x
                y = _norm(part, layer.after, self._epsilon)
                y = silu(linear(y, layer.gate)) * linear(y, layer.up)
                part += linear(y, layer.down)
        return pack.unpacked(x)

    def normed(self, hidden: Tensor) -> Tensor:
        """Hidden states as the head reads them."""
        return _norm(hidden, self._norm, self._epsilon)

    def _turns(self, places: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Cosine and sine per token, (rows, 1, new, head_dim)."""
        at = places.permute(1, 2, 0)[..., self._axes]  # each pair turns with its own axis
        angle = at.float() * self._frequencies
        both = torch.cat([angle, angle], -1)[:, None]
        return (both.cos() * self._stretch).to(dtype), (both.sin() * self._stretch).to(
            dtype
        )


class _Pack:
    """Rows of unlike length without their padding, for all sums but attention.

    A row that guesses six tokens beside rows that guess none would else cost as if all of
    them did.
    """

    def __init__(self, used: Tensor) -> None:
        self._shape = used.shape
        self._where = None if bool(used.all()) else used.flatten().nonzero()[:, 0]

    def packed(self, x: Tensor) -> Tensor:
        """(rows, new, width) -> (tokens, width)."""
        flat = x.reshape(-1, x.shape[-1])
        return flat if self._where is None else flat[self._where]

    def unpacked(self, x: Tensor) -> Tensor:
        """(tokens, width) -> (rows, new, width), zero where a row has no token."""
        if self._where is not None:
            rows, new = self._shape
            full = x.new_zeros((rows * new, x.shape[-1]))
            x = full.index_copy_(0, self._where, x)
        return x.view(*self._shape, -1)


def _layer(module: Any) -> Layer:
    attention, mlp = module.self_attn, module.mlp
    asks = (attention.q_proj, attention.k_proj, attention.v_proj)
    return Layer(
        before=module.input_layernorm.weight,
        ask=tuple((part.weight, part.bias) for part in asks),
        out=attention.o_proj.weight,
        after=module.post_attention_layernorm.weight,
        gate=mlp.gate_proj.weight,
        up=mlp.up_proj.weight,
        down=mlp.down_proj.weight,
    )


def _norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    wide = x.float()
    wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + epsilon)
    return weight * wide.to(x.dtype)


def _turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    left, right = x.chunk(2, -1)
    return x * cosine + torch.cat([-right, left], -1) * sine
