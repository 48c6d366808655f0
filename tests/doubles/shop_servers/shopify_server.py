"""A Shopify shop and its storage on a loopback address, with faults on demand."""

from __future__ import annotations

import contextlib
import email.parser
import email.policy
import functools
import json
import re
import socket
import ssl
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import trustme
from doubles.shop_servers.shopify_schema import best
from doubles.shop_servers.shopify_shop import Bucket, Clock, Shop

from productdesc.catalogs.live import RETRY_POLICIES
from productdesc.catalogs.live import Clock as ClientClock
from productdesc.catalogs.shopify.admin import VERSIONS, ShopifyClient
from productdesc.net import Http, Policy

DOMAIN = "my-shop.myshopify.com"
STORAGE = ("storage.googleapis.com", "shopify-staged-uploads.storage.googleapis.com")

Kind = Literal[
    "delay",  # an answer that comes too late; the request was carried out
    "drop",  # the connection ends without an answer; nothing was carried out
    "apply-then-drop",
    "late",  # the connection ends; it is carried out after the next request
    "reset",  # in the middle of the answer's head
    "reset-body",  # in the middle of its body
    "half",  # an answer shorter than it says
    "cut",  # JSON that stops in the middle, of the length that it says
    "502",
    "apply-502",
    "503",
    "429",
    "throttled",
    "internal",  # a top-level error without a word whether it was done
    "access",
    "401",
]


@dataclass
class Fault:
    """What happens to the next `times` requests of this name ("" any)."""

    kind: Kind
    on: str = ""
    times: int = 1
    retry_after: str = "2"


@dataclass(frozen=True)
class Sent:
    """One request as it came in; `at` on the shop's clock, `status` as answered."""

    name: str
    variables: dict[str, Any]
    at: float


@functools.cache
def authority() -> trustme.CA:
    return trustme.CA()


@functools.cache
def _contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For the server, and for those who trust it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(DOMAIN, *STORAGE).configure_cert(server)
    client = ssl.create_default_context()
    authority().configure_trust(client)
    return server, client


