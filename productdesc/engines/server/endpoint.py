"""HTTP endpoint of a server: retried while it is busy or away, until the deadline."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ...errors import EngineError, FetchError
from ...net import Http, NetworkAccess, Policy, retry_after
from ...net.url_policy import scrub
from ...secret import Secret
from ..options import ServerLimits

BUSY = frozenset({408, 429, 502, 503, 504})
"""Asked again. 500 is not: servers say it of a request that they will never take."""


@dataclass(frozen=True, slots=True)
class EndpointReply:
    """A server's last reply, its body as text without the key."""

    url: str
    status: int
    body: str = field(repr=False)
    attempts: int
    wait: float = 0.0  # seconds, that a busy server asked for
    location: str = ""  # where a redirect leads


class Endpoint:
    """The address of an API. Safe to use from several threads; `close` it when done.

    Unlike the URLs in a catalogue it is the caller's own word, so it may be on this
    machine or in a private network; only this host is ever reached, and with a key over
    plain http only on this machine, unless `network` says otherwise. `ValueError` for
    what cannot be an address.
    """

    def __init__(
        self,
        base_url: str,
        key: Secret | None,
        limits: ServerLimits,
        *,
        network: NetworkAccess,
        http: Http | None,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                f"{scrub(base_url)}: a server's address looks like http://127.0.0.1:8000/v1"
            )
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(
                f"{scrub(base_url)}: a server's address has no query and no password; "
                "the key is given as api_key"
            )
        self.url = base_url.rstrip("/")
        self._key = key
        self._hide = key.hide if key else str
        self._limits = limits
        self._own = http is None
        policy = _policy(parts.scheme, parts.hostname, parts.port, limits)
        self._http = http or Http(
            policy._replace(plain_http=key is None),
            network=network,
            trust=network.key_trust,
        )
        self._clock, self._sleep = clock, sleep

    def close(self) -> None:
        if self._own:
            self._http.close()

    def ask(self, method: str, path: str, content: bytes = b"") -> EndpointReply:
        """The last answer, whatever its status. `EngineError` where none came in time."""
        limits = self._limits
        deadline = self._clock() + limits.deadline_seconds
        attempt = 0
        while True:
            attempt += 1
            outcome = self._once(method, path, content, attempt, deadline)
            if isinstance(outcome, EndpointReply) and outcome.status not in BUSY:
                return outcome
            pause = random.uniform(0, limits.first_wait_seconds * 2 ** (attempt - 1))
            pause += outcome.wait if isinstance(outcome, EndpointReply) else 0.0
            if attempt == limits.attempts or self._clock() + pause >= deadline:
                break
            self._sleep(pause)
        if isinstance(outcome, EndpointReply):
            return outcome
        raise EngineError(
            f"{outcome} (attempt {attempt} of {limits.attempts}, at most "
            f"{limits.deadline_seconds:g} s in all); is the server running there?"
        ) from outcome

    def _once(
        self, method: str, path: str, content: bytes, attempt: int, deadline: float
    ) -> EndpointReply | FetchError:
        url = f"{self.url}/{path}"
        headers = {"content-type": "application/json"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key.reveal()}"
        try:
            reply = self._http.send(
                method,
                url,
                headers=headers,
                content=content,
                max_bytes=self._limits.max_reply_bytes,
                again=False,
                follow=False,
                seconds=max(0.0, deadline - self._clock()),
            )
        except FetchError as e:
            if e.retryable:
                return e
            raise EngineError(str(e)) from e
        body = self._hide(reply.body.decode("utf-8", "replace"))
        asked = retry_after(reply.headers.get("retry-after"), datetime.now(UTC))
        location = self._hide(scrub(reply.headers.get("location", "")))
        return EndpointReply(
            scrub(url), reply.status, body, attempt, asked or 0.0, location
        )


def _policy(scheme: str, host: str, port: int | None, limits: ServerLimits) -> Policy:
    """This server and no other, wherever it is; it may think until the deadline."""
    return Policy(
        allowed_hosts=frozenset({host}),
        allowed_networks=("0.0.0.0/0", "::/0"),
        schemes=frozenset({scheme}),
        ports=frozenset({port or (443 if scheme == "https" else 80)}),
        max_body_bytes=limits.max_reply_bytes,
        idle_seconds=limits.deadline_seconds,
        deadline_seconds=limits.deadline_seconds,
    )
