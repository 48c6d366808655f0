"""Lost facts: what the merchant's own text says and a new copy does not say any more.

A fact is a claim of the kinds that copy is checked for (a number with its unit, a material,
a name, a colour ...), or a statement: a clause with words that assert something. Taste
("a lovely gift") is no fact. To change what is reported: REWRITE_LIMITS, or the rules of
`checks/policy.py`, which say what a claim is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...records import Finding
from ...text.printable import printable
from ...words.claims.grammar import Grammar, grammar
from ...words.stems import stems
from ...words.tokens import Token, forms_of_text
from ..claims.find import find_claims
from ..claims.kind_claims import kind_name_at
from ..claims.sentence import Claim, Sentence, parse_sentence
from ..claims.sources import SourceIndex
from ..cleanup.not_copy import Noise, sentence_noise
from ..policy import POLICY
from ..prose.opinion import uncovered
from ..prose.sentences import sentences
from .new_copy import NewCopy

__all__ = ["LOST", "REWRITE_LIMITS", "Fact", "RewriteLimits", "fact_findings", "lost_facts"]

LOST = "lost-fact"
STATEMENT = "statement"


class RewriteLimits(NamedTuple):
    """How much of a rewrite is asked for and looked at, with the reason for each."""

    chances: int = 1  # turns after the first; what a second one does not mend stays lost
    read: int = 20_000  # characters of an old text whose facts are looked for
    facts: int = 40  # lost ones that are reported, and shown to the model; more is no text
    apart: int = (
        2  # of one sentence that are told one by one; of more it is told as a whole
    )
    share: float = 0.5  # of a clause's words that the copy must have in one sentence


REWRITE_LIMITS = RewriteLimits()


class Fact(NamedTuple):
    """One thing that the old text says: its words, and the sentence they stand in.

    code: the kind of claim, or "statement". missing: what the copy has not of a statement.
    """

    code: str
    value: str
    sentence: str
    field: str
    missing: tuple[str, ...] = ()


def lost_facts(old: Mapping[str, str], copy: NewCopy) -> list[Fact]:
    """The facts of the old texts (field -> text) that a copy has not, each once.

    Compared by what is meant: 1 kg is 1000 g, "Baumwolle" is cotton, navy is navy in all
    languages. A statement is compared by its words, so only in one language.
    """
    limits = REWRITE_LIMITS
    found: dict[tuple[str, tuple[str, ...]], Fact] = {}
    known = copy.read_as(" ".join(text[: limits.read] for text in old.values()))
    for field, text in old.items():
        for start, end in sentences(text[: limits.read]):
            sentence = text[start:end].strip().lstrip(_MARKS).strip()
            for fact in _together([*_lost_of(sentence, field, known, copy)]):
                found.setdefault((fact.code, forms_of_text(fact.value)), fact)
                if len(found) == limits.facts:
                    return list(found.values())
    return list(found.values())


def _together(lost: Sequence[Fact]) -> Sequence[Fact]:
    """The lost facts of one sentence; of many only that the sentence is lost."""
    if len(lost) <= REWRITE_LIMITS.apart:
        return lost
    first = lost[0]
    parts = tuple(dict.fromkeys(one.value for one in lost))
    return [Fact(STATEMENT, first.sentence, first.sentence, first.field, parts)]


_MARKS = "•*-–·\u2022 "
"""How the entries of a list begin."""


def fact_findings(lost: Sequence[Fact], findings: Sequence[Finding]) -> Iterator[Finding]:
    """A warning for each lost fact, with the reason where our own checks took it out.

    findings: those of the new copy's checks.
    """
    removed = [one for one in findings if one.severity == "removed"]
    for fact in lost:
        shown = printable(fact.value, "value")
        of = printable(fact.sentence, "value")
        why = next(filter(None, (_reason(fact, one) for one in removed)), _own_reason(fact))
        where = "" if fact.value == fact.sentence else f' (in "{of}")'
        parts = ", ".join(f'"{printable(part, "value")}"' for part in fact.missing)
        lacks = f"lacks {parts}" if len(fact.missing) > 1 else "does not"
        message = (
            f'your {fact.field} says "{shown}"{where}, and the new copy {lacks}{why}; '
            "write it in, or approve the copy without it"
        )
        yield Finding(code=LOST, field=fact.field, message=message, value=fact.value[:200])


def _reason(fact: Fact, removed: Finding) -> str:
    """Why a check took the fact out of the copy, if it is what this finding tells of."""
    mine, theirs = forms_of_text(fact.value), forms_of_text(removed.value)
    if not mine or not theirs or not (_holds(theirs, mine) or _holds(mine, theirs)):
        return ""
    return f': the check "{removed.code}" took it out of "{removed.field}"'


def _own_reason(fact: Fact) -> str:
    rule = POLICY.rule(fact.code)
    return f": {rule.reason}" if rule and not rule.vouched else ""


def _holds(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    size = len(part)
    return any(whole[at : at + size] == part for at in range(len(whole) - size + 1))


# ---- one sentence ------------------------------------------------------------------------


def _lost_of(
    sentence: str, field: str, known: SourceIndex, copy: NewCopy
) -> Iterator[Fact]:
    if not sentence or known.holding(sentence):
        return
    noise = _noise(sentence, known)
    if noise:
        yield Fact(noise.code, sentence, sentence, field)
        return
    s = parse_sentence(sentence, known, POLICY)
    claims = list(find_claims(sentence, known, POLICY))
    is_abroad = known.language != copy.index.language
    lost = [one for one in claims if not _is_in_copy(one, s, copy, is_abroad=is_abroad)]
    statements = {} if is_abroad else _lost_statements(s, claims, copy)
    for first, last in _clauses(s, grammar(known.language)):
        of_clause = [one for one in lost if first <= one.first <= last]
        whole = sentence[s.words[first].start : s.words[last].end]
        if missing := statements.get((first, last)):
            yield Fact(STATEMENT, whole, sentence, field, missing)
            continue
        for claim in of_clause:  # a bare number says nothing without what it counts
            value = sentence[claim.start : claim.end]
            shown = whole if claim.code == "number" else value
            yield Fact(claim.code, shown, sentence, field)


def _noise(sentence: str, known: SourceIndex) -> Noise | None:
    """What no copy may repeat: a link, a phone number, an order to a model."""
    noise = sentence_noise(sentence, known, frozenset(), POLICY.limits.leak_words)
    rule = POLICY.rule(noise.code) if noise else None
    return noise if rule and not rule.vouched else None


def _is_in_copy(claim: Claim, s: Sentence, copy: NewCopy, *, is_abroad: bool) -> bool:
    if claim.attribute is not None:
        return True
    if is_abroad and claim.code == "name" and s.title_case:
        return True  # in a title each word has a capital: it may be one that is translated
    if claim.code == "identifier":
        return copy.writes(s.text[claim.start : claim.end])
    if claim.code == "kind":
        name = kind_name_at(s, claim.first)
        return name is not None and copy.names_kind(name.kinds)
    if claim.code == "colour":
        return copy.names_colour(s.text[claim.start : claim.end], s.known.language)
    return False


# ---- statements --------------------------------------------------------------------------


def _lost_statements(
    s: Sentence, claims: Sequence[Claim], copy: NewCopy
) -> dict[tuple[int, int], tuple[str, ...]]:
    """The clauses that the copy does not say, by their places, and the words it has not."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    covered = {at for claim in claims for at in range(claim.first, claim.last + 1)}
    asserting = uncovered(s.text, s.words, covered, s.known.language)
    rules = grammar(s.known.language)
    for first, last in _clauses(s, rules):
        places = [at for at in asserting if first <= at <= last]
        is_label = not any(map(rules.is_function_word, s.forms[first : last + 1]))
        missing = _missing(s, places, rules, copy, is_label=is_label)
        if missing:
            words = (s.text[s.words[at].start : s.words[at].end] for at in missing)
            found[first, last] = tuple(words)
    return found


