"""Options of `load_engine`, one frozen dataclass an engine; no torch, no HTTP."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..secret import Secret
from ..special_tokens import is_splittable
from ..text.suggest import did_you_mean
from .smart_resize import DEFAULT_MAX_PIXELS, TOKEN_SIDE

if TYPE_CHECKING:
    import torch

DEVICES = ("cpu", "cuda", "mps", "xpu")
"""Kinds of devices that a name may choose; ":1" behind it is the second of its kind."""
DEVICES_ALSO_CALLED = {
    "gpu": "cuda", "nvidia": "cuda", "rocm": "cuda", "hip": "cuda", "amd": "cuda",
    "metal": "mps", "apple": "mps", "intel": "xpu",
}  # fmt: skip
"""PyTorch calls AMD's devices cuda too."""
_DEVICE = re.compile(rf"(?:{'|'.join(DEVICES)})(?::\d{{1,3}})?")

HF_DTYPES = ("float32", "bfloat16", "float16")
DTYPES = (*HF_DTYPES, "int8")

SERVED_SPECIAL_TOKENS = (
    "<__media__>",  # llama.cpp puts a photo there
    "<image>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[IMG]",
)
"""Texts that act as structure in some served model, beside all of the form `<|...|>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QwenOptions:
    """How a Qwen2-VL, Qwen2.5-VL or Qwen3-VL model is loaded onto this machine.

    `revision` is a commit of the hub. `device` ("cuda", "mps", "cpu") and `dtype`
    ("float32", "bfloat16", "float16", "int8") are picked when left out, int8 never: it
    halves memory and time on a CPU and rounds what the model knows. `max_pixels` bounds
    each photo: 784 pixels are one token, 1,024 with Qwen3-VL. `compile` lets torch
    compile the sums between the matrix products, meant for a GPU. `offline` never touches
    the network. `adapter` is a LoRA adapter of peft, a folder or a hub id, merged into the
    weights; `adapter_revision` its commit of the hub.
    """

    revision: str | None = None
    device: str | torch.device | None = None
    dtype: str | torch.dtype | None = None
    max_pixels: int | None = None
    compile: bool = False
    offline: bool = False
    adapter: str | Path | None = None
    adapter_revision: str | None = None

    def __post_init__(self) -> None:
        dtype = _check_local(self, DTYPES)
        if dtype == "int8" and self.device is not None and "cpu" not in str(self.device):
            raise ValueError(
                f'dtype="int8" runs on a CPU, not on {self.device}; use "bfloat16"'
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HfOptions:
    """How transformers loads any image-text model onto this machine.

    The fields are those of `QwenOptions`, without int8 and `compile`. `max_pixels` counts
    for models that read a photo at its own size, the Qwen family; others refuse it.
    """

    revision: str | None = None
    device: str | torch.device | None = None
    dtype: str | torch.dtype | None = None
    max_pixels: int | None = None
    offline: bool = False
    adapter: str | Path | None = None
    adapter_revision: str | None = None

    def __post_init__(self) -> None:
        _check_local(self, HF_DTYPES)


def _check_local(options: QwenOptions | HfOptions, dtypes: tuple[str, ...]) -> str:
    """The dtype's name; `ValueError` for a wrong device, dtype or number of pixels."""
    device, pixels = options.device, options.max_pixels
    if options.adapter_revision is not None and options.adapter is None:
        raise ValueError("adapter_revision is given, and no adapter; name it too")
    if isinstance(device, str) and not _DEVICE.fullmatch(device):
        kind = device.partition(":")[0]
        hint = did_you_mean(kind, DEVICES, DEVICES_ALSO_CALLED)
        raise ValueError(
            f"device {device!r} is not known; known are: "
            f"{', '.join(DEVICES)}, with a number as in cuda:1{hint}"
        )
    dtype = str(options.dtype).removeprefix("torch.")
    if options.dtype is not None and dtype not in dtypes:
        hint = did_you_mean(dtype, dtypes)
        raise ValueError(f"dtype is {dtype!r}; use one of {', '.join(dtypes)}{hint}")
    if pixels is not None and pixels < TOKEN_SIDE**2:
        raise ValueError(f"max_pixels is {pixels}; one token takes {TOKEN_SIDE**2}")
    return dtype


def _check(options: object, name: str, least: float, most: float) -> None:
    value = getattr(options, name)
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}; it must be {least} to {most:,}")


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What a server may take of time, connections and memory."""

    concurrency: int = 8  # requests under way at once, over all threads; 64 at most
    attempts: int = 4  # at one request, where the server is busy or away
    first_wait_seconds: float = 0.5  # doubles; the real wait is random below it
    deadline_seconds: float = 300.0  # one answer: all attempts and the waits between
    max_reply_bytes: int = 4 * 2**20

    def __post_init__(self) -> None:
        _check(self, "concurrency", 1, 64)
        _check(self, "attempts", 1, 100)
        _check(self, "first_wait_seconds", 0, 3_600)
        _check(self, "deadline_seconds", 0.001, 86_400)
        _check(self, "max_reply_bytes", 1, 2**30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How a model on a server is asked.

    `model` is one of the names that the server lists, and may be left out where it lists
    one. `api_key` is shown nowhere. `max_pixels`, `photo_format` and `jpeg_quality` are
    of the photos as they are sent. `image_ids` sends each photo's content hash as vLLM's
    `uuid`. `top_logprobs` is how many likely tokens are asked for beside each that is
    written, at most 20; without them choices have no confidence. `extra` is added to every
    request over our own fields; None as a value leaves a field out, for servers that
    refuse it (`extra={"top_k": None}`). `special_tokens` are those of the served model
    beside `<|...|>`. `categories` is the closed list of kinds that it was trained on, as
    an adapter that the server loaded may have one.
    """

    model: str | None = None
    api_key: str | Secret | None = None
    max_pixels: int = DEFAULT_MAX_PIXELS
    photo_format: Literal["JPEG", "PNG"] = "JPEG"  # llama.cpp refuses WebP
    jpeg_quality: int = 92  # without chroma subsampling: packs have small coloured letters
    image_ids: bool = False
    top_logprobs: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)
    special_tokens: Collection[str] = SERVED_SPECIAL_TOKENS
    categories: Sequence[str] = ()
    limits: ServerLimits = ServerLimits()

    def __post_init__(self) -> None:
        if self.api_key is not None and not isinstance(self.api_key, Secret):
            object.__setattr__(self, "api_key", Secret(self.api_key))
        _check(self, "max_pixels", TOKEN_SIDE**2, 2**31)
        _check(self, "jpeg_quality", 1, 100)
        _check(self, "top_logprobs", 0, 20)  # the API's most
        if self.photo_format not in ("JPEG", "PNG"):
            raise ValueError(f"photo_format is {self.photo_format!r}; it is JPEG or PNG")
        for token in self.special_tokens:
            if not is_splittable(token):
                raise ValueError(
                    f"special token {token!r}: one has two characters or more, and no space"
                )

    @property
    def key(self) -> Secret | None:
        """`api_key`, which cannot be shown by accident."""
        return self.api_key if isinstance(self.api_key, Secret) else None


EngineOptions = QwenOptions | HfOptions | ServerOptions
