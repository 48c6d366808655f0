"""Side effects of a change on texts that it leaves alone, foreseen and looked for. Pure.

As soon as one of name, description and short description is sent, WooCommerce saves all
three again. One that would not come through keeps the change from being made, unless its
loss is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...protocol import Edit
from ..built_in import Role
from ..survives import (
    FIELDS,
    TEXTS,
    Text,
    accepted,
    doubled,
    fate,
    forecast,
    left_alone,
)
from .edits import Change
from .item import Item


def with_side_effects(
    item: Item, change: Change, role: Role, *, accept_cleaning: bool
) -> Change:
    """The change with all that has to be sent so that the other texts stay as they are.

    Where one cannot stay, without the texts, and `refusal` says why; with
    accept_cleaning=True with the loss as edits.
    """
    ours = [text for text in TEXTS if text in change.body]
    if not ours:
        return change
    body = dict(change.body)
    losses: dict[Text, str] = {}
    edits: list[Edit] = []
    for text in TEXTS:
        held = getattr(item, text)
        if text in ours or not held:
            continue
        survival, cause = fate(held, role, text)
        sent = doubled(held) if "\\" in held else held
        if survival == "sent with backslashes doubled":
            body[text] = sent
        elif survival == "no":
            losses[text] = cause
            if sent != held and role != "administrator":
                body[text] = sent  # kses comes either way, and so the backslashes stay
            after = forecast(body.get(text, held), role, text)
            edits.append(Edit(FIELDS[text], held, after))
    if losses and not accept_cleaning:
        return _without_texts(change, losses, role)
    return replace(
        change,
        body=body,
        edits=(*change.edits, *(edit for edit in edits if edit.before != edit.after)),
        cleaned=tuple(losses),
        notes=(*change.notes, *accepted(losses)),
    )


def _without_texts(change: Change, losses: Mapping[Text, str], role: Role) -> Change:
    names = [FIELDS[text] for text in TEXTS if text in change.body]
    return replace(
        change,
        body={key: value for key, value in change.body.items() if key not in TEXTS},
        edits=tuple(edit for edit in change.edits if edit.field not in names),
        refusal=left_alone(names, losses, role),
    )


def stored_edits(change: Change, before: Item, now: Item) -> tuple[Edit, ...]:
    """The edits as they came out: an accepted cleaning with what the shop holds now."""
    fields = {FIELDS[text] for text in change.cleaned}
    edits = [edit for edit in change.edits if edit.field not in fields]
    return (*edits, *_differences(before, now, change.cleaned))


def collateral(change: Change, before: Item, now: Item) -> tuple[Edit, ...]:
    """Texts that were to stay and are others now, with what stood there."""
    ours = {edit.field for edit in change.edits}
    stay = (t for t in TEXTS if FIELDS[t] not in ours and t not in change.cleaned)
    return _differences(before, now, tuple(stay))


def _differences(before: Item, now: Item, texts: tuple[Text, ...]) -> tuple[Edit, ...]:
    return tuple(
        Edit(FIELDS[text], getattr(before, text), getattr(now, text))
        for text in texts
        if getattr(before, text) != getattr(now, text)
    )
