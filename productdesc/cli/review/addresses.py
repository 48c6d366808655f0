"""Addresses of the review server: where it listens, and what browsers call it."""

from __future__ import annotations

import argparse
import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from ...text.printable import quoted

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names under which a browser on this machine reaches a server on it."""


class Address(NamedTuple):
    """Where it listens. named: the origins that were given; scheme: that of the server."""

    host: str
    is_loopback: bool
    named: tuple[str, ...]
    scheme: str

    def origins(self, port: int) -> list[str]:
        """All addresses under which it is known."""
        if self.named:
            return [*self.named]
        shown = f"[{self.host}]" if ":" in self.host else self.host
        names = dict.fromkeys((shown, *(LOOPBACK if self.is_loopback else ())))
        return [f"{self.scheme}://{name}:{port}" for name in names]

    def first(self, port: int) -> str:
        """The one that is printed."""
        return self.origins(port)[0]


def address_of(chosen: argparse.Namespace) -> Address:
    """Where to listen; `ValueError` for what would let strangers in, or nobody."""
    if not 0 <= chosen.port < 65536:
        raise ValueError(f"--port is {chosen.port}; it is a number from 0 to 65535")
    if (chosen.tls_cert is None) != (chosen.tls_key is None):
        raise ValueError("--tls-cert and --tls-key belong together")
    for path in (chosen.tls_cert, chosen.tls_key, chosen.passwords):
        if path is not None and not path.is_file():
            raise ValueError(f"{quoted(str(path), 'path')}: there is no such file")
    is_loopback = _is_loopback(chosen.host)
    named = tuple(_origin(text, is_loopback) for text in chosen.origin)
    scheme = "https" if chosen.tls_cert else "http"
    if not is_loopback:
        where = quoted(chosen.host, "name")
        if chosen.passwords is None:
            raise ValueError(
                f"--host {where} lets others on the network in: that needs --passwords FILE"
            )
        if not (chosen.tls_cert or chosen.behind_proxy):
            raise ValueError(
                f"--host {where} sends passwords over the network: that needs --tls-cert "
                "and --tls-key, or --behind-proxy where a proxy speaks TLS"
            )
        if not named and (chosen.behind_proxy or _is_any(chosen.host)):
            raise ValueError(
                "--origin URL is missing: under which address do browsers know the page?"
            )
    return Address(chosen.host, is_loopback, named, scheme)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _origin(text: str, is_loopback: bool) -> str:
    parts = urlsplit(text)
    good = ("https", "http") if is_loopback else ("https",)
    has_more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in good or not parts.netloc or has_more:
        raise ValueError(
            f"--origin {quoted(text, 'name')} is no address such as https://copy.example"
        )
    return f"{parts.scheme}://{parts.netloc}".lower()
