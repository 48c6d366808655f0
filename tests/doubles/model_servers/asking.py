"""A server engine and its scripted server in one call, for the tests of both."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from doubles.model_servers.chat_server import Body, ChatServer
from factories import OBSERVE
from PIL import Image, ImageDraw

from productdesc import ServerEngine
from productdesc.engines import (
    Answer,
    Prompt,
    Request,
    ServerLimits,
    ServerOptions,
    Settings,
)
from productdesc.records import Photo

QUICK = ServerOptions(limits=ServerLimits(first_wait_seconds=0.001))
SEEN = {"category": "shoes", "attributes": {"colour": "red"}, "text": ["Größe"]}
COMPACT = json.dumps(SEEN, ensure_ascii=False, separators=(",", ":"))


def request(text: str = "What is it?", *photos: Photo, schema: Any = OBSERVE) -> Request:
    return Request(Prompt("You see products.", text, photos), schema)


def answer_to(
    made: bytes | Callable[[Body], bytes],
    settings: Settings | None = None,
    *,
    schema: Any = OBSERVE,
    **seams: Any,
) -> Answer:
    """The answer of an engine whose server gives this to everything."""
    script = made if callable(made) else lambda body: made
    with (
        ChatServer(script) as server,
        ServerEngine(server.url, QUICK, **seams) as engine,
    ):
        return engine.generate([request(schema=schema)], settings)[0]


def in_turn(*answers: bytes) -> Callable[[Body], bytes]:
    """These answers one after the other, the last again and again."""
    rest = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda body: next(rest)


def numbered(number: int) -> Photo:
    """A photo of three digits; its name and its hash are those of all others."""
    image = Image.new("RGB", (112, 112), "white")
    ImageDraw.Draw(image).text((20, 40), f"{number:03}", fill="black", font_size=40)
    return Photo(image, "same.png", "0" * 64, "PNG", 112, 112)
