"""Blocks of WordPress's editor, comments in a text: read and written anew."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_TOKEN = re.compile(
    r"<!--\s+(?P<close>/)?wp:(?P<space>[a-z][a-z0-9_-]*/)?(?P<name>[a-z][a-z0-9_-]*)\s+"
    r"(?P<attributes>{(?:(?:[^}]+|}+(?=})|(?!}\s+/?-->).)*+)?}\s+)?(?P<void>/)?-->",
    re.DOTALL,
)

Clean = Callable[[str], str]


def normal_blocks(text: str, clean: Clean) -> str:
    """Comments of blocks as WordPress spells them, the texts in their JSON cleaned."""
    out: list[str] = []
    stack: list[tuple[str, str, int]] = []  # name, attributes, where its inside begins
    at = 0

    def close(name: str, attributes: str, start: int) -> None:
        inside = "".join(out[start:])
        del out[start:]
        opened = f"<!-- wp:{name} {attributes}"
        out.append(f"{opened}-->{inside}<!-- /wp:{name} -->" if inside else f"{opened}/-->")

    while token := _TOKEN.search(text, at):
        before = text[at : token.start()]
        if token["close"] and not stack:
            break
        if before:
            out.append(before)
        at = token.end()
        if token["close"]:
            close(*stack.pop())
            continue
        name = ("" if token["space"] == "core/" else token["space"] or "") + token["name"]
        if token["void"]:
            close(name, _attributes(token["attributes"], clean), len(out))
        else:
            stack.append((name, _attributes(token["attributes"], clean), len(out)))
    if text[at:]:
        out.append(text[at:])
    while stack:
        close(*stack.pop())
    return "".join(out)


def _attributes(text: str | None, clean: Clean) -> str:
    """The JSON of a block's attributes as PHP and WordPress write it, and a space."""
    try:
        values = json.loads(text or "{}")
    except ValueError:
        return ""
    cleaned = _cleaned(values, clean)
    if not cleaned:
        return ""
    written = json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))
    for plain, escape in {
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
        "--": "\\u002d\\u002d",
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        '\\"': "\\u0022",
    }.items():
        written = written.replace(plain, escape)
    return f"{written} "


def _cleaned(value: Any, clean: Clean) -> Any:
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(item, clean) for item in value]
        case dict():
            cleaned = {clean(key): _cleaned(item, clean) for key, item in value.items()}
            # PHP has one kind of array: keys that count up from 0 make a list of it.
            counts = list(cleaned) == [str(n) for n in range(len(cleaned))]
            return list(cleaned.values()) if counts else cleaned
        case float() if value.is_integer() and abs(value) < 1e15:
            return int(value)
    return value
