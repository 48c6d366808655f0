"""The engine that the command line's options choose."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from .terminal import show

if TYPE_CHECKING:
    from ..engines import Engine
    from ..engines.options import EngineOptions

SERVER_KEY = "PRODUCTDESC_SERVER_KEY"


def load(chosen: argparse.Namespace) -> Engine:
    """The engine that was chosen."""
    from ..engines import load_engine

    if sys.stderr.isatty():
        show(f"loading {chosen.model or 'the demo model'} ...", sys.stderr)
    options = engine_options(chosen)
    if is_server(chosen):
        return load_engine(chosen.model, options, network=chosen.network)
    return load_engine(chosen.model, options)


def is_server(chosen: argparse.Namespace) -> bool:
    """Whether the model that was chosen is behind a server."""
    return str(chosen.model or "").startswith(("http://", "https://"))


OF_MODELS = (
    *("revision", "adapter", "adapter_revision", "device", "dtype", "max_pixels"),
    *("compile", "offline"),
)
REVISION = "adapter_revision"
OF_SERVERS = ("max_pixels", "top_logprobs")


def engine_options(chosen: argparse.Namespace) -> EngineOptions | None:
    """The engine's options; None where none were chosen. `ValueError` for a wrong one."""
    from ..engines import HfOptions, QwenOptions, ServerOptions
    from ..engines.loaders import local_engine

    names = dict.fromkeys((*OF_MODELS, *OF_SERVERS, "engine"))
    values = {name: getattr(chosen, name) for name in names}
    given = {k: v for k, v in values.items() if v is not None and v is not False}
    if is_server(chosen):
        kinds = _served_kinds(given.pop("adapter", None), given.pop(REVISION, None))
        if wrong := given.keys() - set(OF_SERVERS):
            options = " and ".join(_option(name) for name in names if name in wrong)
            raise ValueError(
                f"{options}: a server has chosen; --max-pixels and --top-logprobs go with "
                "it"
            )
        key = os.environ.get(SERVER_KEY)
        return ServerOptions(api_key=key, categories=kinds, **given)
    if given.pop("top_logprobs", None):
        raise ValueError("--top-logprobs: is for a server; here it is known without")
    engine = given.pop("engine", None)
    if not (given or engine):
        return None
    where = {name: given[name] for name in ("revision", "offline") if name in given}
    if (engine or local_engine(chosen.model, **where)) == "qwen2vl":
        return QwenOptions(**given)
    if given.pop("compile", None):
        raise ValueError(
            "--compile: is for the engine of the Qwen family (--engine qwen2vl)"
        )
    return HfOptions(**given)


def _served_kinds(adapter: str | None, revision: str | None) -> tuple[str, ...]:
    """The category list of an adapter that a server has loaded, and cannot tell."""
    from ..engines import QwenOptions
    from ..engines.checkpoint.adapter import find_adapter

    found = find_adapter(QwenOptions(adapter=adapter, adapter_revision=revision))
    return found.categories if found else ()


def _option(name: str) -> str:
    """The option that a name is given by."""
    return f"--{name.replace('_', '-')}"
