"""Claims in a sentence: what it says about the product, and who vouches for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from ...taxonomy.product_type import types_at
from ...words.tokens import FormSet, forms_of, same_at
from ..policy import Policy
from ..prose.phrases import phrase_at
from ..prose.proper_names import name_at, place_at
from ..prose.vocabulary import PATTERN_WORDS
from .colour_claims import colour_claim_at
from .measures import measure_at, size_at
from .sentence import Claim, ClaimVerdict, Sentence, claim_of, is_negated, parse_sentence
from .sources import SourceIndex, Value

__all__ = ["Claim", "find_claims"]


def find_claims(text: str, known: SourceIndex, policy: Policy) -> Iterator[Claim]:
    """The claims of one sentence, left to right, none inside another."""
    sentence = parse_sentence(text, known, policy)
    at = 0
    while at < len(sentence.words):
        claim, after = _claim_at(sentence, at)
        if claim:
            yield claim
        at = max(after, at + 1)


def _claim_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    """The claim that begins at a word, and the word to go on from."""
    quoted = _quotation_at(s, at)
    if quoted:
        return quoted, quoted.last + 1
    stated = _stated_value_at(s, at)
    if stated:
        return stated, stated.last + 1
    for look in (measure_at, size_at, _listed_at, _place_at, _branded_at):
        claim, after = look(s, at)
        if claim or after > at:
            return claim, after
    return _visible_at(s, at)


def _quotation_at(s: Sentence, at: int) -> Claim | None:
    """Words in quotation marks that were read on the product: quoted, not claimed."""
    if not s.quotes or not s.known.seen:
        return None
    start = s.words[at].start
    for left, right in s.quotes:
        if left < start < right and not s.text[left + 1 : start].strip():
            inside = forms_of(s.text[left + 1 : right - 1])
            last = at + len(inside) - 1
            if s.known.was_read(inside) and _may_be_quoted(s, at, last):
                photo = s.known.photo_of_text()
                return Claim("seen", at, last, left, right, "keep", photo=photo)
    return None


def _may_be_quoted(s: Sentence, first: int, last: int) -> bool:
    """Whether no rule forbids quoting it: a sticker's "50 % off" is no copy."""
    for at in range(first, last + 1):
        for look in (measure_at, _listed_at):
            claim, _ = look(s, at)
            rule = s.policy.rule(claim.code) if claim and not claim.attribute else None
            if rule and not rule.quotable:
                return False
    return True


def _stated_value_at(s: Sentence, at: int) -> Claim | None:
    """A whole attribute value, word for word."""
    best: Claim | None = None
    for value in s.known.values.get(s.forms[at], ()):
        last = at + len(value.forms) - 1
        longer = best is None or last > best.last
        if longer and _is_written(s, at, value) and not is_negated(s, at):
            best = claim_of(s, "value", at, last, value.name)
    return best


def _is_written(s: Sentence, at: int, value: Value) -> bool:
    """Whether the value stands here, folded, or exactly as it was given ("K.19/Z")."""
    if same_at(s.text, s.words, at, value.forms):
        return True
    last = at + len(value.forms) - 1
    if last >= len(s.words) or s.forms[at : last + 1] != value.forms:
        return False
    return value.text in s.text[max(0, s.words[at].start - 4) : s.words[last].end + 4]


# ---- listed words, places, names -----------------------------------------------------


def _listed_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    phrase = phrase_at(s.text, s.words, at, s.known.language)
    if phrase is None:
        return None, at
    last = at + len(phrase.forms) - 1
    if not phrase.code or s.policy.rule(phrase.code) is None:
        return None, last + 1
    forms = s.forms[at : last + 1]
    source = s.known.vouches_for(forms, negated=is_negated(s, at))
    claim = claim_of(s, phrase.code, at, last, source.name if source else None)
    if claim.verdict == "infer":
        claim = _seen_on_photo(s, claim)
    return claim, last + 1


def _place_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    size = place_at(s.text, s.words, at)
    if not size or s.policy.rule("origin") is None:
        return None, at
    source = s.known.vouches_for(s.forms[at : at + size])
    return claim_of(
        s, "origin", at, at + size - 1, source.name if source else None
    ), at + size


