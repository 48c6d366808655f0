"""Opinion or assertion: what is left of a sentence when its claims are taken away.

Deny by default: a word is covered where data or a claim covers it, or where the rows of
`words/claims/opinion.toml` say that it asserts nothing there; every other word is a content
word. What decides is the kind of word and what stands beside it, never the sentence: a verb
that is not one of taste asserts ("keeps", "lasts"), and so does a property ("soft"), unless
it is a figure of speech ("a fresh look").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from ...words.claims.opinion_index import opinion_index, opinion_units
from ...words.tokens import Token

__all__ = ["is_opinion", "uncovered"]

_REACH = 4  # words that look at their neighbours look no farther


def uncovered(
    text: str, words: Sequence[Token], covered: Set[int], language: str
) -> list[int]:
    """Places of the content words that nobody vouches for, in order.

    covered: places of words that claims or data cover. In a language without rows all
    words but these are content words. Linear in the text.
    """
    return _Reading(text, words, covered, language).open_words()


def is_opinion(text: str, words: Sequence[Token], covered: Set[int], language: str) -> bool:
    """Whether the sentence says nothing but taste and how to use or give the thing.

    A sentence without a word of either is none: "it has the sea in it". One with data in it
    may be one: "this [dress] is lovely".
    """
    reading = _Reading(text, words, covered, language)
    return not reading.open_words() and reading.says_something()


_VERBS = frozenset({"verb", "light"})
_COPY = frozenset({"general", "noun", "alone"})
_SAYS = frozenset({"opinion", "suggestion", "pairing"})


class _Reading:
    """One sentence as units, each with the classes that it has where it stands."""

    def __init__(
        self, text: str, words: Sequence[Token], covered: Set[int], language: str
    ) -> None:
        self._rows = opinion_index(language.split("-")[0].casefold())
        self._data = covered
        self._units = list(opinion_units(text, words, self._rows.elided))
        self._classes = [self._rows.classes_of(unit.key) for unit in self._units]
        self._asserted = self._read_phrases()
        self._saying = self._clauses_with(_SAYS)
        with_data = {unit.clause for unit in self._units if unit.token in covered}
        self._stating = self._clauses_with(_VERBS) - self._saying - with_data
        self._predicates = {
            unit.clause: at
            for at, unit in enumerate(self._units)
            if "verb" in self._classes[at]
            and any(self._classes[place] & _COPY for place in self._near(at, (at - 1,)))
        }
        pairs = (at for at, some in enumerate(self._classes) if "pairing" in some)
        self._first_pairing = next(pairs, len(self._units))
        self._numbers = {at for at, word in enumerate(words) if word.is_number}

    def _clauses_with(self, some: frozenset[str]) -> set[int]:
        """The clauses in which a word that is no data is of one of these classes."""
        return {
            unit.clause
            for at, unit in enumerate(self._units)
            if self._classes[at] & some and not self._is_data(at)
        }

    def open_words(self) -> list[int]:
        """Places of the words that nothing covers."""
        return sorted(
            {
                unit.token
                for at, unit in enumerate(self._units)
                if unit.token not in self._data and not self._is_covered(at)
            }
        )

    def says_something(self) -> bool:
        """Whether an opinion or suggestion stands in it."""
        return bool(self._saying)

    def _read_phrases(self) -> set[int]:
        """Give each word of a phrase the phrase's class; places of those that assert."""
        asserted: set[int] = set()
        at = 0
        while at < len(self._units):
            size, word_class = self._phrase_at(at)
            if word_class == "asserts":
                asserted.update(range(at, at + size))
            elif size:
                for place in range(at, at + size):
                    self._classes[place] = frozenset({word_class})
            at += size or 1
        return asserted

    def _phrase_at(self, at: int) -> tuple[int, str]:
        for phrase, word_class in self._rows.phrases.get(self._units[at].key, ()):
            here = self._units[at : at + len(phrase)]
            same = tuple(unit.key for unit in here) == phrase
            if same and here[0].clause == here[-1].clause:
                return len(phrase), word_class
        return 0, ""

    # ---- what covers a word --------------------------------------------------------------

    def _is_covered(self, at: int) -> bool:
        classes = self._classes[at]
        if at in self._asserted or self._units[at].token in self._numbers:
            return False
        if "than" in classes:
            return not self._compares_before(at)
        if classes & _COPY and self._is_repeated(at):
            return False
        if self._is_pair(at, "copula", "from") or self._is_pair(at, "good", "for"):
            return False
        if classes & _COPY:
            return self._units[at].clause not in self._stating
        if classes & {"function", "opinion"}:
            return True
        return any(_NEEDS[name](self, at) for name in classes if name in _NEEDS)

    def _near(self, at: int, places: Sequence[int]) -> list[int]:
        """Those of the places, from near to far, that are in the same clause."""
        clause = self._units[at].clause
        return [
            place
            for place in places
            if 0 <= place < len(self._units) and self._units[place].clause == clause
        ]

    def _after(self, at: int) -> list[int]:
        return self._near(at, range(at + 1, at + 1 + _REACH))

    def _before(self, at: int) -> list[int]:
        return self._near(at, range(at - 1, at - 1 - _REACH, -1))

    def _is_data(self, at: int) -> bool:
        return self._units[at].token in self._data

    def _says_something_here(self, at: int) -> bool:
        return self._units[at].clause in self._saying

    def _is_no_statement(self, at: int) -> bool:
        """Said to the reader: "wear it", "you can wear it", but not "you wear", and not
        "the family can use".
        """
        before = self._near(at, (at - 1,))
        is_said_of_others = self._predicates.get(self._units[at].clause, at) < at
        return not is_said_of_others and not any(
            "subject" in self._classes[place] for place in before
        )

    def _is_figure(self, at: int) -> bool:
        """A property right beside a noun of look or an opinion word."""
        return any(
            self._classes[place] & {"noun", "opinion"} and not self._is_data(place)
            for place in self._near(at, (at - 1, at + 1))
        )

    def _is_led(self, at: int) -> bool:
        """Right behind a function word, which tells "cada mañana" from "mañana"."""
        return any("function" in self._classes[p] for p in self._near(at, (at - 1,)))

    def _joins_data(self, at: int) -> bool:
        return any(map(self._is_data, self._after(at)))

    def _names_data(self, at: int) -> bool:
        return any(map(self._is_data, (*self._after(at), *self._before(at))))

    def _has_partner(self, at: int) -> bool:
        return any("with" in self._classes[place] for place in self._after(at))

    def _is_partner(self, at: int) -> bool:
        return self._first_pairing < at

    def _denies_opinion(self, at: int) -> bool:
        for place in self._after(at):
            if (
                self._classes[place] & {"function", "negation"}
                and "than" not in self._classes[place]
            ):
                continue
            return "opinion" in self._classes[place] and not self._is_data(place)
        return False

    def _is_plain_more(self, at: int) -> bool:
        before, after = self._near(at, (at - 1,)), self._after(at)
        return not any("article" in self._classes[place] for place in before) and not any(
            "than" in self._classes[place] for place in after
        )

    def _compares_before(self, at: int) -> bool:
        """Whether "than" follows a comparison, in German an ending: "schöner als"."""
        before = self._before(at)
        return any("comparison" in self._classes[place] for place in before) or any(
            "opinion" in self._classes[place] and self._units[place].key.endswith("er")
            for place in before[:1]
        )

    def _is_pair(self, at: int, first: str, second: str) -> bool:
        """Whether the word makes up an assertion with its neighbour: "is from"."""
        classes = self._classes
        return (
            first in classes[at]
            and any(second in classes[p] for p in self._near(at, (at + 1,)))
        ) or (
            second in classes[at]
            and any(first in classes[p] for p in self._near(at, (at - 1,)))
        )

    def _is_repeated(self, at: int) -> bool:
        """ "Summer after summer", "Jahr für Jahr": a duration in words of the trade."""
        key = self._units[at].key
        return any(self._units[p].key == key for p in self._near(at, (at - 2, at + 2)))


_NEEDS: Mapping[str, Callable[[_Reading, int], bool]] = {
    "suggestion": _Reading._is_no_statement,
    "figurative": _Reading._is_figure,
    "light": _Reading._says_something_here,
    "pairing": _Reading._has_partner,
    "partner": _Reading._is_partner,
    "link": _Reading._joins_data,
    "label": _Reading._names_data,
    "dated": _Reading._is_led,
    "negation": _Reading._denies_opinion,
    "comparison": _Reading._is_plain_more,
}
