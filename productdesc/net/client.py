"""HTTP client that checks every URL, follows redirects itself, counts bytes and retries.

Every URL is judged before it is asked for (`url_policy`), every address when it is
connected to (`wire`). Redirects are followed here and each hop is judged again.

Proxies and environment variables are not read: a proxy would look names up by itself.
"""

from __future__ import annotations

import contextlib
import http
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin

import httpcore
import httpx

from .. import cancel
from .._version import __version__
from ..errors import FetchError
from ..text.log_lines import package_logger
from ..text.printable import quoted, words_of
from .network_access import NO_ACCESS, NetworkAccess
from .retry import RETRIED_STATUSES, HttpReply, RetryBudget, retrying
from .transport import Transport
from .url_policy import Target, UnsafeURL, parse, scrub
from .wire import Connect, Lookup, Policy, Wire, system_connect, system_lookup

_log = package_logger("net")

IDEMPOTENT = frozenset({"GET", "HEAD"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Http:
    """HTTP client with a lifetime: leave the `with` block and its connections are closed.

    Safe to use from several threads; not to be carried over a fork. `network` is what the
    caller lets through the policy. `trust` replaces the certificate store (certifi's, and
    what `network` adds). `lookup`, `connect` and `sleep` are there for tests and for
    networks with a resolver of their own; the judgement of addresses stays.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        network: NetworkAccess = NO_ACCESS,
        trust: ssl.SSLContext | None = None,
        lookup: Lookup = system_lookup,
        connect: Connect = system_connect,
        sleep: Callable[[float], None] = cancel.sleep,
    ) -> None:
        self.policy = policy or Policy()
        self._sleep = sleep
        self._budget = RetryBudget(self.policy.retry_share)
        self._origins = network.origins
        self._wire = Wire(self.policy, network, lookup, connect)
        self._transport = Transport(self._wire, trust or network.photo_trust)

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> HttpReply:
        """The answer to a GET, always with status 200. Raises `FetchError`."""
        reply = self.send("GET", url, headers=headers, max_bytes=max_bytes)
        if reply.status != http.HTTPStatus.OK:
            raise FetchError(
                f"{reply.url}: the server answered {_named(reply.status)}",
                retryable=reply.status in RETRIED_STATUSES,
            )
        return reply

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        max_bytes: int | None = None,
        again: bool | None = None,
        follow: bool = True,
        seconds: float | None = None,
    ) -> HttpReply:
        """The answer, whatever its status. Raises `FetchError`.

        GET and HEAD follow redirects (`headers` stay behind when the origin changes) and
        are tried again when that may help; other methods do neither. again: whether to
        try again, for a POST that only reads or a GET whose caller paces it; None: by
        the method. follow: False for a request that carries a key, which is for the
        address that was named and no other: the redirect itself is the answer. seconds:
        what is left of the policy's deadline, for a caller that tries again by itself.
        """
        allowed = self.policy.deadline_seconds
        deadline = time.monotonic() + (
            allowed if seconds is None else min(seconds, allowed)
        )
        self._budget.earn()

        def once() -> HttpReply:
            cap = self.policy.max_body_bytes if max_bytes is None else max_bytes
            self._wire.deadline = deadline
            if not follow:
                target = self._judge(url, scrub(url))
                return self._exchange(method, target, headers or {}, content, cap)
            return self._walk(method, url, dict(headers or {}), content, cap)

        if again is False or (again is None and method not in IDEMPOTENT):
            return once()

        return retrying(self.policy, deadline, self._budget, self._sleep)(once)

    def _walk(
        self, method: str, url: str, headers: dict[str, str], content: bytes, cap: int
    ) -> HttpReply:
        first = target = self._judge(url, scrub(url))
        for _ in range(self.policy.max_redirects + 1):
            reply = self._exchange(method, target, headers, content, cap)
            location = reply.headers.get("location")
            if reply.status not in REDIRECTS or not location or method not in IDEMPOTENT:
                return reply
            last = target
            target = self._judge(_joined(last.url, location), first.shown, last)
            if target.origin != last.origin:
                headers = {}  # they were meant for another server
        raise FetchError(f"{first.shown}: more than {self.policy.max_redirects} redirects")

    def _judge(self, url: str, shown: str, last: Target | None = None) -> Target:
        says = f"{shown}: the URL" if last is None else f"{shown}: redirects to a URL that"
        policy = self.policy
        try:
            target = parse(
                url,
                schemes=policy.schemes,
                ports=policy.ports,
                max_chars=policy.max_url_chars,
                allowed_hosts=policy.allowed_hosts,
                origins=self._origins,
            )
            if last and last.scheme == "https" and target.scheme != "https":
                raise UnsafeURL("leaves https")
        except UnsafeURL as e:
            raise FetchError(f"{says} {e}") from None  # the cause may show the query
        if target.address and (why := self._wire.closed(target.address, target.origin)):
            raise FetchError(f"{says} leads to {target.address}: {why}")
        if last and (last.origin in self._origins) != (target.origin in self._origins):
            raise FetchError(
                f"{says} leads from {last.origin} to {target.origin}, and only one of them "
                "is an allowed host; where both are to be asked, allow both"
            )
        return target

    def _exchange(
        self,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        content: bytes,
        cap: int,
    ) -> HttpReply:
        """One request and its answer; the log has its host, and no path or query."""
        began = time.perf_counter()
        outcome = "failed"
        size = 0
        try:
            reply = self._ask(method, target, headers, content, cap)
            outcome, size = str(reply.status), len(reply.body)
            return reply
        finally:
            took = (time.perf_counter() - began) * 1000
            line = "%s %s: %s, %d bytes in %.0f ms"
            _log.debug(line, method, target.origin, outcome, size, took)

    def _ask(
        self,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        content: bytes,
        cap: int,
    ) -> HttpReply:
        own = {
            "user-agent": f"productdesc/{__version__}",
            "accept": "*/*",
            # a gzip of 300 kB can hold 64 MiB: bytes are counted as they arrive
            "accept-encoding": "identity",
        }
        try:
            request = httpx.Request(
                method, target.url, headers={**own, **headers}, content=content
            )
        except httpx.InvalidURL:
            raise FetchError(f"{target.shown}: the URL is not valid") from None
        if (
            request.url.raw_host != target.host.encode()
            or request.url.scheme != target.scheme
        ):
            raise FetchError(f"{target.shown}: the URL can be read in two ways")
        self._wire.origin = target.origin
        request.extensions["timeout"] = {"pool": self._wire.seconds_left()}
        sent = False  # until a connection stands, nothing can have left

        def trace(event: str, info: dict[str, Any]) -> None:
            nonlocal sent
            sent = sent or event.endswith("send_request_headers.started")
            if event.endswith("receive_response_headers.complete"):
                # httpcore logs this next, and a Location may repeat a signed query
                info["return_value"] = info["return_value"][:3]

        request.extensions["trace"] = trace
        try:
            response = self._transport.handle_request(request)
            with contextlib.closing(response):
                return self._read(response, target, cap)
        except httpcore.TimeoutException as e:
            seconds = self.policy.deadline_seconds
            if self._wire.seconds_left() > 0:
                seconds = self.policy.idle_seconds
            raise FetchError(
                f"{target.shown}: no complete answer within {seconds:g} s",
                retryable=True,
                sent=sent,
            ) from e
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as e:
            raise FetchError(
                f"{target.shown}: the connection failed: {words_of(e)}",
                retryable=True,
                sent=sent,
            ) from e
        except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as e:
            raise FetchError(f"{target.shown}: cannot be asked for: {words_of(e)}") from e

    def _read(self, response: httpx.Response, target: Target, cap: int) -> HttpReply:
        headers = dict(response.headers.items())
        reply = HttpReply(response.status_code, headers, b"", target.shown)
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if response.status_code in REDIRECTS:
            return reply
        if encoding not in ("", "identity"):
            if response.is_success:
                raise FetchError(
                    f"{target.shown}: the server sent {quoted(encoding, 'code')} "
                    "although it was asked for the plain bytes",
                    sent=True,
                )
            return reply
        stated = headers.get("content-length", "")
        if stated.isdecimal() and int(stated) > cap:
            raise FetchError(
                f"{target.shown}: {int(stated)} bytes; {cap} is the limit", sent=True
            )
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            if len(body) > cap:
                raise FetchError(
                    f"{target.shown}: more than {cap} bytes, the limit", sent=True
                )
        return HttpReply(response.status_code, headers, bytes(body), target.shown)


def _named(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return ""  # refused by the judge like any text that is no URL
