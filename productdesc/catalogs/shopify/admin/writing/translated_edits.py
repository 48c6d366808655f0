"""Edits of one product in a further language: translations registered and removed. Pure.

An edit's `target` is the locale; of an alt text the image's id, a space and the locale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .....records import Description, Product
from .....text.blank import is_blank
from .....text.printable import listed
from ....merge_policy import Current, decide
from ....output.guarded_writes import Held
from ....protocol import Edit
from ....shop_text.body import body_text
from ....shop_text.shop_html import to_html
from ...needed_fields import needed_fields
from ..api.queries import TRANSLATIONS_REGISTER, TRANSLATIONS_REMOVE
from ..reading.product_node import (
    ProductNode,
    TranslatedText,
    one_line,
    same_markup,
    to_product,
)
from ..reading.shop_locales import ShopLocale
from ..reading.translations import (
    ALT_KEY,
    KEYS,
    NO_TEXT,
    in_translation,
    translation_of,
)
from .edits import Plan, Step
from .stored_texts import stored_texts, unfit

WRITES = (*KEYS, "alt_texts")


@dataclass(frozen=True, slots=True)
class TranslationRules:
    """Rules of a sink of translations: what it may write, in which language.

    primary: the language of what is translated.
    """

    locale: ShopLocale
    primary: str
    overwrite: Collection[str] = frozenset()


@dataclass(slots=True)
class _Steps:
    """Mutations of one product, one of each kind for each thing that has texts."""

    locale: str
    new: dict[str, list[tuple[Edit, dict[str, str]]]] = field(default_factory=dict)
    gone: dict[str, list[tuple[Edit, str]]] = field(default_factory=dict)

    def add(self, gid: str, key: str, edit: Edit, digest: str) -> None:
        """A text that becomes another one; "": there will be no translation."""
        if not edit.after:
            self.gone.setdefault(gid, []).append((edit, key))
            return
        text = {
            "locale": self.locale,
            "key": key,
            "value": edit.after,
            "translatableContentDigest": digest,
        }
        self.new.setdefault(gid, []).append((edit, text))

    def __iter__(self) -> Iterator[Step]:
        for gid, texts in self.new.items():
            sent: dict[str, Any] = {"id": gid, "translations": [t for _, t in texts]}
            yield Step(TRANSLATIONS_REGISTER, sent, tuple(edit for edit, _ in texts))
        for gid, keys in self.gone.items():
            sent = {"id": gid, "keys": [k for _, k in keys], "locales": [self.locale]}
            yield Step(TRANSLATIONS_REMOVE, sent, tuple(edit for edit, _ in keys))


def plan(
    node: ProductNode, product: Product, description: Description, rules: TranslationRules
) -> Plan:
    """The plan of a description for a product whose translations are as in `node` now."""
    notes: list[str] = []
    locale = rules.locale.code
    stored = {name: _text(node, name) for name in KEYS}
    alts = [_text(node, "alt_texts", image.id) for image in node.images]
    html = stored["description"].value
    current = Current(
        title=stored["title"].value,
        description=body_text(html),
        seo_title=stored["seo_title"].value,
        seo_description=stored["seo_description"].value,
        alt_texts=tuple(one.value for one in alts),
    )
    ours = description.model_copy(
        update=stored_texts(node.images, html, product, description, notes)
    )
    choice = decide(
        current, ours, writes=WRITES, overwrite=rules.overwrite, photos=len(node.images)
    )
    if why := unfit(choice, description, ours.description or current.description):
        return Plan(untouched=choice.untouched, notes="; ".join(notes), unfit=why)
    steps, early = _Steps(locale), dict[str, None]()
    for name, before in stored.items():
        text = choice.text(name)
        if name == "description" and text is not None:
            text = to_html(description.description, description.bullets)
        if text is not None and not _is_translatable(before):
            early[name] = None
        elif text is not None:
            edit = Edit(name, before.value, text, locale)
            steps.add(node.gid, KEYS[name], edit, before.digest)
    new_alts = choice.texts("alt_texts") or ()
    for image, before, alt in zip(node.images, alts, new_alts, strict=False):
        if alt == before.value:
            continue
        if not _is_translatable(before):
            early["alt_texts"] = None
            continue
        edit = Edit("alt_texts", before.value, alt, _target(image.id, locale))
        steps.add(image.id, ALT_KEY, edit, before.digest)
    if early:
        why = (
            f"left out in {locale}: {listed([*early])}, since the shop has no such text in "
            f"{rules.primary} yet, and translates only what it has; publish that first"
        )
        notes.append(why)
    made = tuple(steps)
    if made and not rules.locale.published:
        notes.append(
            f"{locale} is not published in the shop, so that nobody sees it yet; publish "
            "it in Shopify under Settings > Languages"
        )
    old = [n for n in choice.untouched if n in stored and stored[n].outdated]
    if old:
        notes.append(f"outdated in {locale}, and left as it is: {listed(old)}")
    return Plan(
        made,
        choice.untouched,
        "; ".join(notes),
        unfit=why if early and not made else "",
    )


def needs(product: Product, rules: TranslationRules) -> frozenset[str]:
    """The fields that `plan` would write of a product that its source read."""
    current = Current.of(product)
    return needed_fields(product, current, writes=WRITES, overwrite=rules.overwrite)


def held(node: ProductNode, locale: str) -> Held:
    """What the shop holds of a product in a locale, as its source reads it and raw."""
    values = {(name, locale): _text(node, name).value for name in KEYS}
    for image in node.images:
        key = "alt_texts", _target(image.id, locale)
        values[key] = _text(node, "alt_texts", image.id).value
    copy = translation_of(node, node.translated)
    return Held(in_translation(to_product(node, ("custom",)), copy), values)


def restoring(node: ProductNode, edits: Sequence[Edit], rules: TranslationRules) -> Plan:
    """The plan that gives a product back the raw translations in `Edit.after`.

    By the digest of what is translated now, whatever it was then.
    """
    locale = rules.locale.code
    steps, notes = _Steps(locale), list[str]()
    for edit in edits:
        place = _place(node, edit, locale)
        if place is None:
            notes.append(f"left alone: {edit.field}, which is no text in {locale} of it")
        elif edit.after and not node.translated.get(place, NO_TEXT).digest:
            notes.append(
                f"left alone: {edit.field} in {locale}, since the shop has no such text in "
                f"{rules.primary} any more, and translates only what it has"
            )
        else:
            steps.add(*place, edit, node.translated.get(place, NO_TEXT).digest)
    made = tuple(steps)
    return Plan(made, notes="; ".join(notes), unfit="" if made else notes[0])


def missing(step: Step, node: ProductNode, locale: str) -> tuple[Edit, ...]:
    """The edits of a step that the shop does not hold, layout and markup aside."""
    return tuple(edit for edit in step.edits if not _holds(node, edit, locale))


def _holds(node: ProductNode, edit: Edit, locale: str) -> bool:
    place = _place(node, edit, locale)
    if place is None:  # a photo that is gone since has no text to miss
        return True
    now = node.translated.get(place, NO_TEXT).value
    if edit.field == "description":
        return same_markup(now, edit.after)
    return one_line(now) == one_line(edit.after)


def _place(node: ProductNode, edit: Edit, locale: str) -> tuple[str, str] | None:
    """The resource and key of an edit; None: it is of another language, or photo."""
    if edit.field == "alt_texts":
        images = {_target(image.id, locale): image.id for image in node.images}
        return (images[edit.target], ALT_KEY) if edit.target in images else None
    is_ours = edit.field in KEYS and edit.target == locale
    return (node.gid, KEYS[edit.field]) if is_ours else None


def _target(image: str, locale: str) -> str:
    return f"{image} {locale}"


def _text(node: ProductNode, name: str, image: str = "") -> TranslatedText:
    place = (image, ALT_KEY) if image else (node.gid, KEYS[name])
    return node.translated.get(place, NO_TEXT)


def _is_translatable(text: TranslatedText) -> bool:
    return bool(text.digest) and not is_blank(text.own)
