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
    return [
        answer
        for product, request in zip(products, requests, strict=True)
        for answer in ask([product], [request], engine, settings)
    ]
