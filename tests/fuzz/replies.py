"""A server whose replies are the input, in place of `Http`: a script of whole replies.

    HTTP 429
    retry-after: 3

    {"errors": ...}
    ===
    {"data": ...}

Replies are parted by lines of "===". One without such a head is 200 and all body. When
there are no more, the server is away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from fuzz.mutate.grammar import json_lines, json_value
from fuzz.mutate.plain import hostile, plain
from fuzz.target import require

from productdesc.catalogs.live import Clock
from productdesc.errors import FetchError
from productdesc.net import HttpReply
from productdesc.net.url_policy import scrub

MARK = b"\n===\n"
_HEAD = re.compile(rb"HTTP (\d{3})\n((?:[a-z-]+: [^\n]*\n)*)\n", re.ASCII)


class ScriptedHttp:
    """`Http` as its callers see it, without a network."""

    def __init__(self, script: bytes) -> None:
        self._replies = script.split(MARK)
        self.sent = 0

    def send(self, method: str, url: str, **options: Any) -> HttpReply:
        if self.sent >= len(self._replies):
            raise FetchError("the server is away", retryable=False, sent=False)
        reply = self._replies[self.sent]
        self.sent += 1
        status, headers, body = parsed(reply)
        return HttpReply(status, headers, body, scrub(url))

    def close(self) -> None:
        """There is nothing to close."""


def parsed(reply: bytes) -> tuple[int, Mapping[str, str], bytes]:
    head = _HEAD.match(reply)
    if head is None:
        return 200, {}, reply
    lines = head[2].decode("latin-1").splitlines()
    headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
    return int(head[1]), headers, reply[head.end() :]


class Slept:
    """Waits that take no time, none of which may be longer than the limit."""

    def __init__(self, longest_seconds: float) -> None:
        self._longest = longest_seconds
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        is_short = 0 <= seconds <= self._longest
        require(is_short, f"no wait is over {self._longest} s: {seconds}")
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.now, sleep=self.sleep)


HEADS = (
    b"HTTP 401\n\n", b"HTTP 404\n\n", b"HTTP 429\nretry-after: %s\n\n", b"HTTP 500\n\n",
    b"HTTP 503\nretry-after: %s\n\n", b"HTTP 302\nlocation: %s\n\n", b"HTTP 400\n\n",
    b"HTTP 200\nx-wp-total: %s\n\n", b"HTTP 200\nx-request-id: %s\n\n", b"HTTP 422\n\n",
    b"HTTP 200\nx-wp-totalpages: %s\n\n", b"HTTP 206\ncontent-range: bytes 0-1/%s\n\n",
)  # fmt: skip


def replies(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A script with one reply mutated as JSON, given another head, doubled or gone."""
    parts = data.split(MARK)
    at = chance.randrange(len(parts))
    head = _HEAD.match(parts[at])
    top = head[0] if head else b""
    body = parts[at][len(top) :]
    match chance.randrange(10):
        case 0:
            value = hostile(chance).encode("latin-1", "replace").replace(b"\n", b" ")[:200]
            number = chance.choice((b"3", b"1e9", b"-1", b"0", b"%d" % 10**30, value))
            shape = chance.choice(HEADS)
            top = shape % number if b"%s" in shape else shape
        case 1:
            parts.insert(at, parts[at])
        case 2 if len(parts) > 1:
            del parts[at]
            return MARK.join(parts)
        case 3:
            body = plain(body, chance, seeds)
        case 4:
            parts.insert(at, chance.choice(chance.choice(seeds).split(MARK)))
        case _:
            body = (json_lines if b"\n" in body else json_value)(body, chance, seeds)
    parts[at] = top + body.replace(MARK, b"\n")
    return MARK.join(parts)
