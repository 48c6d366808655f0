"""JSON pointers (RFC 6901): where a value stands in JSON, as text."""

from __future__ import annotations

from collections.abc import Iterable


def json_pointer(parts: Iterable[str | int]) -> str:
    """The pointer through these keys and places; "" for the whole."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join(f"/{part}" for part in escaped)


def pointer_parts(pointer: str) -> tuple[str, ...]:
    """The keys and places of a pointer; raises `ValueError` for a text that is none."""
    first, *parts = pointer.split("/")
    if first:
        raise ValueError(f"{pointer!r} is no JSON pointer; it begins with /")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)
