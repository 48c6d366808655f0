"""A real server on a loopback address that answers with exactly the bytes it is told to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

Answer = Callable[[str, socket.socket], None]
"""(request line and headers, the connection): writes what it likes; then it is closed."""

KEEP = "Connection: keep-alive"


class Loopback:
    """Leave the `with` block and it is gone. `requests` holds each request's head."""

    def __init__(
        self, answer: Answer, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self._answer = answer
        self._tls = tls
        self._socket = socket.create_server((host, 0))
        self.port: int = self._socket.getsockname()[1]
        self.accepted = 0
        self.requests: list[str] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                while head := _head(connection):
                    self.requests.append(head)
                    self._answer(head, connection)
                    if not head.split()[1].startswith("/keep"):
                        return


def _head(connection: socket.socket) -> str:
    got = b""
    while not got.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece:
            return ""
        got += piece
    return got.decode("latin-1")


def reply(
    body: bytes = b"", status: str = "200 OK", *headers: str, length: int | None = None
) -> bytes:
    """An HTTP/1.1 answer; `length` is what it claims (default: the truth).

    The connection is kept only for paths that begin with "/keep", and with KEEP.
    """
    stated = len(body) if length is None else length
    headers = headers if KEEP in headers else (*headers, "Connection: close")
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {stated}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def says(data: bytes) -> Answer:
    """A server that gives the same bytes to everybody."""
    return lambda head, connection: connection.sendall(data)
