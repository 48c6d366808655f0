"""Replies of the Admin API: what one HTTP answer means. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .....net import HttpReply, retry_after
from .....net.url_policy import scrub
from .....text.printable import printable, words_of
from ....http_outcome import Closed, NotAnswered, Refused, Throttled, Unanswered


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the shop: its `data`, and the request's id for its support."""

    data: Mapping[str, Any] = field(repr=False)
    request_id: str


Outcome = Answered | NotAnswered

_CLOSED = {
    **dict.fromkeys((301, 302, 303, 307, 308), "it answers from another address"),
    401: "the token is not valid here; is it an Admin API access token of this very shop, "
    "and is its app still installed?",
    402: "the shop is frozen: its bill is not paid",
    403: "the token may not do this",
    404: "there is no such shop, or no such API version; is the name before .myshopify.com "
    "the one that Shopify's Settings > Domains shows?",
    423: "the shop is locked",
    430: "Shopify took the requests for an attack",
}


def judge(
    reply: HttpReply, now: datetime, hide: Callable[[str], str] = str
) -> tuple[Outcome, Mapping[str, Any]]:
    """The outcome that a reply means, and its `extensions.cost` ({}: it has none).

    hide: takes a secret out of the shop's words, before they are cut in the middle of it.
    """
    request_id = printable(hide(reply.headers.get("x-request-id", "")), "code")
    body = _parsed(reply.body)
    said = hide(_messages(body))
    if reply.status == 429:
        seconds = retry_after(reply.headers.get("retry-after"), now)
        return Throttled(_reason("429 Too Many Requests", said, request_id), seconds), {}
    if reply.status in _CLOSED:
        why = f"{reply.status}: {_CLOSED[reply.status]}"
        if reply.status == 403:
            why = f"403: {_access(said)}"
        elif location := reply.headers.get("location"):
            why += (
                f", {scrub(location)!a}; is the shop's .myshopify.com domain another one?"
            )
        return Closed(_reason(why, said, request_id)), {}
    if reply.status >= 500:
        return Unanswered(_reason(f"the answer was {reply.status}", said, request_id)), {}
    if reply.status != 200:
        return Refused(_reason(f"the answer was {reply.status}", said, request_id)), {}
    if body is None:
        return Unanswered(
            _reason("the answer was cut short or is no JSON", "", request_id)
        ), {}
    cost = _cost(body)
    errors = body.get("errors")
    if not errors:
        data = body.get("data")
        if isinstance(data, dict):
            return Answered(data, request_id), cost
        return Unanswered(_reason("the answer has no data", "", request_id)), cost
    codes = _codes(errors)
    reason = _reason("", said, request_id)
    if "THROTTLED" in codes:
        return Throttled(reason, None), cost
    if "ACCESS_DENIED" in codes:
        return Closed(_reason(_access(said), said, request_id)), cost
    if "SHOP_INACTIVE" in codes:
        return Closed(reason), cost
    if "INTERNAL_SERVER_ERROR" in codes or "TIMEOUT" in codes:
        return Unanswered(reason), cost
    return Refused(reason), cost


def _access(said: str) -> str:
    """What to do where the token may not do something, by the scopes that Shopify names."""
    scopes = dict.fromkeys(re.findall(r"\b(?:read|write)_[a-z_]+", said))
    if not scopes:
        return f"{_CLOSED[403]}; see the access scopes in docs/shopify.md"
    named = " or ".join(scopes)
    return (
        f"{_CLOSED[403]}: its app lacks the access scope {named}; add it to the app, and "
        "have the shop install it anew"
    )


def user_errors(payload: Mapping[str, Any] | None, request_id: str) -> str:
    """The `userErrors` of a mutation in one line; "": it has none."""
    if payload is None:
        return _reason("the shop gave no result", "", request_id)
    errors = payload.get("userErrors") or []
    said = "; ".join(
        f"{'.'.join(map(str, e.get('field') or ()))}: {e.get('message')}".removeprefix(": ")
        for e in errors
    )
    return _reason("", said, request_id) if errors else ""


def refused(payload: Mapping[str, Any] | None, request_id: str) -> Refused | None:
    """The refusal of a mutation by its `userErrors`, with the first code; None: none."""
    if not (why := user_errors(payload, request_id)):
        return None
    codes = [e.get("code") for e in (payload or {}).get("userErrors") or []]
    return Refused(why, next(filter(None, codes), ""))


def refused_line(line: Mapping[str, Any], name: str) -> Refused | None:
    """The refusal of one line of a bulk write's result; None: it was done.

    name: of the mutation.
    """
    if said := _messages(line):
        is_denied = "ACCESS_DENIED" in _codes(line["errors"]) or "Access denied" in said
        return Refused(_reason(_access(said) if is_denied else "", said, ""))
    return refused((line.get("data") or {}).get(name), "")


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _messages(body: Mapping[str, Any] | None) -> str:
    errors = (body or {}).get("errors")
    if isinstance(errors, list):
        errors = "; ".join(
            str(e.get("message")) if isinstance(e, dict) else str(e) for e in errors
        )
    return str(errors or "")


def _codes(errors: object) -> set[str]:
    if not isinstance(errors, Sequence) or isinstance(errors, str):
        return set()
    found = [e.get("extensions") for e in errors if isinstance(e, dict)]
    return {str(e.get("code")) for e in found if isinstance(e, dict)}


def _cost(body: Mapping[str, Any]) -> Mapping[str, Any]:
    extensions = body.get("extensions")
    cost = extensions.get("cost") if isinstance(extensions, dict) else None
    return cost if isinstance(cost, dict) else {}


def _reason(why: str, said: str, request_id: str) -> str:
    """One line for a person; the shop's own words are a stranger's, so they are cut."""
    text = ": ".join(part for part in (why, words_of(said)) if part)
    return f"{text} (request id {request_id})" if request_id else text
