"""Network backend (SSRF guard): one DNS lookup, every address judged, deadlines kept.

The socket goes to the judged address itself, so no second lookup can move it, and TLS is
still verified against the name. Knows sockets and deadlines; knows no HTTP.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import httpcore

from .. import cancel
from ..errors import FetchError
from .network_access import NetworkAccess
from .tls import certificate_error
from .url_policy import IPAddress, Origin, closed, closed_to_origin, is_loopback

Lookup = Callable[[str, int], Sequence[str]]
"""Host name and port in, addresses as text out; raises `OSError` when there are none."""

Connect = Callable[[tuple[str, int], float], socket.socket]
"""((address, port), seconds) in, a connected socket out; raises `OSError`."""


LET_THROUGH = (
    "if that is where it is, let it through with --allow-host {0} "
    "(in Python NetworkAccess('{0}'))"
)
PLAIN_HTTP = (
    "with a key http:// goes to this machine only, since others can read it on the way; "
    "use https://, or --insecure (in Python NetworkAccess(insecure=True))"
)


class Policy(NamedTuple):
    """Policy of one HTTP exchange: every limit. `policy._replace(...)` gives another."""

    # The recommended mode for a shop: name its hosts, e.g. {"cdn.shopify.com"}. None
    # lets every public host through.
    allowed_hosts: frozenset[str] | None = None
    # Networks that may be reached although they are not public, e.g. "10.1.2.0/24".
    allowed_networks: tuple[str, ...] = ()
    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = frozenset({80, 443})  # others belong to other services
    # Whether http:// may lead to other machines; False for what is sent with a key.
    plain_http: bool = True
    max_url_chars: int = 2048  # what CDNs and old browsers take
    max_redirects: int = 3  # shop -> CDN -> region is two
    max_body_bytes: int = 30 * 2**20  # Shopify takes photos up to 20 MB
    connect_seconds: float = 5.0  # for one address, and for one lookup
    idle_seconds: float = 10.0  # between two pieces of an answer
    deadline_seconds: float = 20.0  # the whole of it: redirects, retries and waits
    max_addresses: int = 4  # tried in turn
    max_lookups: int = 16  # at once: a stalled name server must not eat all threads
    attempts: int = 3
    first_wait_seconds: float = 0.5  # doubles; the real wait is random below it
    retry_share: float = 0.1  # of requests, above a first handful of ten


def system_lookup(host: str, port: int) -> list[str]:
    """The addresses that the operating system finds for a name, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def system_connect(address: tuple[str, int], seconds: float) -> socket.socket:
    """A socket connected to an address, within so many seconds. Raises `OSError`."""
    sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    try:
        sock.settimeout(seconds)
        with cancel.current().ends(lambda: _shut(sock)):
            sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def _shut(sock: socket.socket) -> None:
    """End whatever another thread waits for on this socket."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class Wire(httpcore.NetworkBackend):
    """httpcore backend: looks up, judges, connects, keeps every socket to its deadline.

    An exchange runs in one thread from connect to last byte, so its deadline is kept per
    thread and holds over many short reads (a server that sends one byte a second).
    """

    def __init__(
        self, policy: Policy, access: NetworkAccess, lookup: Lookup, connect: Connect
    ) -> None:
        self._policy = policy
        self._access = access
        self._lookup = lookup
        self._connect = connect
        self._allowed = [ipaddress.ip_network(n) for n in policy.allowed_networks]
        self._lookups = threading.BoundedSemaphore(policy.max_lookups)
        self._own = threading.local()

    @property
    def deadline(self) -> float:
        """When this thread's exchange must be over (`time.monotonic`)."""
        return float(self._own.deadline)

    @deadline.setter
    def deadline(self, at: float) -> None:
        self._own.deadline = at

    def seconds_left(self, at_most: float | None = None) -> float:
        """Seconds until the deadline, never negative."""
        left = max(0.0, self.deadline - time.monotonic())
        return left if at_most is None else min(left, at_most)

    def allow(self, at_most: float) -> float:
        """Seconds for one step; raises `TimeoutError` once the deadline has passed."""
        seconds = self.seconds_left(at_most)
        if seconds <= 0:
            raise TimeoutError("deadline")
        return seconds

    @property
    def origin(self) -> Origin:
        """What this thread's exchange asks: a connection is made for one origin only."""
        origin: Origin = self._own.origin
        return origin

    @origin.setter
    def origin(self, origin: Origin) -> None:
        self._own.origin = origin

    def closed(self, address: IPAddress, origin: Origin) -> str | None:
        """Why this address may not be reached for this origin, or None when it may."""
        reasons = []
        if origin in self._access.origins:
            reasons.append(closed_to_origin(address, self._allowed))
        elif why := closed(address, self._allowed):
            named = self._policy.allowed_hosts is not None  # by the caller
            reasons.append(f"{why}; {LET_THROUGH.format(origin)}" if named else why)
        if origin.scheme == "http" and not (
            self._policy.plain_http or self._access.insecure or is_loopback(address)
        ):
            reasons.append(PLAIN_HTTP)
        return "; ".join(filter(None, reasons)) or None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        failed = "no address"
        for address in self._judged(host, port)[: self._policy.max_addresses]:
            try:
                seconds = self.allow(self._policy.connect_seconds)
                sock = self._connect((str(address), port), seconds)
            except OSError as e:
                failed = f"{address}: {e}"
                continue
            if ipaddress.ip_address(sock.getpeername()[0]) != address:
                sock.close()
                raise FetchError(f"{host}: the connection went to another address")
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _Stream(sock, self, self._policy.idle_seconds)
        raise httpcore.ConnectError(failed)

    def _judged(self, host: str, port: int) -> list[IPAddress]:
        """Every address of a host, all of them open: one closed answer closes the name."""
        try:
            answers = [ipaddress.ip_address(host)]
        except ValueError:
            answers = [ipaddress.ip_address(a) for a in self._addresses(host, port)]
        for address in answers:
            if why := self.closed(address, self.origin):
                raise FetchError(f"{host}: leads to {address}: {why}")
        return answers

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """A name's addresses; of one that is let through, those of its first lookup."""
        if self.origin not in self._access.origins:
            return self._answers(host, port)
        return self._access.addresses(host, lambda: self._answers(host, port))

    def _answers(self, host: str, port: int) -> Sequence[str]:
        """One lookup in a thread of its own: getaddrinfo knows no time limit."""
        seconds = self.seconds_left(self._policy.connect_seconds)
        late = FetchError(
            f"{host}: the name lookup took more than {seconds:.1f} s", retryable=True
        )
        if not self._lookups.acquire(timeout=seconds):
            raise late
        box: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def work() -> None:
            try:
                box.put(self._lookup(host, port))
            except Exception as e:  # handed to the asking thread, which raises it
                box.put(e)
            finally:
                self._lookups.release()

        threading.Thread(target=work, daemon=True, name="productdesc-lookup").start()
        try:
            with cancel.current().ends(lambda: box.put(())):
                answer = box.get(timeout=seconds)
        except queue.Empty:
            raise late from None
        if isinstance(answer, OSError | UnicodeError):
            passing = getattr(answer, "errno", None) == socket.EAI_AGAIN
            raise FetchError(
                f"{host}: the name cannot be looked up: {answer}", retryable=passing
            ) from answer
        if isinstance(answer, Exception):
            raise answer
        return answer


