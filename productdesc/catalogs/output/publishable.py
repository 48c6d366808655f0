"""Publishable: what of a description a shop is given where nobody chose otherwise.

`describe(..., inferred=)` decides it before a text is seen. A description that was made
without that choice keeps every sentence, marked; a shop gets those that somebody vouches
for, and opinions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ...records import Description, Evidence, Product
from ..protocol import Saved

__all__ = ["publishable", "save_publishable"]

Pair = tuple[Product, Description]

_UNITS = ("title", "seo_title", "alt_texts")


def publishable(description: Description) -> tuple[Description, str]:
    """The description without sentences that nobody vouches for, and what was held back.

    The same and "" where the caller of `describe` chose what happens to them.
    """
    if "inferred" in description.provenance.settings:
        return description, ""
    changes: dict[str, Any] = {}
    evidence = dict(description.evidence)
    count = 0
    for name, found in description.evidence.items():
        value = getattr(description, name, None)
        held = sum(map(_is_held, found))
        if held and isinstance(value, str | tuple):
            count += held
            changes[name], evidence[name] = _left(name, value, found)
    if not count:
        return description, ""
    if changes.get("title") == "":  # a catalogue takes no product without one
        changes["title"] = description.category.rsplit(">", 1)[-1].strip().capitalize()
    sentences = "1 sentence" if count == 1 else f"{count} sentences"
    reason = (
        f"held back {sentences} of {', '.join(changes)} that nobody vouches for; "
        'describe with inferred="all" to publish them'
    )
    return description.model_copy(update={**changes, "evidence": evidence}), reason


def save_publishable(
    pairs: Iterable[Pair], save: Callable[[Iterator[Pair]], Iterable[Saved]]
) -> Iterator[Saved]:
    """What `save` gives for the publishable part of each pair, in their order."""
    reasons: deque[str] = deque()

    def passing() -> Iterator[Pair]:
        for product, description in pairs:
            left, reason = publishable(description)
            reasons.append(reason)
            yield product, left

    for saved in save(passing()):
        yield saved.with_reason(reasons.popleft())


def _is_held(one: Evidence) -> bool:
    return one.kind == "sentence" and one.status == "inferred"


def _left(
    name: str, value: str | tuple[str, ...], found: Sequence[Evidence]
) -> tuple[str | tuple[str, ...], tuple[Evidence, ...]]:
    """What is left of a field, and its evidence at the places where it stands now."""
    if isinstance(value, str):
        return _of_text(name, value, found, None)
    texts: list[str] = []
    entries: list[Evidence] = []
    for item, text in enumerate(value):
        own = [e for e in found if e.item == item]
        left, moved = _of_text(name, text, own, len(texts))
        if left or name == "alt_texts":
            texts.append(left)
            entries += moved
    return tuple(texts), tuple(entries)


def _of_text(
    name: str, text: str, found: Sequence[Evidence], item: int | None
) -> tuple[str, tuple[Evidence, ...]]:
    held = [e for e in found if _is_held(e)]
    if held and name in _UNITS:
        return "", ()
    left = ""
    entries: list[Evidence] = []
    for sentence in (e for e in found if e.kind == "sentence" and e not in held):
        start, end = sentence.start or 0, sentence.end or 0
        shift = len(left) - start
        inside = (e for e in found if e.start is not None and start <= e.start < end)
        entries += [_moved(e, shift, item) for e in inside]
        left += text[start:end]
    short = left.rstrip() if held else left
    return short, tuple(_within(e, short) for e in entries)


def _moved(one: Evidence, shift: int, item: int | None) -> Evidence:
    place = {"start": (one.start or 0) + shift, "end": (one.end or 0) + shift}
    return one.model_copy(update={**place, "item": item})


def _within(one: Evidence, text: str) -> Evidence:
    """The same, where white space behind the last sentence went."""
    end = min(one.end or 0, len(text))
    return one.model_copy(update={"end": end, "value": text[one.start : end]})
