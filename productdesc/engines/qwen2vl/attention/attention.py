"""Attention over a batch cache: what branches share is looked at once for all of them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from .shared_prefixes import SharedPrefixes

MOST_SCORES = 1 << 25  # held at a time, in several copies
MOST_SCORES_ON_CPU = 1 << 22  # what is larger than its cache takes twice as long


def most_scores(device: torch.device) -> int:
    """How many scores are held at a time."""
    return MOST_SCORES_ON_CPU if device.type == "cpu" else MOST_SCORES


def attend_before(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """What each token gathers from those before it and itself; shapes as in `attend`."""
    found = scaled_dot_product_attention(
        query, keys, values, is_causal=True, enable_gqa=True
    )
    return found.transpose(1, 2).flatten(2)


def attend(
    query: Tensor,
    own_keys: Tensor,
    own_values: Tensor,
    mask: Tensor,
    trunks: SharedPrefixes | None,
    layer: int,
) -> Tensor:
    """What each new token gathers, (rows, new, heads * head_dim).

    query (rows, heads, new, head_dim); own_keys, own_values (rows, kv_heads, slots,
    head_dim); mask (rows, new, slots), True where a token may look. Heads that share keys
    lie side by side, as in transformers.
    """
    rows, heads, _, _ = query.shape
    seen = mask.shape[2] + (trunks.length if trunks else 0)
    block = max(1, most_scores(query.device) // (rows * heads * seen))
    parts = [
        _gathered(asked, own_keys, own_values, may, trunks, layer)
        for asked, may in zip(
            torch.split(query, block, 2), torch.split(mask, block, 1), strict=True
        )
    ]
    return parts[0] if len(parts) == 1 else torch.cat(parts, 1)


def attend_to_all(
    module: Any, query: Tensor, key: Tensor, value: Tensor, *_: Any, **options: Any
) -> tuple[Tensor, None]:
    """What each patch gathers from all of its photo, (1, patches, heads, head_dim).

    query, key, value (1, heads, patches, head_dim); the form is that of transformers'
    attention functions. For a CPU, where torch's own takes half as long again.
    """
    patches = query.shape[2]
    heads = max(1, MOST_SCORES_ON_CPU // patches**2)
    block = max(1, MOST_SCORES_ON_CPU // patches)  # a large photo's head is too much too
    found = []
    for asked, keys, values in zip(
        *(torch.split(x, heads, 1) for x in (query, key, value)), strict=True
    ):
        scaled = asked * options["scaling"]
        parts = [
            (part @ keys.transpose(2, 3)).softmax(-1) @ values
            for part in torch.split(scaled, block, 2)
        ]
        found.append(torch.cat(parts, 2))
    return torch.cat(found, 1).transpose(1, 2), None


def _gathered(
    query: Tensor,
    own_keys: Tensor,
    own_values: Tensor,
    mask: Tensor,
    trunks: SharedPrefixes | None,
    layer: int,
) -> Tensor:
    """What some of the new tokens gather, (rows, some, heads * head_dim)."""
    rows, heads, new, size = query.shape
    shared = own_keys.shape[1]
    asked = (query * size**-0.5).reshape(rows, shared, -1, size)  # (.., group * new, ..)
    near = (asked @ own_keys.transpose(2, 3)).view(rows, shared, -1, new, mask.shape[2])
    near = near.masked_fill_(~mask[:, None, None], -torch.inf).flatten(2, 3)
    if trunks is None:
        found = near.softmax(-1) @ own_values
    else:
        trunk_keys, trunk_values = trunks.layers[layer]
        far = _by_prefix(asked, trunk_keys.transpose(2, 3), trunks)
        if trunks.hidden is not None:
            hidden = trunks.hidden[trunks.of]
            far = far.masked_fill_(hidden[:, None, None], -torch.inf)
        shares = torch.cat([far, near], -1).softmax(-1)
        split = far.shape[-1]
        found = shares[..., split:] @ own_values
        found = found + _by_prefix(shares[..., :split], trunk_values, trunks)
    out: Tensor = found.view(rows, heads, new, size).transpose(1, 2)
    return out.reshape(rows, new, -1)


def _by_prefix(left: Tensor, right: Tensor, trunks: SharedPrefixes) -> Tensor:
    """left (rows, kv, n, a) times the right (trunks, kv, a, b) of each row's trunk.

    The branches of a trunk are multiplied together, so that it is read once.
    """
    if trunks.is_plain:
        return left @ right
    _, shared, n, inner = left.shape
    count, branches = len(trunks.prefixes), trunks.branches
    grid = left.new_zeros((count, branches, shared, n, inner))
    grid[trunks.of, trunks.place] = left
    grid = grid.transpose(1, 2).reshape(count, shared, branches * n, inner)
    found = (grid @ right).view(count, shared, branches, n, -1).transpose(1, 2)
    return found[trunks.of, trunks.place]
