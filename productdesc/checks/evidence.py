"""Evidence: who vouches for each sentence of a finished text, and for each claim in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Literal, NamedTuple

from ..records import Evidence
from ..words.claims.grammar import grammar
from ..words.tokens import Token, forms_of, tokenize
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
        own = known.holding(sentence)
        whole = _Voucher("vouched", attribute=own.name) if own else None
        judged = whole or _of_sentence(sentence, claims, known)
        yield judged.entry("sentence", sentence, item, start)
        for claim in claims:
            value, who = sentence[claim.start : claim.end], _of_claim(claim)
            if whole and who.status == "inferred":
                who = whole
            yield who.entry("claim", value, item, start + claim.start)


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
