"""Views: what the templates show of a product, as texts and safe HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from ..channels import find_channel
from ..channels.channel import Field
from ..records import COPY_FIELDS, TEXT_FIELDS, Description, Evidence
from ..render.page import field_html
from ..render.parts import findings_html
from ..render.ui_labels import Labels
from ..render.word_diff import word_diff
from .desk import Item


class Sentence(NamedTuple):
    """One sentence that may be refused: its place in a list (-1: none), and its start."""

    place: int
    start: int
    text: str


class FieldView(NamedTuple):
    """One field of a draft beside the shop's present text.

    shown: its texts with their evidence marked, their length and who vouches for them; ""
    where it is empty. limit: characters of each text, None where the channel has none.
    now, new: the word diff, "" where one of them has no text. stays: the shop's own text,
    where the draft has none. findings: as HTML. lines: as a
    person edits it.
    """

    name: str
    is_list: bool
    is_editable: bool
    shown: Markup
    limit: int | None
    now: Markup
    new: Markup
    is_changed: bool
    stays: str
    findings: Markup
    sentences: tuple[Sentence, ...]
    lines: tuple[str, ...]


def field_views(item: Item, labels: Labels) -> list[FieldView]:
    """The fields that the draft or the shop has, in the order of copy."""
    draft = item.description
    if draft is None:
        return []
    fields = _fields(draft.channel)
    return [
        _view(name, draft, item.present.get(name, ""), fields.get(name), labels)
        for name in COPY_FIELDS
        if getattr(draft, name) or item.present.get(name)
    ]


def other_findings(item: Item, views: Sequence[FieldView], labels: Labels) -> Markup:
    """Findings of no field that is shown, as HTML."""
    names = {view.name for view in views}
    findings = item.description.findings if item.description else ()
    others = [one for one in findings if one.field not in names]
    return Markup(findings_html(others, labels)) if others else Markup()


def edits_of(
    form: Mapping[str, Sequence[str]], draft: Description[Any]
) -> dict[str, str | list[str]]:
    """The texts of a form by field; those that stand there already are left out."""
    edits: dict[str, str | list[str]] = {}
    for name in TEXT_FIELDS:
        given = form.get(name)
        if given is None:
            continue
        texts = [text.replace("\r\n", "\n").strip() for text in given]
        before = getattr(draft, name)
        if name != "alt_texts" and len(texts) != 1:
            raise ValueError(f"the form has {len(texts)} values of {name!r}, not one")
        if isinstance(before, str):
            if texts[0] != before:
                edits[name] = texts[0]
            continue
        if name != "alt_texts":
            texts = [line.strip() for line in texts[0].split("\n") if line.strip()]
        if tuple(texts) != before:
            edits[name] = texts
    return edits


def typed_texts(
    form: Mapping[str, Sequence[str]], labels: Labels, draft: Description[Any] | None = None
) -> list[tuple[str, str]]:
    """What a person typed into a form, each with its label: it must not be lost.

    draft: its own texts are left out.
    """
    names = {name: labels.field(name) for name in TEXT_FIELDS}
    names |= {"reason": labels["review.own-words"], "note": labels["review.your-note"]}
    typed = []
    for name, label in names.items():
        before = getattr(draft, name, ())
        known = {before} if isinstance(before, str) else {*before, "\n".join(before)}
        for text in form.get(name, ()):
            clean = text.replace("\r\n", "\n").strip()
            if clean and clean not in known:
                typed.append((label, clean))
    return typed


def _view(
    name: str,
    draft: Description[Any],
    present: str | tuple[str, ...],
    field: Field | None,
    labels: Labels,
) -> FieldView:
    value = getattr(draft, name)
    evidence = draft.evidence.get(name, ())
    is_list = isinstance(value, tuple)
    lines = _lines(value)
    limit = field.limit if field else None
    old, new = "\n".join(_lines(present)), "\n".join(lines)
    has_both = bool(old and new) and old != new
    now_html, new_html = word_diff(old, new) if has_both else ("", "")
    findings = [one for one in draft.findings if one.field == name]
    return FieldView(
        name=name,
        is_list=is_list,
        is_editable=name in TEXT_FIELDS,
        shown=Markup(field_html(draft, name, limit, labels, heading=2)),
        limit=limit,
        now=Markup(now_html),
        new=Markup(new_html),
        is_changed=old != new,
        stays="" if new else old,
        findings=Markup(findings_html(findings, labels)) if findings else Markup(),
        sentences=tuple(_sentences(evidence, is_list)) if name in TEXT_FIELDS else (),
        lines=lines,
    )


def _lines(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(f"{key}: {text}" for key, text in value.items())
    if isinstance(value, tuple | list):
        return tuple(map(str, value))
    return (str(value),) if value else ()


def _sentences(evidence: Sequence[Evidence], is_list: bool) -> list[Sentence]:
    return [
        Sentence(one.item if is_list and one.item is not None else -1, one.start, one.value)
        for one in evidence
        if one.kind == "sentence" and one.start is not None and one.value.strip()
    ]


def _fields(channel: str) -> dict[str, Field]:
    try:
        found = find_channel(channel)
    except ValueError:  # a channel of somebody's own, which is not known by its name
        return {}
    return {field.name: field for field in (*found.fields, *found.optional)}
