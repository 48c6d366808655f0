"""Device and dtype of a model, as asked for or picked."""

from __future__ import annotations

import torch

from ...errors import EngineError
from ..options import DEVICES

SMALL_PARAMETERS = 500_000_000  # up to here float32 costs little and is exact
DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "int8": torch.int8,
}


def pick_device(device: str | torch.device | None) -> torch.device:
    """The device that was asked for, else CUDA, else Apple's MPS, else the CPU.

    Raises `EngineError` for one that this machine, or this PyTorch, has not.
    """
    if device is not None:
        return _present(device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _present(device: str | torch.device) -> torch.device:
    try:
        named = torch.device(device)
        count = torch.get_device_module(named.type).device_count()
    except RuntimeError as e:  # of torch: it knows no such device, or cannot compute on it
        raise ValueError(f"device {str(device)!r}: PyTorch has none of this name") from e
    if why := absent(named, count):
        raise EngineError(f"device {str(device)!r}: {why}")
    return named


def absent(device: torch.device, count: int) -> str:
    """Why there is no such device where PyTorch finds `count` of its kind; "" if it is."""
    if count == 0:
        here = ", ".join(_kinds_here())
        return (
            f"PyTorch {torch.__version__} finds none on this machine; it finds: {here} "
            "(the best is taken where none is named)"
        )
    if device.index is not None and device.index >= count:
        last = f" to {device.type}:{count - 1}" if count > 1 else ""
        return f"there is no such one; this machine has {device.type}:0{last}"
    return ""


def _kinds_here() -> list[str]:
    return [kind for kind in DEVICES if torch.get_device_module(kind).device_count()]


def pick_dtype(
    dtype: str | torch.dtype | None, device: torch.device, parameters: int
) -> torch.dtype:
    """The dtype that was asked for, else float32 for small models, bfloat16 for large ones.

    A CUDA device without bfloat16 (before Ampere) gets float32: Qwen2-VL overflows in
    float16.
    """
    if dtype is not None:
        known = DTYPES.get(str(dtype).removeprefix("torch."))
        if known is None:
            raise ValueError(f"dtype is {dtype!r}; use one of {', '.join(DTYPES)}")
        return known
    if parameters <= SMALL_PARAMETERS:
        return torch.float32
    if device.type == "cuda" and torch.cuda.get_device_capability(device) < (8, 0):
        return torch.float32
    return torch.bfloat16
