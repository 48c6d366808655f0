"""A rendered turn: its text, and the digest of all that shaped it."""

from __future__ import annotations

from dataclasses import dataclass

from ..digest import json_digest

__all__ = ["Rendered", "joined"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One rendered turn; `template` is the SHA-256 of everything that shaped it."""

    text: str
    template: str


def joined(first: Rendered, second: Rendered) -> Rendered:
    """Two texts as one turn."""
    digest = json_digest([first.template, second.template])
    return Rendered(f"{first.text}\n{second.text}", digest)
