"""Whether the merchant states an amount: the same number, of the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import islice, takewhile
from typing import NamedTuple

from ...words.claims.claim_phrases import function_forms
from ...words.claims.claim_tables import CLAIM_LANGUAGES
from ...words.claims.grammar import grammar
from ...words.stems import stems
from ...words.tokens import Token, linked, tokenize
from ..prose.quantities import Quantity, roles
from .concepts import named_at
from .source_texts import Source

__all__ = ["AmountIndex", "index_amounts", "of_age", "spelled_by", "stated_by"]

AmountIndex = Mapping[tuple[str, str], tuple[tuple[int, Quantity], ...]]
"""Dimension and value -> where it stands: number of the source, and the quantity."""


def index_amounts(sources: Sequence[Source], most: int) -> AmountIndex:
    """All quantities of the sources by their amounts, `most` places of each."""
    index: dict[tuple[str, str], list[tuple[int, Quantity]]] = {}
    for number, source in enumerate(sources):
        for quantity in source.quantities:
            for amount in quantity.amounts:
                index.setdefault(amount, []).append((number, quantity))
    return {amount: tuple(some[:most]) for amount, some in index.items()}


def stated_by(
    quantity: Quantity,
    text: str,
    found: Sequence[Token],
    amounts: AmountIndex,
    sources: Sequence[Source],
    thing: Set[str] = frozenset(),
) -> Source | None:
    """Who states this quantity of this thing, if anybody.

    A number with a unit needs the same amount, and not of another side ("wide" is not
    "long"). A bare number or a percentage needs the same neighbour: 3 pockets, 80 % cotton,
    size 42; "80 % Baumwolle" is that too. A measured "2.0" counts nothing. `thing`: words
    for the product itself, of which there may be several: "four coasters", `count: 4`.
    "Under 2 kg" and "about 500 g" need an amount that is.
    """
    wanted = _surroundings(text, found, quantity)
    for number, stated in _candidates(quantity, text, found, amounts):
        source = sources[number]
        counts = _counts_thing(text, found, quantity, thing) and _is_set(stated, source)
        if (
            counts
            or _is_telling(quantity, stated)
            or _is_one_range(quantity, found, stated, source)
            or _is_only_share(quantity, stated, source, wanted)
            or _same(quantity, stated, source, wanted)
        ):
            return source
    return None


def _candidates(
    quantity: Quantity, text: str, found: Sequence[Token], amounts: AmountIndex
) -> Iterator[tuple[int, Quantity]]:
    """What the data states that may bear the quantity out: the same, or near enough."""
    for amount in quantity.amounts:
        yield from amounts.get(amount, ())
    least, most = _bounds(text, found, quantity)
    if quantity.unit is None or least == most:
        return
    for dimension, value in quantity.amounts:
        for (other, stated), places in amounts.items():
            near = float(value) * least <= float(stated) <= float(value) * most
            if other == dimension and near:
                yield from places


_ABOUT = 0.1
"""How far "about 500 g" may be from what is stated, as a share."""


def _bounds(text: str, found: Sequence[Token], quantity: Quantity) -> tuple[float, float]:
    """How much less and more than the number is meant, as factors."""
    for at in range(quantity.first - 1, max(-1, quantity.first - 1 - _REACH), -1):
        if not linked(text, found[at], found[at + 1]):
            break
        form = found[at].form
        if form in function_forms("at_most"):
            return 0.0, 1.0
        if form in function_forms("at_least"):
            return 1.0, float("inf")
        if form in function_forms("about"):
            return 1 - _ABOUT, 1 + _ABOUT
    return 1.0, 1.0


_TELLING = 100
"""From here on a bare number is nobody else's by chance: a year, a norm, an edition."""


def _is_telling(claimed: Quantity, stated: Quantity) -> bool:
    """Whether a bare number is so special that it needs no neighbour."""
    value = claimed.values[0]
    is_bare = claimed.unit is None and (stated.unit is None or stated.unit.key == "piece")
    return is_bare and (value >= _TELLING or value != int(value))


def _is_one_range(
    claimed: Quantity, found: Sequence[Token], stated: Quantity, source: Source
) -> bool:
    """Whether both begin the same range: "from 36 to 41", `sizes: 36-41`."""
    if not claimed.end > claimed.last or not stated.end > stated.last:
        return False
    return found[claimed.end].form == source.words[stated.end].form


def _is_only_share(
    claimed: Quantity, stated: Quantity, source: Source, wanted: _Around
) -> bool:
    """Whether a share is all that an attribute says, and is said of nothing listed."""
    is_share = claimed.unit is not None and claimed.unit.dimension == "share"
    shares = [q for q in source.quantities if q.unit and q.unit == claimed.unit]
    own = _surroundings(source.text, source.words, stated)
    listed = any("." in name for name in wanted.after | own.after)
    return is_share and len(shares) == 1 and not listed


def _counts_thing(
    text: str, found: Sequence[Token], quantity: Quantity, thing: Set[str]
) -> bool:
    """Whether a bare number counts the product itself: "four round coasters"."""
    if quantity.unit is not None or not quantity.is_count:
        return False
    after = islice(_neighbours(text, found, quantity.last, +1), _SHARE_REACH)
    forms = [names for names in after if not names & _prepositions()]
    return any(names & thing or _ends_compound(names, thing) for names in forms)


_LEAST_PART = 4  # letters of a part of a compound