class _Stream(httpcore.NetworkStream):
    """One connected socket whose every step ends at the exchange's deadline."""

    def __init__(self, sock: socket.socket, wire: Wire, idle: float) -> None:
        self._sock = sock
        self._wire = wire
        self._idle = idle

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            with self._ended_by_cancelling():
                self._sock.settimeout(self._wire.allow(self._idle))
                return self._sock.recv(max_bytes)
        except TimeoutError as e:
            raise httpcore.ReadTimeout(str(e)) from e
        except OSError as e:
            raise httpcore.ReadError(str(e)) from e

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = memoryview(buffer)
        try:
            with self._ended_by_cancelling():
                while left:
                    self._sock.settimeout(self._wire.allow(self._idle))
                    left = left[self._sock.send(left) :]
        except TimeoutError as e:
            raise httpcore.WriteTimeout(str(e)) from e
        except OSError as e:
            raise httpcore.WriteError(str(e)) from e

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            self._sock.settimeout(self._wire.allow(self._idle))
            with self._ended_by_cancelling():
                sock = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except ssl.SSLCertVerificationError as e:
            self.close()
            raise FetchError(f"{server_hostname}: {certificate_error(e)}") from e
        except TimeoutError as e:
            self.close()
            raise httpcore.ConnectTimeout(str(e)) from e
        except OSError as e:
            self.close()
            hint = (
                "; does it speak https at this port?" if isinstance(e, ssl.SSLError) else ""
            )
            raise httpcore.ConnectError(f"{e}{hint}") from e
        return _Stream(sock, self._wire, self._idle)

    def _ended_by_cancelling(self) -> AbstractContextManager[None]:
        return cancel.current().ends(lambda: _shut(self._sock))

    def close(self) -> None:
        self._sock.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # asked of idle connections: has the server hung up?
            with selectors.DefaultSelector() as selector:
                selector.register(self._sock, selectors.EVENT_READ)
                return bool(selector.select(0))
        if info == "ssl_object" and isinstance(self._sock, ssl.SSLSocket):
            return self._sock
        return None
