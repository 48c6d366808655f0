"""Text policy: goods and claims in titles and descriptions that somebody forbids.

Words are looked for in the language of the texts and in English, by the rules by which the
checks look for claims: "water pistol", "tobacco-free" and "faux ivory" name no such goods.
The tables and their sources are in `words/questions/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from ...checks.prose.negation import sense_at
from ...checks.prose.phrases import listed_at
from ...records import Product
from ...text.printable import quoted
from ...words.claims.claim_phrases import (
    ListedPhrase,
    PhraseIndex,
    entry_phrases,
    is_other_word,
    listed_phrases,
    phrase_index,
)
from ...words.claims.claim_tables import CLAIM_LANGUAGES, ClaimRow
from ...words.questions.question_tables import (
    ForbiddenRow,
    ForbiddenRule,
    forbidden_rows,
    regions,
)
from ...words.tokens import tokenize
from .reasons import ModerationReason

__all__ = ["ForbiddenWords", "forbidden_words", "marketplaces", "text_reasons", "texts_of"]

MAX_TEXT = 20_000
"""Characters that are read of one text; as `checks` reads of a merchant's field."""


class ForbiddenWords(NamedTuple):
    """Words of a text that name forbidden goods or make a forbidden claim."""

    row: ForbiddenRow
    field: str
    words: str
    start: int
    end: int


def text_reasons(
    texts: Mapping[str, str], *, channel: str = "", country: str = "", language: str = "en"
) -> list[ModerationReason]:
    """What these texts, by field, break: a reason for each row and field, in order.

    With a channel or country only rules that hold there count; without either all do, and
    none comes to more than a review. Pure, and never raises on any text.
    """
    reasons: dict[tuple[str, str], ModerationReason] = {}
    for field, text in texts.items():
        for found in forbidden_words(text, field, language):
            rule = _strictest(found.row, channel, country)
            if rule:
                reason = _reason(found, rule, anywhere=not (channel or country))
                reasons.setdefault((found.row.code, field), reason)
    return list(reasons.values())


def texts_of(product: Product) -> dict[str, str]:
    """The texts of a product by field: its copy, and each attribute's value."""
    present = product.present
    texts = {
        "title": product.title,
        "description": product.words,
        "seo_title": present.seo_title,
        "seo_description": present.seo_description,
        **{f"bullets {n}": text for n, text in enumerate(present.bullets, start=1)},
        **{f"alt_texts {n}": text for n, text in enumerate(present.alt_texts, start=1)},
        **{f"tags {n}": text for n, text in enumerate(present.tags, start=1)},
        **{f"attribute {name}": str(v) for name, v in product.attributes.items()},
    }
    return {name: text for name, text in texts.items() if text.strip()}


def forbidden_words(text: str, field: str, language: str) -> Iterator[ForbiddenWords]:
    """Every such word in a text, in order; what is denied or imitated is passed over."""
    text = text[:MAX_TEXT]
    rows = _by_code()
    index = _index(language if language in CLAIM_LANGUAGES else "en")
    tokens = tokenize(text)
    at = 0
    while at < len(tokens):
        phrase = listed_at(index, text, tokens, at)
        last = at + (len(phrase.forms) if phrase else 1) - 1
        if phrase and phrase.code and sense_at(text, tokens, at, last) == "is":
            start, end = tokens[at].start, tokens[last].end
            for code in sorted(phrase.ids):
                row = rows[code]
                if not row.fields or field.split(" ")[0] in row.fields:
                    yield ForbiddenWords(row, field, text[start:end], start, end)
        at = last + 1


def _strictest(row: ForbiddenRow, channel: str, country: str) -> ForbiddenRule | None:
    """The rule that counts: one that refuses before others, a channel's before a law."""
    among: Sequence[ForbiddenRule] = row.rules
    if channel or country:
        among = [one for one in row.rules if _holds(one, channel, country.upper())]
    order = {"refuse": 0, "review": 1}
    ranked = sorted(among, key=lambda r: (order[r.verdict], not r.official, not r.channel))
    return ranked[0] if ranked else None


def _holds(rule: ForbiddenRule, channel: str, country: str) -> bool:
    """Whether a rule holds there; one of all marketplaces holds in no shop of one's own."""
    if rule.channel:
        return rule.channel == channel
    if rule.country:
        return country in (rule.country, *regions().get(rule.country, ()))
    return channel in marketplaces()


@cache
def marketplaces() -> frozenset[str]:
    """The channels that a rule of the tables names."""
    return frozenset(r.channel for row in forbidden_rows() for r in row.rules if r.channel)


def _reason(
    found: ForbiddenWords, rule: ForbiddenRule, *, anywhere: bool
) -> ModerationReason:
    row = found.row
    by = rule.channel or rule.country or "marketplaces"
    does = "refused" if rule.verdict == "refuse" else "restricted"
    if anywhere:
        named = dict.fromkeys(one.channel or one.country for one in row.rules)
        by, does = ", ".join(filter(None, named)), "refused or restricted"
    what = "names" if row.code.startswith("goods-") else "claims"
    return ModerationReason(
        layer="text",
        code=row.code,
        verdict="review" if anywhere else rule.verdict,
        where=found.field,
        message=f"{quoted(found.words, 'name')} {what} {row.label}: {does} by {by}",
        advice="take it out, or have a person decide",
        source=rule.source,
        official=rule.official,
    )


@cache
def _by_code() -> Mapping[str, ForbiddenRow]:
    return {row.code: row for row in forbidden_rows()}


@cache
def _index(language: str) -> PhraseIndex:
    """All that is forbidden in texts of a language; shops mix English in."""
    listed: list[tuple[ListedPhrase, str]] = []
    for row in forbidden_rows():
        for tongue in dict.fromkeys(("all", "en", language)):
            for phrase, part in _row_phrases(row, tongue):
                borrowed = tongue == "en" and language != "en"
                if not (borrowed and is_other_word(phrase, language)):
                    listed.append((phrase, part))
    return phrase_index(listed)


def _row_phrases(row: ForbiddenRow, tongue: str) -> Iterator[tuple[ListedPhrase, str]]:
    """The phrases of a row in a language: its own, its claims', and what is fine."""
    own = ClaimRow(row.code, "forbidden", row.code, "", (), row.words)
    ids = frozenset({row.code})
    for entry in row.words.get(tongue, ()):
        for phrase, part in entry_phrases(own, entry, tongue):
            yield replace(phrase, ids=ids), part
    for claim in row.claims:
        for phrase, part in listed_phrases(claim, tongue):
            if not phrase.only_in:
                yield replace(phrase, ids=ids, code=row.code), part
    fine = ClaimRow(row.code, "not_claims", "", "", (), row.may)
    for entry in row.may.get(tongue, ()):
        yield from entry_phrases(fine, entry, tongue)
