"""Visible attributes of a category: those a photo can show; the merchant states the rest.

Material, size, age, certification and the like are left out however few their values:
a photo does not show them. Colour and pattern too: every product is asked for those.
"""

from __future__ import annotations

from collections.abc import Collection

from .closed_lists import UNKNOWN
from .search import search_terms
from .tree import Category

# The last word of an attribute's name -> what else must stand in it, if anything.
SHOWN: dict[str, frozenset[str]] = {
    "neckline": frozenset(),
    "style": frozenset(),
    "shape": frozenset(),
    "design": frozenset(),
    "closure": frozenset(),
    "rise": frozenset(),
    "profile": frozenset(),
    "orientation": frozenset(),
    "finish": frozenset(),
    "type": frozenset({"length", "sleeve", "closure", "heel", "toe", "collar", "handle"}),
}
MOST_VALUES = 30  # longer lists are no choice at a glance
MOST_ATTRIBUTES = 6


def visible_attributes(
    category: Category, given: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Attribute name, in small letters, -> its values and UNKNOWN; at most six.

    given: names of attributes that need not be asked for.
    """
    known = {search_terms(name) for name in given}
    found: dict[str, tuple[str, ...]] = {}
    for attribute in category.attributes:
        name = search_terms(attribute.name)
        # "Other" says no more than UNKNOWN, and UNKNOWN is left out of the copy.
        values = tuple(value for value in attribute.values if value != "Other")
        if not name or name in known or not 1 < len(values) <= MOST_VALUES:
            continue
        needs = SHOWN.get(name[-1])
        if needs is None or (needs and not needs & set(name)):
            continue
        found[attribute.name.lower()] = (*values, UNKNOWN)
    return dict(list(found.items())[:MOST_ATTRIBUTES])
