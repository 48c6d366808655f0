"""Client of one shop's Admin GraphQL API, at the pace that the shop allows."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from .....errors import CatalogError, FetchError
from .....net import Http, NetworkAccess, Policy, RetryPolicy
from .....net.network_access import NO_ACCESS
from .....secret import Secret
from ....http_outcome import Refused, Unanswered
from ....live import RETRY_POLICIES, Clock, answer_of, change_of, send
from ....protocol import Closing
from .pacing import CostBucket, PointsBackoff
from .queries import VERSIONS, Document
from .replies import Answered, Outcome, judge
from .response_shapes import WrongShape, checked_data

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com")
_NAMED = re.compile(
    r"(?:https?://)?(?:admin\.shopify\.com/store/)?([a-z0-9][a-z0-9-]{0,62})"
    r"(?:\.myshopify\.com)?(?:/.*)?"
)
"""An address that a merchant may copy from the browser, with the shop's name in it."""


class ShopifyClient(Closing):
    """Client of one Shopify shop; leave the `with` block and its connections close.

    One object for everything that talks to the shop, since all share its rate limit.
    domain: "my-shop.myshopify.com", no scheme, no path. token: an Admin API access token;
    it is sent to this domain only, and never shown. network: for a shop that is reached
    through a network of one's own, or with certificates of one's own. http: in place of
    the client that is made here, with its own limits. files: the same for the links to
    bulk files that the shop gives out (on Google's storage); the token is never sent
    there. retry: how long the shop is waited for.
    Raises `ValueError` for a domain, version or token that cannot be one.
    """

    def __init__(
        self,
        domain: str,
        token: str | Secret,
        *,
        version: str = VERSIONS[0],
        network: NetworkAccess = NO_ACCESS,
        http: Http | None = None,
        files: Http | None = None,
        retry: RetryPolicy = RETRY_POLICIES["shopify"],
        clock: Clock | None = None,
    ) -> None:
        self.domain = domain.lower()
        if not _DOMAIN.fullmatch(self.domain):
            raise ValueError(
                f"{domain!r} is no Shopify domain; it looks like my-shop.myshopify.com, "
                f"without https:// and path{_meant(self.domain)}"
            )
        if version not in VERSIONS:
            raise ValueError(
                f"version {version!r} is not supported; versions are: {', '.join(VERSIONS)}"
            )
        self.version = version
        self.retry = retry
        self.clock = clock or Clock()
        self._token = token if isinstance(token, Secret) else Secret(token)
        self._bucket = CostBucket(
            self.clock.monotonic, self.clock.sleep, self.retry.longest_wait_seconds
        )
        self._prices: dict[str, float] = {}
        self.before_change: Callable[[], None] = lambda: None
        """Called right before each mutation; what it raises keeps it from leaving."""
        self._owned: list[Http] = []
        self._http = http or self._own(
            Policy(
                allowed_hosts=frozenset({self.domain}),
                idle_seconds=30.0,  # the shop thinks before its first byte
                deadline_seconds=60.0,
            ),
            network,
            network.key_trust,
        )
        # a bulk file has 100 MB at most on its way up, and comes down in pieces
        self.files = files or self._own(
            Policy(deadline_seconds=900.0), network, network.photo_trust
        )

    def _own(
        self, policy: Policy, network: NetworkAccess, trust: ssl.SSLContext | None
    ) -> Http:
        self._owned.append(Http(policy, network=network, trust=trust))
        return self._owned[-1]

    def close(self) -> None:
        """Close the connections that this object opened."""
        for http in self._owned:
            http.close()

    def query(self, document: Document, **variables: object) -> Mapping[str, Any]:
        """The data of a GraphQL query, complete; raises `CatalogError`."""
        outcome = self._send(document, variables, repeatable=True)
        return answer_of(outcome, f"{self.domain}: {document.name}").data

    def mutate(
        self, document: Document, **variables: object
    ) -> Answered | Refused | Unanswered:
        """The outcome of a mutation, its `userErrors` not yet looked at.

        Raises `CatalogError` where it was not done and none will be.
        """
        outcome = self._send(document, variables, repeatable=False)
        return change_of(outcome, f"{self.domain}: {document.name}")

    def _send(
        self, document: Document, variables: Mapping[str, object], *, repeatable: bool
    ) -> Outcome:
        body = json.dumps({"query": document.text, "variables": variables}).encode()
        return send(
            lambda: self._once(document, body),
            PointsBackoff(self.retry),
            self.clock.sleep,
            repeatable=repeatable,
        )

    def _once(self, document: Document, body: bytes) -> Outcome:
        """One exchange over HTTP."""
        price = self._prices.get(document.name, float(document.cost))
        self._bucket.take(price)
        cost: Mapping[str, Any] = {}
        try:
            if document.changes:
                self.before_change()
            reply = self._http.send(
                "POST",
                f"https://{self.domain}/admin/api/{self.version}/graphql.json",
                headers={
                    "content-type": "application/json",
                    "accept": "application/json",
                    "x-shopify-access-token": self._token.reveal(),
                },
                content=body,
                again=False,
                follow=False,
            )
            outcome, cost = judge(reply, self.clock.now(), self._clean)
        except FetchError as e:
            if not e.retryable and not e.sent:
                raise CatalogError(f"{self.domain}: {document.name}: {e}") from e
            return Unanswered(self._clean(str(e)), sent=e.sent)
        finally:
            self._settle(document, price, cost)
        if isinstance(outcome, Answered):
            return self._checked(document, outcome)
        return replace(outcome, reason=self._clean(outcome.reason))

    def _checked(self, document: Document, outcome: Answered) -> Outcome:
        """The answer with `data` as the API promises it, else it is as good as none."""
        try:
            return replace(outcome, data=checked_data(document.name, outcome.data))
        except WrongShape as e:
            return Unanswered(
                f"the answer is not what the API promises: {self._clean(str(e))}"
            )

    def _settle(self, document: Document, price: float, cost: Mapping[str, Any]) -> None:
        requested, status = cost.get("requestedQueryCost"), cost.get("throttleStatus")
        if _is_number(requested):
            self._prices[document.name] = float(requested)
        self._bucket.settle(price, status if _is_status(status) else None)

    def _clean(self, text: str) -> str:
        """A shop may quote what it was sent."""
        return self._token.hide(text)


def _meant(domain: str) -> str:
    """What to say of an address that is no domain of Shopify's."""
    if named := _NAMED.fullmatch(domain):
        return f": {named[1]}.myshopify.com"
    return (
        "; a shop's own web address is not it: Shopify's Settings > Domains shows the one "
        "that ends in .myshopify.com"
    )


def _is_status(status: object) -> bool:
    names = ("currentlyAvailable", "maximumAvailable", "restoreRate")
    return isinstance(status, dict) and all(_is_number(status.get(n)) for n in names)


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it can be calculated with; JSON's integers have any size."""
    return isinstance(value, int | float) and abs(value) < 1e15
