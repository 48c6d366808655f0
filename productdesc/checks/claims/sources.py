"""Source index of a product: who vouches for a phrase, and where exactly it stands.

The merchant's attributes, title and description are indexed by word, once per product, so
that looking up a phrase does not depend on how much data there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...records import Colour, Facts, Product
from ...taxonomy.product_type import TypeComparison, compare_types
from ...text.simple_tags import without_simple_tags
from ...words.claims.claim_phrases import Sense
from ...words.stems import stems
from ...words.tokens import Token, forms_of, forms_of_text, linked
from ..example_index import NO_EXAMPLES, ExampleIndex
from ..own_values import Value, index_values, seen_values, written_sentences
from ..prose.negation import sense_at
from ..prose.phrases import ids_of
from ..prose.quantities import Quantity
from ..variant_values import VariantIndex, index_options
from .amounts import AmountIndex, index_amounts, stated_by
from .concepts import ConceptIndex
from .source_texts import Source, read_source

__all__ = ["Source", "SourceIndex", "index_sources"]


@dataclass(frozen=True, slots=True)
class SourceIndex:
    """Index of everything a claim can lean on; made by `index_sources`.

    `examples`: what the examples of a style say, on which none can. `varying`: what differs
    between variants. Of one entry of a list: `photo` is the one that it is about, `beside`
    the values of variants that its list names as a whole.
    """

    product: Product
    facts: Facts
    measured: tuple[tuple[Colour, ...], ...]
    language: str
    sources: tuple[Source, ...]
    places: Mapping[str, tuple[tuple[int, int], ...]]
    amounts: AmountIndex
    values: Mapping[str, tuple[Value, ...]]
    kinds: TypeComparison
    concepts: ConceptIndex = field(compare=False)
    seen: tuple[tuple[str, ...], ...] = field(default=())
    read: tuple[tuple[int, tuple[str, ...]], ...] = field(default=())
    thing: frozenset[str] = frozenset()
    written: Mapping[str, str] = field(default_factory=dict)
    examples: ExampleIndex = NO_EXAMPLES
    varying: VariantIndex = field(default=VariantIndex())
    photo: int | None = None
    beside: frozenset[tuple[int, int]] = frozenset()

    def vouches_for(
        self,
        phrase: Sequence[str],
        *,
        sense: Sense | None = "is",
        ids: frozenset[str] | None = None,
    ) -> Source | None:
        """Who says this phrase (folded words, whole, in this order), if anybody.

        "not waterproof" does not vouch for "waterproof", nor "faux leather" for "leather",
        nor `waterproof: no`; `waterproof: yes` and `waterproof: 10000 mm` do. So does
        "wasserdicht", a word for the same row of the tables (`ids`; those of the phrase
        where none are given). `sense`: how the claim means it; None where it does not
        matter, as of a name.
        """
        if not phrase:
            return None
        size = len(phrase)
        for number, at in self.places.get(phrase[0], ()):
            source = self.sources[number]
            if _stands(source, phrase, at) and (
                sense is None or self._sense(number, at, size, ids) == sense
            ):
                return source
        wanted = frozenset(phrase).union(*map(stems, phrase))
        for source in self.sources:
            means = "not" if source.is_denied else "is"
            if not source.key or sense not in (None, means):
                continue
            if _holds(source.key, phrase) or (
                source.is_affirmed and all(_is_in(form, wanted) for form in source.key)
            ):
                return source
        named = ids_of(tuple(phrase)) if ids is None else ids
        return self.concepts.source_of(named, sense) if named else None

    def _sense(
        self, number: int, at: int, size: int, ids: frozenset[str] | None
    ) -> Sense | None:
        """What the text around a phrase makes of it; None where it is of another name."""
        source = self.sources[number]
        whole = self.concepts.whole_at(number, at) if ids else None
        if whole and whole[1].size > size:
            at, concept = whole
            if ids and not concept.ids & ids:
                return None
            size = concept.size
        return sense_at(source.text, source.words, at, at + size - 1)

    def states(
        self, quantity: Quantity, text: str, found: Sequence[Token]
    ) -> Source | None:
        """Who states this quantity of this thing, if anybody; see `amounts.stated_by`."""
        return stated_by(quantity, text, found, self.amounts, self.sources, self.thing)

    def own_words(self) -> frozenset[str]:
        """The words of the merchant's values and title, and of what was read on photos.

        With those that copy writes them in: labels, and values in its language.
        """
        given = {w.form for s in self.sources if s.name != "description" for w in s.words}
        given.update(f for some in self.values.values() for v in some for f in v.forms)
        given.update(form for text in self.written for form in forms_of_text(text))
        return frozenset(given).union(*self.seen)

    def holding(self, sentence: str) -> Source | None:
        """The source in which a sentence stands word for word, or which it writes out.

        "Gewicht: 300 g" writes out `weight_g: 300`.
        """
        wanted = sentence.strip()
        if name := self.written.get(wanted.rstrip(".").casefold()):
            return next((one for one in self.sources if one.name == name), None)
        forms = forms_of_text(wanted[:_MAX_FIRST])
        if not forms or forms[0] not in self.places:
            return None
        is_long = len(forms) >= _MIN_QUOTED
        for number in {number for number, _ in self.places[forms[0]]}:
            source = self.sources[number]
            for text in dict.fromkeys((wanted, wanted.rstrip("."))):
                if _quotes(source.text, text, is_long=is_long):
                    return source
        return None

    def was_read(self, phrase: Sequence[str]) -> bool:
        """Whether these words were read on the product, in this order."""
        return any(_holds(text, phrase) for text in self.seen)

    def photo_of_text(self, phrase: Sequence[str]) -> int | None:
        """The photo on which these words were read.

        A text reader says on which; what the model read is on the only one, if it is.
        """
        of_reader = (n for n, text in self.read if _holds(text, phrase))
        return next(of_reader, 1 if len(self.measured) == 1 else None)


def index_sources(
    product: Product,
    facts: Facts,
    measured: Sequence[Sequence[Colour]],
    language: str,
) -> SourceIndex:
    """Index what the merchant, the photos and the model's first look say."""
    given = [*product.attributes.items()]
    given += [("title", product.title)] if product.title else []
    given += [("description", without_simple_tags(product.words))] if product.words else []
    tongue = language.split("-")[0].casefold()
    kinds = compare_types(product, facts, language)
    seen = seen_values(product, facts, kinds, measured, tongue)
    sources = []
    places: dict[str, list[tuple[int, int]]] = {}
    for number, (name, text) in enumerate(given):
        is_copy = number >= len(product.attributes)
        source = read_source(name, text, tongue, is_copy=is_copy)
        sources.append(source)
        for at, word in enumerate(source.words):
            spots = places.setdefault(word.form, [])
            if len(spots) < _MAX_PLACES:
                spots.append((number, at))
    return SourceIndex(
        product=product,
        facts=facts,
        measured=tuple(tuple(colours) for colours in measured),
        language=tongue,
        sources=tuple(sources),
        places={form: tuple(spots) for form, spots in places.items()},
        amounts=index_amounts(sources, _MAX_PLACES),
        values=index_values(product.attributes, tongue, seen),
        kinds=kinds,
        concepts=ConceptIndex(sources),
        seen=tuple(forms_of(text) for text in facts.text),
        thing=_thing(product, facts),
        written=written_sentences(product.attributes, tongue),
        varying=index_options(product, tongue),
    )


