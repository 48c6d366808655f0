"""A proxy on loopback that counts a model server's requests: between it and who asks."""

from __future__ import annotations

import threading
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class CountingProxy:
    """Leave the `with` block and it is gone. A server that dies may come back on its port.

    port: the server's. most: POST requests under way at once so far. lost: those that no
    answer came to.
    """

    def __init__(self, port: int) -> None:
        self.most = self.lost = self._now = 0
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"proxy": self, "target": port})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> CountingProxy:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def begin(self) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)

    def end(self, *, lost: bool) -> None:
        with self._lock:
            self._now -= 1
            self.lost += lost


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: CountingProxy
    target: int

    def do_GET(self) -> None:
        self._answer(self._asked("GET", b""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.proxy.begin()
        answer = self._asked("POST", body)
        self.proxy.end(lost=answer is None)  # before who asks can ask again
        self._answer(answer)

    def _asked(self, method: str, body: bytes) -> tuple[int, bytes] | None:
        """The server's status and body; None where it is away."""
        server = HTTPConnection("127.0.0.1", self.target)
        try:
            server.request(method, self.path, body, {"content-type": "application/json"})
            reply = server.getresponse()
            return reply.status, reply.read()
        except (OSError, HTTPException):
            return None
        finally:
            server.close()

    def _answer(self, answer: tuple[int, bytes] | None) -> None:
        if answer is None:
            self.close_connection = True  # as if it were the server that died
            return
        status, body = answer
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
