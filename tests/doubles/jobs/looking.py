"""An engine that counts its looks at photos, and what it writes in each language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from productdesc import ScriptedEngine
from productdesc.engines import Answer, Request, Settings
from productdesc.engines.scripted import shortest

NAMES = {"English": "en", "German": "de", "French": "fr"}
TEXTS = {
    "en": {"title": "Plain thing", "description": "A lovely thing."},
    "de": {"title": "Schlichtes Ding", "description": "Ein schönes Ding."},
    "fr": {"title": "Chose simple", "description": "Une belle chose."},
}
"""What it writes; any other field is as short as it may be."""
NUMBER, WANTED = re.compile(r'"number": ?"(\d+)"'), re.compile("|".join(NAMES))


class LookingEngine(ScriptedEngine):
    """Counts its looks at photos, and what it writes, by product and language.

    before: is called with each of these before it is written.
    """

    def __init__(self, before: Callable[[str, str], object] = lambda *_: None) -> None:
        super().__init__(self._value)
        self.looks = 0
        self.written: Counter[tuple[str, str]] = Counter()
        self._before = before

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        self.looks += sum(bool(request.prompt.photos) for request in requests)
        return super().generate(requests, settings)

    def _value(self, request: Request) -> Any:
        value: dict[str, Any] = shortest(request.schema)
        text = request.prompt.text
        if TEXTS["en"].keys() & value.keys() and (number := NUMBER.search(text)):
            language = NAMES[WANTED.findall(text)[-1]]
            self._before(number[1], language)
            self.written[number[1], language] += 1
            value |= {k: v for k, v in TEXTS[language].items() if k in value}
        return value
