"""Replies of the REST API: what one HTTP answer means. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ....net import HttpReply, retry_after
from ...http_outcome import Closed, NotAnswered, Refused, Throttled, Unanswered


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the shop: its JSON, and the headers with names in lower case."""

    value: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


Outcome = Answered | NotAnswered

PLAIN_PERMALINKS = (
    "is this the address of the WordPress site, with permalinks that are not plain?"
)
_HINTS = (
    (401, "signature", "are key and secret right, and is the address the Site Address of "
     "WordPress's settings, to the letter (www, folder)? It is what is signed"),
    (401, "timestamp", "is the clock of this machine right? It is signed too"),
    (401, "", "are key and secret right, of this shop, and may the key do this (read, "
     "write)?"),
    (403, "", "is the key's user a Shop manager or an administrator?"),
    (404, "", PLAIN_PERMALINKS),
)  # fmt: skip
"""What may be wrong: by status, and by a word of the shop's message; the first counts."""


def _hint(status: int, said: str) -> str:
    hints = (h for code, word, h in _HINTS if code == status and word in said.lower())
    return next(hints, "")


def judge(reply: HttpReply, now: datetime) -> Outcome:
    """The outcome that a reply means. `now` is for a Retry-After that names a date."""
    wait = retry_after(reply.headers.get("retry-after"), now)
    value = _json(reply.body)
    named = value if isinstance(value, dict) and "code" in value else {}
    said = f"{reply.status}{_words(reply, named)}{_request_id(reply.headers)}"
    code = str(named.get("code", ""))
    data = named.get("data")
    match reply.status:
        case 200 | 201 if value is not None:
            return Answered(value, reply.headers)
        case 200 | 201:
            return Unanswered(f"{said}: the answer is no JSON: {_begins(reply.body)}")
        case 429:
            return Throttled(said, wait)
        case status if 300 <= status < 400:
            place = reply.headers.get("location", "").split("?")[0][:200]
            return Closed(f"{said}: {sent_on(reply.url, place)}")
        case 401:
            return Closed(f"{said}; {_hint(401, said)}")
        case 403:
            return Refused(f"{said}; {_hint(403, said)}", code, _object(data))
        case 404 if code in ("", "rest_no_route"):
            return Closed(f"{said}; {_hint(404, said)}")
        case 408:
            return Unanswered(said, wait)
        case status if 400 <= status < 500:
            return Refused(said, code, _object(data))
        case _:
            return Unanswered(said, wait)


def sent_on(asked: str, place: str) -> str:
    """What is to be said of a redirect from one address to another."""
    if urlsplit(place).path == urlsplit(asked).path + "/":  # to its pages, not its API
        return f"it sends on to {place!a}, a web page; {PLAIN_PERMALINKS}"
    return f"it sends on to {place!a}; give the shop's address as it is there"


def _object(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def _json(body: bytes) -> Any:
    """The value of a JSON body; None where it is none."""
    try:
        return json.loads(body.decode("utf-8-sig"))  # some plugins' files begin with a BOM
    except (ValueError, RecursionError):
        return None


def _words(reply: HttpReply, named: Mapping[str, Any]) -> str:
    if named:
        message = re.sub(r"<[^>]*>", "", str(named.get("message", "")))
        return f" {named['code']}: {_short(message)}"
    return "" if reply.status in (200, 201) else f": {_begins(reply.body)}"


def _begins(body: bytes) -> str:
    text = body[:4000].decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    if title:
        return f"a web page titled {_short(title[1])!a}"
    return f"it begins with {_short(text)[:80]!a}" if text.strip() else "it is empty"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:297] + "..."


def _request_id(headers: Mapping[str, str]) -> str:
    """WooCommerce numbers no requests; the proxies before it often do."""
    for name in ("x-request-id", "cf-ray"):
        if value := headers.get(name):
            return f" ({name} {value[:80]})"
    return ""
