"""httpx's transport over a connection pool that connects through the guarded wire."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx

from .tls import public_trust


class Transport(httpx.BaseTransport):
    """httpx requests over a connection pool of ours: the seam that httpx offers for this.

    trust: replaces the certificate store (certifi's).

    Used without `httpx.Client`, which would log every URL (and its signature) at INFO,
    keep cookies, and follow redirects by itself.
    """

    def __init__(
        self, backend: httpcore.NetworkBackend, trust: ssl.SSLContext | None = None
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust or public_trust(),
            network_backend=backend,
            max_connections=64,
            keepalive_expiry=15.0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme,
                    host=url.raw_host,
                    port=url.port,
                    target=url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream)
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()
