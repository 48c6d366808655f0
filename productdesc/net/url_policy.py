"""URL policy (SSRF guard): public addresses only, written in one plain way.

Pure functions on text; nothing here looks up or connects. To close one more range: one
line in CLOSED.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from ..text.printable import printable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# The IANA special-purpose registries (iana-ipv4-special-registry and
# iana-ipv6-special-registry, as of 2025-10), RFC 5771 and RFC 6890. `is_global` of
# `ipaddress` is not used: it changes between patch releases and lets NAT64, some
# multicast and 5f00::/16 through.
CLOSED = {
    "0.0.0.0/8": "this host",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "Azure's platform service",  # public by number, not by nature
    "169.254.0.0/16": "link-local, cloud metadata",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.31.196.0/24": "AS112",
    "192.52.193.0/24": "AMT",
    "192.88.99.0/24": "6to4 relay",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "AS112",
    "198.18.0.0/15": "benchmarking",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "2001::/23": "protocol assignments, Teredo, ORCHID",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4: holds an IPv4 address",
    "2620:4f:8000::/48": "AS112",
    "3fff::/20": "documentation",
}
# Of IPv6 only this block is handed out (RFC 4291), so all else is closed without a line:
# loopback, IPv4-mapped, NAT64, segment routing, unique local, link-local, multicast.
OPEN_IPV6 = ipaddress.IPv6Network("2000::/3")

# Where a host may be that the caller let through by its name: this machine, a network of
# one's own (RFC 1918, RFC 4193), a VPN (RFC 6598); and every public address.
OWN_NETWORKS = (
    "127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",
    "100.64.0.0/10",
)  # fmt: skip
# Within these, yet never a shop: what a cloud tells its machines, keys among it.
METADATA = ("100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128")
LOOPBACK = ("127.0.0.0/8", "::1/128")

# Names that mean this machine or network, or no machine at all (RFC 6761, RFC 9476,
# RFC 8375, RFC 6762; .internal is ICANN's for private use).
LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa", "onion", "alt", "invalid")


class Origin(NamedTuple):
    """Origin (RFC 6454) of a URL: scheme, host name or address, and port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


class Target(NamedTuple):
    """One checked URL, in parts; `address` is set where the URL names no host name."""

    url: str
    scheme: str
    host: str
    port: int
    address: IPAddress | None

    @property
    def origin(self) -> Origin:
        """The origin, an address in its one plain spelling."""
        return Origin(self.scheme, str(self.address or self.host), self.port)

    @property
    def shown(self) -> str:
        """The URL for messages: no query, no userinfo, at most 120 characters."""
        return scrub(self.url)


class UnsafeURL(ValueError):
    """A URL that will not be fetched; the message is the reason without the URL."""


_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))+")
_LABELS = re.compile(_NAME.pattern[:-1] + "*")  # one is enough
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def parse(
    url: str,
    *,
    schemes: Collection[str],
    ports: Collection[int],
    max_chars: int,
    allowed_hosts: Collection[str] | None = None,
    origins: Collection[Origin] = (),
) -> Target:
    """The parts of a URL that may be fetched; a literal address is not judged here.

    `allowed_hosts`: names, or "*.name" for all below it; a name without a dot ("localhost")
    must be there as it is. `origins`: taken with any scheme, name and port of theirs.
    Raises `UnsafeURL`.
    """
    if len(url) > max_chars:
        raise UnsafeURL(f"is {len(url)} characters long; {max_chars} is the limit")
    if url != url.strip():
        raise UnsafeURL("begins or ends with white space")
    if bad := re.search(r"[\x00-\x1f\x7f-\x9f\\]", url):
        raise UnsafeURL(f"holds {bad[0]!r}, which no URL may")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise UnsafeURL("is not a valid URL") from e
    if parts.scheme not in (*schemes, *(origin.scheme for origin in origins)):
        raise _wrong_scheme(parts.scheme, schemes)
    if not parts.netloc.isascii():
        raise UnsafeURL("names a host in letters beyond ASCII: write it as xn--...")
    if "@" in parts.netloc:
        raise UnsafeURL("holds a user name or password")
    port = _PORTS[parts.scheme] if port is None else port
    host = parts.hostname or ""
    named = (parts.scheme, host, port) in origins or (  # as "localhost" may be
        allowed_hosts is not None and host in allowed_hosts
    )
    address = _literal(host, bracketed="[" in parts.netloc, named=named)
    target = Target(url, parts.scheme, host, port, address)
    if target.origin not in origins:
        if parts.scheme not in schemes:
            raise _wrong_scheme(parts.scheme, schemes)
        if port not in ports:
            raise UnsafeURL(
                f"names port {port}; {', '.join(map(str, sorted(ports)))} may be"
            )
        if address is None and allowed_hosts is None:
            _refuse_local(host)
    if allowed_hosts is not None and not _is_allowed(host, allowed_hosts):
        shown = printable(host, "url")
        raise UnsafeURL(f"leads to {shown}, which is not among allowed_hosts")
    return target


