"""Models behind one seam: `load_engine` and what engines are made of.

Torch is imported by `engines/local*` only, and only when a model is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .conversations import Conversation, ConversationEngine, run
from .known_models import KnownModel, known_models
from .protocol import Answer, Context, Engine, EngineInfo, Prompt, Request, Settings
from .scripted import ScriptedEngine

if TYPE_CHECKING:
    import torch

__all__ = [
    "Answer",
    "Context",
    "Conversation",
    "ConversationEngine",
    "Engine",
    "EngineInfo",
    "KnownModel",
    "Prompt",
    "Request",
    "ScriptedEngine",
    "Settings",
    "known_models",
    "load_engine",
    "run",
]


def load_engine(
    name: str | Path | None = None,
    *,
    revision: str | None = None,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    max_pixels: int | None = None,
    compile: bool = False,
    offline: bool = False,
    api_key: str | None = None,
) -> Engine:
    """A Qwen2-VL model, loaded and ready; without a name the demo model of this package.

    `name` is a folder or a hub id such as "Qwen/Qwen2-VL-2B-Instruct", `revision` a
    commit of the hub. `device` ("cuda", "mps", "cpu") and `dtype` ("float32",
    "bfloat16", "float16", "int8") are picked when left out, int8 never: it halves memory
    and time on a CPU and rounds what the model knows. `max_pixels` bounds each photo: 784
    pixels are one token. `compile` lets torch compile the sums between the matrix
    products, meant for a GPU. `offline` never touches the network.

    A URL such as "http://127.0.0.1:8000/v1" is a server: a `ServerEngine`, which has more
    options, already connected. "...v1#qwen2-vl" names one of several models there. Of the
    options `max_pixels` goes with it, and `api_key` with nothing else.

    Raises `EngineError` for a model that is missing, refused or too large for the memory.
    """
    if isinstance(name, str) and name.startswith(("http://", "https://")):
        if revision or device or dtype or compile or offline:
            raise ValueError(
                f"{name}: a server has chosen revision, device and dtype, compiles what it "
                "likes and is never offline; only max_pixels and api_key go with a URL"
            )
        from .server.engine import connect  # the only door to HTTP

        return connect(name, max_pixels=max_pixels, api_key=api_key)
    if api_key is not None:
        raise ValueError("api_key goes with the URL of a server, and with nothing else")
    from .qwen2vl.engine import load_qwen2vl  # the only door to torch

    return load_qwen2vl(
        name,
        revision=revision,
        device=device,
        dtype=dtype,
        max_pixels=max_pixels,
        compile=compile,
        offline=offline,
    )
