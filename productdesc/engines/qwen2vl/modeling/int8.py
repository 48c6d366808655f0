"""int8 linear layers: weights of eight bits, with or without VNNI products on a CPU.

Half of bfloat16's memory, and twice its speed with VNNI. Every output of a layer has a
scale of its own, and so has every token that goes in: its largest value becomes 127. The
products are sums of whole numbers, so they are exact, and a token's do not depend on what
is read beside it. What is lost is lost in the rounding.

The products are oneDNN's, by the operators that torch's own quantisation compiles to: they
run over weights in the order that the processor wants, 8 rows as quickly as one. With
`torch._int_mm`, which orders them anew every time, 8 rows took twice as long.

A processor without VNNI holds int8 weights too: half of bfloat16's memory. Many tokens are
not rounded there, and summed in float32 (`upcast_linear`), at bfloat16's speed. A few are
rounded to bfloat16 and multiplied with the weights as they are, which takes what reading
those takes: a product alone is written in two thirds of the time.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from ..attention.varlen import even_block
from . import upcast_linear
from .cpu_features import CpuFeatures

MAX_TOKENS = 256  # multiplied at a time: larger results would be new memory every time
LEAST_TOKENS = 4  # fewer are filled up: four take less time than one or two
FEW = 8  # tokens; from so many on upcast weights are quicker
QUANTIZED_ROWS = 256  # of a weight at a time
LARGEST = 127  # -128 is not used, so that every number has its opposite
ZERO = 128  # how 0 is written among tokens: the products take them unsigned
LEAST_SCALE = 1e-12  # of a token or a weight that is zero throughout


class Int8Linear(nn.Module):
    """A linear layer with int8 weights; its output has the dtype of its input."""

    def __init__(self, cpu: CpuFeatures) -> None:
        super().__init__()
        self._cpu = cpu
        self.outputs, self.inputs = 0, 0
        self.weight = torch.empty(0, dtype=torch.int8)  # (outputs, inputs), unless packed
        self._packed: Tensor | None = None  # the weight in the processor's own order
        self.scale: Tensor | None = None  # (outputs,)
        self._zeros = torch.empty(0)
        self._ones: Tensor | None = None
        self.bias: Tensor | None = None  # (outputs,) float32

    def quantize(self, weight: Tensor) -> None:
        """Quantise a weight of any dtype, (outputs, inputs), and hold the result."""
        self.outputs, self.inputs = weight.shape
        whole = torch.empty(weight.shape, dtype=torch.int8)
        scales = self.scale = torch.empty(len(weight))
        self._zeros = torch.zeros(len(weight), dtype=torch.int32)
        for start in range(0, len(weight), QUANTIZED_ROWS):
            part = slice(start, start + QUANTIZED_ROWS)
            values = weight[part].float()  # a copy or not: nothing is written to it
            scale = _scale(values)
            whole[part] = (values / scale).round_().to(torch.int8)
            scales[part] = scale[:, 0]
        if self._cpu.int8:
            self._packed = torch.ops.onednn.qlinear_prepack(whole, None)
        else:
            self.weight = whole
            # torch reads past the end of weights whose inputs do not fill the registers
            if self._cpu.int8_weights and self.inputs % 32 == 0:
                self._ones = torch.ones(len(whole), dtype=torch.bfloat16)

    @property
    def is_packed(self) -> bool:
        """Whether its products are int8 products of packed weights."""
        return self._packed is not None

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs); x stays as it is, as others may read it too."""
        # gate and up projection of Qwen2.5-VL's tower do: what is used up is a copy
        tokens = x.reshape(-1, x.shape[-1])
        [output] = apply_linears([self], tokens.clone() if self.is_packed else tokens)
        return output.view(*x.shape[:-1], -1).to(x.dtype)

    def matmul_int8(self, tokens: Tensor, scale: Tensor) -> Tensor:
        """int8 product of at most `MAX_TOKENS` quantised tokens, (tokens, outputs) float32.

        tokens and scale are those of `quantize_tokens`.
        """
        output: Tensor = torch.ops.onednn.qlinear_pointwise(
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
        output.mul_(scale)
        return output if self.bias is None else output.add_(self.bias)

    @property
    def multiplies_few(self) -> bool:
        """Whether few bfloat16 tokens are multiplied with the int8 weights directly."""
        return self._ones is not None

    def matmul_few(self, tokens: Tensor) -> Tensor:
        """Product of fewer than `FEW` bfloat16 tokens, (tokens, outputs) float32."""
        assert self._ones is not None and self.scale is not None
        # the scale comes after: as bfloat16 it would lose half of what the weights hold
        output = torch._weight_int8pack_mm(tokens, self.weight, self._ones).float()
        output.mul_(self.scale)
        return output if self.bias is None else output.add_(self.bias)


def quantize_tokens(x: Tensor) -> tuple[Tensor, Tensor]:
    """Quantise each token to uint8 around `ZERO`; the tokens, and scales (tokens, 1).

    Done in place where it can be: a float32 x is used up.
    """
    upcast = x.float()
    scale = _scale(upcast)
    return upcast.div_(scale).add_(ZERO).round_().to(torch.uint8), scale


def apply_linears(
    layers: Sequence[Int8Linear], x: Tensor, max_tokens: int = MAX_TOKENS
) -> list[Tensor]:
    """Apply several int8 layers to the same tokens, (tokens, inputs), quantised once.

    The outputs are float32, and a float32 x is used up.
    """
    if not layers[0].is_packed:
        if len(x) < FEW and all(layer.multiplies_few for layer in layers):
            tokens = x.bfloat16()
            return [layer.matmul_few(tokens) for layer in layers]
        return upcast_linear.apply_linears(layers, x)
    count = len(x)
    if count < LEAST_TOKENS:
        x = pad(x, (0, 0, 0, LEAST_TOKENS - count))
    blocks = torch.split(x, even_block(len(x), max_tokens))
    parts = [
        [layer.matmul_int8(tokens, scale) for layer in layers]
        for tokens, scale in map(quantize_tokens, blocks)
    ]
    if len(parts) == 1:
        return [output[:count] for output in parts[0]]
    return [torch.cat(outputs) for outputs in zip(*parts, strict=True)]


def unquantized_dtype(cpu: CpuFeatures) -> torch.dtype:
    """dtype of what int8 leaves unquantised in the vision tower, and of the KV cache.

    bfloat16, which is a fifth quicker there than float32, if the processor has it.
    """
    return torch.bfloat16 if cpu.multiplies(torch.bfloat16) else torch.float32


def _scale(x: Tensor) -> Tensor:
    # Not of abs(): that would be all values once more, in new memory.
    largest = torch.maximum(x.amax(1, keepdim=True), -x.amin(1, keepdim=True))
    return (largest / LARGEST).clamp_min(LEAST_SCALE)