def _wrong_scheme(scheme: str, schemes: Collection[str]) -> UnsafeURL:
    text = f"is not {' or '.join(sorted(schemes))}"
    if scheme == "http":
        text += "; --allow-host lets the http URLs of one host through"
    return UnsafeURL(text)


def _literal(host: str, *, bracketed: bool, named: bool) -> IPAddress | None:
    """The address that a host spells, or None for a name; odd spellings are refused."""
    if bracketed:
        try:
            return ipaddress.IPv6Address(host)
        except ValueError as e:
            raise UnsafeURL("names no valid IPv6 address") from e
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        # 127.1, 0x7f000001, 017700000001: resolvers read these in different ways
        try:
            return ipaddress.IPv4Address(host)
        except ValueError as e:
            raise UnsafeURL("spells an address in an unusual way") from e
    if len(host) > 253 or not (_LABELS if named else _NAME).fullmatch(host):
        raise UnsafeURL("names no full host name (a name with a dot in it)")
    return None


def _refuse_local(host: str) -> None:
    for name in LOCAL_NAMES:
        if host == name or host.endswith("." + name):
            raise UnsafeURL(f"leads to a local name (.{name})")


def _is_allowed(host: str, allowed: Collection[str]) -> bool:
    for pattern in allowed:
        if pattern.startswith("*."):
            if host.endswith(pattern[1:].lower()):
                return True
        elif host == pattern.lower():
            return True
    return False


def closed(address: IPAddress, allowed: Sequence[IPNetwork] = ()) -> str | None:
    """Why this address may not be reached, or None when it may.

    `allowed` networks are open although they are not public.
    """
    if any(address in network for network in allowed):
        return None
    if address.version == 6 and address not in OPEN_IPV6:
        return "not a public IPv6 address"
    for network, reason in _closed_networks():
        if address in network:
            return reason
    return None


def closed_to_origin(address: IPAddress, allowed: Sequence[IPNetwork] = ()) -> str | None:
    """Why a host that the caller let through may not be at this address, or None.

    It may be in OWN_NETWORKS too, and nowhere else that is not public: what stands at
    link-local, metadata and multicast addresses is no shop.
    """
    if any(address in network for network in _networks(METADATA)):
        return "cloud metadata, where no shop is"
    return closed(address, [*allowed, *_networks(OWN_NETWORKS)])


def is_loopback(address: IPAddress) -> bool:
    """Whether what is sent to this address stays on this machine."""
    return any(address in network for network in _networks(LOOPBACK))


@functools.cache
def _networks(texts: tuple[str, ...]) -> tuple[IPNetwork, ...]:
    return tuple(map(ipaddress.ip_network, texts))


@functools.cache
def _closed_networks() -> tuple[tuple[IPNetwork, str], ...]:
    return tuple((ipaddress.ip_network(text), why) for text, why in CLOSED.items())


def scrub(url: str) -> str:
    """A URL as it may be printed: its query, fragment and userinfo are secrets."""
    plain = re.split(r"[?#]", url, maxsplit=1)[0]
    plain = re.sub(r"^([^/]*//)[^/]*@", r"\1", plain)
    plain = plain.encode("ascii", "backslashreplace").decode()
    return printable(plain, "url")
