"""Photo findings: which rules of a channel one photo breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ....channels import find_channel
from ....records import Photo
from .photo_measures import UNITS, PhotoMeasures
from .pieces import Box
from .rule_table import PHOTO_RULES, PhotoRule, PhotoVerdict


class PhotoFinding(NamedTuple):
    """A rule of a channel that a photo breaks.

    `code`: as the channel names the rule, where it does. `verdict`: "refuse" (the channel
    does not take it), "review" (a person looks), "reshoot" (a better photo is asked).
    `message`: what is wrong, with number and limit; `advice`: what to do. `measured` and
    `limit` are the numbers. `source` says who states the rule, `official` whether that is
    the channel itself.
    """

    code: str
    verdict: PhotoVerdict
    message: str
    advice: str
    measured: float | None
    limit: float | None
    source: str
    official: bool


def photo_findings(
    photo: Photo,
    channel: str,
    *,
    position: int = 1,
    text_boxes: Sequence[Box] = (),
) -> list[PhotoFinding]:
    """The rules of a channel that a photo breaks, in the order of the table.

    position: of the photo among the product's, from 1; rules of a main image hold for 1
    only. text_boxes: where text was read on the photo (left, top, right, bottom in shares
    of it), for the overlay rule beside the letters that it finds itself. Empty for a
    channel that has no photo rules. Of rules with one code the first alone is told.

    Raises `ValueError` for an unknown channel or a position below 1.
    """
    if position < 1:
        raise ValueError(f"position is {position}; photos count from 1")
    name = find_channel(channel).name
    measures = PhotoMeasures(photo, text_boxes)
    found: dict[str, PhotoFinding] = {}
    for rule in PHOTO_RULES:
        if rule.channel != name or rule.code in found:
            continue
        if rule.main_only and position > 1:
            continue
        value = measures.value(rule.measure)
        if value is None:
            continue
        if value < rule.limit if rule.fires == "below" else value > rule.limit:
            found[rule.code] = _finding(rule, value, photo)
    return [*found.values()]


def _finding(rule: PhotoRule, value: float, photo: Photo) -> PhotoFinding:
    numbers = {"measured": _told(value, rule), "limit": _told(rule.limit, rule)}
    return PhotoFinding(
        code=rule.code,
        verdict=rule.verdict,
        message=f"{photo.name}: {rule.wrong.format(**numbers)}",
        advice=rule.advice.format(**numbers),
        measured=value,
        limit=rule.limit,
        source=rule.source.name,
        official=rule.source.official,
    )


def _told(number: float, rule: PhotoRule) -> str:
    unit = UNITS.get(rule.measure)
    if unit is None:
        return f"{100 * number:.3g} %"
    return (
        f"{number:,.4g} {unit}".strip() if unit == "MP" else f"{number:,.0f} {unit}".strip()
    )
