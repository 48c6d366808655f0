"""What a shop stores of a product's three texts, by the role of the key's user.

`sent` and `kept` are the two ways that a text takes into the database when a product is
saved: the REST controller cleans what was sent, whoever sent it, and WordPress then saves
all three texts anew, sent or not.
"""

from __future__ import annotations

from doubles.wordpress.allowed import NAME, POST
from doubles.wordpress.characters import addslashes, unslash, valid_entities
from doubles.wordpress.kses import kses

# Roles whose users may write any HTML. A shop manager's may not.
UNFILTERED = frozenset({"administrator", "editor"})

MAX_BYTES = {"name": 65_535, "short_description": 65_535, "description": 4_294_967_295}


def sent(text: str) -> str:
    """What the controller makes of a text that was sent: cleaned and slashed again."""
    return addslashes(kses(unslash(text), POST))


def saved(text: str, field: str, role: str) -> str:
    """What WordPress stores of a text that is saved, be it sent or not."""
    # The filters are given what is still slashed, and each that minds unslashes for itself.
    text = text.strip(" \t\n\r\0\x0b") if field == "name" else valid_entities(text)
    if role not in UNFILTERED:
        text = addslashes(kses(unslash(text), NAME if field == "name" else POST))
    return unslash(text)


def stored(text: str, field: str, role: str, *, is_sent: bool) -> str:
    """What stands in the database afterwards."""
    return saved(sent(text) if is_sent else text, field, role)
