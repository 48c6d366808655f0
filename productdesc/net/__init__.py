"""Guarded HTTP: the only door to the network, and the only importer of httpx and tenacity.

    url_policy (pure), tls -> network_access -> wire (sockets) -> retry, transport
    -> client (requests)

httpx's own types stay in here, so that a move to httpx2 changes this folder only. Each name
is imported when it is first used: reading a file needs `url_policy` and no httpx.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Http
    from .network_access import NetworkAccess
    from .retry import HttpReply, RetryPolicy, retry_after
    from .wire import Connect, Lookup, Policy

_HOME = {
    "Connect": "wire",
    "Http": "client",
    "HttpReply": "retry",
    "Lookup": "wire",
    "NetworkAccess": "network_access",
    "Policy": "wire",
    "RetryPolicy": "retry",
    "retry_after": "retry",
}

__all__ = [
    "Connect",
    "Http",
    "HttpReply",
    "Lookup",
    "NetworkAccess",
    "Policy",
    "RetryPolicy",
    "retry_after",
]


if not TYPE_CHECKING:  # else a checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
