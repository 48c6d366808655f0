"""OAuth 1.0a without a token ("one-legged"), for shops that are reached over plain HTTP.

The key signs method, address and query of each request (RFC 5849); the body is not
signed, and nothing is encrypted: who listens reads the products, but not the secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote, urlsplit, urlunsplit

from ....secret import Secret

Pairs = Sequence[tuple[str, str]]


def signed(
    method: str,
    url: str,
    query: Pairs,
    *,
    key: Secret,
    secret: Secret,
    timestamp: int,
    nonce: str,
) -> Pairs:
    """The query with its OAuth 1.0a parameters. `timestamp` in Unix seconds.

    In the query and not in a header, since PHP often cannot see the header.
    """
    pairs = [
        *query,
        ("oauth_consumer_key", key.reveal()),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", str(timestamp)),
    ]
    base = base_string(method, url, pairs)
    return [*pairs, ("oauth_signature", signature(base, secret.reveal()))]


def base_string(method: str, url: str, pairs: Pairs) -> str:
    """The signature base string (RFC 5849, 3.4.1): `url` has no query of its own."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if parts.port not in (None, {"http": 80, "https": 443}[parts.scheme]):
        host = f"{host}:{parts.port}"
    place = urlunsplit((parts.scheme, host, parts.path or "/", "", ""))
    encoded = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    said = "&".join(f"{name}={value}" for name, value in encoded)
    return "&".join((method.upper(), _encoded(place), _encoded(said)))


def signature(base: str, secret: str, token: str = "", digest: str = "sha256") -> str:
    """The signature of a base string, in base64."""
    key = f"{_encoded(secret)}&{_encoded(token)}".encode("ascii")
    made = hmac.new(key, base.encode("ascii"), getattr(hashlib, digest))
    return base64.b64encode(made.digest()).decode("ascii")


def query_string(pairs: Pairs) -> str:
    """The pairs as the query of a URL, encoded as they were signed."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs)


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")
