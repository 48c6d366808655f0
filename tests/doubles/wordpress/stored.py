"""What a shop stores of a product's three texts, by the role of the key's user.

A text takes two ways into the database when a product is saved: the REST controller cleans
what was `sent`, whoever sent it; WordPress then saves all three texts anew, sent or not.
"""

from __future__ import annotations

from collections.abc import Mapping

from doubles.wordpress.allowed import NAME, POST
from doubles.wordpress.characters import addslashes, unslash, valid_entities
from doubles.wordpress.kses import kses

# Roles whose users may write any HTML. A shop manager's may not.
UNFILTERED = frozenset({"administrator", "editor"})

# Columns of type TEXT, in UTF-8; the description's holds 4 GiB.
MAX_BYTES = {"name": 65_535, "short_description": 65_535}


def sent(text: str) -> str:
    """What the controller makes of a text that was sent: cleaned and slashed again."""
    return addslashes(kses(unslash(text), POST))


def stored(text: str, field: str, role: str, *, is_sent: bool) -> str:
    """What stands in the database afterwards, where the product is saved at all."""
    return unslash(_filtered(sent(text) if is_sent else text, field, role))


def stored_together(
    texts: Mapping[str, str], before: Mapping[str, str], role: str
) -> Mapping[str, str]:
    """The three texts after a save of `texts`, those that were sent being `sent` ones.

    WordPress refuses a product whose texts would all be empty, and its database one whose
    text does not fit; WooCommerce takes no notice, and what stood `before` stays.
    """
    filtered = {field: _filtered(text, field, role) for field, text in texts.items()}
    after = {field: unslash(text) for field, text in filtered.items()}
    fits = all(len(after[f].encode()) <= limit for f, limit in MAX_BYTES.items())
    return after if fits and any(filtered.values()) else before


def _filtered(text: str, field: str, role: str) -> str:
    # The filters are given what is still slashed, and each that minds unslashes for itself.
    text = text.strip(" \t\n\r\0\x0b") if field == "name" else valid_entities(text)
    if role in UNFILTERED:
        return text
    return addslashes(kses(unslash(text), NAME if field == "name" else POST))
