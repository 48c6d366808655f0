"""One sentence taken apart, and the claims that are found in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...words.tokens import Token, tokenize
from ..policy import Policy
from ..prose.negation import sense_at
from ..prose.proper_names import is_title_case
from .sources import SourceIndex

__all__ = [
    "Claim",
    "ClaimVerdict",
    "Sentence",
    "claim_of",
    "is_negated",
    "parse_sentence",
    "quotations",
]

ClaimVerdict = Literal["keep", "infer", "remove"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: words `first` to `last`, characters `start` to `end` of its sentence.

    `attribute` or `photo` says who vouches, or a person does; else nobody. Of what differs
    between variants, `option` is the kind of option, and `name` the value of the variant.
    """

    code: str
    first: int
    last: int
    start: int
    end: int
    verdict: ClaimVerdict
    attribute: str | None = None
    photo: int | None = None
    by_person: bool = False
    option: str = ""
    name: str = ""

    @property
    def words_of(self) -> str:
        """What kind of words it is made in: of a variant's value those of its option."""
        return self.option or self.code


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the finders of claims look at; `quotes` are places of quotations."""

    text: str
    words: Sequence[Token]
    forms: tuple[str, ...]
    quotes: tuple[tuple[int, int], ...]
    title_case: bool
    known: SourceIndex
    policy: Policy


def parse_sentence(text: str, known: SourceIndex, policy: Policy) -> Sentence:
    """A sentence with its words, its quotations, and what its claims can lean on."""
    found = tokenize(text)
    return Sentence(
        text=text,
        words=found,
        forms=tuple(w.form for w in found),
        quotes=quotations(text),
        title_case=is_title_case(text, found),
        known=known,
        policy=policy,
    )


_QUOTES = re.compile(r"“[^“”]{1,200}”|\"[^\"]{1,200}\"|«[^«»]{1,200}»|„[^„“”]{1,200}[“”]")


def quotations(text: str) -> tuple[tuple[int, int], ...]:
    """Where each quotation begins and ends, its marks included."""
    return tuple(m.span() for m in _QUOTES.finditer(text))


def claim_of(s: Sentence, code: str, first: int, last: int, attribute: str | None) -> Claim:
    """A claim of a rule's kind, judged by the policy; one that no rule names is kept."""
    rule = s.policy.rule(code)
    verdict: ClaimVerdict = "keep" if attribute or rule is None else rule.action
    if rule is None and not attribute:
        verdict = "infer"
    start, end = s.words[first].start, s.words[last].end
    return Claim(code, first, last, start, end, verdict, attribute)


def is_negated(s: Sentence, at: int) -> bool:
    """Whether the words before word `at` deny it."""
    return sense_at(s.text, s.words, at, at) == "not"
