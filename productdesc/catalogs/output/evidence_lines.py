"""Evidence lines: who vouches for each sentence, for a person who reads a file."""

from __future__ import annotations

from collections.abc import Iterable

from ...records import Evidence

__all__ = ["evidence_lines"]


def evidence_lines(found: Iterable[Evidence]) -> str:
    """One line a sentence, or a value: its words, and who vouches for them."""
    entries = (e for e in found if e.kind != "claim")
    return "\n".join(f"{e.value.strip()} [{e.shown}]" for e in entries)
