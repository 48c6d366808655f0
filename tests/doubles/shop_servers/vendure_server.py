"""A Vendure shop on loopback, with faults on demand."""

from __future__ import annotations

import http.server
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from doubles.shop_servers.vendure_shop import MAX_BODY, Answer, Fault, Sent, Shop

from productdesc.catalogs.live import Clock
from productdesc.catalogs.vendure import VendureClient
from productdesc.net import Http, Policy

AWAKE = Clock(sleep=lambda seconds: None)


class Server:
    """A `Shop` that listens on loopback; leave the `with` block and it is gone."""

    def __init__(self, shop: Shop) -> None:
        handler = type("Handler", (_Handler,), {"shop": shop})
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/admin-api"
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


def loopback(port: int, **changes: Any) -> Http:
    """A client that may reach loopback at this port, and never retries by itself."""
    policy = Policy(
        allowed_networks=("127.0.0.1/32",),
        schemes=frozenset({"http"}),
        ports=frozenset({port}),
    )
    return Http(policy._replace(**changes))


@contextmanager
def serving(shop: Shop, **options: Any) -> Iterator[VendureClient]:
    """A client that reaches this shop; nobody really sleeps."""
    limits = options.pop("limits", {})
    with Server(shop) as server:
        how = {"token": shop.token, "clock": AWAKE, **options}
        http = loopback(server.port, **limits)
        with http, VendureClient(server.url, http=http, **how) as client:
            yield client


class _Handler(http.server.BaseHTTPRequestHandler):
    shop: Shop
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    lock = threading.Lock()

    def log_message(self, *_: object) -> None:
        return None

    def do_GET(self) -> None:
        self.give(*_json(405, {"message": "Method Not Allowed"}))

    def do_POST(self) -> None:
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
        headers = {name.lower(): value for name, value in self.headers.items()}
        if parts.path != "/admin-api":
            return _json(404, {"message": f"Cannot POST {parts.path}"}), ""
        if len(content) > MAX_BODY:
            return _json(413, {"message": "request entity too large"}), ""
        asked = json.loads(content)
        language = parse_qs(parts.query).get("languageCode", [""])[0]
        sent = Sent(asked["operationName"], asked["variables"], headers, language)
        shop.before(sent)
        shop.requests.append(sent)
        fault = self.fault(sent.name)
        how = fault.how if fault else ""
        if how == "reset" or (fault and isinstance(how, tuple) and not fault.applies):
            return (how, "") if isinstance(how, tuple) else ((0, {}, b""), how)
        known = shop.is_known(headers)

        def work() -> Answer:
            status, body = shop.answer(asked["query"], sent.variables, known=known)
            login = (body.get("data") or {}).get("login") or {}
            more = {"vendure-auth-token": shop.token} if "id" in login else {}
            return _json(status, body, more)

        if how == "apply-later":
            shop.pending.append(work)
            return (0, {}, b""), how
        answer = work()
        if fault and isinstance(how, tuple):
            return how, ""
        return answer, str(how)

    def fault(self, name: str) -> Fault | None:
        for fault in self.shop.faults:
            if fault.on in ("", name) and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def reset(self) -> None:
        """A TCP reset: what is on its way is lost too."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
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
        self.send_header("content-length", str(len(body) if stated is None else stated))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    kind = {"content-type": "application/json; charset=utf-8", **(headers or {})}
    return status, kind, json.dumps(body).encode()
