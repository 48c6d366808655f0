"""Hints for a refusal of the REST API: what is likely to be wrong, and what to do. Pure.

To add one: one row in HINTS, before those that would say less of the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urljoin

from ....net import HttpReply
from ....net.url_policy import scrub

API = "/wp-json/wc/v3/"
MAX_SKEW_MINUTES = 15
"""That WooCommerce lets a signed time be off."""

_KEYS = "WooCommerce > Settings > Advanced > REST API"
_ROLE = "it takes a Shop manager or an administrator, so make a key for such a user"

PLAIN_PERMALINKS = (
    "under WordPress's Settings > Permalinks choose a structure that is not plain: "
    "WooCommerce takes keys below /wp-json/ only, and with plain permalinks it is not there"
)


class Hint(NamedTuple):
    """A hint for answers of one status whose code and message match; "" matches any.

    code: a pattern of the whole code, "-" for an answer that has none, as a web server's.
    words: a pattern in the message; shops speak many languages, so a row without must
    follow.
    """

    status: int
    code: str
    words: str
    text: str


_AUTH = "woocommerce_rest_authentication_error"
_RIGHT_KEY = f"are key and secret right, of this shop, and not revoked under {_KEYS}?"
HINTS = (
    Hint(400, "-", "https port", "the server speaks https at this port; write https://"),
    Hint(401, _AUTH, "signature", "are key and secret right, and is the address the Site "
         "Address of WordPress's settings, to the letter (www, folder)? It is signed too"),
    Hint(401, _AUTH, "timestamp", "is the clock of this machine right? The time is signed "
         f"too, and may be {MAX_SKEW_MINUTES} minutes off"),
    Hint(401, _AUTH, "nonce", "a signed request is good for one time; does a cache or a "
         "proxy before the shop send it again?"),
    Hint(401, _AUTH, "write permissions",
         f"the key may only read; give it Read/Write under {_KEYS}"),
    Hint(401, _AUTH, "read permissions",
         f"the key may only write; give it Read/Write under {_KEYS}"),
    Hint(401, _AUTH, "(key|secret) is invalid", _RIGHT_KEY),
    Hint(401, _AUTH, "", f"{_RIGHT_KEY} May it do this (read, write)?"),
    Hint(401, r"woocommerce_rest_cannot_\w+", "", f"{_RIGHT_KEY} If so, the web server may "
         "not hand the Authorization header on to PHP"),
    Hint(401, "-", "", "the web server asks for a password of its own, as staging sites "
         f"do, before WooCommerce sees the key; let {API} through without it"),
    Hint(401, "", "", f"does a plugin close the REST API? Let {API} through there"),
    Hint(403, "woocommerce_rest_cannot_(edit|batch)", "",
         f"the key's user may not change products; {_ROLE}"),
    Hint(403, "woocommerce_rest_cannot_create", "",
         f"the key's user may not make tags; {_ROLE}"),
    Hint(403, "woocommerce_rest_cannot_view", "",
         f"the key's user may not see products; {_ROLE}"),
    Hint(403, "-", "", "this is no answer of WooCommerce's; does a firewall before the "
         f"shop refuse programs? Let {API} through there"),
    Hint(403, "", "", f"may the key's user do this? If not, {_ROLE}"),
    Hint(404, "rest_no_route", "", "is WooCommerce active there? WordPress has no wc/v3"),
    Hint(404, "-", "",
         f"is this the address of the WordPress site? If it is, {PLAIN_PERMALINKS}"),
)  # fmt: skip
"""What may be wrong, for the answers of a shop; the first that matches counts."""


def hint(reply: HttpReply, code: str, message: str, now: datetime) -> str:
    """What is likely to be wrong where a shop refuses; "": nothing is known of it.

    code, message: of the answer's JSON; code is "" where it was none. now: this machine's.
    """
    for row in HINTS:
        if (
            row.status == reply.status
            and (not row.code or re.fullmatch(row.code, code or "-"))
            and re.search(row.words, message, re.IGNORECASE)
        ):
            seen = [see(reply, now) for see in _EVIDENCE.get((row.code, row.words), ())]
            return next(filter(None, seen), row.text)
    return ""


def _other_address(reply: HttpReply, _: datetime) -> str:
    """A hint where the site's own address is not the one that was asked; else ""."""
    link = _api_link(reply)
    own = site_address(scrub(link)) if "/wp-json" in link else ""
    if own in ("", site_address(reply.url)):
        return ""
    return f"the shop's own address is {own}; give that one, since it is signed too"


def _skew(reply: HttpReply, now: datetime) -> str:
    """A hint where this machine's clock is too far from the shop's; else ""."""
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", ""))
        minutes = round((now - theirs).total_seconds() / 60)
    except (ValueError, TypeError, OverflowError):
        return ""
    if abs(minutes) < MAX_SKEW_MINUTES:
        return ""
    side = "ahead of" if minutes > 0 else "behind"
    return (
        f"the clock of this machine is {abs(minutes)} minutes {side} the shop's; set the "
        f"wrong one, since the time is signed too, and may be {MAX_SKEW_MINUTES} off"
    )


_EVIDENCE: Mapping[tuple[str, str], tuple[Callable[[HttpReply, datetime], str], ...]] = {
    (_AUTH, "signature"): (_other_address,),
    (_AUTH, "timestamp"): (_skew,),
    (_AUTH, ""): (_skew, _other_address),  # a shop that speaks another language
}
"""What an answer itself shows, for the hints that it says more than."""


def sent_on(asked: str, location: str) -> str:
    """What a redirect of the API to another address is likely to mean."""
    asked, place = scrub(asked), scrub(_joined(asked, location))
    text = f"it sends on to {place!a}"
    if place == asked + "/":
        return f"{text}, a web page; {PLAIN_PERMALINKS}"
    base, origin = site_address(place), "/".join(asked.split("/")[:3])
    if base != site_address(asked) and (API in place or not place.startswith(origin)):
        return f"{text}, and no key is sent on; if the shop is there, its address is {base}"
    return (
        f"{text}, which is not its API; if that is a page for logging in, or one that says "
        f"that the shop is closed, let {API} through there"
    )


def has_plain_permalinks(reply: HttpReply) -> bool:
    """Whether a web page in place of an answer says that its API goes by a query."""
    return "rest_route=" in _api_link(reply)


def site_address(url: str) -> str:
    """The address of a WordPress site; `url` is a page of it, or a part of its API."""
    return url.partition("/wp-json")[0].rstrip("/")


def _api_link(reply: HttpReply) -> str:
    """Where WordPress says its API is (RFC 8288), as it does in every answer; else ""."""
    pattern = r'<([^<>"\s]*)>; rel="https://api\.w\.org/"'
    link = re.search(pattern, reply.headers.get("link", ""))
    return link[1] if link else ""


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return location