class ShopifyServer:
    """Leave the `with` block and it is gone, with every connection that stands."""

    def __init__(
        self,
        token: str = "shpat_0123456789",
        *,
        maximum: float = 2000.0,
        rate: float = 100.0,
        version: str = VERSIONS[0],
    ) -> None:
        self.token = token
        self.version = version
        self.clock = Clock()
        self.bucket = Bucket(self.clock, maximum, rate)
        self.shop = Shop(best(version), self.bucket)
        self.requests: list[Sent] = []
        self.throttled = 0
        self.leaks: list[str] = []
        self.crashes: list[BaseException | None] = []
        self.faults: list[Fault] = []
        self.before: Callable[[Sent], None] = lambda sent: None
        """Called before each GraphQL request: a merchant at work in the admin."""
        self.alter: Callable[[dict[str, Any]], object] = lambda body: None
        """Called with each GraphQL answer: a shop that goes wrong in its own way."""
        self._late: list[Callable[[], Any]] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._https: list[Http] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self

    def __enter__(self) -> ShopifyServer:
        threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for http in self._https:
            http.close()

    def http(self, **changes: Any) -> Http:
        """A client for which every name leads here, through TLS that it trusts."""
        port = self._server.server_address[1]
        policy = Policy(
            allowed_networks=("127.0.0.1/32",),
            allowed_hosts=frozenset({DOMAIN, *STORAGE}),
            idle_seconds=20.0,
        )._replace(**changes)
        made = Http(
            policy,
            trust=_contexts()[1],
            lookup=lambda host, wanted: ["127.0.0.1"],
            connect=lambda at, seconds: socket.create_connection((at[0], port), seconds),
            sleep=lambda seconds: None,
        )
        self._https.append(made)
        return made

    def connection(self, **options: Any) -> ShopifyClient:
        """A connection on this shop's clock: nothing really sleeps."""
        http = options.pop("http", None) or self.http()
        options = {
            "token": self.token,
            "version": self.version,
            "http": http,
            "files": http,
            "clock": ClientClock(self.clock, self.clock.sleep),
            "retry": RETRY_POLICIES["shopify"]._replace(attempts=3),
        } | options
        return ShopifyClient(DOMAIN, **options)

    def fault(self, name: str) -> Fault | None:
        """The fault that is meant for a request of this name, used up once."""
        for fault in self.faults:
            if fault.times > 0 and fault.on in ("", name):
                fault.times -= 1
                return fault
        return None

    def count(self, name: str) -> int:
        """Requests of one name so far."""
        return sum(sent.name == name for sent in self.requests)

    def answer(self, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            body = self.shop.answer(text, variables)
        self.catch_up()
        self.alter(body)
        self.throttled += "THROTTLED" in json.dumps(body.get("errors", ""))
        return body

    def catch_up(self) -> None:
        """What is late is carried out now."""
        with self._lock:
            for change in self._late:
                change()
            self._late.clear()

    def do_later(self, text: str, variables: dict[str, Any]) -> None:
        self._late.append(lambda: self.shop.answer(text, variables))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: ShopifyServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that the client or a fault has closed is no news."""
        error = sys.exception()
        if not isinstance(error, OSError | ValueError):
            self.owner.crashes.append(error)
            traceback.print_exception(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        self.request = _contexts()[0].wrap_socket(self.request, server_side=True)
        self.owner._open.add(self.request)
        super().setup()

    def finish(self) -> None:
        self.owner._open.discard(self.request)
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        with contextlib.suppress(OSError):
            self.request.close()

    @property
    def owner(self) -> ShopifyServer:
        return self.server.owner

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._guard()
        fault = self.owner.fault("download")
        content = self.owner.shop.stored.get(self.path.partition("?")[0])
        if content is None:
            return self._give(404, b"NoSuchKey")
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", ""))
        if not found:
            return self._give(200, content, fault=fault)
        start, end = int(found[1]), min(int(found[2]), len(content) - 1)
        if start >= len(content):
            return self._give(416, b"")
        span = {"content-range": f"bytes {start}-{end}/{len(content)}"}
        return self._give(206, content[start : end + 1], span, fault=fault)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["host"] == DOMAIN:
            self._graphql(body)
        else:
            self._guard()
            self._upload(body)

    def _guard(self) -> None:
        """Storage is another's: the token has no business there."""
        if "x-shopify-access-token" in self.headers:
            self.owner.leaks.append(self.path)

    def _upload(self, body: bytes) -> None:
        fault = self.owner.fault("upload")
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts = {}
        for part in form.iter_parts():  # type: ignore[attr-defined]
            name = part.get_param("name", header="content-disposition")
            parts[name] = part.get_payload(decode=True)
        if list(parts)[-1] != "file" or parts.get("policy") != b"signed-policy":
            return self._give(403, b"AccessDenied")
        if not (fault and fault.kind in ("drop", "502")):
            self.owner.shop.stored[parts["key"].decode()] = parts["file"]
        return self._give(201, b"", fault=fault)

    def _graphql(self, body: bytes) -> None:
        owner = self.owner
        if self.path != f"/admin/api/{owner.version}/graphql.json":
            return self._give(404, b'{"errors":"Not Found"}')
        if self.headers.get("x-shopify-access-token") != owner.token:
            given = self.headers.get("x-shopify-access-token")
            said = f"[API] Invalid API key or access token {given}"
            return self._give(401, json.dumps({"errors": said}).encode())
        request = json.loads(body)
        text, variables = request["query"], request.get("variables") or {}
        name = re.match(r"\w+ (\w+)", text)[1]  # type: ignore[index]
        sent = Sent(name, variables, owner.clock())
        owner.before(sent)
        owner.requests.append(sent)
        fault = owner.fault(name)
        kind = fault.kind if fault else ""
        if kind == "late":
            owner.do_later(text, variables)
        if kind == "429":
            assert fault
            return self._give(429, b"", {"retry-after": fault.retry_after})
        if kind in ("drop", "late", "502", "503", "401"):
            return self._give(200, b"", fault=fault)
        if kind in _ERRORS:
            error = {"message": kind, "extensions": {"code": _ERRORS[kind]}}
            return self._give(200, json.dumps({"errors": [error]}).encode())
        answer = json.dumps(owner.answer(text, variables)).encode()
        return self._give(200, answer, fault=fault)

    def _give(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        fault: Fault | None = None,
    ) -> None:
        kind = fault.kind if fault else ""
        if kind in ("drop", "late", "apply-then-drop"):
            self.close_connection = True
            self.request.shutdown(socket.SHUT_RDWR)
            return
        if kind == "delay":  # until the client has had enough
            self.request.settimeout(30)
            with contextlib.suppress(OSError):
                self.request.recv(1)
            self.close_connection = True
            return
        if kind in ("502", "apply-502", "503", "401"):
            status, body = int(kind[-3:]), b"<html>Bad Gateway</html>"
        if kind == "cut":
            body = body[: len(body) // 2]
        lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body)}"]
        lines += [
            "x-request-id: req-7f3a",
            *(f"{k}: {v}" for k, v in (headers or {}).items()),
        ]
        data = "\r\n".join([*lines, "", ""]).encode() + body
        if kind == "half":
            data = data[: -max(1, len(body) // 2)]
        if kind == "reset":
            data = data[:10]
        if kind == "reset-body":
            data = data[: -max(1, len(body) // 2)]
        with contextlib.suppress(OSError):
            self.wfile.write(data)
            self.wfile.flush()
        if kind in ("half", "reset", "reset-body"):
            self.close_connection = True
            if kind != "half":
                linger = struct.pack("ii", 1, 0)
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            with contextlib.suppress(OSError):
                self.request.close() if kind != "half" else self.request.shutdown(2)


_ERRORS = {
    "throttled": "THROTTLED",
    "internal": "INTERNAL_SERVER_ERROR",
    "access": "ACCESS_DENIED",
}
