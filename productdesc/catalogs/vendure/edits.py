"""Edits of one product in one language: what is to change, as the shop stores it. Pure.

An edit's `target` is the language of its text; "" of a custom field that all share.
What is sent is made of the edits alone, so that what a dry run shows is what is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...records import Description, Product
from ...text.printable import listed
from ..merge_policy import Current, Decision, decide
from ..protocol import Edit
from ..shop_text.sanitize import forbidden
from ..shop_text.shop_html import to_html, to_text
from .item import Item
from .shop_settings import CustomField, SeoFields

TEXTS: Mapping[str, str] = {"title": "name", "description": "description"}
"""A field of a description -> Vendure's name of that text of a translation."""

SLUG = "slug"
NAMES: Mapping[str, str] = {**TEXTS, SLUG: SLUG}
"""The same with the slug, which is only ever given back."""


class UnstorableError(ValueError):
    """A text that the shop cannot store, or would give back as another one."""


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one product. notes: what of the description was left out, and why."""

    edits: tuple[Edit, ...] = ()
    untouched: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        return "; ".join(self.notes)


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of a sink: what it may write of a shop."""

    default: str
    seo: SeoFields | None
    writes: Sequence[str]
    overwrite: Collection[str]


def change(
    item: Item, product: Product, description: Description, language: str, rules: Rules
) -> Change:
    """The change that writes a description over `item`. Raises `UnstorableError`.

    product: as it was read, for what a person edited since: that is not replaced.
    """
    held = item.current(language, rules.seo)
    edited = _edited_since(product, held) & {*rules.overwrite}
    ours = _ours(item, held, description, language)
    choice = decide(
        held, ours, writes=rules.writes, overwrite={*rules.overwrite} - edited, photos=0
    )
    notes = []
    if late := [name for name in choice.untouched if name in edited]:
        notes.append(f"left alone: {listed(late)}, edited in the shop since it was read")
    edits = (
        *_texts(item, choice, description, language),
        *_seo(item, choice, language, rules.seo, notes),
    )
    if edits and item.translation(language) is None and "title" not in choice.new:
        raise UnstorableError(
            f"it has no texts in {language} yet, and these begin with a title; describe it "
            "with one"
        )
    return Change(edits, choice.untouched, tuple(notes))


def update_input(item: Item, edits: Iterable[Edit], rules: Rules) -> dict[str, Any]:
    """What to send so that the edits are made, and nothing else changes.

    Only what changes is named: a slug that is sent may come back as another one. New texts
    of a language need all three; their slug is that of the default language, so that the
    product's address stays.
    """
    body: dict[str, Any] = {"id": item.id}
    translations: dict[str, dict[str, Any]] = {}
    fields = custom_fields(rules.seo)
    for edit in edits:
        if edit.field in fields and not fields[edit.field].localized:
            custom = body.setdefault("customFields", {})
            custom[fields[edit.field].name] = _value(fields[edit.field], edit.after)
            continue
        row = translations.setdefault(edit.target, {"languageCode": edit.target})
        if edit.field in fields:
            custom = row.setdefault("customFields", {})
            custom[fields[edit.field].name] = _value(fields[edit.field], edit.after)
        else:
            row[NAMES[edit.field]] = edit.after
    for language, row in translations.items():
        if item.translation(language) is None:
            blank = {"name": "", "slug": _slug(item, rules.default), "description": ""}
            translations[language] = {**blank, **row}
    if translations:
        body["translations"] = list(translations.values())
    return body


def _value(field: CustomField, text: str) -> str | None:
    """What a custom field is to hold: null where it is to be empty, as it was once made."""
    return text if text or field.is_required else None


def custom_fields(seo: SeoFields | None) -> dict[str, CustomField]:
    """The custom fields by their fields of a description."""
    return (
        {} if seo is None else {"seo_title": seo.title, "seo_description": seo.description}
    )


def stored(item: Item, edit: Edit, rules: Rules) -> str:
    """What the shop holds where an edit is made."""
    fields = custom_fields(rules.seo)
    if edit.field in fields:
        return item.custom(fields[edit.field], edit.target)
    texts = item.translation(edit.target)
    return getattr(texts, NAMES[edit.field]) if texts else ""


def _edited_since(product: Product, held: Current) -> frozenset[str]:
    """The fields that hold other words than the product had when it was read.

    None of a product that was made by hand, of an id alone.
    """
    if not (product.title or product.description):
        return frozenset()
    was = Current.of(product)
    names = (*TEXTS, "seo_title", "seo_description")
    return frozenset(n for n in names if getattr(held, n) not in ("", getattr(was, n)))


def _ours(item: Item, held: Current, description: Description, language: str) -> Current:
    """Our texts as the shop would give them back."""
    markup = to_html(description.description, description.bullets)
    texts = item.translation(language)
    is_there = texts is not None and texts.description == markup
    return Current(
        title=one_line(description.title),
        description=held.description if is_there else to_text(markup),
        seo_title=one_line(description.seo_title),
        seo_description=one_line(description.seo_description),
    )


def _texts(
    item: Item, choice: Decision, description: Description, language: str
) -> list[Edit]:
    edits: list[Edit] = []
    texts = item.translation(language)
    if (title := choice.text("title")) is not None:
        _check("title", title)
        edits.append(Edit("title", texts.name if texts else "", title, language))
    if (plain := choice.text("description")) is not None:
        _check("description", description.description, *description.bullets)
        if one_line(description.description) not in one_line(plain):
            raise UnstorableError("description holds characters that HTML cannot")
        markup = to_html(description.description, description.bullets)
        before = texts.description if texts else ""
        edits.append(Edit("description", before, markup, language))
    return edits


def _seo(
    item: Item,
    choice: Decision,
    language: str,
    seo: SeoFields | None,
    notes: list[str],
) -> list[Edit]:
    edits: list[Edit] = []
    for name, field in custom_fields(seo).items():
        text = choice.text(name)
        if text is None:
            continue
        _check(name, text)
        if field.readonly:
            notes.append(f"left alone: {name}, since {field.name} is read-only")
        elif field.length and len(text) > field.length:
            notes.append(
                f"left alone: {name} of {len(text)} characters, since {field.name} holds "
                f"{field.length}"
            )
        else:
            target = language if field.localized else ""
            edits.append(Edit(name, item.custom(field, language), text, target))
    return edits


def _check(name: str, *texts: str) -> None:
    for text in texts:
        if why := forbidden(text):
            raise UnstorableError(f"{name} {why}, which a shop cannot store")


def _slug(item: Item, default: str) -> str:
    """The slug for a language that has none yet."""
    first = item.translation(default)
    slugs = [first.slug] if first else []
    return next(filter(None, [*slugs, *(t.slug for t in item.translations)]), item.id)


def one_line(text: str) -> str:
    """One line, single spaces: as a title and its like are stored."""
    return " ".join(text.split())
