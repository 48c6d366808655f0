"""Network access that the caller grants: hosts let through the guard, a CA, plain HTTP.

The caller's own word, never a catalogue's. One object serves a whole run: each name is
looked up once, and every client that is given the object goes to those addresses.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from . import tls
from .url_policy import Origin, UnsafeURL, closed_to_origin, parse, scrub

MAX_ORIGIN_CHARS = 300
_FORM = re.compile(r"(https?)://([^/?#]+)", re.IGNORECASE)
_HOST = re.compile(r"(\[[^]]*\]|[^:]*)(?::([1-9][0-9]{0,4}))?")


class NetworkAccess:
    """Access to hosts that the guard would refuse, for staging shops and their photos.

    origins: each "SCHEME://NAME[:PORT]": exactly this scheme, name (or address) and port
    is let through, also where it is on this machine or in a network of one's own. Its name
    is looked up once, and stays at those addresses. Redirects lead neither to it from
    elsewhere nor from it to elsewhere. ca: a PEM file of certificates, as curl's
    --cacert: a shop or server that is asked with a key is verified against them alone,
    photos against them and the public ones. insecure: keys may go over plain http to other
    machines too; certificates are verified all the same.

    Safe to use from several threads. Raises `ValueError` for what is no origin, or no file
    of certificates.
    """

    def __init__(
        self,
        *origins: str,
        ca: str | os.PathLike[str] | None = None,
        insecure: bool = False,
    ) -> None:
        self.origins = frozenset(map(parse_origin, origins))
        self.insecure = insecure
        self.key_trust: ssl.SSLContext | None = None
        """Trusted where a key is sent; None: certifi's."""
        self.photo_trust: ssl.SSLContext | None = None
        """Trusted where photos are fetched; None: certifi's."""
        if ca is not None:
            tls.check_ca_file(Path(ca))
            self.key_trust = tls.trust_store(ca)
            self.photo_trust = tls.trust_store(ca, tls.public_ca_file())
        self._pinned: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        origins = "".join(f"{str(origin)!r}, " for origin in sorted(self.origins))
        return f"NetworkAccess({origins}insecure={self.insecure})"

    def allows(self, url: str) -> bool:
        """Whether a URL is at one of the origins, written in the one plain way."""
        if not self.origins:
            return False
        try:
            target = parse(
                url, schemes=(), ports=(), max_chars=len(url), origins=self.origins
            )
        except UnsafeURL:
            return False
        return target.origin in self.origins

    def addresses(self, host: str, look_up: Callable[[], Sequence[str]]) -> Sequence[str]:
        """A host's addresses by its first lookup; what `look_up` raises is not kept."""
        with self._lock:
            if host not in self._pinned:
                self._pinned[host] = tuple(look_up())
            return self._pinned[host]


def parse_origin(text: str) -> Origin:
    """The origin that "SCHEME://NAME[:PORT]" names. Raises `ValueError`.

    NAME may be an address, that of IPv6 in brackets. No path, query, password or pattern,
    and one spelling only, so that nothing is let through that was not meant.
    """
    shown = repr(scrub(text[:MAX_ORIGIN_CHARS]))
    form = "SCHEME://NAME[:PORT], such as http://shop.test:8080"
    if "@" in text:
        raise ValueError(f"{shown}: give {form}, without a user name or password")
    match = _FORM.match(text)
    if match is None:
        raise ValueError(f"{shown} is not {form}")
    if match.end() < len(text):
        raise ValueError(
            f"{shown}: give {form}, without a path, query or fragment: {match[0]!a}"
        )
    if "*" in text or "%" in text:
        raise ValueError(f"{shown} is a pattern or a zone; give one name, as {form}")
    host = _HOST.fullmatch(match[2])
    if host is None or int(host[2] or 1) > 65535:
        raise ValueError(f"{shown} is not {form}; a port is a number from 1 to 65535")
    if host[1].endswith("."):
        raise ValueError(f"{shown} ends with a dot; give {form}, without it")
    try:
        target = parse(
            text,
            schemes=(match[1].lower(),),
            ports=range(1, 65536),
            max_chars=MAX_ORIGIN_CHARS,
            allowed_hosts=(host[1].strip("[]").lower(),),
        )
    except UnsafeURL as e:
        raise ValueError(f"{shown} {e}; give {form}") from None
    if target.address and (why := closed_to_origin(target.address)):
        raise ValueError(f"{shown} leads to {target.address}: {why}")
    return target.origin


NO_ACCESS = NetworkAccess()
"""Public hosts only."""
