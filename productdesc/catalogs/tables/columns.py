"""Column mapping: which column of a table is what, by its name, then by its values.

To understand one more header word: one word in `words/catalog_files/column_names.toml`. A
guess is shown (`print`) and can be overridden; a column that nothing is known of describes
the product, as an attribute under its own name. A title is never guessed by values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from ...errors import CatalogError
from ...text.printable import listed
from ...text.suggest import did_you_mean
from ...words.catalog_words import column_names, key_of, plain_name, spellings
from ..shop_text.placeholders import stated

ONE = ("id", "title", "description", "category", "seo_title", "seo_description")
"""Roles of one column at most."""
MANY = ("bullets", "alt_texts", "tags", "photos", "attributes", "attribute", "ignored")
"""Roles of any number. `attributes` has lines of "name: value", `attribute` one value."""

SECOND = {"barcode": "id", "item": "title", "short_description": "description"}
"""Kinds of names that stand for a role only where no better name does."""

_URL = re.compile(r"https?://\S+|\S+\.(?:jpe?g|png|webp|gif)\b", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif)\b|/(?:image|img|photo|media)", re.I)
_NUMBER = r"[+-]?\d{1,3}(?:[ .,'\u2019\u00a0\u202f]?\d{3})*"
_CURRENCY = (
    r"(?:[$€£¥₽₴₺₫₩₹₪₱฿₦₸₾元円원]|(?:[A-Z]{1,2})?\$|zł|kč|kr\.?|lei|лв\.?|руб\.?|р\.|грн\.?"
    r"|tl|rs\.?|د\.إ|ر\.س|ج\.م|(?:usd|eur|gbp|chf|pln|czk|huf|ron|bgn|sek|nok|dkk|isk|rub"
    r"|uah|try|jpy|cny|rmb|krw|vnd|twd|hkd|sgd|aud|nzd|cad|brl|mxn|inr|ils|aed|sar|egp|zar))"
)
_AMOUNT = rf"{_NUMBER}(?:[.,]\d{{1,2}}|[.,][-–])?"
_MONEY = re.compile(
    rf"{_CURRENCY}\s*{_AMOUNT}|{_AMOUNT}\s*{_CURRENCY}|{_NUMBER}[.,][-–]", re.IGNORECASE
)
_CENTS = re.compile(rf"{_NUMBER}[.,]\d\d")
_UNIT = re.compile(
    r"[(\[/,]\s*+(?:kg|g|mg|lbs?|oz|mm|cm|dm|m|km|in|ft|ml|cl|l|w|v|a|%|°c|\"|cm[²3]|m[²³])\s*+(?:[)\]]\s*+)?$",
    re.IGNORECASE,
)

_BRACKETS = re.compile(r"[(\[（【][^)\]）】\n]*+([)\]）】]?)")  # the last may have no end


@dataclass(frozen=True, slots=True)
class Columns:
    """Each column's role, in the file's order; `why` is "name", "values" or "given"."""

    header: tuple[str, ...]
    roles: tuple[str, ...]
    why: tuple[str, ...]

    def of(self, role: str) -> tuple[int, ...]:
        """The columns of one role, from 0."""
        return tuple(n for n, r in enumerate(self.roles) if r == role)

    def by_role(self) -> dict[str, list[str]]:
        """The columns' names by role, in the order of ONE and MANY."""
        roles = {role: [self.header[n] for n in self.of(role)] for role in (*ONE, *MANY)}
        return {
            role: some for role, names in roles.items() if (some := [*filter(None, names)])
        }

    def without_title(self) -> str:
        """What to do where no column is the title and one might be; "" else."""
        names = [self.header[n] for n in self.of("attribute")]
        if self.of("title") or not names:
            return ""
        return (
            f"no column is known as the title; if one of {listed(names)} is, name it: "
            'columns={"title": ...} in Python, --column title=... on the command line'
        )

    def __str__(self) -> str:
        wide = max(map(len, self.header), default=0)
        lines = (
            f"{name:<{wide}}  {role:<15}  by {why}" if why != "given" else
            f"{name:<{wide}}  {role:<15}  {why}"
            for name, role, why in zip(self.header, self.roles, self.why, strict=True)
        )  # fmt: skip
        return "\n".join(lines)


def map_columns(
    header: Sequence[str],
    samples: Sequence[Sequence[str]],
    given: Mapping[str, str | Sequence[str]] | None = None,
    *,
    file: str = "table",
) -> Columns:
    """The role of every column; `given` names columns by role and wins over every guess.

    samples: some rows of the table. Raises `ValueError` for a role or column that does not
    exist, `CatalogError` where no column can be the product's id.
    """
    names = tuple(name.strip() for name in header)
    roles: dict[int, tuple[str, str]] = {}
    for role, wanted in (given or {}).items():
        if role not in (*ONE, *MANY):
            hint = did_you_mean(role, (*ONE, *MANY))
            raise ValueError(
                f"columns names {role!r}; roles are {', '.join((*ONE, *MANY))}{hint}"
            )
        for name in [wanted] if isinstance(wanted, str) else wanted:
            if name.strip() not in names:
                hint = did_you_mean(name, names)
                raise ValueError(
                    f"{file} has no column {name!r}; it has {listed(names)}{hint}"
                )
            roles[names.index(name.strip())] = (role, "given")
    _by_name(names, roles, taken=set(given or ()))
    _by_values(names, samples, roles)
    if not any(role == "id" for role, _ in roles.values()):
        raise CatalogError(
            f"{file}: no column looks like an id; name one with --column id=NAME (in "
            f'Python columns={{"id": ...}}); columns are: {listed(names)}'
        )
    found = [roles.get(n, ("attribute", "name")) for n in range(len(names))]
    found = [("ignored", "name") if not names[n] else f for n, f in enumerate(found)]
    return Columns(names, tuple(r for r, _ in found), tuple(w for _, w in found))


