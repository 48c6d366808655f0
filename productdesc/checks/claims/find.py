"""Claims in a sentence: what it says about the product, and who vouches for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from ...words.claims.claim_phrases import function_forms
from ...words.tokens import forms_of, forms_of_text, same_at
from ..own_values import Value
from ..policy import Policy
from ..prose.negation import sense_at
from ..prose.phrases import pattern_at, phrase_at
from ..prose.proper_names import name_at
from .amounts import of_age
from .colour_claims import colour_claim_at
from .example_claims import COPIED, as_copied, of_example_at
from .kind_claims import KindClaim, kind_claim_at, kind_name_at
from .measures import measure_at, size_at
from .sentence import Claim, ClaimVerdict, Sentence, claim_of, is_negated, parse_sentence
from .sources import SourceIndex

__all__ = ["Claim", "find_claims"]


def find_claims(text: str, known: SourceIndex, policy: Policy) -> Iterator[Claim]:
    """The claims of one sentence, left to right, none inside another."""
    sentence = parse_sentence(text, known, policy)
    claims: list[Claim] = []
    at = 0
    while at < len(sentence.words):
        claim, after = _claim_at(sentence, at)
        if claim:
            claims.append(claim)
        at = max(after, at + 1)
    certified = map(partial(_certified, s=sentence, others=claims), claims)
    if not known.examples or policy.rule(COPIED) is None:
        return certified
    return map(partial(as_copied, s=sentence), certified)


_NEAR = 3  # words between "certified" and the mark


def _certified(claim: Claim, *, s: Sentence, others: Sequence[Claim]) -> Claim:
    """ "Certified" is vouched for by whoever states the mark beside it: "to EN 71-3"."""
    words = s.forms[claim.first : claim.last + 1]
    is_verb = all(form in function_forms("certifies") for form in words)
    if claim.verdict != "remove" or not is_verb:
        return claim
    for other in others:
        is_mark = other.code in ("certification", "identifier", "value")
        if is_mark and other.attribute and abs(other.first - claim.last) <= _NEAR:
            return replace(claim, verdict="keep", attribute=other.attribute)
    return claim


def _claim_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    """The claim that begins at a word, and the word to go on from."""
    ruled = _ruled_at(s, at)
    if ruled:
        return ruled, ruled.last + 1
    quoted = _quotation_at(s, at)
    if quoted:
        return quoted, quoted.last + 1
    stated = _stated_value_at(s, at)
    if stated:
        return stated, stated.last + 1
    for look in (measure_at, size_at, _listed_at, _branded_at):
        claim, after = look(s, at)
        if claim or after > at:
            return claim, after
    return _visible_at(s, at)


def _ruled_at(s: Sentence, at: int) -> Claim | None:
    """Words that the shop avoids, or that a person approved."""
    lists = (("avoid", s.policy.style.avoid), ("approved", s.policy.approved_claims))
    for code, listed in lists:
        for forms in _by_first(listed).get(s.forms[at], ()) if listed else ():
            if same_at(s.text, s.words, at, forms):
                last = at + len(forms) - 1
                claim = claim_of(s, code, at, last, None)
                if code == "avoid":
                    return claim
                return replace(claim, verdict="keep", by_person=True)
    return None


@lru_cache(maxsize=64)
def _by_first(phrases: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by their first word, the longest first."""
    index: dict[str, list[tuple[str, ...]]] = {}
    for forms in sorted(map(forms_of_text, phrases), key=len, reverse=True):
        if forms:
            index.setdefault(forms[0], []).append(forms)
    return index


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
                photo = s.known.photo_of_text(inside)
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
            best = claim_of(s, value.code, at, last, value.name)
            best = best if value.photo is None else _on_photo(best, value.photo)
    return best


def _is_written(s: Sentence, at: int, value: Value) -> bool:
    """Whether the value stands here, folded, or exactly as it was given ("K.19/Z")."""
    if same_at(s.text, s.words, at, value.forms):
        return True
    last = at + len(value.forms) - 1
    if last >= len(s.words) or s.forms[at : last + 1] != value.forms:
        return False
    return value.text in s.text[max(0, s.words[at].start - 4) : s.words[last].end + 4]


