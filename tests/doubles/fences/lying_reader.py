"""A text reader that was taken over: it answers what the first pixel of the photo says."""

from __future__ import annotations

import json
import time
from typing import Any

from photos.worker.child_program import Reply  # type: ignore[import-not-found]

LINE = ["Acme", 0.99, 8.0, 8.0, 60.0, 30.0]
NAN = b'[["Acme", NaN, 0, 0, 1, 1]]'
BODIES: tuple[bytes, ...] = (
    json.dumps([LINE]).encode(),
    b"not json",
    b"[" * 100_000,
    b'{"text": "Acme"}',
    json.dumps([LINE] * 201).encode(),
    b'[["Acme", 0.99]]',
    b"[[7, 0.99, 0, 0, 1, 1]]",
    b'[["Acme", "0.99", 0, 0, 1, 1]]',
    NAN,
    b'[["Acme", 1e999, 0, 0, 1, 1]]',
    b'[["Acme", true, 0, 0, 1, 1]]',
    b'[["Acme", 0.99, 60, 0, 1, 1]]',
    b"[null]",
    b"\xff\xfe",
)
SLOW, LONG, ODD = 100, 101, 102  # what else a first pixel may say
ODD_TEXT = "Ac\x1b[2J\u202eme\ud800 " + "x" * 5000


class LyingReader:
    verb = "read"
    refused: type[Exception] = KeyError

    def prepare(self) -> dict[str, Any]:
        return {}

    def answer(self, request: dict[str, Any], data: bytes) -> Reply:
        lie = data[0]
        if lie == SLOW:
            time.sleep(60)
        if lie == LONG:
            return Reply({}, 2**40, [b"x"])
        if lie == ODD:
            body = json.dumps([[ODD_TEXT, 7.5, -50, -50, 1e9, 1e9]]).encode()
            return Reply({}, len(body), [body])
        return Reply({}, len(BODIES[lie]), [BODIES[lie]])


PROGRAM = LyingReader()
