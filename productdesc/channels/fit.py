"""Fit: texts cleaned and cut to a channel's limits, with a finding for each cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..records import Finding
from ..text.trim import clean, trim
from .channel import Channel, Field

Texts = dict[str, str | tuple[str, ...]]

# Descriptions may have paragraphs; every other field is one line.
_WITH_LINES = {"description"}


def fit_texts(
    values: Mapping[str, Any], fields: Sequence[Field]
) -> tuple[Texts, list[Finding]]:
    """The values of these fields, cleaned and within the limits."""
    texts: Texts = {}
    findings: list[Finding] = []
    for field in fields:
        value = values[field.name]
        lines = field.name in _WITH_LINES
        whole = [clean(t, lines=lines) for t in (value if field.is_list else [value])]
        short = [trim(t, field.limit) for t in whole]
        for before, after in zip(whole, short, strict=True):
            if before != after:
                findings.append(_trimmed(field.name, before, len(after), field.limit))
        texts[field.name] = tuple(short) if field.is_list else short[0]
    return texts, findings


def fit_attributes(
    attributes: Mapping[str, str], channel: Channel
) -> tuple[dict[str, str], list[Finding]]:
    """The attributes within the channel's limits; none becomes empty."""
    short: dict[str, str] = {}
    findings: list[Finding] = []
    for name, value in attributes.items():
        limit = channel.attributes.get(name, channel.attribute_limit)
        short[name] = trim(value, limit) or value[:limit]
        if short[name] != value:
            findings.append(_trimmed("attributes", value, len(short[name]), limit))
    return short, findings


def _trimmed(name: str, text: str, length: int, limit: int) -> Finding:
    message = f"{len(text)} characters, the limit is {limit}; cut to {length} at a word end"
    return Finding(code="trimmed", field=name, message=message, value=text[length:].strip())
