"""Guarded HTTP: the only door to the network, and the only importer of httpx and tenacity.

    addresses (pure) -> wire (sockets) -> retries -> client (requests)

httpx's own types stay in here, so that a move to httpx2 changes this folder only.
"""

from .client import Http
from .retry import HttpReply, retry_after
from .wire import Connect, Lookup, Policy

__all__ = ["Connect", "Http", "HttpReply", "Lookup", "Policy", "retry_after"]
