"""Scripted writers that rewrite a merchant's text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from productdesc import Description, Product, ScriptedEngine, describe
from productdesc.engines import Request

FIELDS = ("title", "description", "bullets")
Texts = Mapping[str, Any]


def writer(*answers: Texts) -> ScriptedEngine:
    """Writes the first texts in its first turn, the next in the next; the last again."""

    def answer(request: Request) -> Any:
        asked = request.schema["properties"]
        if "category" in asked:
            shown = asked["attributes"]["properties"]
            return {
                "category": "other product",
                "attributes": dict.fromkeys(shown, "unknown"),
                "text": [],
            }
        turns = len(request.context.turns) - 1 if request.context else 0
        texts = answers[min(turns, len(answers) - 1)]
        return {name: texts[name] for name in asked}

    return ScriptedEngine(answer)


def rewritten(
    product: Product, language: str, *answers: Texts, **options: Any
) -> tuple[Description, ScriptedEngine]:
    """What becomes of these answers of a model that is to rewrite the product's text."""
    engine = writer(*answers)
    given: dict[str, Any] = {
        "fields": FIELDS,
        "categories": ["other product"],
        "rewrite": True,
        **options,
    }
    return describe(product, engine, language=language, **given), engine


def lost(description: Description) -> list[str]:
    """The facts of the old text that the findings say are lost."""
    return [one.value for one in description.findings if one.code == "lost-fact"]


def texts_of(title: str, sentences: Sequence[str], bullets: Sequence[str] = ()) -> Texts:
    """Sentences as copy; a bullet of nothing but taste where the channel wants more."""
    filled = [*bullets, "A lovely gift", "Simply nice"][: max(2, len(bullets))]
    return {"title": title, "description": "\n".join(sentences), "bullets": filled}


def parted(text: str) -> list[str]:
    """The sentences of a text, and the lines of a list."""
    return [
        piece.strip()
        for line in text.split("\n")
        for piece in re.split(r"(?<=[.!?])\s+(?=[^\W\da-z_•])", line)
        if any(map(str.isalnum, piece))
    ]
