"""A small job to review: products with photos, and drafts that hold what a page must show.

The texts are scripted, so that a job is made in a second; evidence and findings are those
of the library's own checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from productdesc import Product, ScriptedEngine, sync
from productdesc.engines.protocol import Request
from productdesc.engines.scripted import shortest

PHOTOS = sorted((Path(__file__).parents[3] / "examples").glob("*shoe*.jpg"))

TEXTS: dict[str, Any] = {
    "title": "Leather shoes",
    "bullets": ["Made of leather", "A lovely gift for a friend"],
    "description": "These shoes are made of leather. They keep feet warm for hours. A "
    "lovely gift for a friend.",
    "seo_title": "Leather shoes",
    "seo_description": "Shoes made of leather. A lovely gift for a friend.",
    "alt_texts": ["A pair of shoes"],
    "tags": ["shoes", "leather"],
}


def products(count: int, photos: int = 1, **more: Any) -> Iterator[Product]:
    """Products with a title, a material and photos."""
    for number in range(1, count + 1):
        known = {
            "title": f"Shoes {number}",
            "description": "Old shoes made of leather.",
            "attributes": {"material": "leather", "size": "42"},
        }
        shown = [PHOTOS[(number + n) % len(PHOTOS)] for n in range(photos)]
        yield Product(id=f"S{number}", photos=shown, **(known | more))


def seen(request: Request) -> Any:
    """What such an engine sees: shoes, and of all else the first that there is."""
    value = shortest(request.schema)
    for kind in request.schema["properties"].get("category", {}).get("enum", ()):
        if kind == "shoes":
            value["category"] = kind
    return value


def answer(request: Request, texts: dict[str, Any] | None = None) -> Any:
    """An answer of an engine that sees a mug, and writes the same of each."""
    asked = request.schema["properties"]
    if "title" not in asked and "description" not in asked and "bullets" not in asked:
        return seen(request)
    known = TEXTS | (texts or {})
    value: dict[str, Any] = {}
    for name, schema in asked.items():
        text = known[name]
        if name == "alt_texts":
            text = (text * 9)[: schema.get("minItems", 1)]
        value[name] = text
    return value


def described(
    path: Path, found: Sequence[Product], texts: dict[str, Any] | None = None, **more: Any
) -> None:
    """A journal in which these are described, with previews."""
    engine = ScriptedEngine(lambda request: answer(request, texts))
    options = {"channel": "shopify"} | more
    with (
        sync.Journal(path) as journal,
        sync.Previews(sync.previews_path(path)) as previews,
    ):
        for _ in sync.run(journal, found, engine, previews=previews, **options):
            pass
        states = sync.job_status(journal).states
        assert states["generated"] == len(found), sync.job_status(journal).failures
