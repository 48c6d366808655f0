"""`Shopify`: one shop's Admin API, asked at the pace that the shop allows.

A question is asked again until it is answered. A change is sent again only where the shop
said that it did not do it, or where no byte of it left; one that got no answer is
`Unanswered`, and it is the caller's to look.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from .....errors import CatalogError, FetchError
from .....net import Http, Policy
from .....secret import REDACTED, Secret
from ....http_outcome import Closed, Refused, Throttled, Unanswered
from .pacing import CostBucket
from .queries import VERSIONS, Document
from .replies import Answer, Answered, judge

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com")
_MAX_THROTTLED = 50


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a shop is waited for."""

    attempts: int = 5  # at one request
    first_wait_seconds: float = 1.0  # between two attempts; doubles
    longest_wait_seconds: float = 120.0  # that a shop may ask for
    settle_seconds: float = 5.0  # before looking whether an unanswered change was made
    poll_seconds: float = 5.0  # between two looks at a bulk operation
    bulk_seconds: float = 24 * 3600.0  # Shopify ends a bulk operation then


class ShopifyClient:
    """A connection to one shop; leave the `with` block and it is closed.

    One object for everything that talks to the shop, since all share its rate limit.
    domain: "my-shop.myshopify.com", no scheme, no path. token: an Admin API access token;
    it is sent to this domain only, and never shown. http: for tests and for networks with
    a resolver or certificates of their own. files: the same for the links to bulk files
    that the shop gives out (on Google's storage); the token is never sent there.
    Raises `ValueError` for a domain, version or token that cannot be one.
    """

    def __init__(
        self,
        domain: str,
        token: str | Secret,
        *,
        version: str = VERSIONS[0],
        http: Http | None = None,
        files: Http | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.domain = domain.lower()
        if not _DOMAIN.fullmatch(self.domain):
            raise ValueError(
                f"{domain!r} is no Shopify domain; it looks like my-shop.myshopify.com, "
                "without https:// and path"
            )
        if version not in VERSIONS:
            raise ValueError(
                f"version {version!r} is not supported; versions are: {', '.join(VERSIONS)}"
            )
        self.version = version
        self.patience = patience or Patience()
        self.clock = clock
        self.sleep = sleep
        self._token = token if isinstance(token, Secret) else Secret(token)
        self._bucket = CostBucket(clock, sleep)
        self._prices: dict[str, float] = {}
        self._owned: list[Http] = []
        self._http = http or self._own(
            Policy(
                allowed_hosts=frozenset({self.domain}),
                idle_seconds=30.0,  # the shop thinks before its first byte
                deadline_seconds=60.0,
            )
        )
        # a bulk file has 100 MB at most on its way up, and comes down in pieces
        self.files = files or self._own(Policy(deadline_seconds=900.0))

    def _own(self, policy: Policy) -> Http:
        made = Http(policy)
        self._owned.append(made)
        return made

    def __enter__(self) -> ShopifyClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that this object opened."""
        for http in self._owned:
            http.close()

    def query(self, document: Document, **variables: object) -> Mapping[str, Any]:
        """The data that a query finds, complete; raises `CatalogError`."""
        answer = self._send(document, variables, again=True)
        if not isinstance(answer, Answered):
            raise CatalogError(f"{self.domain}: {document.name}: {answer.reason}")
        return answer.data

    def mutate(
        self, document: Document, **variables: object
    ) -> Answered | Refused | Unanswered:
        """What became of a mutation, its `userErrors` not yet looked at.

        Raises `CatalogError` where it was not done and none will be.
        """
        return self._send(document, variables, again=False)

    def _send(
        self, document: Document, variables: Mapping[str, object], *, again: bool
    ) -> Answered | Refused | Unanswered:
        body = json.dumps({"query": document.text, "variables": variables}).encode()
        failures = throttled = 0
        while True:
            answer, left = self._once(document, body)
            match answer:
                case Closed(reason):
                    raise CatalogError(f"{self.domain}: {document.name}: {reason}")
                case Throttled(reason, seconds):
                    throttled += 1
                    self._wait(document, reason, seconds, throttled)
                    continue
                case Unanswered(reason) if again or not left:
                    failures += 1
                    if failures >= self.patience.attempts:
                        raise CatalogError(
                            f"{self.domain}: {document.name}: {reason}; "
                            f"given up after {failures} attempts"
                        )
                    wait = self.patience.first_wait_seconds * 2 ** (failures - 1)
                    self.sleep(random.uniform(wait / 2, wait))
                case _:
                    return answer

    def _once(self, document: Document, body: bytes) -> tuple[Answer, bool]:
        """One exchange, and whether the request left."""
        price = self._prices.get(document.name, float(document.cost))
        self._bucket.take(price)
        cost: Mapping[str, Any] = {}
        try:
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
            )
            answer, cost = judge(reply, datetime.now(UTC))
        except FetchError as e:
            if not e.retryable and not e.sent:
                raise CatalogError(f"{self.domain}: {document.name}: {e}") from e
            return Unanswered(self._clean(str(e))), e.sent
        finally:
            self._settle(document, price, cost)
        if not isinstance(answer, Answered):
            answer = replace(answer, reason=self._clean(answer.reason))
        return answer, True

    def _settle(self, document: Document, price: float, cost: Mapping[str, Any]) -> None:
        requested, status = cost.get("requestedQueryCost"), cost.get("throttleStatus")
        if isinstance(requested, int | float):
            self._prices[document.name] = float(requested)
        self._bucket.settle(price, status if _is_status(status) else None)

    def _wait(
        self, document: Document, reason: str, seconds: float | None, times: int
    ) -> None:
        """Sit out a throttled request, which was not carried out."""
        patience = self.patience
        why = f"{self.domain}: {document.name}: {reason}"
        if seconds is not None and seconds > patience.longest_wait_seconds:
            limit = patience.longest_wait_seconds
            raise CatalogError(
                f"{why}; it asks to wait {seconds:.0f} s, {limit:.0f} s is the limit"
            )
        if times >= _MAX_THROTTLED:
            raise CatalogError(f"{why}; throttled {times} times in a row")
        if seconds is None:  # the bucket knows better; this is for one that is shared
            seconds = min(patience.first_wait_seconds * times, 10.0)
        self.sleep(seconds + random.uniform(0, 0.5))

    def _clean(self, text: str) -> str:
        """A shop may quote what it was sent."""
        return text.replace(self._token.reveal(), REDACTED)


def _is_status(status: object) -> bool:
    names = ("currentlyAvailable", "maximumAvailable", "restoreRate")
    return isinstance(status, dict) and all(
        isinstance(status.get(name), int | float) for name in names
    )
