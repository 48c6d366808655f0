"""Replies of the Admin API: what one HTTP answer means. Pure.

To explain one more error: a row in CODES, by its code, or in STATUSES, by the status of an
answer without GraphQL errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ...net import HttpReply, retry_after
from ...net.url_policy import scrub
from ...text.printable import printable, words_of
from ..delimited.json_lines import strict_json
from ..http_outcome import Closed, NotAnswered, Refused, Throttled, Unanswered


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the shop: its `data`, and the headers with names in lower case."""

    data: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


Outcome = Answered | NotAnswered

Means = Literal["closed", "refused", "unanswered", "throttled"]

_RIGHTS = (
    "is the token right, of this shop, and not expired or revoked, and may its user read "
    "products (ReadCatalog or ReadProduct), and to write them update them (UpdateCatalog "
    "or UpdateProduct)?"
)
_SCHEMA = "the shop does not know what was asked; is it Vendure 3, and its Admin API?"

CODES: Mapping[str, tuple[Means, str]] = {
    "FORBIDDEN": ("closed", _RIGHTS),
    "UNAUTHORIZED": ("closed", _RIGHTS),
    "CHANNEL_NOT_FOUND": ("closed", "there is no channel with this token; see channel="),
    "NO_VALID_CHANNEL": ("closed", "there is no channel with this token; see channel="),
    "GRAPHQL_PARSE_FAILED": ("closed", _SCHEMA),
    "GRAPHQL_VALIDATION_FAILED": ("closed", _SCHEMA),
    "INTERNAL_SERVER_ERROR": ("unanswered", ""),
    "RATE_LIMITED": ("throttled", ""),
    "TOO_MANY_REQUESTS": ("throttled", ""),
}
"""What an error's code means, and what to do; an unknown one refuses this request only."""

STATUSES: Mapping[int, tuple[Means, str]] = {
    401: ("closed", "the server before the shop asks for a password of its own; let the "
          "Admin API through without it"),
    403: ("closed", "does a firewall before the shop refuse programs? Let the Admin API "
          "through there"),
    404: ("closed", "is this the address of the Admin API? It ends in /admin-api, unless "
          "the shop's apiOptions.adminApiPath is another"),
    405: ("closed", "is this the address of the Admin API? It ends in /admin-api"),
    408: ("unanswered", ""),
    413: ("refused", "the request is too large for the server; write fewer at once "
          "(batch=), or give express.json a higher limit there"),
    429: ("throttled", ""),
}  # fmt: skip
"""What an answer without GraphQL errors means; from 500 on nothing is known."""

_RANK: Mapping[Means, int] = {"throttled": 0, "refused": 1, "unanswered": 2, "closed": 3}


def judge(reply: HttpReply, now: datetime) -> Outcome:
    """The outcome that a reply means. `now` is for a Retry-After that names a date.

    Its words are a stranger's: a secret in them is to be hidden before.
    """
    wait = retry_after(reply.headers.get("retry-after"), now)
    body = _object(reply.body)
    ending = _request_id(reply.headers)
    if 300 <= reply.status < 400:
        there = scrub(reply.headers.get("location", ""))
        why = (
            f"it sends on to {there!a}, and no key is sent on; give the shop's own address"
        )
        return Closed(f"{reply.status}: {why}{ending}")
    errors = (body or {}).get("errors")
    if errors and reply.status not in (429, 502, 503, 504):
        return _of_errors(errors, wait, ending)
    data = (body or {}).get("data")
    if reply.status == 200 and isinstance(data, dict):
        return Answered(data, reply.headers)
    words = _message(errors) if errors else _begins(reply.body)
    said = f"{reply.status}: {words}{ending}"
    if reply.status == 200:
        return Unanswered(f"the answer is no GraphQL: {words}{ending}")
    means, why = STATUSES.get(
        reply.status, ("refused" if 400 <= reply.status < 500 else "unanswered", "")
    )
    code = str(reply.status)
    return _outcome(means, f"{said}; {why}" if why else said, code, wait)


def error_result(value: object) -> str:
    """The code and words of an `ErrorResult` in the place of a result; "": it is none."""
    if not isinstance(value, Mapping) or "errorCode" not in value:
        return ""
    code = printable(value["errorCode"], "code")
    return f"{code}: {words_of(str(value.get('message', '')))}"


def _of_errors(errors: object, wait: float | None, ending: str) -> Outcome:
    """The gravest of some GraphQL errors: the one after which least can be done."""
    rows = errors if isinstance(errors, list) else [errors]
    found: list[tuple[Means, str, str, str]] = []
    for row in rows:
        code = _code(row)
        means, why = CODES.get(code, ("refused", ""))
        found.append((means, why, code, _place(row)))
    means, why, code, place = max(found, key=lambda one: _RANK[one[0]])
    said = ": ".join(filter(None, (printable(code, "code"), _message(rows)))) + ending
    return _outcome(means, f"{said}; {why}" if why else said, code, wait, place)


def _outcome(
    means: Means, reason: str, code: str, wait: float | None, place: str = ""
) -> NotAnswered:
    match means:
        case "closed":
            return Closed(reason)
        case "throttled":
            return Throttled(reason, wait)
        case "refused":
            return Refused(reason, code, {"place": place})
        case "unanswered":
            return Unanswered(reason, wait)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        value = strict_json(body.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _code(error: object) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) else ""


def _place(error: object) -> str:
    """The field of the request that an error is of; "": of none of them."""
    path = error.get("path") if isinstance(error, dict) else None
    return str(path[0]) if isinstance(path, list) and path else ""


def _message(errors: object) -> str:
    rows: Sequence[object] = errors if isinstance(errors, list) else [errors]
    texts = [row.get("message") if isinstance(row, dict) else row for row in rows[:5]]
    return words_of("; ".join(map(str, texts)))


def _begins(body: bytes) -> str:
    words = words_of(body[:4_000].decode("utf-8", "replace"))
    return f"it begins with {words!a}" if words else "it is empty"


def _request_id(headers: Mapping[str, str]) -> str:
    """Vendure numbers no requests; the proxies before it often do."""
    for name in ("x-request-id", "cf-ray"):
        if value := headers.get(name):
            return f" ({name} {printable(value, 'code')})"
    return ""
