"""Refused sentence: one sentence goes out of a draft, and the rest stands as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...channels import find_channel
from ...channels.channel import Field
from ...checks.hold_back import without_sentences
from ...records import TEXT_FIELDS, Description, Evidence, Finding
from ...text.suggest import did_you_mean
from ..deciding.edited_text import WHOLE, Text, TextPair, over_limits
from ..stored import storable

OVER_LIMIT = "over-limit"


def without_sentence(
    description: Description[Any], field: str, place: int, start: int
) -> tuple[Description[Any], TextPair, str]:
    """The description without the sentence that begins there, the pair of texts, and it.

    A bullet or tag of this sentence alone goes as a whole. Evidence and findings of all
    else stay. Raises `ValueError` where there is no such sentence, or the text is needed.
    """
    if field not in TEXT_FIELDS:
        hint = did_you_mean(field, TEXT_FIELDS)
        raise ValueError(
            f"{field!r} has no sentences; fields: {', '.join(TEXT_FIELDS)}{hint}"
        )
    value: Text = getattr(description, field)
    item = None if place == WHOLE else place
    entries = description.evidence.get(field, ())
    sentence = next(
        (
            one
            for one in entries
            if (one.kind, one.item, one.start) == ("sentence", item, start)
        ),
        None,
    )
    if sentence is None or sentence.end is None:
        raise ValueError(f"{field} has no sentence that begins at character {start} there")
    before = value if isinstance(value, str) else value[place]
    after = without_sentences(before, [sentence])
    is_gone = not after and not isinstance(value, str)
    if not after:
        _check_may_go(description, field, value)
    new: Text = after
    if not isinstance(value, str):
        new = (*value[:place], *([after] if after else []), *value[place + 1 :])
    lead = _space_before(before, sentence)
    evidence = tuple(
        moved
        for one in entries
        if (moved := _moved(one, sentence, after, lead, is_gone=is_gone))
    )
    cut = description.model_copy(
        update={
            field: new,
            "evidence": {**description.evidence, field: evidence},
            "findings": tuple(_findings(description, field, new, sentence)),
        }
    )
    pair = TextPair(field, place, storable(before), storable(after))
    return cut, pair, sentence.value.strip()


def _check_may_go(description: Description[Any], field: str, value: Text) -> None:
    """`ValueError` where nothing would be left of a text that there must be."""
    known = _channel_field(description.channel, field)
    least = known.count(len(value))[0] if known and known.is_list else 1
    if isinstance(value, str) and (known or not _knows(description.channel)):
        raise ValueError(
            f"this is the only sentence of {field}, which must have a text; edit it, or "
            "refuse the draft"
        )
    if not isinstance(value, str) and len(value) - 1 < least:
        raise ValueError(
            f"{field} needs {least} texts and would have {len(value) - 1} without this "
            "sentence; edit it, or refuse the draft"
        )


def _knows(channel: str) -> bool:
    try:
        find_channel(channel)
    except ValueError:  # one of somebody's own, which is not known by its name
        return False
    return True


def _channel_field(channel: str, name: str) -> Field | None:
    """What a channel that ships demands of a field; None where it demands none."""
    if not _knows(channel):
        return None
    return next((f for f in find_channel(channel).fields if f.name == name), None)


def _space_before(text: str, sentence: Evidence) -> int:
    """Characters of space that the text begins with once the sentence is out."""
    left = text[: sentence.start] + text[sentence.end :]
    return len(left) - len(left.lstrip())


def _moved(
    one: Evidence, gone: Evidence, text: str, lead: int, *, is_gone: bool
) -> Evidence | None:
    """An entry where it stands now; None where it went with the sentence."""
    if one.item != gone.item:
        later = is_gone and one.item is not None and one.item > (gone.item or 0)
        return one.model_copy(update={"item": (one.item or 0) - 1}) if later else one
    if one.start is None or one.end is None or gone.start is None or gone.end is None:
        return one
    if gone.start <= one.start < gone.end:
        return None
    shift = lead + (gone.end - gone.start if one.start >= gone.end else 0)
    start, end = one.start - shift, min(one.end - shift, len(text))
    return one.model_copy(update={"start": start, "end": end, "value": text[start:end]})


def _findings(
    description: Description[Any], field: str, text: Text, gone: Evidence
) -> Iterator[Finding]:
    """What still holds; what was taken out before stays on record."""
    whole = text if isinstance(text, str) else "\n".join(text)
    for one in description.findings:
        was_here = one.field == field and one.severity != "removed" and one.value.strip()
        left_with_it = one.value in gone.value and one.value not in whole
        is_limit = one.field == field and one.code == OVER_LIMIT
        if not is_limit and not (was_here and left_with_it):
            yield one
    yield from over_limits(description.channel, {field: text})
