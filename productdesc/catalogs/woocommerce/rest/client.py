"""`Api`: one shop's REST API (wc/v3), signed, paced, and asked again with care.

A question is asked again until it is answered. A change is sent again only where the shop
said that it did not do it, or where no byte of it left; one that got no answer is
`Unanswered`, and it is the caller's to look.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from ....errors import CatalogError, FetchError
from ....net import Http, HttpReply, Policy
from ....net.url_policy import scrub
from ....secret import REDACTED, Secret
from ...http_outcome import Closed, Refused, Throttled, Unanswered
from .oauth import Pairs, query_string, signed
from .replies import Answer, Answered, judge


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a shop is waited for, and how fast it is asked."""

    attempts: int = 5  # at one request
    first_wait_seconds: float = 0.5  # between two attempts; doubles
    longest_wait_seconds: float = 120.0  # that a shop may ask for, and all of one request
    settle_seconds: float = 10.0  # before looking whether an unanswered change was made
    per_second: float | None = None  # requests; None: one after the other, as it answers


class WooCommerceClient:
    """A connection to one shop; `close` it when done. Not to be shared by threads.

    url: the address of the WordPress site, "https://shop.example". Over https the key
    goes in a header (Basic); with an http:// URL each request is signed instead (OAuth
    1.0a), and everything can be read on the way. http: for tests, and for networks of
    one's own; it is not closed here.
    Raises `ValueError` for a URL that cannot be one.
    """

    def __init__(
        self,
        url: str,
        key: str | Secret,
        secret: str | Secret,
        *,
        http: Http | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{scrub(url)}: a shop's address begins with https://")
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(f"{scrub(url)}: a shop's address has no query and no password")
        self.url = url.rstrip("/")
        self.patience = patience or Patience()
        self._key = key if isinstance(key, Secret) else Secret(key)
        self._secret = secret if isinstance(secret, Secret) else Secret(secret)
        self._secure = parts.scheme == "https"
        self._own = http is None
        self._http = http or Http(_policy(parts.scheme, parts.hostname, parts.port))
        self._clock, self._sleep, self._now = clock, sleep, now
        self._free_at = clock()

    def close(self) -> None:
        if self._own:
            self._http.close()

    def wait(self, seconds: float) -> None:
        self._sleep(seconds)

    def get(self, path: str, **query: str | int) -> Answered:
        """The answer to a question. Raises `CatalogError` with the shop's own words."""
        pairs = [(name, str(value)) for name, value in query.items()]
        answer = self._ask("GET", path, pairs, b"")
        if isinstance(answer, Answered):
            return answer
        raise CatalogError(f"{self.url}: reading {path}: {answer.reason}")

    def change(
        self, method: str, path: str, body: Mapping[str, Any]
    ) -> Answered | Refused | Unanswered:
        """The answer to a change. `CatalogError`: no other change would be done either."""
        answer = self._ask(method, path, [], json.dumps(body).encode("ascii"))
        if isinstance(answer, Closed | Throttled):
            raise CatalogError(f"{self.url}: writing {path}: {answer.reason}")
        return answer

    def _ask(self, method: str, path: str, query: Pairs, content: bytes) -> Answer:
        waited = 0.0
        for attempt in range(self.patience.attempts):
            answer = self._once(method, path, query, content)
            match answer:
                case Throttled(_, seconds):
                    pass
                case Unanswered(_, seconds) if method == "GET":
                    pass
                case _:
                    return answer
            pause = self.patience.first_wait_seconds * 2**attempt
            pause = max(pause, seconds or 0.0)
            waited += pause
            if waited > self.patience.longest_wait_seconds:
                limit = self.patience.longest_wait_seconds
                return Closed(
                    f"{answer.reason}; waiting {waited:.0f} s for it would be more than "
                    f"the {limit:.0f} s of `longest_wait_seconds`"
                )
            if attempt + 1 < self.patience.attempts:
                self._sleep(pause)
        return answer

    def _once(self, method: str, path: str, query: Pairs, content: bytes) -> Answer:
        self._keep_pace()
        place = f"{self.url}/wp-json/wc/v3/{path}"
        headers = {"content-type": "application/json"} if content else {}
        if self._secure:
            headers["authorization"] = f"Basic {self._basic()}"
        else:
            query = signed(
                method,
                place,
                query,
                key=self._key,
                secret=self._secret,
                timestamp=int(self._now().timestamp()),
                nonce=secrets.token_hex(16),
            )
        asked = f"{place}?{query_string(query)}" if query else place
        try:
            reply = self._http.send(
                method, asked, headers=headers, content=content, again=False
            )
        except FetchError as e:
            if e.retryable and not e.sent:
                return Throttled(self._clean(str(e)), None)
            if e.sent:
                return Unanswered(self._clean(str(e)))
            raise CatalogError(self._clean(str(e))) from e
        if reply.url != scrub(asked):
            return Closed(
                f"it sends on to {reply.url}; give the shop's address as it is there"
            )
        clean = HttpReply(reply.status, reply.headers, self._hidden(reply.body), reply.url)
        return judge(clean, self._now())

    def _keep_pace(self) -> None:
        if self.patience.per_second:
            if (early := self._free_at - self._clock()) > 0:
                self._sleep(early)
            self._free_at = max(self._free_at, self._clock()) + 1 / self.patience.per_second

    def _basic(self) -> str:
        pair = f"{self._key.reveal()}:{self._secret.reveal()}"
        return base64.b64encode(pair.encode("ascii")).decode("ascii")

    def _hidden(self, body: bytes) -> bytes:
        """An answer without the key, where a shop repeats it (error pages do)."""
        for value in (self._basic(), self._key.reveal(), self._secret.reveal()):
            for spelt in {value, quote(value, safe="")}:
                body = body.replace(spelt.encode("ascii"), REDACTED.encode("ascii"))
        return body

    def _clean(self, text: str) -> str:
        return self._hidden(text.encode("utf-8", "replace")).decode("utf-8")


def _policy(scheme: str, host: str, port: int | None) -> Policy:
    """This shop's server and no other; a page of 100 products may take it a minute."""
    return Policy(
        allowed_hosts=frozenset({host}),
        schemes=frozenset({scheme}),
        ports=frozenset({port or (443 if scheme == "https" else 80)}),
        idle_seconds=60.0,
        deadline_seconds=90.0,
    )
