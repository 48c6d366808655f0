"""Source index of a product: who vouches for a phrase, and where exactly it stands.

The merchant's attributes, title and description are indexed by word, once per product, so
that looking up a phrase does not depend on how much data there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ...records import Colour, Facts, Product
from ...taxonomy.product_type import TypeComparison, compare_types
from ...words.tokens import FormSet, Token, forms_of, linked, tokenize
from ..prose.quantities import Quantity, Unit, quantity_at, roles, units

__all__ = ["NEGATIONS", "Source", "SourceIndex", "index_sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing the merchant says: an attribute, or the present title or description."""

    name: str
    text: str
    key: tuple[str, ...]
    words: tuple[Token, ...]
    quantities: tuple[Quantity, ...]


class Value(NamedTuple):
    """A whole attribute value, or one entry of a list, as written and folded."""

    name: str
    text: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceIndex:
    """Index of everything a claim can lean on; made by `index_sources`."""

    product: Product
    facts: Facts
    measured: tuple[tuple[Colour, ...], ...]
    language: str
    sources: tuple[Source, ...]
    places: Mapping[str, tuple[tuple[int, int], ...]]
    amounts: Mapping[tuple[str, str], tuple[tuple[int, Quantity], ...]]
    values: Mapping[str, tuple[Value, ...]]
    kinds: TypeComparison
    seen: tuple[tuple[str, ...], ...] = field(default=())

    def vouches_for(self, phrase: Sequence[str], *, negated: bool = False) -> Source | None:
        """Who says this phrase (folded words, whole, in this order), if anybody.

        "not waterproof" does not vouch for "waterproof", nor "faux leather" for "leather",
        nor `waterproof: no`; `waterproof: yes` and `waterproof: 10000 mm` do.
        """
        if not phrase:
            return None
        for number, at in self.places.get(phrase[0], ()):
            source = self.sources[number]
            if _stands(source, phrase, at) and _is_negated(source, at, phrase) == negated:
                return source
        for source in self.sources:
            if source.key and _holds(source.key, phrase):
                is_no = source.words[0].form in _NO if source.words else True
                if is_no == negated:
                    return source
        return None

    def states(
        self, quantity: Quantity, text: str, found: Sequence[Token]
    ) -> Source | None:
        """Who states this quantity of this thing, if anybody.

        A number with a unit needs the same amount, and not of another side ("wide" is not
        "long"). A bare number or a percentage needs the same neighbour: 3 pockets, 80 %
        cotton, size 42.
        """
        wanted = _surroundings(text, found, quantity)
        for number, stated in self.amounts.get(quantity.amount, ()):
            if _same(quantity, stated, self.sources[number], wanted):
                return self.sources[number]
        return None

    def was_read(self, phrase: Sequence[str]) -> bool:
        """Whether these words were read on the product, in this order."""
        return any(_holds(text, phrase) for text in self.seen)

    def photo_of_text(self) -> int | None:
        """The photo on which text was read: known only when there is just one."""
        return 1 if len(self.measured) == 1 else None


def index_sources(
    product: Product,
    facts: Facts,
    measured: Sequence[Sequence[Colour]],
    language: str,
) -> SourceIndex:
    """Index what the merchant, the photos and the model's first look say."""
    given = [*product.attributes.items()]
    given += [("title", product.title)] if product.title else []
    given += [("description", product.words)] if product.words else []
    sources = []
    places: dict[str, list[tuple[int, int]]] = {}
    amounts: dict[tuple[str, str], list[tuple[int, Quantity]]] = {}
    for number, (name, text) in enumerate(given):
        is_copy = number >= len(product.attributes)
        source = _source(name, text, is_copy=is_copy)
        sources.append(source)
        for at, word in enumerate(source.words):
            spots = places.setdefault(word.form, [])
            if len(spots) < _MAX_PLACES:
                spots.append((number, at))
        for quantity in source.quantities:
            amounts.setdefault(quantity.amount, []).append((number, quantity))
    return SourceIndex(
        product=product,
        facts=facts,
        measured=tuple(tuple(colours) for colours in measured),
        language=language.split("-")[0].casefold(),
        sources=tuple(sources),
        places={form: tuple(spots) for form, spots in places.items()},
        amounts={amount: tuple(some[:_MAX_PLACES]) for amount, some in amounts.items()},
        values=_values(product.attributes),
        kinds=compare_types(product, facts),
        seen=tuple(forms_of(text) for text in facts.text),
    )