# ---- listed words, names --------------------------------------------------------------


def _listed_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    phrase = phrase_at(s.text, s.words, at, s.known.language)
    if phrase is None:
        return None, at
    last = at + len(phrase.forms) - 1
    if not phrase.code or s.policy.rule(phrase.code) is None:
        return None, last + 1
    forms = s.forms[at : last + 1]
    around = sense_at(s.text, s.words, at, last)
    sense = phrase.sense if phrase.sense != "is" else around
    if phrase.written[0] == "accents":  # "für" is not "fur", as folded words would have it
        source = s.known.concepts.source_of(phrase.ids, sense)
    else:
        source = s.known.vouches_for(forms, sense=sense, ids=phrase.ids)
    if phrase.code == "audience" and sense == "is":
        source = source or of_age(phrase.ids, s.known.sources)
    claim = claim_of(s, phrase.code, at, last, source.name if source else None)
    if claim.verdict == "infer":
        claim = _seen_on_photo(s, claim)
    return claim, last + 1


def _branded_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    """A name: marked with ® or ™, after "by", or capitalised in mid-sentence."""
    marked = s.text[s.words[at].end : s.words[at].end + 1] in ("®", "™")
    size = name_at(s.text, s.words, at)
    if marked and not size:
        size = 1
    if not size or _is_vocabulary(s, at):
        return None, at
    code = "name"
    is_by = at and s.forms[at - 1] in function_forms("makers")
    if marked or (is_by and s.known.language != "de"):
        code = "brand"
    elif s.known.language == "de":
        return None, at  # every noun has a capital
    if s.policy.rule(code) is None:
        return None, at
    last = at + size - 1
    # "Robe sans manches Éloïse": a name is a name whatever stands before it
    source = s.known.vouches_for(s.forms[at : last + 1], sense=None)
    if source is None and size > 1:
        size = 1
        last = at
        source = s.known.vouches_for(s.forms[at : at + 1], sense=None)
    claim = claim_of(s, code, at, last, source.name if source else None)
    if not source and s.known.was_read(s.forms[at : at + 1]):  # lettering on the product
        photo = s.known.photo_of_text(s.forms[at : at + 1])
        return replace(claim, verdict="keep", photo=photo), last + 1
    if claim.verdict == "remove" and code == "name" and s.title_case:
        claim = Claim(code, at, last, claim.start, claim.end, "infer")
    return claim, last + 1


def _is_vocabulary(s: Sentence, at: int) -> bool:
    return colour_claim_at(s, at) is not None or kind_name_at(s, at) is not None


# ---- what a photo shows --------------------------------------------------------------


def _visible_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    colour = colour_claim_at(s, at)
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
    name = kind_name_at(s, at)
    if name:
        kind = kind_claim_at(s, at, name)
        return (_kind(s, kind) if kind else None), at + name.size
    pattern = pattern_at(s.text, s.words, at, s.known.language)
    if pattern:
        last = at + pattern - 1
        source = s.known.vouches_for(s.forms[at : last + 1])
        claim = claim_of(s, "pattern", at, last, source.name if source else None)
        return (claim if source else _seen_on_photo(s, claim)), last + 1
    claim = _seen_on_photo(s, claim_of(s, "visible", at, at, None))
    if claim.photo:
        return claim, at + 1
    copied = of_example_at(s, at) if s.known.examples else None
    return copied, copied.last + 1 if copied else at + 1


def _kind(s: Sentence, kind: KindClaim) -> Claim:
    """A kind of product: false where data and photo both name another one."""
    verdict: ClaimVerdict = "keep" if kind.attribute or kind.photo else "infer"
    if kind.against == "both" and s.policy.rule("kind"):
        verdict = "remove"
    start, end = s.words[kind.first].start, s.words[kind.last].end
    return Claim(
        "kind", kind.first, kind.last, start, end, verdict, kind.attribute, kind.photo
    )


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
