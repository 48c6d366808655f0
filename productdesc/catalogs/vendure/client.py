"""Client of one shop's Admin GraphQL API, at the pace that is set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from ...errors import CatalogError, FetchError
from ...net import Http, HttpReply, NetworkAccess, Policy, RetryPolicy
from ...net.network_access import NO_ACCESS
from ...net.url_policy import scrub
from ...secret import REDACTED, Secret
from ..http_outcome import Refused, Unanswered
from ..live import RETRY_POLICIES, Backoff, Clock, answer_of, change_of, send
from ..protocol import Closing
from .documents import SETTINGS, Document
from .replies import Answered, Outcome, judge
from .shop_settings import ShopSettings, parse_settings

API = "/admin-api"
"""Where the Admin API is, where an address names no path."""


class VendureClient(Closing):
    """Client of one Vendure shop; leave the `with` block and its connections close.

    One object for everything that talks to the shop. Not to be shared by threads.

    url: the address of the Admin API, "https://shop.example/admin-api"; without a path that
    one. token: of a login (see `log_in`), or an API key; never shown. Over http:// it goes
    to this machine only unless `network` says otherwise.
    channel: the token of a channel ("": the default one). network: for a shop on this
    machine, in a network of one's own or with a certificate of its own. http: in place of
    the client that is made here, with its own limits; it is not closed here. retry: how
    long the shop is waited for, and how fast it is asked.
    Raises `ValueError` for a URL that cannot be one.
    """

    def __init__(
        self,
        url: str,
        token: str | Secret,
        *,
        channel: str = "",
        network: NetworkAccess = NO_ACCESS,
        http: Http | None = None,
        retry: RetryPolicy = RETRY_POLICIES["vendure"],
        clock: Clock | None = None,
    ) -> None:
        self.url = api_url(url)
        self.network = network
        self.retry = retry
        self.clock = clock or Clock()
        self._token = token if isinstance(token, Secret) else Secret(token)
        self._channel = Secret(channel) if channel else None
        self._own = http is None
        self._http = http or shop_http(self.url, network)
        self._free_at = self.clock.monotonic()
        self._settings: ShopSettings | None = None
        self.before_change: Callable[[], None] = lambda: None
        """Called right before each request that changes something; what it raises keeps
        the request from leaving."""

    def close(self) -> None:
        """Close the connections that this object opened."""
        if self._own:
            self._http.close()

    def settings(self) -> ShopSettings:
        """The shop's languages and custom fields; asked for once. Raises `CatalogError`."""
        if self._settings is None:
            try:
                self._settings = parse_settings(self.query(SETTINGS).data)
            except ValueError as e:
                raise CatalogError(f"{self.url}: reading its settings: {e}") from e
        return self._settings

    def query(
        self, document: Document, *, language: str = "", **variables: object
    ) -> Answered:
        """The answer to a question. Raises `CatalogError` with the shop's own words.

        language: of names that have several, such as facets'; "": the shop's default.
        """
        outcome = self._send(document, language, variables, repeatable=True)
        return answer_of(outcome, f"{self.url}: {document.name}")

    def mutate(
        self, document: Document, **variables: object
    ) -> Answered | Refused | Unanswered:
        """The outcome of a change. `CatalogError`: no other would be done either."""
        outcome = self._send(document, "", variables, repeatable=False)
        return change_of(outcome, f"{self.url}: {document.name}")

    def _send(
        self,
        document: Document,
        language: str,
        variables: Mapping[str, object],
        *,
        repeatable: bool,
    ) -> Outcome:
        body = json.dumps(
            {
                "operationName": document.name,
                "query": document.text,
                "variables": variables,
            },
            ensure_ascii=False,  # the server takes 100 kB
        ).encode()
        place = f"{self.url}?languageCode={quote(language)}" if language else self.url
        return send(
            lambda: self._once(place, body, is_change=not repeatable),
            Backoff(self.retry),
            self.clock.sleep,
            repeatable=repeatable,
        )

    def _once(self, place: str, body: bytes, *, is_change: bool) -> Outcome:
        self._keep_pace()
        if is_change:
            self.before_change()
        try:
            reply = self._http.send(
                "POST",
                place,
                headers={**JSON_HEADERS, **self._keys()},
                content=body,
                again=False,
                follow=False,
            )
        except FetchError as e:
            if not e.retryable and not e.sent:
                raise CatalogError(self._clean(str(e))) from e
            return Unanswered(self._clean(str(e)), sent=e.sent)
        hidden = self._hidden(reply.body)
        headers = {name: self._clean(value) for name, value in reply.headers.items()}
        clean = HttpReply(reply.status, headers, hidden, reply.url)
        return judge(clean, self.clock.now())

    def _keys(self) -> dict[str, str]:
        """The headers by which the shop knows us.

        An API key is its lookup id, a colon and its secret; a session's token has no colon.
        """
        token = self._token.reveal()
        if ":" in token:
            keys = {"vendure-api-key": token}
        else:
            keys = {"authorization": f"Bearer {token}"}
        if self._channel:
            keys["vendure-token"] = self._channel.reveal()
        return keys

    def _keep_pace(self) -> None:
        if self.retry.per_second:
            if (early := self._free_at - self.clock.monotonic()) > 0:
                self.clock.sleep(early)
            began = max(self._free_at, self.clock.monotonic())
            self._free_at = began + 1 / self.retry.per_second

    def _secrets(self) -> list[Secret]:
        _, _, key = self._token.reveal().partition(":")
        parts = [self._token, *([Secret(key)] if key else []), self._channel]
        return [one for one in parts if one is not None]

    def _hidden(self, body: bytes) -> bytes:
        """An answer without the token, where a shop repeats it.

        In every spelling in an error; of products there may be 30 MB, too much for that.
        """
        if body.startswith(b'{"data"') and b'"errors":' not in body:
            for secret in self._secrets():
                body = body.replace(secret.reveal().encode(), REDACTED.encode())
            return body
        return self._clean(body.decode("utf-8", "replace")).encode()

    def _clean(self, text: str) -> str:
        text = text.encode("utf-8", "replace").decode()
        for secret in self._secrets():
            text = secret.hide(text)
        return text


JSON_HEADERS = {"content-type": "application/json", "accept": "application/json"}


def api_url(url: str) -> str:
    """The address of the Admin API that a text names. Raises `ValueError`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{scrub(url)}: a shop's address begins with https://")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"{scrub(url)}: a shop's address has no query and no password")
    url = url.rstrip("/")
    return url if parts.path.strip("/") else url + API


def shop_http(url: str, network: NetworkAccess) -> Http:
    """A client for this shop's server and no other; a page of products may take it long."""
    parts = urlsplit(url)
    policy = Policy(
        allowed_hosts=frozenset({parts.hostname or ""}),
        schemes=frozenset({parts.scheme}),
        ports=frozenset({parts.port or (443 if parts.scheme == "https" else 80)}),
        plain_http=False,
        idle_seconds=60.0,
        deadline_seconds=90.0,
    )
    return Http(policy, network=network, trust=network.key_trust)
