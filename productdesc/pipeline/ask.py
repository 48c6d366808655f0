"""Requests to an engine for many products at once; one that it cannot take fails alone."""

from __future__ import annotations

from collections.abc import Sequence

from ..engines import Answer, Engine, Request, Settings
from ..errors import OutputError, PhotoError
from ..records import Failed, Product


def ask(
    products: Sequence[Product],
    requests: Sequence[Request],
    engine: Engine,
    settings: Settings,
) -> list[Answer | Failed]:
    """Answers to all requests; one that the engine cannot take fails alone."""
    if not requests:
        return []
    try:
        return list(engine.generate(requests, settings))
    except (OutputError, PhotoError) as e:
        if len(requests) == 1:
            return [Failed(products[0], e)]
    half = len(requests) // 2  # one bad product costs the others few answers twice
    return [
        answer
        for part in (slice(half), slice(half, None))
        for answer in ask(products[part], requests[part], engine, settings)
    ]
