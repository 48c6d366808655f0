"""Cutting a claim out of a sentence: the smallest cut that leaves grammar standing.

In this order: brackets around it; one of several joined by "and" or commas; an attribute
before a noun ("100 % cotton shirt"); a phrase that hangs on it ("made of leather"); its
clause between commas; the sentence. Knows English grammar best, German, French and Spanish
by their prepositions; anything unsure loses the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...words.tokens import Token, linked, tokenize
from ..claims.sentence import Claim, quotations
from ..prose.connectives import (
    ADJECTIVES,
    AFTER_NOUN,
    CLAUSE_OPENERS,
    COUNTED,
    DETERMINERS,
    INNER,
    JOINERS,
    NOUNS,
    OPENERS,
    PARTICIPLES,
    STOPS,
    SUBJECTS,
    VERBS,
)

__all__ = ["cut", "is_hanging", "is_stub", "tidy"]

_BREAK = re.compile(r"[,;:]|\s[-–—]\s|—")


def cut(text: str, claim: Claim, language: str) -> str:
    """The sentence without the claim, "" when nothing that can stand alone is left."""
    found = tokenize(text)
    if any(left < claim.start < right for left, right in quotations(text)):
        return ""  # half a quotation is a false one
    if claim.code == "kind":
        return ""  # what it says of another kind of thing is not of this one
    first, last = _whole_compound(text, found, claim)
    code = claim.code
    if code in ("weight", "size") and not any(w.is_number for w in found[first : last + 1]):
        code = "performance"  # "lightweight" is an adjective, "300 g" is not
    for way in (_brackets, _joined, _attribute, _phrase, _clause):
        left = way(text, found, first, last, language, code)
        if left is not None:
            left = tidy(text, left)
            return "" if is_hanging(left, text) else left
    return ""


def tidy(before: str, after: str) -> str:
    """Spaces, commas, articles and the capital put right after a cut."""
    tail = before[len(before.rstrip()) :]
    text = re.sub(r"[ \t]{2,}", " ", after.rstrip())
    text = re.sub(r"\(\s*\)|\[\s*\]|“\s*”|\"\s*\"", "", text)
    text = re.sub(r"(?<!\s)\s++([,.;:!?])", r"\1", text)
    text = re.sub(r"([,;:])(?:\s*[,;:])+", r"\1", text)
    text = re.sub(r"[,;:]\s*([.!?])", r"\1", text)
    text = re.sub(r"^[\s,;:.!?–—&-]+", "", text)
    text = re.sub(r"(?<![\s,;:–—&-])[\s,;:–—&-]++$", "", text)
    text = re.sub(r"\b([Aa])n (?=[bcdfgjklmnpqrstvwxyz])", r"\1 ", text)
    if not text:
        return ""
    head = before.lstrip()
    if head[:1].isupper() and text[0].islower():
        text = text[0].upper() + text[1:]
    end = before.rstrip()[-1:]
    if end in ".!?" and text[-1] not in ".!?" and len(text) < len(before.rstrip()):
        text += end
    return text + tail


def is_hanging(text: str, before: str) -> bool:
    """Whether a shortened sentence announces something that is gone, or says nothing."""
    found = tokenize(text)
    if not found:
        return True
    if len(found) == 1 and len(tokenize(before)) > 3:
        return True
    if found[0].form in JOINERS:
        return True
    ends = found[-1].form
    if len(ends) == 1 and ends.isalpha():
        return True
    if len(found) > 2 and text[found[-2].end : found[-1].start] == "-":
        # "made from fast-drying": the noun is gone
        return found[-3].form in OPENERS | DETERMINERS
    return ends in JOINERS or ends in DETERMINERS or ends in OPENERS or ends in VERBS


def is_stub(text: str, claim: Claim, before: str) -> bool:
    """Whether so little is left of a full sentence that it says nothing: "Body length." """
    left = len(tokenize(text))
    if not before.rstrip().endswith((".", "!", "?")):
        return left == 0
    return left < 2 or (left == 2 and claim.code in COUNTED and len(tokenize(before)) <= 5)


def _whole_compound(text: str, found: Sequence[Token], claim: Claim) -> tuple[int, int]:
    """The claim with what is tied to it by hyphens: "cotton" in "cotton-rich"."""
    first, last = claim.first, claim.last
    while last + 1 < len(found) and text[found[last].end : found[last + 1].start] == "-":
        last += 1
    while first > 0 and text[found[first - 1].end : found[first].start] == "-":
        first -= 1
    return first, last


def _brackets(
    text: str, found: Sequence[Token], first: int, last: int, language: str, code: str
) -> str | None:
    left = text.rfind("(", 0, found[first].start)
    if left < 0 or ")" in text[left : found[first].start]:
        return None
    right = text.find(")", found[last].end)
    return text[:left].rstrip() + text[right + 1 :] if right >= 0 else None


def _joined(
    text: str, found: Sequence[Token], first: int, last: int, language: str, code: str
) -> str | None:
    """One of "soft, waterproof and warm": it goes with one of its joints."""
    if code in COUNTED and _noun_follows(text, found, last):
        return None  # "a hood and 3 pockets": the noun is what is joined
    before = found[first - 1] if first else None
    after = found[last + 1] if last + 1 < len(found) else None
    if before is not None and _gap(text, before, found[first]) == "/":
        return text[: before.end] + text[found[last].end :]
    if after is not None and _gap(text, found[last], after) == "/":
        return text[: found[first].start] + text[after.start :]
    comma_before = before is not None and _gap(text, before, found[first]) == ","
    comma_after = after is not None and _gap(text, found[last], after) == ","
    and_before = _is_joiner(text, before, found[first])
    and_after = after is not None and _is_joiner(text, after, found[last], after=True)
    ends = after is None or _gap(text, found[last], after) not in ("", ",")
    if and_after and after is not None and (before is None or not and_before):
        # "waterproof and soft", "soft, waterproof and warm"
        if comma_before and before is not None:
            return text[: before.end] + text[found[last].end :]
        follower = found[last + 2] if last + 2 < len(found) else None
        if follower is None or follower.form in OPENERS | PARTICIPLES | DETERMINERS:
            return None
        if before is not None and before.form in OPENERS and not _alone(found, last + 2):
            return None
        return text[: found[first].start] + text[follower.start :]
    if and_before and before is not None and (ends or _noun_follows(text, found, last)):
        previous = found[first - 2] if first > 1 else None
        if previous is None:
            return None
        head = text[: previous.end]
        if _noun_follows(text, found, last) and after is not None:
            return head + " " + text[after.start :]
        return head + text[found[last].end :]
    if comma_before and comma_after and before is not None:
        return text[: before.end] + text[found[last].end :]
    return _first_of_list(text, found, first, last, code) if comma_after else None


def _first_of_list(
    text: str, found: Sequence[Token], first: int, last: int, code: str
) -> str | None:
    """ "features breathable, stretchy fabric": goes with the comma behind it."""
    if first == 0 or last + 1 >= len(found) or code not in ADJECTIVES:
        return None
    before, after = found[first - 1], found[last + 1]
    if before.form not in STOPS or after.form in STOPS | PARTICIPLES | JOINERS:
        return None
    return text[: found[first].start] + text[after.start :]


def _alone(found: Sequence[Token], at: int) -> bool:
    """Whether the word can be an opener's complement by itself."""
    return at < len(found) and found[at].form not in STOPS


