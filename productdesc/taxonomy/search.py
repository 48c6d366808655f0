"""The nearest names: shared words, weighted by how rare they are among all the names.

No model and no embedding: the same query gives the same answer on every machine.
To teach it a word that shops use and the publisher does not: one line in SAME.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

# Words of shops (British English, everyday names) in the words of the published
# taxonomies, anywhere in a query; of several that fit, the longest key counts.
SAME: Mapping[str, str] = {
    "jewellery": "jewelry", "colour": "color", "tyre": "tire", "yoghurt": "yogurt",
    "trouser": "pants", "jeans": "jeans pants", "leggings": "leggings pants",
    "trainer": "sneaker shoe", "sneaker": "sneaker shoe", "boot": "boot shoe",
    "sandal": "sandal shoe", "running shoe": "athletic shoe sneaker",
    "jumper": "sweater top shirt", "sweater": "sweater top shirt",
    "hoodie": "hoodie top shirt", "tank top": "tank top shirt", "tshirt": "t shirt",
    "tee": "t shirt", "longsleeve": "clothing top t shirt", "swimsuit": "swimwear",
    "nappy": "diaper", "pram": "stroller", "cot": "crib", "torch": "flashlight",
    "hoover": "vacuum", "smartphone": "mobile smart phone", "telly": "television",
    "tv": "television", "earbud": "headphone", "cushion": "throw pillow",
    "bookshelf": "bookcase standing shelf", "wardrobe": "armoire wardrobe",
    "frying pan": "skillet frying pan", "soft drink": "soda", "crisp": "chip",
    "biscuit": "cookie", "bike": "bicycle",
}  # fmt: skip
# Names too short to stand alone; only where they are the whole query.
ALONE: Mapping[str, str] = {
    "bag": "luggage bag", "glasses": "eyeglass", "gloves": "glove mitten",
    "phone": "mobile smart phone", "umbrella": "parasol rain umbrella",
    "shelf": "shelving", "picture": "artwork poster print visual",
    "fruit": "fresh frozen fruit", "vegetable": "fresh frozen vegetable",
    "drink": "beverage", "snack": "snack food", "cultured dairy": "dairy product",
    "cosmetics": "cosmetic", "perfume": "perfume cologne",
    "sports equipment": "sporting good", "fitness equipment": "fitness exercise",
    "stationery": "office supply", "storage box": "storage organization",
    "juice": "juice beverage", "scarf": "scarf shawl",
}  # fmt: skip
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


def words(text: str) -> tuple[str, ...]:
    """The telling words of a name, folded: case, accents, plural."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "")
    found = (_singular(word) for word in _WORD.findall(plain))
    return tuple(word for word in found if word not in _IGNORED)


_IRREGULAR = {
    "lenses": "lens", "lens": "lens", "knives": "knife", "scarves": "scarf",
    "shelves": "shelf", "loaves": "loaf", "mice": "mouse", "geese": "goose",
    "potatoes": "potato", "tomatoes": "tomato", "mangoes": "mango",
}  # fmt: skip


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("ie"):
        return word[:-2] + "y"  # cookie as cookies
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


class Names:
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
                    folded[part] = frozenset(words(part))
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
        asked = frozenset(_translated(words(text)))
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
    """The query's words, with those that only shops use in the publisher's words."""
    if tuple(asked) in _ALONE:
        return list(_ALONE[tuple(asked)])
    found: list[str] = []
    at = 0
    while at < len(asked):
        for size in (3, 2, 1):
            key = asked[at : at + size]
            if len(key) == size and key in _SAME:
                found += (*key, *_SAME[key])
                break
        else:
            size = 1
            found.append(asked[at])
        at += size
    return found


_ALONE = {words(key): words(value) for key, value in ALONE.items()}
_SAME = {words(key): words(value) for key, value in SAME.items()}
