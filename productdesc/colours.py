"""Colours: the families of a stated colour, against the colours measured on photos.

Names, shades and shops' words are in `words/colours.toml`; measuring pixels is
`photos/measured_colour.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from .records import Colour
from .words import word_tables
from .words.colour_names import colour_families, colour_family, colour_parts
from .words.word_tables import Shade

__all__ = [
    "Shade",
    "colour_families",
    "colour_family",
    "colours_agree",
    "families",
    "shades",
    "values_differ",
]


def families() -> tuple[str, ...]:
    """Names of the colour families; no photo is measured as "multicolour"."""
    return tuple(family.name for family in word_tables.colours().families)


def shades() -> tuple[Shade, ...]:
    """The colour names that pixels are measured as, in the order of the table."""
    return word_tables.colours().shades


class Agreement(NamedTuple):
    """When a stated colour is upheld or contradicted by what was measured (shares)."""

    min_seen: float = 0.12  # a second colour of the product counts from here
    min_dominant: float = 0.45  # below it the photo is too mixed to contradict anybody


AGREEMENT = Agreement()


def colours_agree(
    stated: str, measured: Sequence[Colour], *, language: str = "en"
) -> bool | None:
    """Whether the measured colours bear out a stated one; None when they cannot tell.

    False only when one measured colour clearly leads and neither it nor any other that
    counts could honestly be called what was stated. `measured` has its largest first.
    """
    stated_families = set(colour_families(stated, language=language))
    seen = [c for c in measured if c.share >= AGREEMENT.min_seen or c is measured[0]]
    named = _shades_by_name()
    seen_shades = [named[c.name] for c in seen if c.name in named]
    if not stated_families or not seen_shades:
        return None
    if "multicolour" in stated_families:
        return True if len({s.family for s in seen_shades}) > 1 else None
    if any(shade.family in stated_families for shade in seen_shades):
        return True
    near = stated_families | _near(stated)
    if any(near & {shade.family, *shade.near} for shade in seen_shades):
        return None
    return False if measured[0].share >= AGREEMENT.min_dominant else None


def values_differ(value: str, other: str, *, languages: tuple[str, str]) -> bool | None:
    """Whether two colour values cannot be said of one thing; None where either is none.

    Charcoal is honestly called black; several colours in a value contradict nothing that
    one of them bears out, and "multicolour" contradicts nothing.
    """
    mine = set(colour_families(value, language=languages[0]))
    theirs = set(colour_families(other, language=languages[1]))
    if not mine or not theirs:
        return None
    if "multicolour" in mine | theirs:
        return False
    return not ((mine | _near(value)) & theirs or mine & (theirs | _near(other)))


def _near(stated: str) -> set[str]:
    """Families that the stated words are honestly used for beside their own."""
    table, named = word_tables.colours(), _shades_by_name()
    words = {w for part in colour_parts(stated) for w in (part, *part.split())}
    near = {f for w in words for f in table.near_words.get(w, ())}
    return near | {f for w in words if w in named for f in named[w].near}


@cache
def _shades_by_name() -> Mapping[str, Shade]:
    return {shade.name: shade for shade in shades()}
