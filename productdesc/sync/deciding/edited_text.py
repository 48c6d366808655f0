"""Edited text: a draft with a person's words, checked as a model's are, and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...channels import find_channel
from ...channels.channel import Field
from ...channels.fit import over_advised, refused_characters
from ...checks.check import TextChecker
from ...records import TEXT_FIELDS, Description, Evidence, Facts, Finding, Product, Seen
from ...text.suggest import did_you_mean
from ..stored import storable

WHOLE = -1
"""The place of a text in a field that is no list."""

Text = str | tuple[str, ...]


class TextPair(NamedTuple):
    """One edited text: the model's, or of whoever wrote it before, and the person's."""

    field: str
    item: int
    model: str
    person: str


def edited(
    product: Product,
    description: Description[Any],
    edits: Mapping[str, str | Sequence[str]],
) -> tuple[Description[Any], list[TextPair]]:
    """The description with these texts, and the pairs of old and new ones.

    Nothing of a person's text is cut or removed: what the checks would take out of a
    model's, and what is over the channel's limit, is a finding. Its sentences are marked
    as a person's. Raises `ValueError` for a field or a text that cannot be.
    """
    texts = _new_texts(description, edits)
    if not texts:
        raise ValueError("the edited texts are those that stand there already")
    checker = _checker(product, description)
    findings = [f for f in description.findings if f.field not in texts]
    findings += _findings(checker, description, texts)
    evidence = dict(description.evidence)
    for name, text in texts.items():
        evidence[name] = tuple(map(_by_person, checker.evidence(text)))
    changed = description.model_copy(
        update={**texts, "findings": tuple(findings), "evidence": evidence}
    )
    pairs = [
        pair
        for name, text in texts.items()
        for pair in _pairs(name, getattr(description, name), text)
    ]
    return changed, pairs


def edit_findings(
    product: Product,
    description: Description[Any],
    edits: Mapping[str, str | Sequence[str]],
) -> list[Finding]:
    """What `edited` would find in these texts; none for those that stand there already."""
    texts = _new_texts(description, edits)
    return _findings(_checker(product, description), description, texts) if texts else []


def _new_texts(
    description: Description[Any], edits: Mapping[str, str | Sequence[str]]
) -> dict[str, Text]:
    texts = {n: _text(n, one, getattr(description, n, None)) for n, one in edits.items()}
    return {n: text for n, text in texts.items() if text != getattr(description, n)}


def _checker(product: Product, description: Description[Any]) -> TextChecker:
    return TextChecker.of(
        product=product,
        facts=_facts(description),
        measured=(),
        language=description.language,
        prompts=(),
    )


def _findings(
    checker: TextChecker, description: Description[Any], texts: Mapping[str, Text]
) -> list[Finding]:
    checked = checker.check(texts)
    found = [_warned(f) for f in checked.findings if f.field in texts]
    return found + over_limits(description.channel, texts)


def _text(name: str, given: str | Sequence[str], before: object) -> Text:
    if name not in TEXT_FIELDS:
        hint = did_you_mean(name, TEXT_FIELDS)
        raise ValueError(
            f"{name!r} is not edited; fields are: {', '.join(TEXT_FIELDS)}{hint}"
        )
    if isinstance(before, str):
        if not isinstance(given, str):
            raise ValueError(f"{name} is one text, not a {type(given).__name__}")
        return given.strip()
    if isinstance(given, str) or not all(isinstance(one, str) for one in given):
        raise ValueError(f"{name} is a list of texts")
    texts = tuple(one.strip() for one in given)
    if name == "alt_texts":
        count = len(before) if isinstance(before, tuple) else 0
        if len(texts) != count:
            raise ValueError(
                f"alt_texts has {len(texts)} texts; there are {count}, one a photo"
            )
        return texts
    return tuple(one for one in texts if one)


def _facts(description: Description[Any]) -> Facts:
    """What the model saw, as far as the draft's evidence says so."""
    seen: dict[str, Seen] = {}
    for one in description.evidence.get("attributes", ()):
        if one.source == "photo" and one.name:
            seen[one.name] = Seen(value=one.value, photo=one.photo or 1)
    return Facts(category=description.category, attributes=seen)


def _warned(finding: Finding) -> Finding:
    """What would be taken out of a model's text stays in a person's."""
    if finding.severity != "removed":
        return finding
    message = finding.message.replace("took out", "holds", 1)
    return finding.model_copy(update={"severity": "warning", "message": message})


def _by_person(one: Evidence) -> Evidence:
    """A sentence is the person's; a claim that data or a photo vouch for stays theirs."""
    if one.kind == "claim" and one.status == "vouched":
        return one
    status = "opinion" if one.status == "opinion" else "vouched"
    return one.model_copy(update={"source": "person", "status": status})


def over_limits(channel: str, texts: Mapping[str, Text]) -> list[Finding]:
    """A finding for each text that is over a limit of a channel that ships."""
    try:
        fields = {field.name: field for field in find_channel(channel).fields}
    except ValueError:  # a channel of somebody's own, which is not known by its name
        return []
    found: list[Finding] = []
    for name, text in texts.items():
        if field := fields.get(name):  # type: ignore[call-overload]
            found += _over(field, (text,) if isinstance(text, str) else text)
            found += over_advised({name: text}, [field])
            found += refused_characters({name: text}, [field])
    return found


def _over(field: Field, texts: Sequence[str]) -> list[Finding]:
    messages = [
        (f"{len(text)} characters, the limit is {field.limit}: shorten it", text)
        for text in texts
        if len(text) > field.limit
    ]
    most = field.items[1] if field.items else None
    if most is not None and len(texts) > most:
        messages.append((f"{len(texts)} texts, the limit is {most}: leave some out", ""))
    together = sum(map(len, texts))
    if field.joined is not None and together > field.joined:
        why = f"{together} characters together, the limit is {field.joined}: shorten it"
        messages.append((why, ""))
    return [
        Finding(code="over-limit", field=field.name, message=message, value=text[:80])
        for message, text in messages
    ]


def _pairs(name: str, before: Text, after: Text) -> list[TextPair]:
    if isinstance(before, str) and isinstance(after, str):
        return [TextPair(name, WHOLE, storable(before), storable(after))]
    most = max(len(before), len(after))
    old, new = ([*texts, *[""] * (most - len(texts))] for texts in (before, after))
    return [
        TextPair(name, place, storable(a), storable(b))
        for place, (a, b) in enumerate(zip(old, new, strict=True))
        if a != b
    ]
