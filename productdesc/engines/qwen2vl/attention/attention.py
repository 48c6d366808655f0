"""Attention in blocks: causal, over shared prefixes, and among image patches."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from .kv_cache import DEFAULT_LIMITS, AttentionLimits
from .shared_prefixes import SharedPrefixes


def attend_causal(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Causal attention among new tokens alone; shapes as in `attend`."""
    output = scaled_dot_product_attention(
        query, keys, values, is_causal=True, enable_gqa=True
    )
    return output.transpose(1, 2).flatten(2)


def attend(
    query: Tensor,
    own: tuple[Tensor, Tensor],
    mask: Tensor,
    prefix: tuple[SharedPrefixes, int] | None,
    limits: AttentionLimits = DEFAULT_LIMITS,
) -> Tensor:
    """Attention over each row's shared prefix and its own tokens, (rows, new, width).

    query (rows, heads, new, head_dim); own: keys and values that the rows added, (rows,
    kv_heads, slots, head_dim); mask (rows, new, slots), True where a token may attend;
    prefix: the shared prefixes and the number of the layer. Heads that share keys lie side
    by side, as in transformers. width is heads * head_dim.
    """
    rows, heads, _, _ = query.shape
    slots = mask.shape[2] + (prefix[0].length if prefix else 0)
    block = max(1, limits.scores(query.device) // (rows * heads * slots))
    outputs = [
        _attend_block(some_query, own, some_mask, prefix)
        for some_query, some_mask in zip(
            torch.split(query, block, 2), torch.split(mask, block, 1), strict=True
        )
    ]
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs, 1)


def attend_patches(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *_: Any,
    scaling: float,
    max_scores: int = DEFAULT_LIMITS.max_scores_cpu,
    **__: Any,
) -> tuple[Tensor, None]:
    """Full attention among one image's patches in the vision tower, in blocks for a CPU.

    query, key, value (1, heads, patches, head_dim) -> (1, patches, heads, head_dim); the
    form is that of transformers' attention functions. torch's own takes half as long again
    on a CPU.
    """
    patches = query.shape[2]
    heads = max(1, max_scores // patches**2)
    block = max(1, max_scores // patches)  # one head of a large photo may be too much
    outputs = []
    for some_query, keys, values in zip(
        *(torch.split(x, heads, 1) for x in (query, key, value)), strict=True
    ):
        scaled = some_query * scaling
        parts = [
            (part @ keys.transpose(2, 3)).softmax(-1) @ values
            for part in torch.split(scaled, block, 2)
        ]
        outputs.append(torch.cat(parts, 2))
    return torch.cat(outputs, 1).transpose(1, 2), None


def _attend_block(
    query: Tensor,
    own: tuple[Tensor, Tensor],
    mask: Tensor,
    prefix: tuple[SharedPrefixes, int] | None,
) -> Tensor:
    """Attention output of some of the new tokens, (rows, some, heads * head_dim)."""
    rows, heads, new, size = query.shape
    own_keys, own_values = own
    kv_heads = own_keys.shape[1]
    # heads that share keys become one axis: (rows, kv_heads, group * new, head_dim)
    query = (query * size**-0.5).reshape(rows, kv_heads, -1, size)
    scores = (query @ own_keys.transpose(2, 3)).view(rows, kv_heads, -1, new, mask.shape[2])
    scores = scores.masked_fill_(~mask[:, None, None], -torch.inf).flatten(2, 3)
    if prefix is None:
        output = scores.softmax(-1) @ own_values
    else:
        shared, layer = prefix
        keys, values = shared.layers[layer]
        prefix_scores = _matmul_by_prefix(query, keys.transpose(2, 3), shared)
        if shared.padding is not None:
            padding = shared.padding[shared.of]
            prefix_scores = prefix_scores.masked_fill_(padding[:, None, None], -torch.inf)
        weights = torch.cat([prefix_scores, scores], -1).softmax(-1)
        split = prefix_scores.shape[-1]
        output = weights[..., split:] @ own_values
        output = output + _matmul_by_prefix(weights[..., :split], values, shared)
    merged: Tensor = output.view(rows, heads, new, size).transpose(1, 2)
    return merged.reshape(rows, new, -1)


def _matmul_by_prefix(left: Tensor, right: Tensor, shared: SharedPrefixes) -> Tensor:
    """left (rows, kv, n, a) times the right (prefixes, kv, a, b) of each row's prefix.

    The branches of a prefix are multiplied together, so that the prefix is read once.
    """
    if shared.is_one_to_one:
        return left @ right
    _, kv_heads, n, inner = left.shape
    count, branches = len(shared.prefixes), shared.max_branches
    grid = left.new_zeros((count, branches, kv_heads, n, inner))
    grid[shared.of, shared.branch] = left
    grid = grid.transpose(1, 2).reshape(count, kv_heads, branches * n, inner)
    product = (grid @ right).view(count, kv_heads, branches, n, -1).transpose(1, 2)
    return product[shared.of, shared.branch]
