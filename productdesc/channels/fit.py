"""Fit: texts cleaned and cut to a channel's limits, with a finding for each change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..records import Finding
from ..text.printable import quoted
from ..text.trim import clean, trim
from .channel import Channel, CharacterRule, Field

Texts = dict[str, str | tuple[str, ...]]

# Descriptions may have paragraphs; every other field is one line.
_WITH_LINES = {"description"}


def fit_texts(
    values: Mapping[str, Any], fields: Sequence[Field]
) -> tuple[Texts, list[Finding]]:
    """The values of these fields, cleaned, of the channel's characters, within limits."""
    texts: Texts = {}
    findings: list[Finding] = []
    for field in fields:
        value = values[field.name]
        lines = field.name in _WITH_LINES
        short = []
        for text in value if field.is_list else [value]:
            whole = clean(text, lines=lines)
            allowed, refused = without_refused(whole, field)
            if refused:
                findings.append(_refused(field.name, whole, refused, "taken out"))
            short.append(trim(allowed, field.limit))
            if short[-1] != allowed:
                findings.append(_trimmed(field.name, allowed, len(short[-1]), field.limit))
        texts[field.name] = tuple(short) if field.is_list else short[0]
    return texts, findings


def within(text: str, field: Field) -> str:
    """A clean text without characters that the channel refuses, within the limit."""
    return trim(without_refused(text, field)[0], field.limit)


def without_refused(text: str, field: Field) -> tuple[str, str]:
    """The text without characters that the channel refuses, and those that it had."""
    rule = field.characters
    if rule is None:
        return text, ""
    refused = _refused_places(text, rule)
    if not refused:
        return text, ""
    left = "".join(" " if place in refused else sign for place, sign in enumerate(text))
    left = re.sub(r" ([,.;:])", r"\1", re.sub(r" {2,}", " ", left))
    whole = clean(left, lines=field.name in _WITH_LINES)
    return whole, "".join(dict.fromkeys(text[place] for place in sorted(refused)))


def refused_characters(texts: Texts, fields: Sequence[Field]) -> Iterator[Finding]:
    """A finding for each text with characters that the channel refuses; none is changed."""
    for field in fields:
        value = texts[field.name]
        for text in (value,) if isinstance(value, str) else value:
            if refused := without_refused(text, field)[1]:
                yield _refused(field.name, text, refused, "take it out")


def over_advised(texts: Texts, fields: Sequence[Field]) -> Iterator[Finding]:
    """A finding for each text that is longer than the channel advises; none is cut."""
    for field in fields:
        value = texts[field.name]
        for text in (value,) if isinstance(value, str) else value:
            counts = (
                (len(text), field.advised, "characters"),
                (len(text.split()), field.advised_words, "words"),
            )
            for count, advised, unit in counts:
                if advised is not None and count > advised:
                    message = f"{count} {unit}, {advised} are advised; shorten it"
                    yield Finding(
                        code="over-advised", field=field.name, message=message, value=text
                    )


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


_PICTURES = {"So", "Sk"}
_SIGNS = 0x2190  # ° № ℃ ™ stand below it
_CJK = range(0x3200, 0x3400)  # ㎏ is a unit
_JOINS = {"\u200d", "\ufe0e", "\ufe0f"}  # what holds an emoji of several together


def _refused_places(text: str, rule: CharacterRule) -> set[int]:
    """Where the characters stand that this rule takes out."""
    seen: set[str] = set()
    places: set[int] = set()
    for place, sign in enumerate(text):
        joins = sign in _JOINS and place - 1 in places
        picture = rule.emoji and (_is_picture(sign) or joins)
        if picture or sign in rule.never or sign in seen:
            places.add(place)
        if sign in rule.once:
            seen.add(sign)
    return places


def _is_picture(sign: str) -> bool:
    point = ord(sign)
    if point < _SIGNS or point in _CJK:
        return False
    return unicodedata.category(sign) in _PICTURES


def _refused(name: str, text: str, signs: str, done: str) -> Finding:
    message = f"the channel takes no {quoted(signs, 'value')} here; {done}"
    return Finding(code="refused-characters", field=name, message=message, value=text)


def _trimmed(name: str, text: str, length: int, limit: int) -> Finding:
    message = f"{len(text)} characters, the limit is {limit}; cut to {length} at a word end"
    return Finding(code="trimmed", field=name, message=message, value=text[length:].strip())
