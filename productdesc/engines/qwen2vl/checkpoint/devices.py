"""Device and dtype of a model, as asked for or picked."""

from __future__ import annotations

import torch

SMALL_PARAMETERS = 500_000_000  # up to here float32 costs little and is exact
DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "int8": torch.int8,
}


def pick_device(device: str | torch.device | None) -> torch.device:
    """The device that was asked for, else CUDA, else Apple's MPS, else the CPU."""
    if device is not None:
        try:
            return torch.device(device)
        except RuntimeError as e:
            raise ValueError(f"device {device!r}: {e}") from e
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


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
