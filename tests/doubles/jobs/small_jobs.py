"""Small jobs: products, an engine that counts what it writes for, and a run to its end."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from productdesc import Product, ScriptedEngine, sync
from productdesc.engines import Answer, EngineInfo, Request, Settings
from productdesc.engines.scripted import shortest
from productdesc.pipeline import Outcome

SHORT: Any = {"channel": "plain", "fields": ["title"]}
"""Options of a job that writes titles only."""


class CountingEngine(ScriptedEngine):
    """Counts the products that it writes for, by their attribute `number`.

    before: is called with each number before it is written for.
    """

    def __init__(
        self,
        model: str = "counting",
        *,
        seconds: float = 0.0,
        before: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(_answer, info=EngineInfo(model, "", ""))
        self.written: Counter[str] = Counter()
        self._seconds = seconds
        self._before = before

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        time.sleep(self._seconds)
        asked = [r.prompt.text for r in requests if "Write the copy" in r.prompt.text]
        for text in asked:
            if found := _NUMBER.search(text):
                self.written[found[1]] += 1
                if self._before:
                    self._before(found[1])
        answers = super().generate(requests, settings)
        self.requests.clear()
        return answers


_NUMBER = re.compile(r'"number": ?"(\d+)"')


def _answer(request: Request) -> Any:
    value = shortest(request.schema)
    if "title" in value:
        value["title"] = "Plain thing"
    return value


def product(number: int, **more: Any) -> Product:
    values = {"id": f"p{number}", "title": f"Thing {number}", **more}
    attributes = {"number": str(number), **values.pop("attributes", {})}
    return Product(**values, attributes=attributes)


def products(count: int) -> Iterator[Product]:
    return map(product, range(count))


def run(
    journal: sync.Journal,
    products: Iterable[Product] | None,
    engine: ScriptedEngine,
    **options: Any,
) -> list[Outcome]:
    """All outcomes of a run."""
    return [*sync.run(journal, products, engine, **{**SHORT, **options})]


def states(journal: sync.Journal) -> dict[str, int]:
    """How many rows are in each state that any is in."""
    found = sync.job_status(journal).states
    return {state: number for state, number in found.items() if number}
