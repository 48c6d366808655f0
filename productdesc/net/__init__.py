"""Guarded HTTP: the only door to the network, and the only importer of httpx and tenacity.

    url_policy (pure) -> wire (sockets) -> retry, transport -> client (requests)

httpx's own types stay in here, so that a move to httpx2 changes this folder only.
"""

from .client import Http
from .retry import HttpReply, RetryPolicy, retry_after
from .wire import Connect, Lookup, Policy

__all__ = [
    "Connect",
    "Http",
    "HttpReply",
    "Lookup",
    "Policy",
    "RetryPolicy",
    "retry_after",
]
