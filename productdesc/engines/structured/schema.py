"""JSON schema of a request: checked against a budget, and closed for the grammar.

Bounds on size come before any compilation: a schema can be a user's, and a large one
would hang or fill memory while it is compiled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NamedTuple

from ...errors import PromptError
from ...text.printable import quoted


class SchemaBudget(NamedTuple):
    """The largest schema that is compiled; each limit is inclusive."""

    nodes: int = 1_000  # objects in the schema; ours have under 200
    depth: int = 24  # nested objects and lists of the schema, twice that of the data
    choices: int = 20_000  # enum items in all; a taxonomy has 10,595
    pattern_chars: int = 500  # of one pattern
    string_chars: int = 50_000  # sum of maxLength
    json_bytes: int = 2_000_000


BUDGET = SchemaBudget()

LITERAL = {"enum", "const", "default", "examples"}
BOUNDS = {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "enum",
    "const",
}
# An object that has one of these decides itself which other keys it takes.
OPENERS = {"additionalProperties", "patternProperties", "allOf", "$ref"}
NUMBER_LIMIT = 2**53 - 1  # beyond it JSON readers disagree (RFC 7493)
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # all but the newline


def schema_key(schema: Mapping[str, Any]) -> Hashable:
    """A cache key: equal for schemas that `prepare` makes the same text of, and only then.

    A hundred times faster than that text where one long tuple of texts comes again and
    again: the same object is compared by identity. Raises `PromptError` for no schema.
    """
    try:
        frozen = _frozen(schema)
        hash(frozen)
    except (TypeError, RecursionError):
        return prepare(schema)  # says what is wrong
    return frozen


def _frozen(value: Any) -> Hashable:
    match value:
        case str():
            return value
        case Mapping():
            return (dict, *((_frozen(k), _frozen(inner)) for k, inner in value.items()))
        case tuple() if set(map(type, value)) == {str}:
            return (list, value)
        case list() | tuple():
            return (list, tuple(_frozen(inner) for inner in value))
        case float():
            return (float, repr(value))  # 0.0 and -0.0 are equal and not the same JSON
        case _:
            return (type(value), value)  # nor are 1 and True


def prepare(schema: Mapping[str, Any], budget: SchemaBudget = BUDGET) -> str:
    """The schema as JSON text, closed where JSON schema leaves it open (see `_closed`).

    What fits the result fits the schema. Raises `PromptError` over the budget.
    """
    totals = dict.fromkeys(("nodes", "choices", "string_chars"), 0)
    for key, value, depth in _entries(schema, 1):
        if depth > budget.depth:
            raise PromptError(f"schema: nested over {budget.depth} deep; flatten it")
        if key is None:
            totals["nodes"] += 1
        elif key == "enum" and isinstance(value, list | tuple):
            totals["choices"] += len(value)
            _check_literal(value)
        elif key == "const" or (key == "properties" and isinstance(value, Mapping)):
            _check_literal(value if key == "const" else list(value))
        elif key == "maxLength" and isinstance(value, int):
            totals["string_chars"] += value
        elif key == "pattern" and isinstance(value, str):
            _check("characters in a pattern", len(value), budget.pattern_chars)
    _check("nodes", totals["nodes"], budget.nodes)
    _check("enum items", totals["choices"], budget.choices)
    _check("characters of maxLength", totals["string_chars"], budget.string_chars)
    try:
        text = json.dumps(_closed(schema), ensure_ascii=False)
        size = len(text.encode())
    except (TypeError, ValueError) as e:
        raise PromptError(f"schema: not JSON: {e}") from e
    _check("bytes of JSON", size, budget.json_bytes)
    return text


def _check(what: str, count: int, limit: int) -> None:
    if count > limit:
        raise PromptError(f"schema: {count:,} {what}; at most {limit:,} are compiled")


def _check_literal(value: Any) -> None:
    """The grammar writes no escape but \\n, and drops any other control character.

    Its compiler ends the whole process at some numbers beyond NUMBER_LIMIT.
    """
    is_texts = isinstance(value, list | tuple) and set(map(type, value)) == {str}
    if is_texts and "".join(value).isprintable():
        return  # thousands of texts in one go
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, Mapping):
            todo += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            todo += item
        elif isinstance(item, str) and CONTROL.search(item):
            shown = quoted(item, "value")
            raise PromptError(f"schema: {shown} holds a control character; remove it")
        elif isinstance(item, int | float) and not -NUMBER_LIMIT <= item <= NUMBER_LIMIT:
            raise PromptError(
                f"schema: a choice is a number beyond {NUMBER_LIMIT:,}, where JSON readers "
                "disagree; write it as a text"
            )


def _entries(value: Any, depth: int) -> Iterator[tuple[str | None, Any, int]]:
    """Every object (key None), every key of it, and every list (key ""), with its depth.

    Without recursion in Python. A list is as deep as the object that holds it.
    """
    todo = [(value, depth)]
    while todo:
        value, depth = todo.pop()
        if isinstance(value, Mapping):
            yield None, value, depth
            for key, inner in value.items():
                yield key, inner, depth
                todo.append((inner, depth + 1))
        elif isinstance(value, list | tuple):
            yield "", value, depth - 1
            todo += [(inner, depth + 1) for inner in value if not isinstance(inner, str)]


def _closed(value: Any, *, composed: bool = False) -> Any:
    """The schema with bounds where it leaves open what a model would fill without end.

    Objects that name properties take no others (not inside allOf: each part would forbid
    the others' keys), and numbers stay below NUMBER_LIMIT.
    """
    if isinstance(value, list | tuple):
        return [_closed(inner, composed=composed) for inner in value]
    if not isinstance(value, Mapping):
        return value
    closed: dict[str, Any] = {
        key: inner if key in LITERAL else _closed(inner, composed=key == "allOf")
        for key, inner in value.items()
    }
    is_decided = OPENERS & closed.keys()
    if isinstance(closed.get("properties"), dict) and not composed and not is_decided:
        closed["additionalProperties"] = False
    types = closed.get("type")
    types = set(types) if isinstance(types, list) else {types}
    if types & {"integer", "number"} and not BOUNDS & closed.keys():
        closed |= {"minimum": -NUMBER_LIMIT, "maximum": NUMBER_LIMIT}
    return closed
