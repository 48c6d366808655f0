"""Weights of 16 or 8 bits on a processor without such products: summed in float32.

Most laptops and desktops cannot multiply bfloat16, and torch's own loops for it reach a
seventh of what they do in float32. So a block of weights at a time is widened, used and
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


class Weights(Protocol):
    """The weights of a linear layer, (outputs, inputs) of any kind.

    scale (outputs,): what each output is multiplied with; None where the weights are as
    they should be. bias (outputs,), float32.
    """

    weight: Tensor
    scale: Tensor | None
    bias: Tensor | None


class Float32Linear(nn.Module):
    """A linear layer over the weights of another; what it gives is float32."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.weight: Tensor = layer.weight
        self.scale: Tensor | None = None
        self.bias: Tensor | None = None if layer.bias is None else _float32(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs)."""
        [found] = together([self], x.reshape(-1, x.shape[-1]))
        return found.reshape(*x.shape[:-1], -1)


def together(layers: Sequence[Weights], x: Tensor) -> list[Tensor]:
    """Several layers over the same tokens, (tokens, inputs); float32."""
    count = len(x)
    x = pad(x.float(), (0, 0, 0, -count % STEP))
    # Tokens as columns: with them as rows, few of them take twice as long.
    columns = x.t().contiguous()
    room = torch.empty(max(MAX_UPCAST, x.shape[1]))
    return [_multiplied(layer, columns, room).t()[:count] for layer in layers]


def upcast(module: nn.Module) -> None:
    """Let all linear layers sum in float32, and make float32 of all other weights.

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


def can_multiply(dtype: torch.dtype) -> bool:
    """Whether this processor, as torch has it, is as quick with `dtype` as with float32."""
    if dtype == torch.bfloat16:
        return _has("_is_mkldnn_bf16_supported")
    if dtype == torch.float16:
        return _has("_is_mkldnn_fp16_supported")
    return True


def _has(question: str) -> bool:
    asked = getattr(torch.ops.mkldnn, question, None)  # oneDNN may not be built in
    return asked is not None and bool(asked())


def _multiplied(layer: Weights, columns: Tensor, room: Tensor) -> Tensor:
    outputs, inputs = layer.weight.shape
    found = columns.new_empty(outputs, columns.shape[1])
    block = max(1, len(room) // inputs)
    for start in range(0, outputs, block):
        weight = layer.weight[start : start + block]
        wide = room[: weight.numel()].view(weight.shape).copy_(weight)
        torch.mm(wide, columns, out=found[start : start + block])
    if layer.scale is not None:
        found.mul_(layer.scale[:, None])
    return found if layer.bias is None else found.add_(layer.bias[:, None])


def _float32(value: Tensor) -> nn.Parameter:
    return nn.Parameter(value.detach().float(), requires_grad=False)
