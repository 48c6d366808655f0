"""Server of the review page: uvicorn, with limits for slow clients."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from .limits import LIMITS, Limits


class PatientProtocol(H11Protocol):
    """HTTP/1.1 whose clients have so many seconds, then the connection is closed:
    `head_seconds` for a request's head, `rest_seconds` for what is left of a body that is
    answered already, `read_seconds` to take what is ready for them.

    uvicorn itself waits for each of these for ever.
    """

    limits = LIMITS
    _awaited = ""
    _timer: asyncio.TimerHandle | None = None
    _read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.limits.most_connections:
            transport.abort()
            return
        self._wait_for("head", self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_for("")
        self._take_time(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait_for("head", self.limits.head_seconds)
        elif not self._is_answered_early():
            self._wait_for("")

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_answered_early():
            self._wait_for("rest", self.limits.rest_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._take_time(self.limits.read_seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._take_time(None)

    def _is_answered_early(self) -> bool:
        is_answered = self.conn.our_state in (h11.DONE, h11.MUST_CLOSE)
        return is_answered and self.conn.their_state is h11.SEND_BODY

    def _wait_for(self, what: str, seconds: float = 0.0) -> None:
        """Wait for this; what is waited for already gets no more time."""
        if what == self._awaited:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._awaited = what
        if what:
            self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _take_time(self, seconds: float | None) -> None:
        """How long the client has to read; None: it has read."""
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None
        if seconds is not None:
            self._read_timer = self.loop.call_later(seconds, self.transport.abort)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0: any that is free. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(128)
    except BaseException:
        made.close()
        raise
    return made


def make_server(
    app: ASGIApp,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    is_ready: Callable[[], Any] = lambda: None,
    limits: Limits = LIMITS,
) -> Server:
    """A server, which `run(sockets=[listen(...)])` serves until it is told to stop: by
    SIGINT, SIGTERM or `should_exit`. What runs then is answered.

    certificate, key: files of TLS. is_ready: called once it listens.
    """
    config = uvicorn.Config(
        app,
        http=type("Patient", (PatientProtocol,), {"limits": limits}),
        ws="none",
        lifespan="off",
        access_log=False,  # addresses hold the first link's token
        log_level="warning",
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=10,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    return Server(config, is_ready)


class Server(uvicorn.Server):
    """Tells when it is ready, and by which signal it was stopped (0: none)."""

    def __init__(self, config: uvicorn.Config, is_ready: Callable[[], Any]) -> None:
        super().__init__(config)
        self._is_ready = is_ready
        self.signal = 0

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, but without raising the signal anew: a journal is still open."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.signal = sig
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._is_ready()