def _missing(
    s: Sentence, places: Sequence[int], rules: Grammar, copy: NewCopy, *, is_label: bool
) -> list[int]:
    """The words of a clause that the copy has not; none where it says enough of it.

    Each thing must be there ("for keys"), and of all words so many, in one sentence. Of a
    clause without a word of grammar ("Napoleon pocket") each word must be there.
    """
    words = [_names(s.words[at]) for at in places]
    absent = [at for at, names in zip(places, words, strict=True) if not names & copy.words]
    if (is_label and absent) or any(_is_thing(s, at, rules) for at in absent):
        return absent
    most = max((sum(bool(n & unit) for n in words) for unit in copy.units), default=0)
    if most >= len(words) * REWRITE_LIMITS.share:
        return []
    return absent or list(places)


def _names(word: Token) -> frozenset[str]:
    return frozenset((word.form,)) | stems(word.form)


_APART = re.compile(r"[,;:()\[\]/|•–—\n]|\s-\s")


def _clauses(s: Sentence, rules: Grammar) -> Iterator[tuple[int, int]]:
    """First and last word of each clause or entry of a list."""
    first = 0
    for at in range(1, len(s.words)):
        gap = s.text[s.words[at - 1].end : s.words[at].start]
        joins = s.forms[at] in rules.joiners
        if _APART.search(gap) or joins:
            if first < at:
                yield first, at - 1
            first = at + joins
    if first < len(s.words):
        yield first, len(s.words) - 1


def _is_thing(s: Sentence, at: int, rules: Grammar) -> bool:
    """Whether a word names a thing, as it stands: a noun behind an article or preposition.

    German writes nouns with a capital. Of the words between two grammar words the noun is
    the last in English, and the first in French, Spanish and Italian.
    """
    word = s.text[s.words[at].start : s.words[at].end]
    if s.known.language == "de":
        return at > 0 and word[:1].isupper()
    leads = rules.prepositions, rules.determiners
    if s.known.language in _HEAD_FIRST:
        return at > 0 and any(s.forms[at - 1] in some for some in leads)
    ends = at + 1 == len(s.words) or rules.is_function_word(s.forms[at + 1])
    before = at - 1
    while before > 0 and not rules.is_function_word(s.forms[before]):
        before -= 1
    return ends and before >= 0 and any(s.forms[before] in some for some in leads)


_HEAD_FIRST = ("fr", "es", "it")
