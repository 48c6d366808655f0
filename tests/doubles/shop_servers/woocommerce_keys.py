"""Who may ask a WooCommerce shop: keys, their users' roles, and signed requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

MAX_CLOCK_SECONDS = 15 * 60
# Roles that may see and change products. Others get a 403, an editor's key too.
SHOP_ROLES = frozenset({"administrator", "shop_manager"})


class WooError(Exception):
    """What WooCommerce answers instead."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status, **data}}


def refused(code: str, message: str, status: int = 401) -> WooError:
    return WooError(status, f"woocommerce_rest_{code}", message)


@dataclass
class Key:
    """A REST key: what it may do, and the role of the user that it belongs to."""

    key: str
    secret: str
    permissions: str = "read_write"
    role: str = "shop_manager"

    def may(self, method: str) -> None:
        need = "read" if method == "GET" else "write"
        if need not in self.permissions:
            raise refused(
                "authentication_error",
                f"The API key provided does not have {need} permissions.",
            )


# What a user without the right is told: method and place -> code and words.
FORBIDDEN = {
    "list": ("cannot_view", "Sorry, you cannot list resources."),
    "view": ("cannot_view", "Sorry, you cannot view this resource."),
    "edit": ("cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "create": ("cannot_create", "Sorry, you are not allowed to create resources."),
    "batch": (
        "cannot_batch",
        "Sorry, you are not allowed to batch manipulate this resource.",
    ),
}


class Keys:
    """The keys of a shop, and the numbers that were used once."""

    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys)
        self.nonces: set[str] = set()

    def named(self, key: str) -> Key | None:
        return next((k for k in self.keys if k.key == key), None)

    def check(
        self, method: str, url: str, raw_query: str, authorization: str, tls: bool
    ) -> Key:
        """The key of a request. `url`: what WooCommerce takes for the address asked."""
        if tls:
            return self._basic(authorization)
        fields = [part.partition("=")[::2] for part in raw_query.split("&") if part]
        query = {unquote(name): unquote(value) for name, value in fields}
        if "oauth_consumer_key" not in query:
            raise refused(*FORBIDDEN["list"])
        return self._signed(method, url, query)

    def _basic(self, authorization: str) -> Key:
        scheme, _, rest = authorization.partition(" ")
        pair = base64.b64decode(rest or "").decode("utf-8", "replace")
        name, _, secret = pair.partition(":")
        key = self.named(name)
        if scheme != "Basic" or key is None:
            raise refused(*FORBIDDEN["list"])
        if secret != key.secret:
            raise refused("authentication_error", "Consumer secret is invalid.")
        return key

    def _signed(self, method: str, url: str, query: dict[str, str]) -> Key:
        def error(words: str) -> WooError:
            return refused("authentication_error", words)

        key = self.named(query["oauth_consumer_key"])
        if key is None:
            raise error("Consumer key is invalid.")
        given = query.pop("oauth_signature", "")
        algorithm = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
        chosen = algorithm.get(query.get("oauth_signature_method", ""))
        if chosen is None:
            raise error("Invalid signature - signature method is invalid.")
        text = f"{method}&{percent(url)}&{joined(query)}"
        made = hmac.new(f"{key.secret}&".encode(), text.encode(), chosen).digest()
        if base64.b64encode(made).decode() != given:
            raise error("Invalid signature - provided signature does not match.")
        if abs(int(query["oauth_timestamp"]) - time.time()) > MAX_CLOCK_SECONDS:
            raise error("Invalid timestamp.")
        if query["oauth_nonce"] in self.nonces:
            raise error("Invalid nonce - nonce has already been used.")
        self.nonces.add(query["oauth_nonce"])
        return key


def joined(query: Mapping[str, str]) -> str:
    return "%26".join(
        f"{percent(percent(name))}%3D{percent(percent(query[name]))}"
        for name in sorted(query, key=percent)
    )


def percent(text: str) -> str:
    """RFC 3986, byte by byte."""
    safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return "".join(
        chr(byte) if chr(byte) in safe else f"%{byte:02X}" for byte in text.encode()
    )
