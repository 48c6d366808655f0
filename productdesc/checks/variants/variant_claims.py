"""Claims of a product with variants: what is said of one is not said of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...colours import colours_agree
from ...words.claims.grammar import grammar
from ...words.tokens import forms_of, linked
from ...words.tokens import same_at as stands_at
from ...words.variants.variant_words import counted_nouns, phrases_of, single_words
from ..claims.coloured_thing import IN_WORDS, is_of_detail
from ..claims.find import find_claims
from ..claims.sentence import Claim, Sentence, claim_of, parse_sentence
from ..claims.sources import SourceIndex
from ..policy import Policy
from ..prose.numerals import numbers_at
from ..variant_values import VaryingOption, is_attribute_of
from .mentions import Mention, lists_of, mentions

__all__ = ["CODE", "of_entries", "product_claims"]

CODE = "one-variant"


def product_claims(text: str, known: SourceIndex, policy: Policy) -> Iterator[Claim]:
    """The claims of one sentence; see `find_claims`, which they are without variants.

    A value of an option that varies stands for one variant alone, unless the sentence
    names all of them, their number, some of them as such, or the one that it speaks of.
    """
    others = find_claims(text, known, policy)
    if not known.varying:
        return others
    s = parse_sentence(text, known, policy)
    plain = list(others)
    own = [*_of_values(s, plain), *_of_numbers(s)]
    taken = {at for claim in own for at in range(claim.first, claim.last + 1)}
    rest = [c for c in plain if taken.isdisjoint(range(c.first, c.last + 1))]
    return iter(sorted([*rest, *own], key=lambda claim: claim.first))


def of_entries(
    field: str, value: Sequence[str], known: SourceIndex
) -> Iterator[SourceIndex]:
    """What each entry of a list can lean on: its photo, and tags on each other."""
    last = field.split(".")[-1] if known.varying else ""
    if last == "tags":
        known = replace(known, beside=_named_in(value, known))
    for number in range(1, len(value) + 1):
        yield replace(known, photo=number) if last == "alt_texts" else known


def _named_in(texts: Sequence[str], known: SourceIndex) -> frozenset[tuple[int, int]]:
    """Every value that one of several texts names, with its option."""
    policy = Policy()
    return frozenset(
        (mention.option, value)
        for text in texts
        for mention in mentions(parse_sentence(text, known, policy))
        for value in mention.values
    )


# ---- values ------------------------------------------------------------------------------


def _of_values(s: Sentence, plain: Sequence[Claim]) -> Iterator[Claim]:
    apart = (_apart(s, mention, plain) for mention in mentions(s))
    of_product = [m for m in apart if m and not _is_beside(s, m)]
    named = {(m.option, value) for m in of_product for value in m.values} | s.known.beside
    for group in lists_of(s, of_product):
        option = s.known.varying.options[group[0].option]
        all_named = {value for one, value in named if one == group[0].option}
        is_true = len(all_named) == len(option.values) or _is_some(s, group)
        for mention in group:
            of_all = len(mention.values) == len(option.values)
            is_bound = s.known.photo is None and _is_bound(s, group)
            is_stated = bool(mention.values) and (is_true or of_all or is_bound)
            yield _claim(s, mention, option, is_stated=is_stated)


def _apart(s: Sentence, mention: Mention, plain: Sequence[Claim]) -> Mention | None:
    """The mention without words of what the data, a quotation or a person says.

    None where nothing is left: of "green Black Eaves Chair" it is "green".
    """
    option = s.known.varying.options[mention.option]
    for claim in plain:
        if claim.last < mention.first or claim.first > mention.last:
            continue
        is_longer = claim.first < mention.first or claim.last > mention.last
        is_free = option.key not in _NEVER_OF_TITLES and claim.attribute == "title"
        says_more = claim.attribute is not None and (is_longer or is_free)
        is_quoted = claim.by_person or claim.code in ("seen", "avoid")
        if is_quoted or (says_more and not is_attribute_of(claim.attribute or "", option)):
            before = s.text[: s.words[claim.first].start]
            left = mentions(parse_sentence(before, s.known, s.policy))
            return next((m for m in left if m.first == mention.first), None)
    return mention


_NEVER_OF_TITLES = ("colour", "size", "material")
"""Options of which a title's single word says nothing of all: "White Stuff mug"."""


def _is_beside(s: Sentence, mention: Mention) -> bool:
    option = s.known.varying.options[mention.option]
    could_be = option.key in ("colour", "material") or not any(
        option.values[n].amounts or option.values[n].short for n in mention.values
    )
    return could_be and is_of_detail(s, mention.first, mention.last)


