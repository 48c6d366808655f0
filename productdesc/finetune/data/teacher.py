"""Teacher: an engine that answers with what is right, so that the pipeline writes prompts.

Prompts and answers are then those of inference by construction: the same templates, the
same two turns, the same checks. It knows a product by its photo objects.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...engines import Answer, EngineInfo, Request, ScriptedEngine, Settings
from ...engines.scripted import ScriptedContext, shortest
from ...errors import EngineError, OutputError
from ...records import Photo
from ...taxonomy import OTHER, UNKNOWN, Taxonomy
from .completion import Untaught, plain
from .lesson import Text

LOOK = {"category", "attributes", "text"}


@dataclass(frozen=True, slots=True)
class Target:
    """What is right of one product. `kind` "" and attributes that lack: nobody knows.

    `colour`: as measured on its pixels, what stands where the data is silent.
    """

    kind: str
    attributes: Mapping[str, str]
    copy: Mapping[str, Text]
    category: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One question and its right answer. `parent`: the place of the turn before, or None.

    `fields`: those of the copy that it asks for.
    """

    request: Request
    value: Any
    parent: int | None
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Taught:
    """All that was asked about one product, and the texts that could not be answered."""

    target: Target
    photos: Sequence[Photo]
    turns: list[Asked] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class TeacherEngine:
    """Answers every request about a product that it was told of, and keeps it."""

    def __init__(self, info: EngineInfo, taxonomy: Taxonomy | None = None) -> None:
        self._info = info
        self._taxonomy = taxonomy
        self._lock = threading.Lock()
        self._known: dict[int, Taught] = {}
        self._value: Any = None
        self._check = ScriptedEngine(lambda request: self._value, info=info)

    @property
    def info(self) -> EngineInfo:
        return self._info

    def expect(self, target: Target, photos: Sequence[Photo]) -> Taught:
        """Tell it of a product, by the photos that the pipeline will be given."""
        taught = Taught(target, photos)
        with self._lock:
            self._known |= {id(photo): taught for photo in photos}
        return taught

    def forget(self, taught: Taught) -> None:
        with self._lock:
            for photo in taught.photos:
                self._known.pop(id(photo), None)

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        """The right answers; raises `OutputError` for a look that does not fit."""
        with self._lock:
            return [self._one(request) for request in requests]

    def _one(self, request: Request) -> Answer:
        context = request.context
        first = request.prompt
        if isinstance(context, ScriptedContext):
            first = context.turns[0][0]
        taught = self._known[id(first.photos[0])]
        value, fields = self._right(request, taught, len(first.photos))
        try:
            answer = self._checked(request, value)
        except EngineError as e:
            if not fields:
                raise OutputError(f"its labels do not fit the question: {e}") from e
            for name in fields:
                taught.refused.setdefault(name, "does not fit the channel's schema")
            return self._checked(request, shortest(request.schema))
        if not any(name in taught.refused for name in fields):
            depth = len(context.turns) if isinstance(context, ScriptedContext) else 0
            chain = [n for n, turn in enumerate(taught.turns) if not turn.fields]
            parent = chain[depth - 1] if depth else None
            taught.turns.append(Asked(request, value, parent, fields))
        return answer

    def _checked(self, request: Request, value: Any) -> Answer:
        self._value = plain(value)
        self._check.requests.clear()
        [answer] = self._check.generate([request])
        return answer

    def _right(
        self, request: Request, taught: Taught, photos: int
    ) -> tuple[Any, tuple[str, ...]]:
        properties, target = request.schema["properties"], taught.target
        names = set(properties)
        if names == LOOK:
            kinds = properties["category"]["enum"]
            kind = target.kind or Untaught(OTHER if OTHER in kinds else kinds[-1])
            attributes = _attributes(properties["attributes"], target, photos)
            return {"category": kind, "attributes": attributes, "text": Untaught([])}, ()
        if names == {"category"} and request.context is not None:
            found = self._taxonomy and self._taxonomy.find(target.category)
            paths = properties["category"]["enum"]
            path = found.path if found else Untaught(paths[0])
            return {"category": path}, ()
        if names == {"attributes"} and request.context is not None:
            return {"attributes": _attributes(properties["attributes"], target, photos)}, ()
        fields = tuple(properties)
        values: dict[str, Any] = {}
        for name, shape in properties.items():
            text = target.copy.get(name)
            if text is None:
                taught.refused.setdefault(name, "the shop has no such text")
            elif why := misfit(text, shape):
                taught.refused.setdefault(name, why)
            values[name] = [*text] if isinstance(text, tuple) else text
        if any(name in taught.refused for name in fields):
            return shortest(request.schema), fields
        return values, fields


def misfit(text: Text, shape: Mapping[str, Any]) -> str:
    """Why a text does not fit its JSON schema, "" where it does."""
    if shape["type"] == "string":
        if isinstance(text, tuple):
            return "is a list, and the channel takes one text"
        most, least = shape["maxLength"], shape.get("minLength", 0)
        if not least <= len(text) <= most:
            return f"has {len(text):,} characters; the channel takes {least} to {most:,}"
        return ""
    if isinstance(text, str):
        return "is one text, and the channel takes a list"
    least, most = shape.get("minItems", 0), shape["maxItems"]
    if not least <= len(text) <= most:
        return f"has {len(text)} texts; the channel takes {least} to {most}"
    return next(filter(None, (misfit(one, shape["items"]) for one in text)), "")


def _attributes(shape: Mapping[str, Any], target: Target, photos: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, choice in shape["properties"].items():
        offered = choice["properties"]["value"] if "properties" in choice else choice
        label: Any = target.attributes.get(name)
        if label not in offered["enum"]:
            spare = target.colour if target.colour in offered["enum"] else UNKNOWN
            label = Untaught(spare if name == "colour" else UNKNOWN)
        # which of several photos shows it, the data does not say
        values[name] = (
            {"value": label, "photo": Untaught(1)} if "properties" in choice else label
        )
    return values
