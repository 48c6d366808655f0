"""The object of a schema of the user's own, with the checked texts in their places."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from ..errors import OutputError
from ..records import Evidence, Finding
from ..text.printable import printable, words_of

__all__ = ["Filled", "fill", "strings"]

# Pydantic's names for "not one of the values of a closed list".
_CLOSED = ("literal_error", "enum")


class Filled(NamedTuple):
    """The object, and the choices that stay though nobody vouches for them, by path."""

    value: BaseModel
    choices: Mapping[str, str]

    def evidence(self) -> dict[str, tuple[Evidence, ...]]:
        """A choice that nobody vouches for is the model's own."""
        return {
            path: (Evidence(value=choice, source="inferred"),)
            for path, choice in self.choices.items()
        }

    def findings(self, found: Iterable[Finding]) -> Iterator[Finding]:
        """The checks' findings, with what is true of the choices that stayed."""
        for finding in found:
            if finding.field in self.choices and finding.severity == "removed":
                choice = self.choices[finding.field]
                message = (
                    f'kept "{choice}", which the check of "{finding.code}" took out: '
                    "your schema allows only values of its own list there"
                )
                yield Finding(
                    code=finding.code, field=finding.field, message=message, value=choice
                )
            else:
                yield finding


def strings(value: Any, path: str = "") -> dict[str, str]:
    """Every string of a JSON value by its dotted path."""
    match value:
        case str():
            return {path: value}
        case Mapping():
            parts = ((str(k), v) for k, v in value.items())
        case list():
            parts = ((str(i), v) for i, v in enumerate(value))
        case _:
            return {}
    found: dict[str, str] = {}
    for key, part in parts:
        found |= strings(part, f"{path}.{key}" if path else key)
    return found


def fill(model: type[BaseModel], answer: str, texts: Mapping[str, Any]) -> Filled:
    """The user's own object of an answer (JSON), with `texts` (path to text) put in.

    A text that a check emptied goes back where the schema has a closed list: "" is none of
    its values. Raises `OutputError` when the object does not hold otherwise.
    """
    value = json.loads(answer)
    whole = strings(value)
    try:
        return Filled(model.model_validate(_put_in(value, texts)), {})
    except ValidationError as e:
        closed = [
            tuple(str(part) for part in error["loc"])
            for error in e.errors(include_url=False)
            if error["type"] in _CLOSED
        ]
        choices = {
            path: choice
            for path, choice in whole.items()
            if texts[path] != choice and any(_is_at(path, place) for place in closed)
        }
        if not choices:
            raise _unfit(model, e) from e
    try:
        return Filled(model.model_validate(_put_in(value, {**texts, **choices})), choices)
    except ValidationError as e:
        raise _unfit(model, e) from e


def _is_at(path: str, place: tuple[str, ...]) -> bool:
    """Whether a place of Pydantic's is this path; a union adds its member's name."""
    parts = tuple(path.split("."))
    return place[: len(parts)] == parts


def _unfit(model: type[BaseModel], e: ValidationError) -> OutputError:
    [first, *_] = e.errors(include_url=False)
    where = ".".join(str(part) for part in first["loc"]) or model.__name__
    where = printable(where, "name")
    return OutputError(
        f"{model.__name__}: {where}: {words_of(first['msg'])} (after {e.error_count()} "
        f"checks failed; loosen the model or give the data it asks for)"
    )


def _put_in(value: Any, texts: Mapping[str, Any], path: str = "") -> Any:
    def at(key: object) -> str:
        return f"{path}.{key}" if path else str(key)

    match value:
        case str():
            return texts.get(path, value)
        case dict():
            return {k: _put_in(v, texts, at(k)) for k, v in value.items()}
        case list():
            return [_put_in(v, texts, at(i)) for i, v in enumerate(value)]
        case _:
            return value
