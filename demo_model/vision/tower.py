"""Qwen2-VL's vision tower, run on batches of equal grids.

The weights live in transformers' own module, so what is trained is what is shipped;
`merged` is the same sum done for a whole batch at once, where transformers loops over
photos.  `start` gives the weights a first guess that suits few photos.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import Qwen2VLConfig
from transformers.models.qwen2_vl.modeling_qwen2_vl import (
    Qwen2VisionTransformerPretrainedModel,
)

Tower = Any  # transformers' module, which is not typed

PATCH, MERGE, TEMPORAL = 14, 2, 2


def patches(pixels: Tensor) -> Tensor:
    """(photos, 3, rows, columns) -> (photos, patches, 1176), in Qwen2-VL's order."""
    n, c, rows, columns = pixels.shape
    h, w = rows // PATCH, columns // PATCH
    cut = pixels.view(n, c, h // 2, 2, PATCH, w // 2, 2, PATCH)
    cut = cut.permute(0, 2, 5, 3, 6, 1, 4, 7).reshape(n, h * w, c, 1, PATCH, PATCH)
    return cut.expand(-1, -1, -1, TEMPORAL, -1, -1).reshape(n, h * w, -1)


def positions(h: int, w: int) -> Tensor:
    """Row and column of each patch, (h * w, 2), in the order of `patches`."""
    rows = torch.arange(h).view(h // 2, 1, 2, 1).expand(h // 2, w // 2, 2, 2)
    columns = torch.arange(w).view(1, w // 2, 1, 2).expand(h // 2, w // 2, 2, 2)
    return torch.stack([rows.reshape(-1), columns.reshape(-1)], 1)


def _angles(tower: Tower, h: int, w: int) -> tuple[Tensor, Tensor]:
    inverse = tower.rotary_pos_emb.inv_freq
    angle = (positions(h, w)[..., None].float() * inverse).flatten(1)
    angle = torch.cat([angle, angle], 1)
    return angle.cos(), angle.sin()


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x.chunk(2, -1)
    return x * cos + torch.cat([-right, left], -1) * sin


def merged(tower: Tower, pixels: Tensor, drop: float = 0.0) -> Tensor:
    """Photo tokens as the language model gets them, (photos, rows * columns / 784, width).

    pixels (photos, 3, rows, columns), normalised, sides multiples of 28.  `drop`: chance
    that the last block is left out for a photo, rising from 0 at the first one.
    """
    n, _, rows, columns = pixels.shape
    h, w = rows // PATCH, columns // PATCH
    # one frame twice: the two temporal kernels add up
    weight = tower.patch_embed.proj.weight.sum(2)
    x = F.conv2d(pixels, weight, stride=PATCH).float()
    x = x.view(n, -1, h // 2, 2, w // 2, 2).permute(0, 2, 4, 3, 5, 1).reshape(n, h * w, -1)
    cos, sin = _angles(tower, h, w)
    depth = len(tower.blocks)
    for i, block in enumerate(tower.blocks):
        chance = drop * i / max(1, depth - 1)
        if chance and torch.is_grad_enabled():
            kept = torch.rand(n, device=x.device) >= chance
            part = _block(block, x[kept], cos, sin)
            x = x.clone()
            x[kept] = part
        else:
            x = _block(block, x, cos, sin)
    return tower.merger(x.reshape(n * h * w, -1)).view(n, h * w // 4, -1)  # type: ignore[no-any-return]


def _block(block: Any, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    n, length, _ = x.shape
    attn = block.attn
    qkv = attn.qkv(block.norm1(x)).view(n, length, 3, attn.num_heads, -1)
    q, k, v = qkv.permute(2, 0, 3, 1, 4)
    q, k = _turn(q, cos, sin).to(v.dtype), _turn(k, cos, sin).to(v.dtype)
    # in three sums: torch's fused attention is three times slower backwards on a CPU
    near = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    y = near.softmax(-1).to(v.dtype) @ v
    x = x + attn.proj(y.transpose(1, 2).reshape(n, length, -1))
    return x + block.mlp(block.norm2(x))  # type: ignore[no-any-return]


@torch.no_grad()
def start(tower: Tower, local: int, contrast: float) -> None:
    """First weights: heads of the first `local` blocks look at one neighbour each.

    The biases of query and key, turned by the rotary embedding, make a head prefer the
    patch at one offset, so that the block begins as a convolution and is free to change.
    `contrast`: how much a head prefers its patch, in nats to the next one.
    """
    heads = tower.config.num_heads
    width = tower.config.embed_dim
    size = width // heads
    inverse = tower.rotary_pos_emb.inv_freq
    bands = len(inverse)
    offsets = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1)]
    nn.init.trunc_normal_(tower.patch_embed.proj.weight, std=1 / math.sqrt(1176))
    for depth, block in enumerate(tower.blocks):
        nn.init.trunc_normal_(block.attn.qkv.weight, std=0.5 / math.sqrt(width))
        nn.init.trunc_normal_(block.attn.proj.weight, std=0.3 / math.sqrt(width))
        nn.init.trunc_normal_(block.mlp.fc1.weight, std=1 / math.sqrt(width))
        nn.init.trunc_normal_(block.mlp.fc2.weight, std=0.3 / math.sqrt(4 * width))
        for part in (block.attn.qkv, block.attn.proj, block.mlp.fc1, block.mlp.fc2):
            nn.init.zeros_(part.bias)
        if depth >= local:
            continue
        bias = block.attn.qkv.bias.view(3, heads, size)
        block.attn.qkv.weight.view(3, width, width)[:2].mul_(0.4)
        # cos(d) falls by 0.46 from its own patch to the next one, times the first two bands
        fall = float((1 - inverse.cos()).sum())
        strength = math.sqrt(contrast * math.sqrt(size) / fall)
        for head in range(heads):
            down, right = offsets[(head + depth * 3) % len(offsets)]
            for axis, shift in enumerate((down, right)):
                at = slice(axis * bands, (axis + 1) * bands)
                far = slice(2 * bands + axis * bands, 2 * bands + (axis + 1) * bands)
                bias[0, head, at] = strength
                # rotate the key back by the offset: the product peaks there
                bias[1, head, at] = strength * (inverse * shift).cos()
                bias[1, head, far] = -strength * (inverse * shift).sin()
    for part in (tower.merger.mlp[0], tower.merger.mlp[2]):
        nn.init.trunc_normal_(part.weight, std=1 / math.sqrt(part.in_features))
        nn.init.zeros_(part.bias)


def new_tower(config: Qwen2VLConfig) -> Tower:
    tower = Qwen2VisionTransformerPretrainedModel._from_config(config.vision_config)
    return tower.float()
