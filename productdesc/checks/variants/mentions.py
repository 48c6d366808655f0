"""Mentions of variants' values in a sentence: "black", "size M", "von S bis XL"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...colours import colour_families, families
from ...words.claims.claim_phrases import function_forms
from ...words.claims.grammar import grammar
from ...words.colour_forms import shade_named
from ...words.colour_names import ANY
from ...words.tokens import forms_of
from ...words.tokens import same_at as stands_at
from ...words.variants.variant_words import counted_nouns, phrases_of
from ..claims.colour_claims import colour_claim_at
from ..claims.coloured_thing import IN_WORDS
from ..claims.sentence import Sentence
from ..prose.phrases import phrase_at
from ..prose.quantities import quantities_at
from ..variant_values import VaryingOption

__all__ = ["Mention", "lists_of", "mentions"]


class Mention(NamedTuple):
    """Words `first` to `last` that name values of an option, each by its place.

    No value: they name one that no variant has.
    """

    option: int
    values: frozenset[int]
    first: int
    last: int


def mentions(s: Sentence) -> list[Mention]:
    """What of the product's varying options a sentence names, left to right."""
    found: list[Mention] = []
    at = 0
    while at < len(s.words):
        mention = _mention_at(s, at, found[-1] if found else None)
        if mention:
            found.append(mention)
        at = mention.last + 1 if mention else at + 1
    return [*_ranges(s, found)]


def _mention_at(s: Sentence, at: int, before: Mention | None) -> Mention | None:
    """The longest mention that begins at a word; of two that are as long the first."""
    best: Mention | None = None
    for one in (*_spelled(s, at, before), *_otherwise(s, at)):
        if best is None or one.last > best.last:
            best = one
        elif (one.last, one.option) == (best.last, best.option):
            best = best._replace(values=best.values | one.values)
    return best


def _spelled(s: Sentence, at: int, before: Mention | None) -> Iterator[Mention]:
    """Values as the shop or copy in its language writes them."""
    for number, place, forms in s.known.varying.by_first.get(s.forms[at], ()):
        option = s.known.varying.options[number]
        value, last = option.values[place], at + len(forms) - 1
        if not stands_at(s.text, s.words, at, forms):
            continue
        written = s.text[s.words[at].start : s.words[last].end]
        if forms in value.short:
            is_told = written in value.text
            is_told = is_told and _is_labelled(s, number, at, last, before)
        else:
            is_told = not _is_grammar(s, forms)
        if is_told:
            yield Mention(number, frozenset({place}), at, last)


def _is_grammar(s: Sentence, forms: Sequence[str]) -> bool:
    """Whether a value is a word of grammar, which any sentence has."""
    return all(map(grammar(s.known.language).is_function_word, forms)) and len(s.words) > 1


def _is_labelled(
    s: Sentence, number: int, at: int, last: int, before: Mention | None
) -> bool:
    """Whether a letter or number is told to be the value: "size M", "M" alone, "S, M"."""
    if at == 0 and last == len(s.words) - 1:
        return True
    labels = _labels(s.known.varying.options[number], s.known.language)
    near = s.forms[max(0, at - 2) : at]
    if labels & {*near, *s.forms[last + 1 : last + 2]}:
        return True
    if near and near[-1] in IN_WORDS:
        return True
    if before and before.option == number and _joins(s, before.last, at):
        return True
    after = next((n for n in range(last + 1, min(last + 3, len(s.words)))
                  if _joins(s, last, n)), None)  # fmt: skip
    following = s.known.varying.by_first.get(s.forms[after], ()) if after else ()
    return any(one == number for one, _, _ in following)


def _labels(option: VaryingOption, language: str) -> frozenset[str]:
    own = {*forms_of(option.name.replace("_", " "))}
    return counted_nouns(option.key, language) | function_forms("size_words") | own


def _joins(s: Sentence, left: int, right: int) -> bool:
    """Whether nothing but a comma, "and" or "to" stands between two words."""
    between = s.forms[left + 1 : right]
    gap = s.text[s.words[left].end : s.words[right].start]
    if any(mark in gap for mark in ".;:!?()\n"):
        return False
    small = grammar(s.known.language).joiners | _up_to(s)
    return all(form in small for form in between) and bool(gap)


def _up_to(s: Sentence) -> frozenset[str]:
    return frozenset(f for p in phrases_of("up_to", s.known.language) for f in p)