@cache
def _roles() -> Mapping[str, tuple[tuple[str, str, int], ...]]:
    """Key of a name -> what it may be: language, role, and how good a name for it."""
    known: dict[str, list[tuple[str, str, int]]] = {}
    for language, row in column_names().items():
        for kind, words in row.items():
            role = SECOND.get(kind, kind)
            if role not in (*ONE, *MANY):
                continue
            for place, word in enumerate(words, start=1000 * (kind in SECOND)):
                for key in dict.fromkeys(map(key_of, spellings(word))):
                    known.setdefault(key, []).append((language, role, place))
    return {key: tuple(some) for key, some in known.items()}


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    """The patterns of a kind, in all languages, over plain names."""
    words = chain.from_iterable(row.get(kind, ()) for row in column_names().values())
    parts = dict.fromkeys(part for word in words for part in _regexes(word))
    return re.compile("|".join(parts))


def _regexes(word: str) -> Iterator[str]:
    for spelling in spellings(word):
        inner = plain_name(spelling.strip("*"))
        before = r"\w*" if spelling.startswith("*") else ""
        after = r"\w*" if spelling.endswith("*") else ""
        yield rf"\b{before}{inner}{after}\b"


@cache
def _product_words() -> re.Pattern[str]:
    """Words for the product in a name: whole words, and beginnings where none are apart."""
    words = {w: None for row in column_names().values() for w in row.get("product", ())}
    plain = sorted(map(plain_name, words), key=len, reverse=True)
    apart = "|".join(w for w in plain if w < "\u1100")
    joined = "|".join(w for w in plain if w >= "\u1100")
    return re.compile(rf"\b(?:{apart})\b|^(?:{joined})")


def _keys(name: str) -> Iterator[str]:
    """What a name may be known by, the best first: all of it, without what is in brackets,
    without words for the product."""
    short = _BRACKETS.sub(lambda found: " " if found[1] else found[0], name)
    for text in (name, short, _product_words().sub(" ", plain_name(short))):
        if key := key_of(text):
            yield key


def _by_name(
    names: Sequence[str], roles: dict[int, tuple[str, str]], taken: set[str]
) -> None:
    """Roles by header words; of several columns for one role, the best word wins.

    A word that means one thing in one language and another in the next is taken as in the
    language that knows most of the names.
    """
    known = _roles()
    meant = {
        n: [known[key] for key in _keys(name) if key in known][:1]
        for n, name in enumerate(names)
    }
    votes = Counter(
        language for some in meant.values() for language in {c[0] for c in chain(*some)}
    )
    best = {n: max(some[0], key=lambda c: votes[c[0]]) for n, some in meant.items() if some}
    filled = {role for role, _ in roles.values()}
    for n, (_, role, _) in sorted(best.items(), key=lambda item: (item[1][2], item[0])):
        if n in roles or role in taken:
            continue
        if role in ONE and role in filled:
            # a second name of the product's own describes nothing
            if role == "id":
                roles[n] = ("ignored", "name")
            continue
        roles[n] = (role, "name")
        filled.add(role)
    trade = _pattern("trade")
    for n, name in enumerate(names):
        # "P.V.P." is one word too
        if trade.search(plain_name(name)) or trade.fullmatch(key_of(name)):
            roles.setdefault(n, ("ignored", "name"))


def _is_money(name: str, values: Sequence[str]) -> bool:
    """Whether a column holds amounts of money: a currency beside each number, or cents.

    Numbers with two decimals under a name of a measure, or with a unit, are no money.
    """
    texts = [value.strip() for value in values]
    amounts = sum(_MONEY.fullmatch(text) is not None for text in texts)
    if amounts * 2 > len(texts):
        return True
    if _UNIT.search(name) or _pattern("measure").search(plain_name(name)):
        return False
    return all(map(_CENTS.fullmatch, texts))


def _by_values(
    names: Sequence[str],
    samples: Sequence[Sequence[str]],
    roles: dict[int, tuple[str, str]],
) -> None:
    """Roles that no header named, where the values of a column leave little doubt."""
    width = len(names)
    columns = {
        n: [row[n] for row in samples if len(row) > n and stated(row[n].strip())]
        for n in range(width)
    }
    filled = {role for role, _ in roles.values()}
    free = [n for n in range(width) if n not in roles and columns[n]]
    for n in free:
        if _is_money(names[n], columns[n]):
            roles[n] = ("ignored", "values")
    for n in free:
        if n in roles:
            continue
        values = columns[n]
        links = [v for v in values if _URL.fullmatch(v.split()[0].strip(",;|"))]
        if len(links) * 2 > len(values):
            is_photo = "photos" not in filled and any(map(_PICTURE.search, links))
            roles[n] = ("photos" if is_photo else "ignored", "values")
    free = [n for n in free if n not in roles]
    if "id" not in filled:
        for n in free:
            values = columns[n]
            short = all(len(v) <= 64 and " " not in v.strip() for v in values)
            if short and len(values) == len(samples) == len(set(values)):
                roles[n] = ("id", "values")
                free.remove(n)
                break
    mean = {n: sum(map(len, columns[n])) / len(columns[n]) for n in free}
    if "description" not in filled:
        long = max((n for n in free if mean[n] >= 80), key=lambda n: mean[n], default=None)
        if long is not None:
            roles[long] = ("description", "values")
