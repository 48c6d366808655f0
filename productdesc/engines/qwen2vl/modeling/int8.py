"""Weights of eight bits: half of bfloat16's memory, and twice its speed with VNNI.

Every output of a layer has a scale of its own, and so has every token that goes in: its
largest value becomes 127. The products are sums of whole numbers, so they are exact, and a
token's do not depend on what is read beside it. What is lost is lost in the rounding.

The products are oneDNN's, by the operators that torch's own quantisation compiles to: they
run over weights in the order that the processor wants, 8 rows as quickly as one. With
`torch._int_mm`, which orders them anew every time, 8 rows took twice as long.

A processor without VNNI keeps such weights too: half of bfloat16's memory. Many tokens are
not rounded there, and summed in float32 (`widened`), at bfloat16's speed. A few are rounded
to bfloat16 and multiplied with the weights as they are, which takes what reading those
takes: a product alone is written in two thirds of the time.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from ..attention.varlen import even
from . import upcast_linear as widened

MOST_TOKENS = 256  # multiplied at a time: larger results would be new memory every time
LEAST_TOKENS = 4  # fewer are filled up: four take less time than one or two
FEW = 8  # tokens; from so many on widened weights are quicker
LARGEST = 127  # -128 is not used, so that every number has its opposite
ZERO = 128  # how 0 is written among tokens: the products take them unsigned
LEAST_SCALE = 1e-12  # of a token or a weight that is zero throughout


class Int8Linear(nn.Module):
    """A linear layer; what it gives is of the kind that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs, self.inputs = 0, 0
        self.weight = torch.empty(0, dtype=torch.int8)  # (outputs, inputs), unless
        self._packed: Tensor | None = None  # it lies in the processor's order
        self.scale: Tensor | None = None  # (outputs,)
        self._zeros = torch.empty(0)
        self._ones: Tensor | None = None
        self.bias: Tensor | None = None  # (outputs,) float32

    def take(self, weight: Tensor) -> None:
        """Round a weight of any kind, (outputs, inputs), and keep that."""
        self.outputs, self.inputs = weight.shape
        whole = torch.empty(weight.shape, dtype=torch.int8)
        scales = self.scale = torch.empty(len(weight))
        self._zeros = torch.zeros(len(weight), dtype=torch.int32)
        for start in range(0, len(weight), MOST_TOKENS):
            part = slice(start, start + MOST_TOKENS)
            values = weight[part].float()  # a copy or not: nothing is written to it
            scale = _scale(values)
            whole[part] = (values / scale).round_().to(torch.int8)
            scales[part] = scale[:, 0]
        if is_quick():
            self._packed = torch.ops.onednn.qlinear_prepack(whole, None)
        else:
            self.weight = whole
            if is_quick_with_few(whole):
                self._ones = torch.ones(len(whole), dtype=torch.bfloat16)

    @property
    def is_packed(self) -> bool:
        """Whether its products are those of whole numbers."""
        return self._packed is not None

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs); a float32 x is used up."""
        [found] = together([self], x.reshape(-1, x.shape[-1]))
        return found.view(*x.shape[:-1], -1).to(x.dtype)

    def multiplied(self, tokens: Tensor, scale: Tensor) -> Tensor:
        """What `rounded` gave, at most `MOST_TOKENS` -> (tokens, outputs) float32."""
        found: Tensor = torch.ops.onednn.qlinear_pointwise(
            tokens,
            1.0,
            ZERO,
            self._packed,
            self.scale,
            self._zeros,
            None,  # the bias comes after the tokens' own scale
            1.0,
            0,
            torch.float32,
            "none",
            [],
            "",
        )
        found.mul_(scale)
        return found if self.bias is None else found.add_(self.bias)

    @property
    def takes_few(self) -> bool:
        """Whether few tokens are multiplied with its weights as they are."""
        return self._ones is not None

    def multiplied_few(self, tokens: Tensor) -> Tensor:
        """Tokens of bfloat16, fewer than `FEW` -> (tokens, outputs) float32."""
        assert self._ones is not None and self.scale is not None
        # the scale comes after: as bfloat16 it would lose half of what the weights hold
        found = torch._weight_int8pack_mm(tokens, self.weight, self._ones).float()
        found.mul_(self.scale)
        return found if self.bias is None else found.add_(self.bias)


def rounded(x: Tensor) -> tuple[Tensor, Tensor]:
    """Each token as uint8 around `ZERO`, and its scale: (tokens, 1) float32.

    Done in place where it can be: a float32 x is used up.
    """
    wide = x.float()
    scale = _scale(wide)
    return wide.div_(scale).add_(ZERO).round_().to(torch.uint8), scale


def together(layers: Sequence[Int8Linear], x: Tensor) -> list[Tensor]:
    """Several layers over the same tokens, (tokens, inputs), which are rounded once.

    What they give is float32, and a float32 x is used up.
    """
    if not layers[0].is_packed:
        if len(x) < FEW and all(layer.takes_few for layer in layers):
            tokens = x.bfloat16()
            return [layer.multiplied_few(tokens) for layer in layers]
        return widened.together(layers, x)
    count = len(x)
    if count < LEAST_TOKENS:
        x = pad(x, (0, 0, 0, LEAST_TOKENS - count))
    parts = [
        [layer.multiplied(tokens, scale) for layer in layers]
        for tokens, scale in map(rounded, torch.split(x, even(len(x), MOST_TOKENS)))
    ]
    if len(parts) == 1:
        return [found[:count] for found in parts[0]]
    return [torch.cat(found) for found in zip(*parts, strict=True)]


def is_quick() -> bool:
    """Whether this processor and this torch have products of int8: x86 with VNNI.

    Elsewhere they are a hundred times slower, or cut at 16 bits.
    """
    has_operators = hasattr(torch.ops.onednn, "qlinear_pointwise")
    return has_operators and bool(torch.cpu._is_vnni_supported())


def is_quick_with_few(weight: Tensor) -> bool:
    """Whether torch multiplies a few tokens with int8 weights as they are: x86 with AVX2.

    It reads past the end of weights whose inputs do not fill the processor's registers.
    """
    able = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    return able and weight.shape[1] % 32 == 0


def beside() -> torch.dtype:
    """Of the keys and values, and of what is not int8 in the vision tower.

    bfloat16, which is a fifth quicker there than float32, if the processor has it.
    """
    return torch.bfloat16 if widened.can_multiply(torch.bfloat16) else torch.float32


def _scale(x: Tensor) -> Tensor:
    # Not of abs(): that would be all values once more, in new memory.
    largest = torch.maximum(x.amax(1, keepdim=True), -x.amin(1, keepdim=True))
    return (largest / LARGEST).clamp_min(LEAST_SCALE)
