"""A proxy on loopback that cuts a shop off: between a client and any server of bytes."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Literal

Way = Literal["through", "deaf", "mute", "reset"]
"""through: all goes. deaf: what the client sends does not arrive. mute: it arrives and is
done, and no answer comes back. reset: connections end at once, new ones too."""


class CutOffProxy:
    """Leave the `with` block and it is gone. `way` may change at any time.

    A connection keeps to a cut that it met: what was lost is not sent later. before: called
    with each piece of a request before it is handed on.
    """

    def __init__(
        self,
        port: int,
        way: Way = "through",
        *,
        before: Callable[[bytes], object] = lambda data: None,
    ) -> None:
        self._before = before
        self.target = ("127.0.0.1", port)
        self._way: Way = way
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def way(self) -> Way:
        return self._way

    @way.setter
    def way(self, way: Way) -> None:
        self._way = way
        if way == "reset":
            self._drop_all()

    def __enter__(self) -> CutOffProxy:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._drop_all()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            if self._way == "reset":
                _reset(client)
                continue
            try:
                server = socket.create_connection(self.target, 10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            with self._lock:
                self._open |= {client, server}
            for pair in ((client, server, "deaf"), (server, client, "mute")):
                threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, cut: Way) -> None:
        is_lost = False
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if cut == "deaf":
                    self._before(data)
                is_lost = is_lost or self._way == cut
                if not is_lost:
                    sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            with self._lock:
                self._open.discard(one)
            one.close()

    def _drop_all(self) -> None:
        with self._lock:
            there, self._open = self._open, set()
        for one in there:
            _reset(one)


def _reset(connection: socket.socket) -> None:
    """A TCP reset: what is on its way is lost too."""
    with contextlib.suppress(OSError):
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
