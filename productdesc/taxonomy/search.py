"""Nearest-name search: shared words, weighted by how rare they are among all names.

No model and no embedding: the same query gives the same answer on every machine.
To teach it a word that shops use and the publisher does not: `taxonomy` of a row in
`words/product_types.toml`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from ..text.fold import fold
from ..words import word_tables
from ..words.singular import singular

# Departments that repeat the names of others: shampoo is a pet's only where it says so.
_NICHE = {
    "pet", "baby", "toddler", "boy", "girl", "collectible", "industrial", "toy", "hunting",
}  # fmt: skip
_NICHE_COST = 0.12
# Words that tell nothing about what a thing is.
_IGNORED = {
    "a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with", "by", "from",
    "your", "our", "new", "other", "more",
}  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+")
_ABOVE_WEIGHT = 0.35  # a word that only a category above has


def search_terms(text: str) -> tuple[str, ...]:
    """The search terms of a name: its telling words, folded, in the singular."""
    plain = fold(text).replace("'", "")
    found = (singular(word) for word in _WORD.findall(plain))
    return tuple(word for word in found if word not in _IGNORED)


class NameIndex:
    """An index over the names of paths, each given as its parts from the top down."""

    def __init__(self, paths: Iterable[Sequence[str]]) -> None:
        self._names: list[frozenset[str]] = []
        self._above: list[frozenset[str]] = []
        self._depths: list[int] = []
        self._places: dict[str, list[int]] = {}
        folded: dict[str, frozenset[str]] = {}
        for number, parts in enumerate(paths):
            for part in parts:
                if part not in folded:
                    folded[part] = frozenset(search_terms(part))
            name = folded[parts[-1]]
            above = frozenset().union(*(folded[part] for part in parts[:-1])) - name
            self._names.append(name)
            self._above.append(above)
            self._depths.append(len(parts))
            for word in name | above:
                self._places.setdefault(word, []).append(number)
        counts = Counter(word for name in self._names for word in name)
        total = len(self._names)
        self._weights = {
            word: math.log(1 + total / (1 + counts[word])) for word in self._places
        }

    def nearest(self, text: str, *, whole: bool = False) -> list[int]:
        """The numbers of all names that share a word, the nearest first."""
        asked = frozenset(_translated(search_terms(text)))
        known = asked & self._places.keys()
        if not known:
            return []
        # Sorted, as sums of floats depend on their order.
        wanted = sorted(known)
        total = sum(self._weights[word] for word in wanted)
        near = {number for word in wanted for number in self._places[word]}
        scored = []
        for number in near:
            name = self._names[number]
            if whole and not name <= asked:
                continue
            if not name & known:
                continue  # shares a word with what is above it only
            scored.append((-self._score(number, wanted, total, asked), self._rank(number)))
        return [number for _, (_, number) in sorted(scored)]

    def _score(
        self, number: int, wanted: Sequence[str], total: float, asked: frozenset[str]
    ) -> float:
        """Mostly how much of the query is found, then how little else the name says."""
        name, above = self._names[number], self._above[number]
        own = sum(self._weights[w] for w in wanted if w in name)
        near = sum(self._weights[w] for w in wanted if w in above)
        size = sum(self._weights[w] for w in sorted(name))
        found = (own + _ABOVE_WEIGHT * near) / total
        niche = (name | above) & _NICHE - asked
        return round(0.55 * found + 0.45 * own / size - _NICHE_COST * bool(niche), 9)

    def _rank(self, number: int) -> tuple[int, int]:
        return self._depths[number], number


def _translated(asked: Sequence[str]) -> list[str]:
    """The query's words, with those that only shops use in the publisher's words.

    Of several shop words that begin at one place, the longest counts.
    """
    alone = _alone().get(tuple(asked))
    if alone is not None:
        return list(alone)
    found: list[str] = []
    at = 0
    while at < len(asked):
        for size in (3, 2, 1):
            key = tuple(asked[at : at + size])
            if len(key) == size and key in _anywhere():
                found += (*key, *_anywhere()[key])
                break
        else:
            size = 1
            found.append(asked[at])
        at += size
    return found


@cache
def _anywhere() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Words of shops -> those of the published taxonomies, wherever they stand."""
    of_types = {r.name: r.taxonomy for r in word_tables.product_types() if r.taxonomy}
    listed = of_types | {row.name: row.taxonomy for row in word_tables.shop_words()}
    return {search_terms(name): search_terms(theirs) for name, theirs in listed.items()}


@cache
def _alone() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """The same for names too short to stand alone, where they are the whole query."""
    rows = word_tables.product_types()
    return {
        search_terms(row.name): search_terms(row.taxonomy_alone)
        for row in rows
        if row.taxonomy_alone
    }
