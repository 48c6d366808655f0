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
from torch.nn.functional import linear, silu

from .attention import attend
from .cache import BatchCache
from .int8 import Int8Linear, together

MOST_TOKENS = 2048  # widened at a time: of Qwen2-VL 2B 54 KB each in bfloat16
MOST_TOKENS_ON_CPU = 256  # no slower there, and what is used again stays in its cache


Products = Callable[[Tensor], list[Tensor]]
"""What several weights give for the same tokens, (tokens, inputs) -> (tokens, outputs)."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The weights of one layer, as they lie in the files: copies would be held twice.

    ask: queries, keys and values. widen: the gate, and what goes through it.
    """

    before: Tensor
    ask: Products
    out: Products
    after: Tensor
    widen: Products
    down: Products


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """New tokens of the rows of one cache.

    embedded (rows, new, width); places (rows, new, 3) in time, height, width; used
    (rows, new) False where a row has fewer tokens. `is_heard`: whether the last hidden
    states are of use, or only what the cache remembers.
    """

    embedded: Tensor
    places: Tensor
    used: Tensor
    cache: BatchCache
    is_heard: bool


class Layers:
    """All layers of a text model, by their weights."""

    def __init__(self, text: Any, remembered: torch.dtype) -> None:
        """`remembered`: of the keys and values, and of what looks at them."""
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

    def __call__(self, groups: Sequence[Group]) -> list[Tensor]:
        """Read new tokens into the caches; the last hidden states of those that are heard.

        One tensor for each group that is heard, of the shape of its `embedded`. All sums
        but attention are made for all groups together.
        """
        masks = [group.cache.reserve(group.used) for group in groups]
        packs = [_Pack(group.used) for group in groups]
        x = _joined([p.packed(g.embedded) for p, g in zip(packs, groups, strict=True)])
        places = [p.packed(g.places) for p, g in zip(packs, groups, strict=True)]
        turns = self._turns(_joined(places), x.dtype)
        for number, layer in enumerate(self._layers):
            y = _norm(x, layer.before, self._epsilon)
            query, keys, values = (
                found.view(len(found), -1, self._size) for found in layer.ask(y)
            )
            query, keys = _turned(query, *turns), _turned(keys, *turns)
            parts = [part.to(self._remembered) for part in (query, keys, values)]
            is_last = number == len(self._layers) - 1
            heard = [at for at, g in enumerate(groups) if g.is_heard or not is_last]
            found = []
            for at, (group, pack, *own) in enumerate(
                zip(groups, packs, *(_apart(part, packs) for part in parts), strict=True)
            ):
                q, k, v = (pack.unpacked(part).transpose(1, 2) for part in own)
                if at in heard:
                    gathered = attend(q, k, v, masks[at], group.cache, number)
                    found.append(pack.packed(gathered))
                else:
                    group.cache.update(number, k, v)
            if len(heard) < len(groups):
                kept = _apart(x, packs)
                x = _joined([kept[at] for at in heard]) if heard else x[:0]
            if not heard:
                return []
            x = x + layer.out(_joined(found))[0]
            for part in torch.split(x, self._block):  # each a view of x
                y = _norm(part, layer.after, self._epsilon)
                gate, up = layer.widen(y)
                part += layer.down(silu(gate, inplace=True).mul_(up))[0]
        packs = [pack for pack, g in zip(packs, groups, strict=True) if g.is_heard]
        return [
            pack.unpacked(part) for pack, part in zip(packs, _apart(x, packs), strict=True)
        ]

    def normed(self, hidden: Tensor) -> Tensor:
        """Hidden states as the head reads them."""
        return _norm(hidden, self._norm, self._epsilon)

    def _turns(self, places: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Cosine and sine per token, (tokens, 1, head_dim); places (tokens, 3)."""
        at = places[:, self._axes]  # each pair turns with its own axis
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
        self.tokens = used.numel() if self._where is None else len(self._where)

    def packed(self, x: Tensor) -> Tensor:
        """(rows, new, ...) -> (tokens, ...)."""
        flat = x.reshape(-1, *x.shape[2:])
        return flat if self._where is None else flat[self._where]

    def unpacked(self, x: Tensor) -> Tensor:
        """(tokens, ...) -> (rows, new, ...), zero where a row has no token."""
        if self._where is not None:
            rows, new = self._shape
            full = x.new_zeros((rows * new, *x.shape[1:]))
            x = full.index_copy_(0, self._where, x)
        return x.view(*self._shape, *x.shape[1:])


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(list(parts))


def _apart(x: Tensor, packs: Sequence[_Pack]) -> Sequence[Tensor]:
    """Views of what belongs to each pack, in their order."""
    return torch.split(x, [pack.tokens for pack in packs])


def _layer(module: Any) -> Layer:
    attention, mlp = module.self_attn, module.mlp
    return Layer(
        before=module.input_layernorm.weight,
        ask=_products(attention.q_proj, attention.k_proj, attention.v_proj),
        out=_products(attention.o_proj),
        after=module.post_attention_layernorm.weight,
        widen=_products(mlp.gate_proj, mlp.up_proj),
        down=_products(mlp.down_proj),
    )


def _products(*layers: Any) -> Products:
    if isinstance(layers[0], Int8Linear):
        return partial(together, layers)
    weights = [(layer.weight, layer.bias) for layer in layers]
    return lambda x: [linear(x, weight, bias) for weight, bias in weights]


def _norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    wide = x.float()
    wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + epsilon)
    return weight * wide.to(x.dtype)


def _turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    left, right = x.chunk(2, -1)
    return x * cosine + torch.cat([-right, left], -1) * sine
