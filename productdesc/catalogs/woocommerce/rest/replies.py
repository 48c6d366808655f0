"""Replies of the REST API: what one HTTP answer means. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ....net import HttpReply, retry_after
from ....text.printable import printable, quoted, words_of
from ...delimited.json_lines import BadLine, json_elements, json_object, strict_json
from ...http_outcome import Closed, NotAnswered, Refused, Throttled, Unanswered
from ...shop_text.shop_html import strip_tags
from .hints import PLAIN_PERMALINKS, has_plain_permalinks, hint, sent_on

MAX_READ = 4_000
"""Characters of an error's message, or of a page, that are read for words to show."""

_TITLE = re.compile(r"<title[^<>]*+>((?:[^<]++|<(?!/?title))*+)</title>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the shop: its JSON, and the headers with names in lower case."""

    value: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


Outcome = Answered | NotAnswered


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An element of a list that cannot be read; `id` is 0 where it does not begin so."""

    id: int
    reason: str


_ID = re.compile(rb'\s*+\{\s*+"id"\s*+:\s*+(\d{1,18})\b')


def judge(reply: HttpReply, now: datetime) -> Outcome:
    """The outcome that a reply means. `now` is for a Retry-After that names a date."""
    wait = retry_after(reply.headers.get("retry-after"), now)
    value = _json(reply.body)
    named = value if isinstance(value, dict) and "code" in value else {}
    said = f"{reply.status}{_words(reply, named)}{_request_id(reply.headers)}"
    code, data = str(named.get("code", "")), named.get("data")
    message = _message(named) if named else _text(reply.body)
    why = hint(reply, code, message, now)
    told = f"{said}; {why}" if why else said
    match reply.status:
        case 200 | 201 if value is not None:
            return Answered(value, reply.headers)
        case 200 | 201 if has_plain_permalinks(reply):
            return Closed(
                f"{said}: the answer is {_begins(reply.body)}; {PLAIN_PERMALINKS}"
            )
        case 200 | 201:
            return Unanswered(f"{said}: the answer is no JSON: {_begins(reply.body)}")
        case 429:
            return Throttled(said, wait)
        case status if 300 <= status < 400:
            there = sent_on(reply.url, reply.headers.get("location", ""))
            return Closed(f"{reply.status}{_request_id(reply.headers)}: {there}")
        case 401:
            return Closed(told)
        case 404 if code in ("", "rest_no_route"):
            return Closed(told)
        case 408:
            return Unanswered(said, wait)
        case status if 400 <= status < 500:
            return Refused(told, code, _object(data))
        case _:
            return Unanswered(said, wait)


def _object(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def _json(body: bytes) -> Any:
    """The value of a JSON body; None where it is none.

    Of a list whose elements cannot all be read, one by one: a plugin may store anything
    with one of a hundred products.
    """
    try:
        text = body.decode("utf-8-sig")  # some plugins' files begin with a BOM
        return strict_json(text)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None
    except (ValueError, RecursionError):
        return _elements(text)


def _elements(text: str) -> list[Any] | None:
    """The elements of a list; None where it is none, or has no end."""
    if not (text.lstrip().startswith("[") and text.rstrip().endswith("]")):
        return None
    return [_element(raw) for raw in json_elements(text.encode())]


def _element(raw: bytes) -> Any:
    try:
        return json_object(raw, most=len(raw))
    except BadLine as e:
        number = _ID.match(raw)
        return Unreadable(int(number[1]) if number else 0, str(e))


def _words(reply: HttpReply, named: Mapping[str, Any]) -> str:
    if named:
        message = strip_tags(_message(named))
        return f" {printable(named['code'], 'code')}: {words_of(message)}"
    return "" if reply.status in (200, 201) else f": {_begins(reply.body)}"


def _message(named: Mapping[str, Any]) -> str:
    return str(named.get("message", ""))[:MAX_READ]


def _text(body: bytes) -> str:
    return body[:MAX_READ].decode("utf-8", "replace")


def _begins(body: bytes) -> str:
    text = _text(body)
    title = _TITLE.search(text)
    if title:
        return f"a web page titled {quoted(words_of(title[1]), 'words')}"
    text = " ".join(text.split())
    return f"it begins with {quoted(text, 'value')}" if text else "it is empty"


def _request_id(headers: Mapping[str, str]) -> str:
    """WooCommerce numbers no requests; the proxies before it often do."""
    for name in ("x-request-id", "cf-ray"):
        if value := headers.get(name):
            return f" ({name} {printable(value, 'code')})"
    return ""