def _claim(
    s: Sentence, mention: Mention, option: VaryingOption, *, is_stated: bool
) -> Claim:
    """The claim of a mention; an alt text is bound to its photo."""
    texts = [option.values[n].text for n in sorted(mention.values)]
    name = ", ".join(texts) if len(texts) < len(option.values) else ""
    claim = claim_of(s, CODE, mention.first, mention.last, option.name)
    claim = replace(claim, option=option.key, name=name)
    photo = _photo_of(s, mention, option)
    if photo and (s.known.photo or not is_stated):
        is_tied = any(photo in option.values[n].photos for n in mention.values)
        return replace(claim, photo=photo, attribute=option.name if is_tied else None)
    if is_stated:
        return claim
    unsaid = claim_of(s, CODE, mention.first, mention.last, None)
    return replace(unsaid, option=option.key)


def _photo_of(s: Sentence, mention: Mention, option: VaryingOption) -> int | None:
    """The photo that shows the value, where the text is about photos."""
    own = s.known.photo
    if own is None and not _is_shown(s, mention):
        return None
    for photo in (own,) if own else range(1, len(s.known.measured) + 1):
        tied = {n for n, value in enumerate(option.values) if photo in value.photos}
        if tied & mention.values:
            return photo
        if not tied and option.key == "colour" and _looks_like(s, mention, photo):
            return photo
    return None


def _looks_like(s: Sentence, mention: Mention, photo: int) -> bool:
    if photo > len(s.known.measured):
        return False
    phrase = s.text[s.words[mention.first].start : s.words[mention.last].end]
    colours = s.known.measured[photo - 1]
    return colours_agree(phrase, colours, language=s.known.language) is True


def _is_shown(s: Sentence, mention: Mention) -> bool:
    """ "Colour on the photo: black", "shown in black"; not "photo frame in black"."""
    words = single_words("shown", s.known.language) - s.known.thing
    label, _, _ = s.text.partition(":")
    if len(label) < s.words[mention.first].start and words & {*forms_of(label[:80])}:
        return True
    near = s.forms[max(0, mention.first - 2) : mention.first]
    return len(near) == 2 and near[1] in IN_WORDS and near[0] in words


_REACH_ONE = 3  # words from "the" to the colour, from it to "one"


def _is_some(s: Sentence, group: Sequence[Mention]) -> bool:
    """Whether a list says that there are others: "such as black", "black and more"."""
    first, last = group[0].first, group[-1].last
    for phrase in phrases_of("some", s.known.language):
        for start in (first - len(phrase), last + 1, last + 2):
            if start >= 0 and stands_at(s.text, s.words, start, phrase):
                between = s.forms[last + 1 : start]
                if all(form in grammar(s.known.language).joiners for form in between):
                    return True
    return False


def _is_bound(s: Sentence, group: Sequence[Mention]) -> bool:
    """Whether a sentence speaks of the variant itself: "the black one is for evenings"."""
    first, last = group[0].first, group[-1].last
    nouns = single_words("one", s.known.language)
    noun = next((n for n in _linked(s, last, 1) if s.forms[n] in nouns), None)
    if noun is None:
        small = single_words("in_between", s.known.language) | nouns
        for n in _linked(s, first, -1):
            if s.forms[n] in nouns:
                noun = n
                break
            if s.forms[n] not in small:
                break
    if noun is None:
        return False
    start = min(first, noun)
    return _is_definite(s, start, noun) or not grammar(s.known.language).verbs.isdisjoint(
        s.forms
    )


def _linked(s: Sentence, at: int, step: int) -> Iterator[int]:
    """The next words in a direction, as long as no mark stands between them."""
    for _ in range(_REACH_ONE):
        here, at = at, at + step
        if not 0 <= at < len(s.words):
            return
        left, right = sorted((here, at))
        if not linked(s.text, s.words[left], s.words[right]):
            return
        yield at


def _is_definite(s: Sentence, start: int, noun: int) -> bool:
    before = s.forms[max(0, start - _REACH_ONE) : start + 1]
    words = single_words("definite", s.known.language)
    return bool(words & {*before, s.forms[noun]})


# ---- numbers -----------------------------------------------------------------------------


def _of_numbers(s: Sentence) -> Iterator[Claim]:
    """ "In five colours", where there are five: the option says it."""
    for at in range(len(s.words)):
        for number in numbers_at(s.text, s.words, at, s.known.language):
            claim = _counted(s, at, number.last, number.values)
            if claim:
                yield claim
                break


def _counted(s: Sentence, at: int, last: int, values: Sequence[float]) -> Claim | None:
    for noun in (last + 1, last + 2):
        if noun >= len(s.words) or not linked(s.text, s.words[noun - 1], s.words[noun]):
            return None
        for option in s.known.varying.options:
            named = counted_nouns(option.key, s.known.language) | {
                *forms_of(option.name.replace("_", " "))[-1:]
            }
            counts = {len(option.values)}
            if s.forms[noun] in counted_nouns("any", s.known.language):
                counts.add(len(s.known.product.variants))
                named |= {s.forms[noun]}
            if s.forms[noun] in named and counts & {*values}:
                claim = claim_of(s, "value", at, noun, option.name)
                return replace(claim, option=option.key)
    return None
