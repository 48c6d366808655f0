"""A WooCommerce shop on loopback: REST v3 as documented, WordPress's habits as measured.

It has products, variations, attachments and tags, checks keys (Basic over TLS, OAuth 1.0a
signatures else), cleans texts as WordPress does for the role of the key's user, replaces
images as a set, and misbehaves on demand. Written on its own: it shares no code with the
client that it tests.
"""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from doubles.shop_servers.woocommerce_keys import Key, WooError
from doubles.shop_servers.woocommerce_rows import blank, plain_line
from doubles.shop_servers.woocommerce_shop import (
    Answer,
    Fault,
    Shop,
    sent_fields,
    with_products,
)
from doubles.wordpress.characters import unslash

__all__ = [
    "Fault",
    "Key",
    "Server",
    "Shop",
    "WooError",
    "blank",
    "plain_line",
    "sent_fields",
    "unslash",
    "with_products",
]

PREFIX = "/wp-json/wc/v3/"


class Server:
    """A `Shop` that listens on loopback; leave the `with` block and it is gone."""

    def __init__(self, shop: Shop, *, tls: ssl.SSLContext | None = None) -> None:
        self.shop = shop
        handler = type("Handler", (_Handler,), {"shop": shop, "tls": tls is not None})
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port: int = self._http.server_address[1]
        handler.port = self.port  # type: ignore[attr-defined]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._gone = False

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._gone:
            self._gone = True
            self._http.shutdown()
            self._http.server_close()
            self._thread.join(5)


class _Handler(http.server.BaseHTTPRequestHandler):
    shop: Shop
    tls: bool
    port: int
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    lock = threading.Lock()

    def log_message(self, *_: object) -> None:
        return None

    def do_GET(self) -> None:
        self.serve()

    do_PUT = do_POST = do_GET

    def serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", "0")))
        with self.lock:
            (status, headers, data), how = self.answered(content)
        match how:
            case "reset" | "apply-then-drop" | "apply-later":
                self.reset()
            case "hang":
                time.sleep(1.6)
                self.reset()
            case "half":
                self.give(status, headers, data[: len(data) // 2], stated=len(data))
                self.close_connection = True
            case _:
                self.give(status, headers, data)

    def answered(self, content: bytes) -> tuple[Answer, str]:
        """The answer, and what goes wrong with it."""
        shop, parts = self.shop, urlsplit(self.path)
        folder = urlsplit(shop.home).path
        place = parts.path.removeprefix(folder).removeprefix(PREFIX)
        fields = [part.partition("=")[::2] for part in parts.query.split("&") if part]
        query = {unquote(name): unquote(value) for name, value in fields}
        shop.requests.append((self.command, place, query))
        if shop.before:
            shop.before(shop)
        fault = self.fault(place)
        how = fault.how if fault else ""
        if how == "reset" or (fault and isinstance(how, tuple) and not fault.applies):
            return (how, "") if isinstance(how, tuple) else ((0, {}, b""), how)

        if shop.plain_permalinks:
            return self.page(parts), ""
        url = f"{self.home()}{parts.path.removeprefix(folder)}"
        try:
            auth = self.headers.get("authorization", "")
            key = shop.check(self.command, url, parts.query, auth, self.tls)
        except WooError as e:
            return (e.status, self.link(), json.dumps(e.body).encode()), ""

        def work() -> Answer:
            try:
                body = json.loads(content) if content else None
                value, headers = shop.handle(key, self.command, place, query, body)
                return 200, {**self.link(), **headers}, json.dumps(value).encode()
            except WooError as e:
                return e.status, self.link(), json.dumps(e.body).encode()

        if how == "apply-later":
            shop.pending.append(work)
            return (0, {}, b""), how
        answer = work()
        return (how, "") if isinstance(how, tuple) else (answer, how)

    def home(self) -> str:
        """The site's own address, which WordPress names in the links that it gives."""
        scheme = "https" if self.tls else "http"
        here = f"{scheme}://127.0.0.1:{self.port}"
        return (self.shop.home or here).rstrip("/")

    def link(self) -> dict[str, str]:
        """Where the REST API is, in every answer of WordPress's own, refusals too."""
        at = "index.php?rest_route=/" if self.shop.plain_permalinks else "wp-json/"
        return {"link": f'<{self.home()}/{at}>; rel="https://api.w.org/"'}

    def page(self, parts: SplitResult) -> Answer:
        """What WordPress answers where no rule of a server knows the REST API's place."""
        kind = {"content-type": "text/html; charset=UTF-8"}
        if self.command == "GET" and not parts.path.endswith("/"):
            query = f"?{parts.query}" if parts.query else ""
            folder = urlsplit(self.home()).path
            there = f"{self.home()}{parts.path.removeprefix(folder)}/{query}"
            redirect = {"x-redirect-by": "WordPress", "location": there}
            return 301, {**kind, **redirect}, b""
        kind |= self.link()
        return 200, kind, b"<!DOCTYPE html><html><head><title>Home</title></head></html>"

    def fault(self, place: str) -> Fault | None:
        methods = (self.command, "" if self.command == "GET" else "*")
        for fault in self.shop.faults:
            if fault.method in methods and fault.path in place and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def reset(self) -> None:
        """A TCP reset: what is on its way is lost too."""
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.close_connection = True
        self.connection.close()

    def give(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        stated: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "content-type" not in {name.lower() for name in headers}:
            self.send_header("content-type", "application/json; charset=UTF-8")
        self.send_header("content-length", str(len(body) if stated is None else stated))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
