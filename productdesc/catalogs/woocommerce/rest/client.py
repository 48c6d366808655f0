"""Client of one shop's REST API (wc/v3): signed requests, at the pace that is set."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ....errors import CatalogError, FetchError
from ....net import Http, HttpReply, NetworkAccess, Policy, RetryPolicy
from ....net.network_access import NO_ACCESS
from ....net.url_policy import scrub
from ....secret import REDACTED, Secret
from ...http_outcome import Refused, Unanswered
from ...live import RETRY_POLICIES, Backoff, Clock, answer_of, change_of, send
from ...protocol import Closing
from .hints import API
from .oauth import Pairs, query_string, signed
from .replies import Answered, Outcome, judge


class WooCommerceClient(Closing):
    """Client of one WooCommerce shop; leave the `with` block and its connections close.

    One object for everything that talks to the shop. Not to be shared by threads.

    url: the address of the WordPress site, "https://shop.example". Over https the key
    goes in a header (Basic); with an http:// URL each request is signed instead (OAuth
    1.0a), and everything can be read on the way, so this goes to this machine only unless
    `network` says otherwise. key, secret: of a REST key; never shown. network: for a shop
    on this machine, in a network of one's own or with a certificate of its own. http: in
    place of the client that is made here, with its own limits; it is not closed here.
    retry: how long the shop is waited for, and how fast it is asked.
    Raises `ValueError` for a URL that cannot be one.
    """

    def __init__(
        self,
        url: str,
        key: str | Secret,
        secret: str | Secret,
        *,
        network: NetworkAccess = NO_ACCESS,
        http: Http | None = None,
        retry: RetryPolicy = RETRY_POLICIES["woocommerce"],
        clock: Clock | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{scrub(url)}: a shop's address begins with https://")
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(f"{scrub(url)}: a shop's address has no query and no password")
        self.url = url.rstrip("/")
        self.network = network
        self.retry = retry
        self.clock = clock or Clock()
        self._key = key if isinstance(key, Secret) else Secret(key)
        self._secret = secret if isinstance(secret, Secret) else Secret(secret)
        self._secure = parts.scheme == "https"
        self._own = http is None
        self._http = http or Http(
            _policy(parts.scheme, parts.hostname, parts.port),
            network=network,
            trust=network.key_trust,
        )
        self._free_at = self.clock.monotonic()
        self.before_change: Callable[[], None] = lambda: None
        """Called right before each request that changes something; what it raises keeps
        the request from leaving."""

    def close(self) -> None:
        """Close the connections that this object opened."""
        if self._own:
            self._http.close()

    def get(self, path: str, **query: str | int) -> Answered:
        """The answer to a question. Raises `CatalogError` with the shop's own words."""
        pairs = [(name, str(value)) for name, value in query.items()]
        outcome = self._send("GET", path, pairs, b"")
        return answer_of(outcome, f"{self.url}: reading {path}")

    def change(
        self, method: str, path: str, body: Mapping[str, Any]
    ) -> Answered | Refused | Unanswered:
        """The answer to a change. `CatalogError`: no other change would be done either."""
        outcome = self._send(method, path, [], json.dumps(body).encode("ascii"))
        return change_of(outcome, f"{self.url}: writing {path}")

    def _send(self, method: str, path: str, query: Pairs, content: bytes) -> Outcome:
        return send(
            lambda: self._once(method, path, query, content),
            Backoff(self.retry),
            self.clock.sleep,
            repeatable=method == "GET",
        )

    def _once(self, method: str, path: str, query: Pairs, content: bytes) -> Outcome:
        self._keep_pace()
        place = f"{self.url}{API}{path}"
        headers = {"content-type": "application/json"} if content else {}
        if self._secure:
            headers["authorization"] = f"Basic {self._basic().reveal()}"
        else:
            query = signed(
                method,
                place,
                query,
                key=self._key,
                secret=self._secret,
                timestamp=int(self.clock.now().timestamp()),
                nonce=secrets.token_hex(16),
            )
        asked = f"{place}?{query_string(query)}" if query else place
        try:
            if method != "GET":
                self.before_change()
            reply = self._http.send(
                method, asked, headers=headers, content=content, again=False, follow=False
            )
        except FetchError as e:
            if not e.retryable and not e.sent:
                raise CatalogError(self._clean(str(e))) from e
            return Unanswered(self._clean(str(e)), sent=e.sent)
        body = self._hidden(reply.body, thoroughly=reply.status >= 300)
        clean = HttpReply(reply.status, reply.headers, body, reply.url)
        return judge(clean, self.clock.now())

    def _keep_pace(self) -> None:
        if self.retry.per_second:
            if (early := self._free_at - self.clock.monotonic()) > 0:
                self.clock.sleep(early)
            began = max(self._free_at, self.clock.monotonic())
            self._free_at = began + 1 / self.retry.per_second

    def _basic(self) -> Secret:
        pair = f"{self._key.reveal()}:{self._secret.reveal()}"
        return Secret(base64.b64encode(pair.encode("ascii")).decode("ascii"))

    def _hidden(self, body: bytes, *, thoroughly: bool) -> bytes:
        """An answer without the key, where a shop repeats it (error pages do).

        thoroughly: in every spelling. Of products there may be 30 MB, too much for that.
        """
        if thoroughly:
            return self._clean(body.decode("utf-8", "replace")).encode()
        for secret in (self._basic(), self._key, self._secret):
            body = body.replace(secret.reveal().encode("ascii"), REDACTED.encode("ascii"))
        return body

    def _clean(self, text: str) -> str:
        text = text.encode("utf-8", "replace").decode()
        for secret in (self._basic(), self._key, self._secret):
            text = secret.hide(text)
        return text


def _policy(scheme: str, host: str, port: int | None) -> Policy:
    """This shop's server and no other; a page of 100 products may take it a minute."""
    return Policy(
        allowed_hosts=frozenset({host}),
        schemes=frozenset({scheme}),
        ports=frozenset({port or (443 if scheme == "https" else 80)}),
        plain_http=False,
        idle_seconds=60.0,
        deadline_seconds=90.0,
    )