_MAKERS = FormSet("by brand marke marque marca von")


def _branded_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    """A name: marked with ® or ™, after "by", or capitalised in mid-sentence."""
    marked = s.text[s.words[at].end : s.words[at].end + 1] in ("®", "™")
    size = name_at(s.text, s.words, at)
    if marked and not size:
        size = 1
    if not size or _is_vocabulary(s, at):
        return None, at
    code = "name"
    if marked or (s.forms[at - 1] in _MAKERS and at and s.known.language != "de"):
        code = "brand"
    elif s.known.language == "de":
        return None, at  # every noun has a capital
    if s.policy.rule(code) is None:
        return None, at
    last = at + size - 1
    source = s.known.vouches_for(s.forms[at : last + 1])
    if source is None and size > 1:
        size = 1
        last = at
        source = s.known.vouches_for(s.forms[at : at + 1])
    claim = claim_of(s, code, at, last, source.name if source else None)
    if claim.verdict == "remove" and code == "name" and s.title_case:
        claim = Claim(code, at, last, claim.start, claim.end, "infer")
    return claim, last + 1


def _is_vocabulary(s: Sentence, at: int) -> bool:
    is_colour = colour_claim_at(s.text, s.words, at, s.known) is not None
    return is_colour or bool(types_at(s.forms, at)[0])


# ---- what a photo shows --------------------------------------------------------------


def _visible_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    colour = colour_claim_at(s.text, s.words, at, s.known)
    if colour:
        last = colour.last
        start, end = s.words[at].start, s.words[last].end
        verdict: ClaimVerdict = "keep" if colour.attribute or colour.photo else "infer"
        if colour.is_false and s.policy.rule("colour"):
            verdict = "remove"
        claim = Claim(
            "colour", at, last, start, end, verdict, colour.attribute, colour.photo
        )
        return claim, last + 1
    size, kinds = types_at(s.forms, at)
    if size and not s.text[: s.words[at].start].endswith("-"):  # low-top is no top
        return _kind(s, at, size, kinds), at + size
    for forms in _patterns():
        if forms[0] == s.forms[at] and same_at(s.text, s.words, at, forms):
            last = at + len(forms) - 1
            source = s.known.vouches_for(forms)
            claim = claim_of(s, "pattern", at, last, source.name if source else None)
            return (claim if source else _seen_on_photo(s, claim)), last + 1
    claim = _seen_on_photo(s, claim_of(s, "visible", at, at, None))
    return (claim, at + 1) if claim.photo else (None, at + 1)


def _kind(s: Sentence, at: int, size: int, kinds: frozenset[str]) -> Claim:
    """A kind of product: false where the data names another and the model was mistaken."""
    start, end = s.words[at].start, s.words[at + size - 1].end
    source = s.known.vouches_for(s.forms[at : at + size])
    verdict: ClaimVerdict = "keep" if source else "infer"
    claim = Claim(
        "kind", at, at + size - 1, start, end, verdict, source.name if source else None
    )
    if source:
        return claim
    own = s.known.kinds
    if not own.is_mistaken:
        return _on_photo(claim, 1) if s.known.measured and own.seen & kinds else claim
    stated = own.stated.kinds | own.stated.beside
    is_false = s.policy.rule("kind") and not kinds & stated
    return replace(claim, verdict="remove") if is_false else claim


@cache
def _patterns() -> tuple[tuple[str, ...], ...]:
    return tuple(filter(None, map(forms_of, PATTERN_WORDS.split(","))))


def _seen_on_photo(s: Sentence, claim: Claim) -> Claim:
    """The claim with the photo on which the model saw this very value, if it did."""
    forms = s.forms[claim.first : claim.last + 1]
    for seen in s.known.facts.attributes.values():
        if forms_of(seen.value) == forms and s.known.measured:
            return _on_photo(claim, seen.photo)
    return claim


def _on_photo(claim: Claim, photo: int) -> Claim:
    return Claim(
        claim.code, claim.first, claim.last, claim.start, claim.end, "keep", photo=photo
    )