# A word that stands more often than this in a merchant's data tells nothing more.
_MAX_PLACES = 50
_MAX_QUANTITIES = 500
_NO = FormSet("no not false 0 n nein non none nicht pending unknown na tbd optional keine")
NEGATIONS = FormSet(
    "not no non never without isn't aren't nicht kein keine ohne nie pas sans sin"
)
_QUALIFIERS = FormSet("faux fake imitation vegan synthetic artificial mock pu simili kunst")
_AFTER = FormSet("free look like effect style print frei optik")


def _values(
    attributes: Mapping[str, str],
) -> Mapping[str, tuple[Value, ...]]:
    """First word -> whole attribute values (and entries of lists) that begin with it.

    A lone number, a bare measure, one or two letters are no value to recognise: "42" and
    "30 cm" say nothing without their neighbour.
    """
    index: dict[str, list[Value]] = {}
    for name, text in attributes.items():
        for part in dict.fromkeys((text, *text.split(", "))):
            forms = forms_of(part) if len(part) <= 200 else ()
            telling = len(forms) > 1 or (len(forms) == 1 and len(forms[0]) > 2)
            if telling and not all(
                f[0].isdigit() or f in units() or f == "x" for f in forms
            ):
                index.setdefault(forms[0], []).append(Value(name, part, forms))
    return {form: tuple(some) for form, some in index.items()}


def _source(name: str, text: str, *, is_copy: bool) -> Source:
    found = tuple(tokenize(text))
    key = () if is_copy else forms_of(name.replace("_", " ").replace(".", " "))
    unit = next((units()[k] for k in key if k in units() and k not in roles()), None)
    quantities: list[Quantity] = []
    for at, word in enumerate(found):
        if word.is_number and len(quantities) < _MAX_QUANTITIES:
            quantity = quantity_at(text, found, at)
            if quantity:
                quantities.append(_with_unit(quantity, unit))
    return Source(name, text, key, found, tuple(quantities))


def _with_unit(quantity: Quantity, unit: Unit | None) -> Quantity:
    """`weight_g: 300` gives its unit in the key."""
    return quantity._replace(unit=unit) if unit and quantity.unit is None else quantity


def _stands(source: Source, phrase: Sequence[str], at: int) -> bool:
    if at + len(phrase) > len(source.words):
        return False
    return all(
        source.words[at + i].form == form
        and (not i or linked(source.text, source.words[at + i - 1], source.words[at + i]))
        for i, form in enumerate(phrase)
    )


def _is_negated(source: Source, at: int, phrase: Sequence[str]) -> bool:
    """Whether the words around turn the phrase into its opposite or into an imitation."""
    for back in (1, 2):
        if at - back < 0:
            break
        if not linked(source.text, source.words[at - back], source.words[at - back + 1]):
            break
        form = source.words[at - back].form
        if form in NEGATIONS or (back == 1 and form in _QUALIFIERS):
            return True
    end = at + len(phrase)
    return (
        end < len(source.words)
        and source.words[end].form in _AFTER
        and linked(source.text, source.words[end - 1], source.words[end])
    )


def _holds(whole: Sequence[str], part: Sequence[str]) -> bool:
    size = len(part)
    return size > 0 and any(
        tuple(whole[i : i + size]) == tuple(part) for i in range(len(whole) - size + 1)
    )


_FILLERS = FormSet("of a an the de x eu us uk pure to")


def _surroundings(
    text: str, found: Sequence[Token], quantity: Quantity
) -> tuple[str | None, str | None]:
    """The nearest telling word before and after a quantity, not across punctuation."""
    return (
        _neighbour(text, found, quantity.first, -1),
        _neighbour(text, found, quantity.last, +1),
    )


def _neighbour(text: str, found: Sequence[Token], at: int, step: int) -> str | None:
    for _ in range(2):
        near = at + step
        if not 0 <= near < len(found):
            return None
        left, right = (found[near], found[at]) if step < 0 else (found[at], found[near])
        labelled = step < 0 and text[left.end : right.start] == ": "  # "Size: 42"
        if not linked(text, left, right) and not labelled:
            return None
        if found[near].form not in _FILLERS:
            return found[near].form
        at = near
    return None


def _same(
    claimed: Quantity,
    stated: Quantity,
    source: Source,
    wanted: tuple[str | None, str | None],
) -> bool:
    before, after = wanted
    own_before, own_after = _surroundings(source.text, source.words, stated)
    if claimed.unit is not None and claimed.unit.dimension != "share":
        role = _role((before, after))
        own = _role((*source.key, own_before, own_after))
        return role is None or own is None or role == own
    if after is not None and after == own_after:
        return True
    if before is not None and before == own_before:
        return claimed.unit is None or after is None or own_after is None
    if after is not None and after == own_before and own_after is None:
        return True
    return bool({before, after} & set(source.key))


def _role(near: Sequence[str | None]) -> str | None:
    return next((roles()[form] for form in near if form and form in roles()), None)
