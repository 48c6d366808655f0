"""Gate of the review server: our Host only, bounded bodies, and headers of every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..limits import LIMITS, Limits

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # not no-referrer: with that a browser sends `Origin: null` with our own forms
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""Of every answer; one that says otherwise itself keeps its own."""


class Origins(NamedTuple):
    """The addresses under which browsers know the server: `http://127.0.0.1:8765`."""

    allowed: frozenset[str]

    @classmethod
    def of(cls, origins: Collection[str]) -> Origins:
        return cls(frozenset(_origin(origin) for origin in origins))

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset(urlsplit(origin).netloc for origin in self.allowed)

    @property
    def is_secure(self) -> bool:
        """Whether all of them are https, so that a cookie never leaves in the clear."""
        return all(origin.startswith("https:") for origin in self.allowed)


class Gate:
    """ASGI middleware: our Host only, bounded bodies, and the headers of every answer."""

    def __init__(self, app: ASGIApp, origins: Origins, limits: Limits = LIMITS) -> None:
        self._app = app
        self._hosts = origins.hosts
        self._is_secure = origins.is_secure
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        send = self._with_headers(send)
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or hosts[0].decode("latin-1").lower() not in self._hosts:
            await _plain(421, "this server is not known by that name")(scope, receive, send)
            return
        if _length(scope) > self._limits.body_bytes:
            error = BodyError.too_large(self._limits)
            await _plain(error.status, str(error))(scope, receive, send)
            return
        await self._app(scope, Body(receive, self._limits).receive, send)

    def _with_headers(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message["headers"]}
                more = dict(HEADERS)
                if self._is_secure:
                    more["strict-transport-security"] = "max-age=31536000"
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in more.items()
                      if n.encode() not in known),
                ]  # fmt: skip
            await send(message)

        return sent


class BodyError(Exception):
    """A body that is too large, or too slow."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @classmethod
    def too_large(cls, limits: Limits) -> BodyError:
        return cls(413, f"the request has more than {limits.body_bytes} bytes")


class Body:
    """A request's body as it comes, bounded in bytes and seconds."""

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self._receive = receive
        self._limits = limits
        self._bytes = 0
        self._is_whole = False
        self._until: float | None = None

    async def receive(self) -> Message:
        if self._is_whole:
            return await self._receive()  # to hear that the client is gone
        now = asyncio.get_running_loop().time()
        self._until = self._until or now + self._limits.body_seconds
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise BodyError(408, "the request came too slowly") from None
        self._bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._bytes > self._limits.body_bytes:
            raise BodyError.too_large(self._limits)
        return message


def _origin(text: str) -> str:
    """As a browser sends it: in small letters, without the port that a scheme implies."""
    origin = text.rstrip("/").lower()
    implied = ":443" if origin.startswith("https:") else ":80"
    return origin.removesuffix(implied)


def _length(scope: Scope) -> int:
    """What a request says that its body has; 0 where it does not say."""
    found = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(found[0]) if found and found[0].isdigit() else 0


def _plain(status: int, message: str) -> Response:
    headers = {"connection": "close"}
    return Response(message + "\n", status, headers, media_type="text/plain")