def _thing(product: Product, facts: Facts) -> frozenset[str]:
    """What the product may be called: the words of its title and kind, and their stems."""
    forms = {*forms_of(product.title), *forms_of(facts.category)}
    return frozenset(forms).union(*map(stems, forms))


# A word that stands more often than this in a merchant's data tells nothing more.
_MAX_PLACES = 50
_MIN_QUOTED = 4  # words; fewer may stand in the data by chance
_MAX_FIRST = 200  # characters of a sentence that are looked at to count its words


def _quotes(source: str, text: str, *, is_long: bool) -> bool:
    """Whether a text holds another, from word to word; a short one as a sentence."""
    at = source.find(text)
    if at < 0 or source.strip() == text:
        return at >= 0
    before, after = source[:at], source[at + len(text) :]
    if is_long:
        return not (before[-1:].isalnum() or after[:1].isalnum())
    opens = before.rstrip(" \t")[-1:] in _OPENS
    return opens and (text[-1] in ".!?" or after.lstrip(" \t")[:1] in ("", "\n", "•"))


_OPENS = ("", *"\n.!?…•*·")
"""What stands before a sentence."""


def _is_in(form: str, forms: frozenset[str]) -> bool:
    return form in forms or bool(stems(form) & forms)


def _stands(source: Source, phrase: Sequence[str], at: int) -> bool:
    if at + len(phrase) > len(source.words):
        return False
    return all(
        source.words[at + i].form == form
        and (not i or linked(source.text, source.words[at + i - 1], source.words[at + i]))
        for i, form in enumerate(phrase)
    )


def _holds(whole: Sequence[str], part: Sequence[str]) -> bool:
    size = len(part)
    return size > 0 and any(
        tuple(whole[i : i + size]) == tuple(part) for i in range(len(whole) - size + 1)
    )