def _attribute(
    text: str, found: Sequence[Token], first: int, last: int, language: str, code: str
) -> str | None:
    """Before a noun, or behind it in languages that put attributes there."""
    if code in NOUNS:
        return None
    if _noun_follows(text, found, last):
        head = text[: found[first].start]
        if _listed_attribute(text, found, first, code):
            head = text[: found[first - 1].end] + " "
        return head + text[found[last + 1].start :]
    if language in AFTER_NOUN and first > 0 and _stops_after(text, found, last):
        before = found[first - 1]
        if linked(text, before, found[first]) and before.form not in STOPS | JOINERS:
            return text[: before.end] + text[found[last].end :]
    return None


def _listed_attribute(text: str, found: Sequence[Token], first: int, code: str) -> bool:
    """Whether a comma before it lists attributes: "a durable, wool-lined shoe"."""
    if first < 1 or _gap(text, found[first - 1], found[first]) != ",":
        return False
    if code in ADJECTIVES:
        return True
    return first > 1 and found[first - 2].form in DETERMINERS


def _phrase(
    text: str, found: Sequence[Token], first: int, last: int, language: str, code: str
) -> str | None:
    """With the preposition it hangs on: "made of leather", "in size 42", "by Zorbex"."""
    if not _stops_after(text, found, last):
        return None
    at = first
    if found[first].form not in OPENERS:  # else the claim brings its own: "for children"
        while at > 0 and linked(text, found[at - 1], found[at]):
            at -= 1
            if found[at].form in OPENERS or found[at].form not in INNER:
                break
        if found[at].form not in OPENERS:
            return None
    for going in (OPENERS | {"up"}, OPENERS | {"up"}, PARTICIPLES):  # "made with up to"
        if at and found[at - 1].form in going and linked(text, found[at - 1], found[at]):
            at -= 1
    if at == 0:
        return None  # the sentence is nothing else
    before = found[at - 1]
    if before.form in VERBS | DETERMINERS | OPENERS | PARTICIPLES:
        return None
    return text[: before.end] + text[found[last].end :]


