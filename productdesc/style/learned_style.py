"""Learning a style: what a shop's own copy has in common, counted and not guessed.

    published copy -> lengths, manner, typical words, five examples -> a TOML file to edit

No model is asked. The same copy gives the same file, byte for byte.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import NamedTuple

from ..text.trim import trim
from ..words.claims.grammar import grammar
from ..words.tokens import forms_of_text, tokenize
from .shop_style import STYLE_LIMITS, StyleExample, Text

__all__ = ["FIELDS", "LearnedStyle", "Written", "learn_style"]


class LearnLimits(NamedTuple):
    """Limits of what is learned, with the reason for each."""

    read: int = 10_000  # products; more tell no more
    least: int = 3  # products with copy; fewer have nothing in common that tells
    examples: int = 5  # what a model is shown of a shop
    words: int = 12  # typical words proposed
    word_share: float = 0.1  # of the products that have a typical word
    word_letters: int = 4  # of a typical word; shorter ones are grammar
    manner_share: float = 0.1  # of the products that address the reader, or shout
    attributes: int = 12  # of an example's data; a table of all would hide the copy
    value: int = 120  # characters of one of them
    text: int = 1_000  # characters of one text of an example


LEARN_LIMITS = LearnLimits()

FIELDS = ("title", "description", "bullets", "seo_title", "seo_description")
"""Fields that an example shows."""

_ADDRESSES: Mapping[str, Mapping[str, str]] = {
    "en": {"you": r"(?i)\b(?:you|your|yours)\b"},
    "de": {
        "du": r"\b(?:[Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[nmrs]?)\b",
        "Sie": r"\b(?:Ihnen|Ihre?[nmrs]?)\b|(?<=[a-zäöüß,] )Sie\b",
    },
    "fr": {
        "tu": r"(?i)\b(?:tu|toi|ta|tes)\b",
        "vous": r"(?i)\b(?:vous|votre|vos)\b",
    },
    "es": {
        "tú": r"(?i)\b(?:tú|tu|tus|te|contigo)\b",
        "usted": r"(?i)\b(?:usted|ustedes)\b",
    },
    "it": {
        "tu": r"(?i)\b(?:tu|ti|tuo|tua|tuoi|tue)\b",
        "voi": r"(?i)\b(?:voi|vi|vostro|vostra)\b",
    },
}
"""Language -> how a reader is addressed, and the words that show it."""

_EMOJI = re.compile(r"[\u2600-\u27bf\U0001f300-\U0001faff]")
_STOP = re.compile(r"(?<![.!?…])[.!?…]++(?=\s|$)|\n+")


@dataclass(frozen=True, slots=True)
class Written:
    """A product with copy that its shop stands by: what is known, seen and written."""

    data: Mapping[str, str]
    texts: Mapping[str, Text]
    facts: Mapping[str, str] = field(default_factory=dict)
    category: str = ""


@dataclass(frozen=True, slots=True)
class LearnedStyle:
    """What was learned of `count` products: a tone to edit, typical words, examples."""

    count: int
    language: str
    tone: str
    lengths: tuple[str, ...]
    words: tuple[tuple[str, int], ...]
    examples: tuple[StyleExample, ...]


def learn_style(written: Iterable[Written], language: str) -> LearnedStyle:
    """What the copy of these products has in common.

    Raises `ValueError` where too few of them have copy.
    """
    limits = LEARN_LIMITS
    some: list[Written] = []
    for one in written:
        if _words_of(one):
            some.append(one)
        if len(some) == limits.read:
            break
    if len(some) < limits.least:
        raise ValueError(
            f"{len(some)} products have copy to learn from; {limits.least} are the least"
        )
    lengths = _lengths(some)
    tone = " ".join([*_manner(some, language), *(f"{line}." for line in lengths)])
    return LearnedStyle(
        count=len(some),
        language=language,
        tone=trim(tone, STYLE_LIMITS.tone),
        lengths=lengths,
        words=_typical(some, language),
        examples=tuple(_examples(some)),
    )


# ---- lengths and manner ---------------------------------------------------------------


def _lengths(some: Sequence[Written]) -> tuple[str, ...]:
    """One line a field: how long it is, and how long its sentences are."""
    lines = []
    for name in FIELDS:
        texts = [text for one in some if (text := one.texts.get(name))]
        if len(texts) * 2 < len(some):
            continue  # most products have none
        words = [_count(part) for text in texts for part in _parts(text)]
        shown = name.replace("_", " ").replace("seo", "SEO")
        line = f"{shown}: {_range(words)} words"
        if name == "bullets":
            number = _range([len(_parts(text)) for text in texts])
            line = f"bullets: {number} of {_range(words)} words"
        elif name == "description":
            of_each = [_sentence_lengths(part) for text in texts for part in _parts(text)]
            line += f" in {_range([len(one) for one in of_each])} sentences"
            line += f" of {_range([n for one in of_each for n in one])} words"
        lines.append(line)
    return tuple(lines)


def _range(numbers: Sequence[int]) -> str:
    """The middle half of the numbers: "8 to 12", or one where they are the same."""
    low, _, high = (
        quantiles(numbers, n=4, method="inclusive")
        if len(numbers) > 1
        else ([numbers[0]] * 3)
    )
    ends = round(low), round(high)
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _sentence_lengths(text: str) -> list[int]:
    return [n for part in _STOP.split(text) if (n := _count(part))] or [0]


def _addresses(language: str) -> Mapping[str, re.Pattern[str]]:
    kinds = _ADDRESSES.get(language.split("-")[0].casefold(), {})
    return {name: re.compile(words) for name, words in kinds.items()}


def _manner(some: Sequence[Written], language: str) -> Iterator[str]:
    """Sentences about the manner: who is addressed, and whether it shouts."""
    whole = [" ".join(_all_texts(one)) for one in some]
    least = LEARN_LIMITS.manner_share

    def share(pattern: re.Pattern[str]) -> float:
        return sum(bool(pattern.search(text)) for text in whole) / len(whole)

    shares = {name: share(words) for name, words in _addresses(language).items()}
    if shares and max(shares.values()) >= least:
        yield f'Address the reader as "{max(shares, key=lambda name: shares[name])}".'
    elif shares:
        yield "Do not address the reader."
    shouts = share(re.compile("!"))
    yield "Exclamation marks are fine." if shouts >= least else "No exclamation marks."
    if share(_EMOJI) >= least:
        yield "Emoji are fine."


# ---- typical words --------------------------------------------------------------------


def _typical(some: Sequence[Written], language: str) -> tuple[tuple[str, int], ...]:
    """Words of many products' copy that no data of theirs has, the commonest first."""
    limits, is_grammar = LEARN_LIMITS, grammar(language.split("-")[0]).is_function_word
    counts: Counter[str] = Counter()
    spelt: dict[str, Counter[str]] = {}
    for one in some:
        own = {f for value in one.data.values() for f in forms_of_text(value)}
        own.update(f for name in one.data for f in forms_of_text(name))
        own.update(f for value in one.facts.values() for f in forms_of_text(value))
        own.update(forms_of_text(one.category))
        seen: set[str] = set()
        for text in _all_texts(one):
            for word in tokenize(text):
                written = text[word.start : word.end]
                if (
                    not word.is_number
                    and len(written) >= limits.word_letters
                    and word.form not in own
                    and not is_grammar(word.form)
                ):
                    seen.add(word.form)
                    spelt.setdefault(word.form, Counter())[written] += 1
        counts.update(seen)
    least = max(limits.least, math.ceil(limits.word_share * len(some)))
    ranked = sorted((-n, form) for form, n in counts.items() if n >= least)
    return tuple(
        (min(spelt[form], key=lambda w: (-spelt[form][w], w)), -n)
        for n, form in ranked[: limits.words]
    )


