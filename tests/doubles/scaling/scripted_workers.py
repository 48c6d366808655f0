"""A scripted engine for workers, of the recipe `doubles.scaling.scripted_workers:numbered`.

A product is known by its attribute `number`, which its title then has.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from productdesc import OutputError, Product, ScriptedEngine
from productdesc.engines import Answer, EngineInfo, Request, Settings
from productdesc.engines.scripted import shortest

NAME = f"{__name__}:numbered"
OF_ENVIRONMENT = f"{__name__}:of_environment"
OPTIONS_VARIABLE = "PRODUCTDESC_TEST_ENGINE"
ERRORS: dict[str, type[Exception]] = {
    "RuntimeError": RuntimeError,
    "OutputError": OutputError,
}
_NUMBER = re.compile(r'"number": ?"(\d+)"')


class NumberedEngine(ScriptedEngine):
    """Takes `seconds` a product; breaks at those whose number ends in `breaks_at`.

    breaks_while: only while there is this file. error: of `ERRORS`; the first ends a run in
    one process, the other is of one product. log: a folder, where each process notes in
    a file of its own what it writes for.
    """

    def __init__(
        self,
        seconds: float | str = 0.0,
        breaks_at: str = "",
        breaks_while: str = "",
        error: str = "RuntimeError",
        log: str = "",
        model: str = "n",
    ) -> None:
        super().__init__(_answer, info=EngineInfo(model, "", ""))
        self._seconds = float(seconds)
        self._breaks_at = breaks_at
        self._breaks_while = Path(breaks_while)
        self._error = ERRORS[error]
        self._log = Path(log) / str(os.getpid()) if log else None

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        asked = [r for r in requests if "Write the copy" in r.prompt.text]
        numbers = [number_in(request) for request in asked]
        for number in numbers:
            is_bad = self._breaks_at and number.endswith(self._breaks_at)
            if is_bad and self._breaks_while.exists():
                raise self._error(f"a mistake at {number}")
        for number in numbers:
            time.sleep(self._seconds)
            if self._log:
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(f"{number}\n")
        answers = super().generate(requests, settings)
        self.requests.clear()
        return answers


def numbered(**options: Any) -> NumberedEngine:
    return NumberedEngine(**options)


def of_environment() -> NumberedEngine:
    """The same with the options in an environment variable, for the command line."""
    return NumberedEngine(**json.loads(os.environ[OPTIONS_VARIABLE]))


def numbers_written(log: Path) -> list[str]:
    """What all workers wrote for, each as often as it was."""
    return [n for file in sorted(log.iterdir()) for n in file.read_text("utf-8").split()]


def number_in(request: Request) -> str:
    found = _NUMBER.search(request.prompt.text)
    return found[1] if found else ""


def _answer(request: Request) -> Any:
    value = shortest(request.schema)
    if "title" in value:
        value["title"] = f"Shirt number {number_in(request)}"
    return value


def product(number: int, **more: Any) -> Product:
    """A product that is called "Shirt number ..." once it is described."""
    return Product(id=f"p{number}", attributes={"number": str(1000 + number)}, **more)
