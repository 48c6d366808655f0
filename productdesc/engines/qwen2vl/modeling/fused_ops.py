"""Fused elementwise ops of a layer: RMS norm, rotary embedding, SwiGLU; plain or compiled.

Plain, each operation is a pass over memory, and on a GPU a kernel to be launched: about
thirty in a layer. Compiled, RMS norm, rotary embedding and SwiGLU are one kernel each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import silu

from ....errors import EngineError


class FusedOps(NamedTuple):
    """RMS norm, rotary embedding and SwiGLU as functions of any number of tokens.

    rms_norm: (..., width), weight (width), epsilon. apply_rotary: (tokens, heads,
    head_dim), cosine and sine (tokens, 1, head_dim). swiglu: gate and up projection, both
    (tokens, inner); may write over the first.
    """

    rms_norm: Callable[[Tensor, Tensor, float], Tensor]
    apply_rotary: Callable[[Tensor, Tensor, Tensor], Tensor]
    swiglu: Callable[[Tensor, Tensor], Tensor]


def _rms_norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    upcast = x.float()
    upcast = upcast * torch.rsqrt(upcast.pow(2).mean(-1, keepdim=True) + epsilon)
    return weight * upcast.to(x.dtype)


def _apply_rotary(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    left, right = x.chunk(2, -1)
    return x * cosine + torch.cat([-right, left], -1) * sine


def _swiglu(gate: Tensor, up: Tensor) -> Tensor:
    return silu(gate, inplace=True).mul_(up)


def _swiglu_out_of_place(gate: Tensor, up: Tensor) -> Tensor:
    return silu(gate) * up


PLAIN = FusedOps(_rms_norm, _apply_rotary, _swiglu)


def compiled(
    device: torch.device, *, compiler: Callable[..., Any] = torch.compile
) -> FusedOps:
    """Fused ops compiled by `torch.compile`, tried at once; half precision rounds less.

    Raises `EngineError` where torch cannot compile: it needs Triton for a GPU and a C++
    compiler for a CPU.
    """
    ops = FusedOps(
        *(
            compiler(f, dynamic=True)
            for f in (_rms_norm, _apply_rotary, _swiglu_out_of_place)
        )
    )
    x = torch.ones((3, 2, 8), device=device)
    try:
        with torch.inference_mode():
            ops.rms_norm(x[:, 0], x[0, 0], 1e-6)
            ops.apply_rotary(x, x[:, :1], x[:, :1])
            ops.swiglu(x[:, 0], x[:, 1])
    except Exception as e:
        why = str(e).strip().splitlines()[0] if str(e).strip() else type(e).__name__
        raise EngineError(
            f"compile=True: torch cannot compile for {device} here ({why}); it needs "
            f"{'a C++ compiler' if device.type == 'cpu' else 'Triton'}, or leave it out"
        ) from e
    return ops