def _otherwise(s: Sentence, at: int) -> Iterator[Mention]:
    """Values by what they mean: a colour's family, a material's row, a measure's amount."""
    for number, option in enumerate(s.known.varying.options):
        if option.key == "colour" and (colour := colour_claim_at(s, at)):
            phrase = s.text[s.words[at].start : s.words[colour.last].end]
            values = _of_colour(phrase, option, s.known.language)
            yield Mention(number, values, at, colour.last)
        if option.key == "colour" and (phrase := _of_compound(s, at)):
            yield Mention(number, _of_colour(phrase, option, s.known.language), at, at)
        ids = [n for n, value in enumerate(option.values) if value.ids]
        phrase_here = phrase_at(s.text, s.words, at, s.known.language) if ids else None
        if phrase_here and phrase_here.ids:
            named = {n for n in ids if option.values[n].ids & phrase_here.ids}
            if named:
                last = at + len(phrase_here.forms) - 1
                yield Mention(number, frozenset(named), at, last)
        if any(value.amounts for value in option.values):
            yield from _measured(s, at, number, option)


def _of_compound(s: Sentence, at: int) -> str:
    """The colour in a German compound: "schwarz" of "schwarzfarbene"; "" where none."""
    if s.known.language != "de":
        return ""
    head, mark, end = s.forms[at].rpartition("farb")
    is_colour = bool(mark and head) and end in _FARBEN
    return head if is_colour and colour_families(head, language="de") else ""


_FARBEN = frozenset(
    stem + ending for stem in ("en", "ig") for ending in ("", "e", "er", "es", "en", "em")
)


def _measured(
    s: Sentence, at: int, number: int, option: VaryingOption
) -> Iterator[Mention]:
    for quantity in quantities_at(s.text, s.words, at, s.known.language):
        same = {
            n for n, value in enumerate(option.values)
            if value.amounts & set(quantity.amounts)
        }  # fmt: skip
        if same and quantity.unit:
            yield Mention(number, frozenset(same), min(at, quantity.first), quantity.last)


def _of_colour(phrase: str, option: VaryingOption, language: str) -> frozenset[int]:
    """The values that a colour is honestly said of: "blue" of navy, "navy" of no other."""
    forms, shade = forms_of(phrase), shade_named(phrase, language)
    values = [*enumerate(option.values)]
    named = {n for n, v in values if any(_holds(f, forms) for f in v.forms)}
    if shade:
        named |= {n for n, value in values if value.shade == shade.name}
        if shade.name in families():
            named |= {n for n, value in values if shade.name in value.families}
    if named:
        return frozenset(named)
    own = colour_families(phrase, language=language) or colour_families(
        phrase, language=ANY
    )
    near = {n for n, value in values if value.families & set(own)}
    return frozenset(near if len(near) == 1 else ())


def _holds(whole: Sequence[str], part: Sequence[str]) -> bool:
    ends = range(len(whole) - len(part) + 1)
    return any(tuple(whole[at : at + len(part)]) == tuple(part) for at in ends)


def _ranges(s: Sentence, found: Sequence[Mention]) -> Iterator[Mention]:
    """ "From S to XL" names what lies between, in the shop's order."""
    for number, mention in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        is_range = after and after.option == mention.option and _is_range(s, mention, after)
        if after and is_range and mention.values and after.values:
            ends = {*mention.values, *after.values}
            all_ = frozenset(range(min(ends), max(ends) + 1))
            mention = mention._replace(values=all_)
        yield mention


def _is_range(s: Sentence, left: Mention, right: Mention) -> bool:
    gap = s.text[s.words[left.last].end : s.words[right.first].start].strip()
    between = s.forms[left.last + 1 : right.first]
    if not between:
        return gap in ("-", "–", "—", "‐", "‑")
    return tuple(between) in phrases_of("up_to", s.known.language) and "," not in gap


def lists_of(s: Sentence, found: Sequence[Mention]) -> Iterator[list[Mention]]:
    """The mentions by lists: those of one option with nothing but "and" between them."""
    group: list[Mention] = []
    for mention in found:
        last = group[-1] if group else None
        if last and (
            last.option != mention.option or not _joins(s, last.last, mention.first)
        ):
            yield group
            group = []
        group.append(mention)
    if group:
        yield group
