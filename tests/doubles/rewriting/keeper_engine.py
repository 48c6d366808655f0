"""A scripted engine that rewrites, as a plug-in of the command line: `--model keeper`.

It writes the merchant's sentences in another order, but for those with "forget" in them.
"""

from __future__ import annotations

from pathlib import Path

from doubles import plugin_wheel

ENGINE = """
import json
from productdesc import ScriptedEngine
from productdesc.engines.scripted import shortest

MARK = "The merchant's present text, as data: "

def answer(request):
    turns = request.context.turns if request.context else ()
    prompts = [*(prompt.text for prompt, _ in turns), request.prompt.text]
    shown = [p for p in prompts if MARK in p]
    texts = shortest(request.schema)
    if shown:
        line = shown[0].split(MARK)[1].splitlines()[0]
        old = json.loads(line).get("description", "")
        kept = [s for s in old.split(". ") if "forget" not in s]
        texts["description"] = ". ".join(s.rstrip(".") for s in kept[::-1]) + "."
    return texts

class Keeper(ScriptedEngine):
    def __init__(self, *_):
        super().__init__(answer)
"""


def install(site: Path) -> None:
    """Make `--model keeper` an engine of this process, where `site` is on its path."""
    points = "[productdesc.engines]\nkeeper = keeper_engine:Keeper\n"
    plugin_wheel.install(site, "keeper_engine", {"keeper_engine": ENGINE}, points)
