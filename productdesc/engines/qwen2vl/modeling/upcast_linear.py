"""Upcast linear layers: weights of 16 or 8 bits, multiplied in float32 on a CPU.

Most laptops and desktops cannot multiply bfloat16, and torch's own loops for it reach a
seventh of what they do in float32. So a block of weights at a time is upcast, used and
overwritten: the memory of bfloat16, the speed of float32, and nothing is rounded between
the layers. So it is with int8 where there is no VNNI.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

MAX_UPCAST = 1 << 20  # weights at a time: 4 MB, which stay in the processor's cache
STEP = 16  # tokens are filled up to a multiple: 16 take less than half the time of 8


class LinearWeights(Protocol):
    """Weights of a linear layer in any dtype, (outputs, inputs), to be upcast.

    scale (outputs,): dequantisation scale of each output; None for weights that are not
    quantised. bias (outputs,), float32.
    """

    weight: Tensor
    scale: Tensor | None
    bias: Tensor | None


class Float32Linear(nn.Module):
    """A linear layer that multiplies in float32 with weights stored in 16 bits."""

    def __init__(self, layer: nn.Linear, max_upcast: int = MAX_UPCAST) -> None:
        super().__init__()
        self.weight: Tensor = layer.weight
        self.scale: Tensor | None = None
        self.bias: Tensor | None = None if layer.bias is None else _float32(layer.bias)
        self.max_upcast = max_upcast

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs) float32."""
        [output] = apply_linears([self], x.reshape(-1, x.shape[-1]), self.max_upcast)
        return output.reshape(*x.shape[:-1], -1)


def apply_linears(
    layers: Sequence[LinearWeights], x: Tensor, max_upcast: int = MAX_UPCAST
) -> list[Tensor]:
    """Apply several linear layers to the same tokens, (tokens, inputs), in float32.

    `max_upcast` weights are upcast at a time, or one row of them that is longer.
    """
    count = len(x)
    x = pad(x.float(), (0, 0, 0, -count % STEP))
    # Tokens as columns: with them as rows, few of them take twice as long.
    columns = x.t().contiguous()
    buffer = torch.empty(max(max_upcast, x.shape[1]))
    return [_matmul(layer, columns, buffer).t()[:count] for layer in layers]


def upcast(module: nn.Module) -> None:
    """Make all linear layers multiply in float32, and make float32 of all other weights.

    But not of word embeddings: only rows of them are looked up.
    """
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.Linear):
                setattr(parent, name, Float32Linear(child))
        if isinstance(parent, Float32Linear | nn.Linear | nn.Embedding):
            continue
        for name, value in list(parent.named_parameters(recurse=False)):
            setattr(parent, name, _float32(value))


def _matmul(layer: LinearWeights, columns: Tensor, buffer: Tensor) -> Tensor:
    """One layer's output with tokens as columns, (outputs, tokens); blocks are upcast."""
    outputs, inputs = layer.weight.shape
    output = columns.new_empty(outputs, columns.shape[1])
    block = max(1, len(buffer) // inputs)
    for start in range(0, outputs, block):
        weight = layer.weight[start : start + block]
        upcast_weight = buffer[: weight.numel()].view(weight.shape).copy_(weight)
        torch.mm(upcast_weight, columns, out=output[start : start + block])
    if layer.scale is not None:
        output.mul_(layer.scale[:, None])
    return output if layer.bias is None else output.add_(layer.bias[:, None])


def _float32(value: Tensor) -> nn.Parameter:
    return nn.Parameter(value.detach().float(), requires_grad=False)
