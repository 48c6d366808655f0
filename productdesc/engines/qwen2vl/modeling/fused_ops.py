"""What happens to every number between the matrix products of a layer.

Plain, each sum is a pass over memory, and on a GPU a kernel to be launched: about thirty
in a layer. Compiled, norm, turn and gate are one each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import silu

from ....errors import EngineError


class FusedOps(NamedTuple):
    """The three of them, each for any number of tokens.

    norm: (tokens, width), weight (width), epsilon. turn: (tokens, heads, head_dim), cosine
    and sine (tokens, 1, head_dim). gate: gate and up, both (tokens, inner); may write over
    the first.
    """

    rms_norm: Callable[[Tensor, Tensor, float], Tensor]
    apply_rotary: Callable[[Tensor, Tensor, Tensor], Tensor]
    swiglu: Callable[[Tensor, Tensor], Tensor]


def _rms_norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    wide = x.float()
    wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + epsilon)
    return weight * wide.to(x.dtype)


def _apply_rotary(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    left, right = x.chunk(2, -1)
    return x * cosine + torch.cat([-right, left], -1) * sine


def _swiglu(gate: Tensor, up: Tensor) -> Tensor:
    return silu(gate, inplace=True).mul_(up)


def _swiglu_out_of_place(gate: Tensor, up: Tensor) -> Tensor:
    return silu(gate) * up


PLAIN = FusedOps(_rms_norm, _apply_rotary, _swiglu)


def compiled(device: torch.device) -> FusedOps:
    """By `torch.compile`, tried at once; half precision is rounded less often.

    Raises `EngineError` where torch cannot compile: it needs Triton for a GPU and a C++
    compiler for a CPU.
    """
    found = FusedOps(
        *(
            torch.compile(f, dynamic=True)
            for f in (_rms_norm, _apply_rotary, _swiglu_out_of_place)
        )
    )
    x = torch.ones((3, 2, 8), device=device)
    try:
        with torch.inference_mode():
            found.rms_norm(x[:, 0], x[0, 0], 1e-6)
            found.apply_rotary(x, x[:, :1], x[:, :1])
            found.swiglu(x[:, 0], x[:, 1])
    except Exception as e:
        why = str(e).strip().splitlines()[0] if str(e).strip() else type(e).__name__
        raise EngineError(
            f"compile=True: torch cannot compile for {device} here ({why}); it needs "
            f"{'a C++ compiler' if device.type == 'cpu' else 'Triton'}, or leave it out"
        ) from e
    return found
