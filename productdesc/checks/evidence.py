"""Evidence: who vouches for each sentence of a finished text, and for each claim in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from ..records import Evidence
from ..words.tokens import form_of, forms_of, tokenize
from .claims.colour_claims import COLOUR_NAMES
from .claims.sentence import Claim
from .claims.sources import SourceIndex
from .named_words import named_words
from .policy import Policy
from .prose.opinion import is_opinion, uncovered
from .prose.sentences import sentences
from .variants.variant_claims import of_entries, product_claims

__all__ = ["evidence"]

Status = Literal["vouched", "opinion", "inferred"]


def evidence(
    value: str | tuple[str, ...], known: SourceIndex, policy: Policy, field: str = ""
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
        for item, own in enumerate(of_entries(field, value, known))
        for entry in _of_text(value[item], item, own, policy)
    )


class _Voucher(NamedTuple):
    """Who vouches, and what that makes of a text."""

    status: Status
    by_person: bool = False
    attribute: str | None = None
    photo: int | None = None
    name: str = ""

    def entry(
        self, kind: Literal["sentence", "claim"], text: str, item: int | None, at: int
    ) -> Evidence:
        """The evidence for a piece of text that begins at character `at`."""
        return Evidence(
            value=text,
            source=self.source,
            photo=self.photo,
            attribute=self.attribute,
            name=self.name,
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
        claims = list(product_claims(sentence, known, policy))
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
        return _Voucher(
            "vouched", attribute=claim.attribute, photo=claim.photo, name=claim.name
        )
    status: Status = "inferred" if claim.photo is None else "vouched"
    return _Voucher(status, photo=claim.photo, name=claim.name)


def _of_sentence(text: str, claims: Sequence[Claim], known: SourceIndex) -> _Voucher:
    words = tokenize(text)
    covered = {at for claim in claims for at in range(claim.first, claim.last + 1)}
    named = named_words(words, covered, known)
    vouchers = [_of_claim(claim) for claim in claims]
    vouchers += [
        _Voucher("vouched", attribute=by.attribute, photo=by.photo) for by in named.values()
    ]
    covered |= named.keys()
    if not vouchers:
        taste = is_opinion(text, words, covered, known.language)
        return _Voucher("opinion" if taste else "inferred")
    asserts = uncovered(text, words, covered, known.language)
    is_open = asserts or any(voucher.status == "inferred" for voucher in vouchers)
    return _Voucher("inferred") if is_open else vouchers[0]
