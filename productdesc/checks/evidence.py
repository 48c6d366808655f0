"""Evidence: who vouches for each sentence of a finished text, and for each claim in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Literal, NamedTuple

from ..records import Evidence
from ..words.claims.grammar import grammar
from ..words.tokens import Token, form_of, forms_of, tokenize
from .claims.colour_claims import COLOUR_NAMES
from .claims.find import Claim, find_claims
from .claims.sources import SourceIndex
from .policy import Policy
from .prose.opinion import is_opinion, uncovered
from .prose.sentences import sentences

__all__ = ["evidence"]


def evidence(
    value: str | tuple[str, ...], known: SourceIndex, policy: Policy
) -> tuple[Evidence, ...]:
    """One entry per sentence, each followed by those of its claims, in order.

    A sentence is vouched for where it has a claim that somebody vouches for, none that
    nobody does, and no other word that asserts something. It is opinion where nothing in
    it asserts anything; else it is inferred.
    """
    if isinstance(value, str):
        return tuple(_of_text(value, None, known, policy))
    return tuple(
        entry
        for item, text in enumerate(value)
        for entry in _of_text(text, item, known, policy)
    )


class _Voucher(NamedTuple):
    """Who vouches, and what that makes of a text."""

    status: Literal["vouched", "opinion", "inferred"]
    by_person: bool = False
    attribute: str | None = None
    photo: int | None = None

    def entry(
        self, kind: Literal["sentence", "claim"], text: str, item: int | None, at: int
    ) -> Evidence:
        """The evidence for a piece of text that begins at character `at`."""
        return Evidence(
            value=text,
            source=self.source,
            photo=self.photo,
            attribute=self.attribute,
            kind=kind,
            status=self.status,
            item=item,
            start=at,
            end=at + len(text),
        )

    @property
    def source(self) -> Literal["attribute", "photo", "person", "inferred"]:
        if self.by_person:
            return "person"
        if self.attribute is not None:
            return "attribute"
        return "inferred" if self.photo is None else "photo"


def _of_text(
    text: str, item: int | None, known: SourceIndex, policy: Policy
) -> Iterator[Evidence]:
    for start, end in sentences(text):
        sentence = text[start:end]
        if not sentence.strip():
            continue
        claims = list(find_claims(sentence, known, policy))
        of_claims = []
        own = known.holding(sentence)
        whole = _Voucher("vouched", attribute=own.name) if own else None
        for claim in claims:
            value, who = sentence[claim.start : claim.end], _of_claim(claim)
            if whole and who.status == "inferred":
                who = whole
            entry = who.entry("claim", value, item, start + claim.start)
            of_claims.append(_as_sure_as_seen(entry, known))
        judged = whole or _of_sentence(sentence, claims, known)
        told = judged.entry("sentence", sentence, item, start)
        if told.status == "vouched":
            sure = [e.confidence for e in of_claims if e.confidence is not None]
            told = told.model_copy(update={"confidence": min(sure, default=None)})
        yield told
        yield from of_claims


def _as_sure_as_seen(claim: Evidence, known: SourceIndex) -> Evidence:
    """The claim with the confidence of the choice that it repeats, if it is one."""
    if claim.source != "photo":
        return claim
    forms = set(forms_of(claim.value))
    sure = known.facts.confidence if forms & set(forms_of(known.facts.category)) else None
    for name, seen in known.facts.attributes.items():
        is_measured = form_of(name) in COLOUR_NAMES and any(known.measured)
        if not is_measured and forms & set(forms_of(seen.value)):
            sure = seen.confidence if sure is None else min(sure, seen.confidence or sure)
    return claim.model_copy(update={"confidence": sure})


def _of_claim(claim: Claim) -> _Voucher:
    if claim.by_person:
        return _Voucher("vouched", by_person=True)
    if claim.attribute is not None:
        return _Voucher("vouched", attribute=claim.attribute)
    return _Voucher("inferred" if claim.photo is None else "vouched", photo=claim.photo)


def _of_sentence(text: str, claims: Sequence[Claim], known: SourceIndex) -> _Voucher:
    words = tokenize(text)
    covered = {at for claim in claims for at in range(claim.first, claim.last + 1)}
    named = _named_words(words, covered, known)
    vouchers = [*(_of_claim(claim) for claim in claims), *named.values()]
    covered |= named.keys()
    if not vouchers:
        taste = is_opinion(text, words, covered, known.language)
        return _Voucher("opinion" if taste else "inferred")
    asserts = uncovered(text, words, covered, known.language)
    is_open = asserts or any(voucher.status == "inferred" for voucher in vouchers)
    return _Voucher("inferred") if is_open else vouchers[0]


def _named_words(
    words: Sequence[Token], claimed: Set[int], known: SourceIndex
) -> dict[int, _Voucher]:
    """Words that are no claim of a listed kind, and yet stand in the data or were seen."""
    seen = set(forms_of(known.facts.category)).union(*known.seen)
    for name, one in known.facts.attributes.items():
        seen.update(forms_of(name), forms_of(one.value))
    is_grammar = grammar(known.language).is_function_word
    vouchers: dict[int, _Voucher] = {}
    for at, word in enumerate(words):
        if at in claimed or is_grammar(word.form):
            continue
        if source := known.vouches_for((word.form,)):
            vouchers[at] = _Voucher("vouched", attribute=source.name)
        elif word.form in seen and (photo := known.photo_of_text()):
            vouchers[at] = _Voucher("vouched", photo=photo)
    return vouchers
