"""Dictionary: whether a language has a word, or could make it of words that it has.

The lists are wordfreq's: words of books, news, films, encyclopedias and the web, each with
its frequency. They are read on first use, one language at a time, and another language's
only for a word that is none in the text's own: about 0.5 s and 25 MB each. To add a word,
or a way to form words: `word_forms.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from functools import cache, lru_cache

from ..text.fold import fold
from .word_forms import word_forms

__all__ = ["LANGUAGES", "is_word"]

LANGUAGES = ("en", "de", "fr", "es", "it")
"""Those with a list; a word of any of them is a word in all: shops borrow."""

_MIN_STEM = 3  # letters that are left when endings are taken off
_MIN_ZIPF = 1.5
"""Frequency of a word that counts, as log10 per thousand million words: rarer ones are
mostly slips of the pen and of scanners."""

_COMMON = {"de": 2.7, "en": 3.5}
"""The same of a part of a compound: rarer words are names and short for others."""

_SHORT_PART = 7.5
"""Letters and frequency of a part of a compound together, at least: a short one has to be
very common, or all is made of them."""

_MAX_LETTERS = 50  # of a word that is taken apart


def is_word(word: str, language: str, own: Set[str] = frozenset()) -> bool:
    """Whether it is a word of an offered language, or formed of such words in `language`.

    own: words of the merchant, folded; they form words as those of a language do. English
    forms words in every language.
    """
    plain = fold(word).replace("’", "'")
    if plain in own or any(plain in _listed(code) for code in _order(language)):
        return True
    if len(plain) > _MAX_LETTERS:
        return False
    head, mark, rest = plain.rpartition("'")
    if mark:
        return all(
            len(part) < _MIN_STEM or is_word(part, language, own) for part in (head, rest)
        )
    here = [code for code in dict.fromkeys((language, "en")) if code in word_forms()]
    return any(_is_formed(plain, code) for code in here) or _is_made_of_own(
        plain, own, here
    )


def _order(language: str) -> tuple[str, ...]:
    """The languages, that of the text first: the others are read only where it fails."""
    return tuple(dict.fromkeys((language, "en", *LANGUAGES)))


@cache
def _listed(language: str) -> Mapping[str, float]:
    """Folded word -> its frequency; the rows' own words are as frequent as any."""
    if language not in LANGUAGES:
        return {}
    # behind a door of its own: the lists are large, and so is what reads them
    from wordfreq import available_languages, cB_to_zipf, read_cBpack

    found: dict[str, float] = dict.fromkeys(word_forms()[language].words, _MIN_ZIPF)
    for step, words in enumerate(read_cBpack(available_languages("large")[language])):
        zipf = cB_to_zipf(-step)
        if zipf < _MIN_ZIPF:
            break
        for word in words:
            found.setdefault(fold(word), zipf)
    return found


@lru_cache(maxsize=16_384)
def _is_formed(word: str, language: str) -> bool:
    forms = word_forms()[language]
    if _is_inflected(word, language):
        return True
    for prefix in forms.prefixes:
        rest = word.removeprefix(prefix)
        is_prefix = rest != word and len(rest) > _MIN_STEM and not rest.startswith(prefix)
        if is_prefix and _is_inflected(rest, language):
            return True
    return _is_compound(word, language)


@lru_cache(maxsize=65_536)
def _is_inflected(word: str, language: str, least: float = _MIN_ZIPF) -> bool:
    """Whether it stands in the list, or does without an ending, or spelt otherwise.

    An ending that is there twice ("stylishish") is none. `least`: frequency that counts.
    """
    return any(_listed(language).get(stem, 0) >= least for stem in _stems(word, language))


def _stems(word: str, language: str) -> Iterator[str]:
    """What the word may be a form of, itself included."""
    forms = word_forms()[language]
    yield word
    for ours, theirs in forms.spellings:
        if word.endswith(ours):
            yield word.removesuffix(ours) + theirs
    for ending in forms.endings:
        stem = word.removesuffix(ending)
        is_twice = len(ending) > 1 and stem.endswith(ending)
        if stem == word or len(stem) < _MIN_STEM or is_twice:
            continue
        yield from (stem + letters for letters in forms.restored)
        if stem[-1] == stem[-2]:  # "wrapped"
            yield stem[:-1]


def _is_compound(word: str, language: str) -> bool:
    """Whether it is made of common words; the time grows with its letters squared."""
    forms = word_forms()[language]
    if not forms.linking:
        return False
    ends = {0: ""}  # where a beginning of whole parts ends -> its last part
    for start in range(len(word) - forms.min_part + 1):
        if start not in ends:
            continue
        for end in range(start + forms.min_part, len(word) + 1):
            part = word[start:end]
            least = max(_COMMON[language], _SHORT_PART - len(part))
            if _is_stutter(ends[start], part):
                continue
            if end == len(word):
                if start and _is_inflected(part, language, least):
                    return True
            elif _listed(language).get(part, 0) >= least:
                for link in forms.linking:
                    if word.startswith(link, end):
                        ends.setdefault(end + len(link), part)
    return False


_MIN_STUTTER = 3  # letters


def _is_stutter(left: str, right: str) -> bool:
    """Whether the second part begins with what the first ends in: "kleid" and "leid"."""
    return any(
        left.endswith(right[:size])
        for size in range(_MIN_STUTTER, min(len(left), len(right)) + 1)
    )


def _is_made_of_own(word: str, own: Set[str], languages: list[str]) -> bool:
    """Whether a word of the merchant stands at either end, and a word at the other."""
    for at in range(_MIN_STEM, len(word)):
        head, tail = word[:at], word[at:]
        for mine, rest, is_tail in ((head, tail, True), (tail, head, False)):
            if len(mine) <= _MIN_STEM or mine not in own or _is_stutter(head, tail):
                continue
            for code in languages:
                forms = word_forms()[code]
                if is_tail and rest in forms.endings:
                    return True
                if forms.linking and len(rest) >= _MIN_STEM and _is_inflected(rest, code):
                    return True
    return False
