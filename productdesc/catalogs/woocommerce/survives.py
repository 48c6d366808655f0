"""What becomes of a product's other texts when WooCommerce saves one of them.

WooCommerce saves name, description and short description together, as soon as one of them
changes. One that is not sent is unslashed, and goes through kses where the key's user may
not write unfiltered HTML. One that is sent goes through kses for every user.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, get_args

from .built_in import Role
from .kses import WINDOWS_1252, rewritten
from .kses_tables import LINE, POST, AllowList
from .wp_text import stored_html, unslashed, windows_1252_read

Survival = Literal["as it is", "sent with backslashes doubled", "no"]

Text = Literal["name", "description", "short_description"]
TEXTS: tuple[Text, ...] = get_args(Text)
"""The three that are saved together."""

FIELDS: Mapping[Text, str] = {
    "name": "title",
    "description": "description",
    "short_description": "bullets",
}
"""WooCommerce's name of a text -> the field of a description."""

ALLOWED: Mapping[Text, AllowList] = {
    "name": LINE,
    "description": POST,
    "short_description": POST,
}


class Fate(NamedTuple):
    """What a text survives, and the cause where it does not."""

    survival: Survival
    cause: str = ""


def survives(
    text: str, role: Role, of: Text = "description", allowed: AllowList | None = None
) -> Survival:
    """Whether a text that is not to change comes through, and how. Pure.

    of: which of the three texts it is. allowed: the list of kses, for tests.
    """
    return fate(text, role, of, allowed).survival


def fate(
    text: str, role: Role, of: Text = "description", allowed: AllowList | None = None
) -> Fate:
    """The same, with the cause."""
    if of == "name" and text != text.strip(" \t\n\r\0\x0b"):
        return Fate("no", "the white space at its ends goes")
    if of != "name" and (entity := WINDOWS_1252.search(text)):
        return Fate("no", f"{entity[0]} becomes another entity")
    slashed = "\\" in text
    if role == "administrator" and not slashed:
        return Fate("as it is")
    if cause := rewritten(text, ALLOWED[of] if allowed is None else allowed):
        return Fate("no", f"its backslashes go, or {cause}" if slashed else cause)
    return Fate("sent with backslashes doubled" if slashed else "as it is")


def left_alone(fields: Iterable[str], losses: Mapping[Text, str], role: Role) -> str:
    """Why these fields are not written, in words; losses: other texts, and their causes."""
    others = " and ".join(FIELDS[text] for text in losses)
    causes = "; ".join(f"in {FIELDS[text]} {cause}" for text, cause in losses.items())
    return (
        f"left alone: {', '.join(fields)}, since with them WooCommerce saves {others} "
        f"again, for a user of the role {role} not as it stands: {causes}. "
        "accept_cleaning=True (--accept-cleaning) takes that"
    )


def accepted(losses: Mapping[Text, str]) -> tuple[str, ...]:
    """The losses in words, where they are taken."""
    return tuple(f"as accepted, in {FIELDS[t]} {cause}" for t, cause in losses.items())


def forecast(text: str, role: Role, of: Text = "description") -> str:
    """What the shop will hold of a text that does not survive, as well as can be told.

    kses is followed in tags, attributes, styles and entities, not in comments and blocks.
    """
    stored = unslashed(text) if role == "administrator" else stored_html(text, ALLOWED[of])
    return stored.strip() if of == "name" else windows_1252_read(stored)


def doubled(text: str) -> str:
    """A text to send so that WordPress's unslashing gives it back."""
    return text.replace("\\", "\\\\")
