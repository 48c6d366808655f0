"""Lines read on photos: which belong together, and which of them speak to the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...records import Finding, ReadText
from ...text.printable import quoted
from .find_injection import Injection, find_injections

__all__ = ["blocks", "injection_finding", "trusted_lines"]

GAP = 1.0  # of a line's height: what is printed nearer below is the same block


def trusted_lines(
    lines: Sequence[ReadText],
) -> tuple[tuple[ReadText, ...], list[Finding]]:
    """The lines without the blocks that speak to the model, and a finding for each.

    The whole block goes: what an order wants said mostly stands in the next line.
    """
    trusted: list[ReadText] = []
    findings: list[Finding] = []
    for block in blocks(lines):
        text = " ".join(line.text for line in block)
        if found := find_injections(text, is_read=True):
            findings.append(_finding(block, text, found[0]))
        else:
            trusted += block
    kept = {id(line) for line in trusted}
    return tuple(line for line in lines if id(line) in kept), findings


def blocks(lines: Sequence[ReadText]) -> list[list[ReadText]]:
    """The lines in blocks: one below or beside another, on the same photo, and near it."""
    left, found = list(lines), []
    while left:
        block, waiting = [], [left.pop(0)]
        while waiting:
            one = waiting.pop(0)
            block.append(one)
            near = [other for other in left if _is_near(one, other)]
            left = [other for other in left if not any(other is n for n in near)]
            waiting += near
        found.append(list(_in_reading_order(block)))
    return found


def _is_near(one: ReadText, other: ReadText) -> bool:
    if one.photo != other.photo:
        return False
    a, b = one.box, other.box
    height = max(a[3] - a[1], b[3] - b[1])
    apart = max(a[0], b[0]) - min(a[2], b[2]), max(a[1], b[1]) - min(a[3], b[3])
    return all(gap <= GAP * height for gap in apart)


def _in_reading_order(block: Sequence[ReadText]) -> Iterator[ReadText]:
    """From top to bottom, and from left to right where two stand in one line."""
    waiting = sorted(block, key=lambda line: line.box[1] + line.box[3])
    while waiting:
        first = waiting[0].box
        middle = [one for one in waiting if (one.box[1] + one.box[3]) / 2 <= first[3]]
        yield from sorted(middle, key=lambda line: line.box[0])
        waiting = waiting[len(middle) :]


def _finding(block: Sequence[ReadText], text: str, found: Injection) -> Finding:
    line = block[0]
    place = ", ".join(filter(None, (f"photo {line.photo}", line.place)))
    return injection_finding("photos", place, text, found)


def injection_finding(field: str, place: str, text: str, found: Injection) -> Finding:
    """What a person is told of text that speaks to the model."""
    shown = quoted(text[found.start : found.end], "value")
    message = (
        f"{place}: {shown} reads like an instruction to the model ({found.rule}); the text "
        "around it vouches for nothing: look at it before you publish"
    )
    return Finding(code="injection", field=field, message=message, value=text[:200])
