"""`load_engine`: from a name to an engine, by one typed loader a kind of engine.

To add an engine: one function here and one line in LOADERS; or, in a package of its own,
an entry point of the group `productdesc.engines`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol, TypeVar, runtime_checkable

from ..errors import EngineError, ProductDescError
from ..net.network_access import NO_ACCESS, NetworkAccess
from ..plugins import find_plugin
from ..text.log_lines import package_logger
from ..text.printable import quoted, words_of
from .options import EngineOptions, HfOptions, QwenOptions, ServerOptions
from .protocol import Engine

GROUP = "productdesc.engines"
_log = package_logger("engines")

OptionsT = TypeVar("OptionsT", QwenOptions, HfOptions, ServerOptions)


@runtime_checkable
class EngineFactory(Protocol):
    """What an entry point of the group names: a class or function without arguments."""

    def __call__(self) -> Engine: ...


def load_engine(
    name: str | Path | None = None,
    options: EngineOptions | None = None,
    *,
    network: NetworkAccess = NO_ACCESS,
) -> Engine:
    """A model, loaded and ready; without a name the demo model of this package.

    `name` is a folder or a hub id such as "Qwen/Qwen2-VL-2B-Instruct", loaded onto this
    machine: with `QwenOptions` by the fast engine, with `HfOptions` by transformers.
    Without options its config.json tells: the Qwen family is the fast engine's.

    Or `name` is the URL of a server such as "http://127.0.0.1:8000/v1", a `ServerEngine`
    with `ServerOptions`, already connected. "...v1#qwen2-vl" names one of several models
    there. A name of one word may be that of an engine which another package brings
    (docs/models.md); it takes no options. network: of a server, see `ServerEngine`.

    Raises `EngineError` for a model that is missing, refused or too large for the memory,
    `TypeError` for options of another kind of engine.
    """
    began = time.perf_counter()
    engine = _load(name, options, network)
    _log.info("loaded %s in %.1f s", engine, time.perf_counter() - began)
    return engine


def _load(
    name: str | Path | None, options: EngineOptions | None, network: NetworkAccess
) -> Engine:
    if not isinstance(name, str | Path | None):
        raise TypeError(
            f"a model is the name or folder of one, or a URL, not a {type(name).__name__}"
        )
    if isinstance(name, str) and name.startswith(("http://", "https://")):
        return LOADERS["server"](name, options, network)
    if network is not NO_ACCESS:
        raise TypeError(f"{name or 'the demo model'} is no URL: network= is of a server")
    if isinstance(name, str) and _may_be_plugin(name):
        factory = find_plugin(
            GROUP,
            name,
            EngineFactory,  # type: ignore[type-abstract]  # mypy takes no Protocol here
            error=EngineError,
        )
        if factory is not None:
            return _from_plugin(name, factory, options)
    if options is None:
        return LOADERS[local_engine(name)](name, options, network)
    chosen = "hf" if isinstance(options, HfOptions) else "qwen2vl"
    return LOADERS[chosen](name, options, network)


LocalEngine = Literal["qwen2vl", "hf"]
"""What loads a model onto this machine: the fast engine, or transformers."""


def local_engine(
    name: str | Path | None, *, revision: str | None = None, offline: bool = False
) -> LocalEngine:
    """Which of the two loads a model unless its options say: its config.json tells.

    Where that cannot be read the fast engine says what is missing.
    """
    from .checkpoint.peek import model_type
    from .checkpoint.probe import FAST

    kind = model_type(name, revision=revision, offline=offline)
    return "qwen2vl" if not kind or kind in FAST.architectures else "hf"


def _load_qwen2vl(
    name: str | Path | None, options: EngineOptions | None, _: NetworkAccess
) -> Engine:
    chosen = _of_kind(QwenOptions, options, f"{name or 'the demo model'} is no URL")
    from .qwen2vl.load_engine import load_qwen2vl  # the only door to torch

    return load_qwen2vl(name, chosen)


def _load_hf(
    name: str | Path | None, options: EngineOptions | None, _: NetworkAccess
) -> Engine:
    chosen = _of_kind(HfOptions, options, f"transformers runs {name or 'the demo model'}")
    from .hf.load_engine import load_hf  # the other door to torch

    return load_hf(name, chosen)


def _load_server(
    name: str | Path | None, options: EngineOptions | None, network: NetworkAccess
) -> Engine:
    from ..net.url_policy import scrub
    from .server.engine import connect  # the only door to HTTP

    url = str(name)
    chosen = _of_kind(ServerOptions, options, f"{scrub(url)} is a URL")
    return connect(url, chosen, network)


Loader = Callable[[str | Path | None, EngineOptions | None, NetworkAccess], Engine]
LOADERS: Mapping[str, Loader] = {
    "qwen2vl": _load_qwen2vl,
    "hf": _load_hf,
    "server": _load_server,
}


def _of_kind(kind: type[OptionsT], options: EngineOptions | None, what: str) -> OptionsT:
    if options is None:
        return kind()
    if not isinstance(options, kind):
        raise TypeError(
            f"{what}: give {kind.__name__} with it, not {type(options).__name__}"
        )
    return options


def _may_be_plugin(name: str) -> bool:
    """Built-in names win: the demo model, folders, and hub ids, which have a slash."""
    return bool(name) and name != "demo" and "/" not in name and not Path(name).is_dir()


def _from_plugin(
    name: str, factory: EngineFactory, options: EngineOptions | None
) -> Engine:
    package = str(getattr(factory, "__module__", "?")).partition(".")[0]
    what = f"plug-in {quoted(name, 'name')} ({GROUP}) of package {package}"
    if options is not None:
        raise TypeError(
            f"{what} takes no options, and {type(options).__name__} was given; make the "
            "engine yourself with that package"
        )
    try:
        engine = factory()
    except ProductDescError:
        raise
    except Exception as e:  # foreign code: it may raise anything
        reason = f"{type(e).__name__}: {words_of(e)}"
        raise EngineError(f"{what} cannot be loaded: {reason}") from e
    if not callable(getattr(engine, "generate", None)):
        raise EngineError(f"{what} gave a {type(engine).__name__}, which is no engine")
    return engine