# ---- examples -------------------------------------------------------------------------


def _examples(some: Sequence[Written]) -> Iterator[StyleExample]:
    """Products whose copy is of usual length, as unlike each other as they can be."""
    full = max(sum(bool(one.texts.get(name)) for name in FIELDS) for one in some)
    usual = median(len(_words_of(one)) for one in some)
    ranked = sorted(
        range(len(some)),
        key=lambda n: (
            sum(bool(some[n].texts.get(name)) for name in FIELDS) < full,
            not some[n].data,
            abs(math.log(len(_words_of(some[n])) / usual)),
            n,
        ),
    )
    chosen: list[tuple[str, frozenset[str]]] = []
    pool = ranked[: max(LEARN_LIMITS.examples * 20, 100)]
    while pool and len(chosen) < LEARN_LIMITS.examples:
        best = min(pool, key=lambda n: (_nearness(some[n], chosen), pool.index(n)))
        pool.remove(best)
        one = some[best]
        chosen.append((one.category, frozenset(_words_of(one))))
        yield _example(one)


def _nearness(one: Written, chosen: Sequence[tuple[str, frozenset[str]]]) -> float:
    """How like one of those chosen it is, in tenths: of their kind, and in their words."""
    words = frozenset(_words_of(one))
    near = 0.0
    for category, others in chosen:
        shared = len(words & others) / len(words | others)
        near = max(near, shared + (0.5 if one.category and one.category == category else 0))
    return round(near, 1)


def _example(one: Written) -> StyleExample:
    limits = LEARN_LIMITS
    data = [(name, trim(value, limits.value)) for name, value in one.data.items() if value]
    copy: dict[str, Text] = {}
    for name in FIELDS:
        parts = tuple(trim(part, limits.text) for part in _parts(one.texts.get(name, "")))
        if parts:
            copy[name] = parts if name == "bullets" else parts[0]
    found = StyleExample(
        facts=dict(one.facts), data=dict(data[: limits.attributes]), copy=copy
    )
    most = min(STYLE_LIMITS.example, STYLE_LIMITS.set_chars // limits.examples)
    if found.size <= most:
        return found
    first = next(iter(copy))
    text = copy[first] if isinstance(copy[first], str) else copy[first][0]
    return StyleExample(copy={first: trim(str(text), limits.text)})


def _parts(text: Text) -> tuple[str, ...]:
    whole = (text,) if isinstance(text, str) else text
    return tuple(part for part in whole if part.strip())


def _all_texts(one: Written) -> Iterator[str]:
    for name in FIELDS:
        yield from _parts(one.texts.get(name, ""))


def _words_of(one: Written) -> tuple[str, ...]:
    return tuple(form for text in _all_texts(one) for form in forms_of_text(text))


def _count(text: str) -> int:
    return len(forms_of_text(text))