def _clause(
    text: str, found: Sequence[Token], first: int, last: int, language: str, code: str
) -> str | None:
    """The part between two commas, unless it carries the sentence."""
    start, end = found[first].start, found[last].end
    breaks = [
        m.span() for m in _BREAK.finditer(text) if not _inside_number(text, m.start())
    ]
    left = max((b for b in breaks if b[1] <= start), default=None)
    right = min((b for b in breaks if b[0] >= end), default=None)
    stop = len(text.rstrip().rstrip(".!?"))
    if left is not None:
        inside = tokenize(text[left[1] : right[0] if right else stop])
        if right and any(w.form in VERBS - JOINERS for w in inside):
            return None  # it may carry what comes after it
        rest = text[right[0] :] if right else text[stop:]
        return text[: left[0]] + rest
    if right is None or text[right[0]] == ":":
        return None
    rest_words = tokenize(text[right[1] :])
    opens = found[0].form in PARTICIPLES | OPENERS
    if opens and rest_words and rest_words[0].form in DETERMINERS | SUBJECTS:
        return text[right[1] :]
    if len(tokenize(text[: right[0]])) == last - first + 1:
        return text[right[1] :]  # "100 % cotton, navy, with laces"
    return None


def _inside_number(text: str, at: int) -> bool:
    return text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


def _gap(text: str, left: Token, right: Token) -> str:
    return text[left.end : right.start].strip()


def _is_joiner(text: str, word: Token | None, other: Token, *, after: bool = False) -> bool:
    if word is None:
        return False
    left, right = (other, word) if after else (word, other)
    return word.form in JOINERS and linked(text, left, right)


def _noun_follows(text: str, found: Sequence[Token], last: int) -> bool:
    """Whether the next word can be the noun (or another attribute of it)."""
    if last + 1 >= len(found) or not linked(text, found[last], found[last + 1]):
        return False
    after = found[last + 1]
    if after.is_number or after.form in STOPS | JOINERS | PARTICIPLES:
        return False
    return "&" not in text[found[last].end : after.start]


def _stops_after(text: str, found: Sequence[Token], last: int) -> bool:
    """Whether the phrase ends with the claim: a stop, or a word that opens another."""
    if last + 1 >= len(found):
        return True
    after = found[last + 1]
    if not linked(text, found[last], after):
        return True
    return after.form in OPENERS | CLAUSE_OPENERS