def _ends_compound(names: frozenset[str], thing: Set[str]) -> bool:
    """Whether the thing's name ends in one of these: "Klötze", "Bauklötze"."""
    parts = tuple(n for n in names if n.isalpha() and len(n) >= _LEAST_PART)
    return bool(parts) and any(name.endswith(parts) for name in thing)


def _is_set(stated: Quantity, source: Source) -> bool:
    """Whether the data says of how many the product is: `count: 4`, "set of 4"."""
    around = _surroundings(source.text, source.words, stated)
    return _is_pieces(stated, around.before | around.after | _key_names(source))


class _Around(NamedTuple):
    """What stands beside a quantity: the words, and the rows of the tables they name."""

    before: frozenset[str]
    after: frozenset[str]


_REACH = 2  # words looked past, as in "42 EU size"
_SHARE_REACH = 3  # "80 % soft organic cotton"


def _surroundings(text: str, found: Sequence[Token], quantity: Quantity) -> _Around:
    is_share = quantity.unit is not None and quantity.unit.dimension == "share"
    is_count = quantity.unit is None and quantity.is_count
    before = next(_neighbours(text, found, quantity.first, -1), frozenset())
    end = max(quantity.last, quantity.end)
    reach = _SHARE_REACH if is_share or is_count else 1
    after = [*islice(_neighbours(text, found, end, +1), reach)]
    if is_count:  # "192 dotted pages": an attribute stands before what is counted
        phrase = takewhile(lambda names: not names & _prepositions(), after)
        return _Around(before, frozenset().union(*phrase))
    named = [names for names in after if any("." in name for name in names)]
    return _Around(before, frozenset().union(*(named[:1] or after[:1])))


@cache
def _prepositions() -> frozenset[str]:
    return frozenset().union(*(grammar(code).prepositions for code in CLAIM_LANGUAGES))


def _neighbours(
    text: str, found: Sequence[Token], at: int, step: int
) -> Iterator[frozenset[str]]:
    """The telling words beside a quantity and what they name, not across punctuation."""
    passed = 0
    while 0 <= at + step < len(found) and passed < _REACH + _SHARE_REACH:
        near = at + step
        left, right = (found[near], found[at]) if step < 0 else (found[at], found[near])
        labelled = step < 0 and text[left.end : right.start] in (": ", " : ")  # "Size: 42"
        if not linked(text, left, right) and not labelled:
            return
        word = found[near]
        if word.is_number and passed:
            return
        if word.form not in function_forms("between_number_and_thing"):
            yield frozenset({word.form}) | stems(word.form) | named_at(text, found, near)
        passed += 1
        at = near


def _same(claimed: Quantity, stated: Quantity, source: Source, wanted: _Around) -> bool:
    before, after = wanted
    own_before, own_after = _surroundings(source.text, source.words, stated)
    key = _key_names(source)
    if claimed.unit is not None and claimed.unit.dimension not in ("share", ""):
        role, own = _roles(before | after), _roles(key | own_before | own_after)
        return not role or not own or bool(role & own)
    if claimed.unit is None and claimed.is_count and not stated.is_count:
        return False
    if _is_pieces(claimed, before | after) and _is_pieces(stated, key):
        return True
    if before & function_forms("for_persons") and not after and "part.person" in own_after:
        return True
    if after & own_after:
        return True
    if _are_two_rows(after, own_after):
        return False
    if before & own_before:
        return claimed.unit is None or not after or not own_after
    if after & own_before and not own_after:
        return True
    return bool((before | after) & key)


def _is_pieces(quantity: Quantity, around: frozenset[str]) -> bool:
    """Whether it counts pieces: "6 pieces", "6er-Pack", `pack: 6`."""
    if quantity.unit is not None:
        return quantity.unit.key == "piece"
    return bool(around & function_forms("count_labels"))


_AGES: Mapping[str, tuple[float, float]] = {
    "audience.babies": (0, 2),
    "audience.toddlers": (1, 5),
    "audience.children": (0, 13),
    "audience.teens": (10, 19),
}
"""Who is meant -> the least and the most years at which a stated age may begin."""
_YEARS = {"day": 1 / 365, "week": 1 / 52, "month": 1 / 12}


def of_age(ids: frozenset[str], sources: Sequence[Source]) -> Source | None:
    """Who states an age at which these persons begin: `age: 3+` speaks of children."""
    spans = [_AGES[one] for one in ids if one in _AGES]
    if not spans:
        return None
    for source in sources:
        if not function_forms("age") & set(source.key):
            continue
        for quantity in source.quantities[:1]:
            share = _YEARS.get(quantity.unit.key, 1.0) if quantity.unit else 1.0
            years = quantity.values[0] * share
            if any(least <= years <= most for least, most in spans):
                return source
    return None


def spelled_by(digits: str, sources: Sequence[Source]) -> Source | None:
    """Who states a number of an article, however its digits are grouped: 978-3-16-..."""
    return next((s for s in sources if digits in _GROUPS.sub("", s.text)), None)


_GROUPS = re.compile(r"(?<=\d)[ -](?=\d)")


def _are_two_rows(after: frozenset[str], own_after: frozenset[str]) -> bool:
    """Whether both name something and not the same: 80 % cotton, 80 % polyester."""
    here, there = ({n for n in names if "." in n} for names in (after, own_after))
    return bool(here and there) and not here & there


def _key_names(source: Source) -> frozenset[str]:
    label = source.label
    found = tokenize(label)
    names = (named_at(label, found, at) for at in range(len(found)))
    return frozenset(source.key).union(*names, *map(stems, source.key))


def _roles(names: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(roles().get(name, frozenset()) for name in names))
