"""Checking a model's texts against what is known: the one step the pipeline calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..records import Colour, Evidence, Facts, Finding, Product
from ..text.printable import printable
from ..words.tokens import forms_of
from .claims.sources import SourceIndex, index_sources
from .cleanup.clean import clean_text, finding
from .cleanup.not_copy import leak_index, sentence_noise
from .conflicts import merge
from .evidence import evidence
from .policy import POLICY, Policy
from .prose.language import other_language
from .prose.repetition import duplicates
from .shorten_data import shorten_data

__all__ = ["CheckedText", "Text", "check"]

Text = str | tuple[str, ...]
"""A text of a field, or the texts of a list."""


@dataclass(frozen=True, slots=True)
class CheckedText:
    """Checked texts: what may be published, its evidence, and what was taken out.

    A text that had to go is ""; lists lose such entries, but `alt_texts` keeps its places,
    one per photo.
    """

    texts: dict[str, Text]
    category: str
    attributes: dict[str, str]
    evidence: dict[str, tuple[Evidence, ...]]
    findings: tuple[Finding, ...]


def check(
    texts: Mapping[str, Text],
    *,
    product: Product,
    facts: Facts,
    measured: Sequence[Sequence[Colour]],
    language: str,
    prompts: Sequence[str],
    policy: Policy = POLICY,
) -> CheckedText:
    """The texts without what nobody vouches for, the merged attributes, all evidence.

    `texts`: what the model wrote, by field (or dotted path); `measured`: the colours of
    each photo, in order; `prompts`: the texts that were sent to the model, so that their
    wording is not published. A true text comes back byte for byte. Pure, and never raises
    on any text.
    """
    product, shortened = shorten_data(product, policy.limits)
    what = index_sources(product, facts, measured, language)
    leaks = leak_index(prompts, what, policy.limits.leak_words)
    merged = merge(what, policy)
    orders = _orders_on_photos(what, policy)
    findings = [*shortened, *merged.findings, *orders]
    quotable = [t for t in facts.text if t[:80] not in {order.value for order in orders}]
    what = replace(what, seen=tuple(forms_of(text) for text in quotable))
    checked: dict[str, Text] = {}
    sources = {
        "category": merged.category_evidence,
        "attributes": merged.attribute_evidence,
    }
    for name, value in texts.items():
        for _ in range(_ROUNDS):
            written, warned = _language(name, value, what, policy)
            findings += [w for w in warned if w.code not in {f.code for f in findings}]
            before = value
            value, told = _clean(name, before, written, leaks, policy)
            findings += told
            if value == before:
                break
        checked[name] = value
        sources[name] = evidence(value, written, policy)
    return CheckedText(
        texts=checked,
        category=merged.category,
        attributes=merged.attributes,
        evidence=sources,
        findings=tuple(findings),
    )


_ROUNDS = 3  # what is left of a text may be in another language than the whole was


def _clean(
    name: str, value: Text, what: SourceIndex, leaks: frozenset[int], policy: Policy
) -> tuple[Text, list[Finding]]:
    if isinstance(value, str):
        cleaned = clean_text(value, name, what, leaks, policy)
        return cleaned.text, list(cleaned.findings)
    findings: list[Finding] = []
    texts: list[str] = []
    for entry in value:
        cleaned = clean_text(entry, name, what, leaks, policy)
        texts.append(cleaned.text)
        findings += cleaned.findings
    again = duplicates(texts) if policy.rule("duplicate") else frozenset()
    findings += [finding(policy, "duplicate", name, texts[number]) for number in again]
    texts = ["" if number in again else text for number, text in enumerate(texts)]
    keeps_places = name.split(".")[-1] == "alt_texts"
    return tuple(t for t in texts if t.strip() or keeps_places), findings


def _language(
    name: str, value: Text, what: SourceIndex, policy: Policy
) -> tuple[SourceIndex, list[Finding]]:
    """What is known, read in the language that the text is clearly written in.

    Another language than was asked for is a warning, and its own words are looked for.
    """
    text = value if isinstance(value, str) else ". ".join(value)
    other = other_language(text, what.language, policy.limits)
    if other is None or text in what.product.description:
        return what, []
    message = (
        f'{name} seems to be written in "{other}", not in "{what.language}": '
        "use a model that knows the language, or translate"
    )
    told = Finding(code="wrong-language", field=name, message=message, value=text[:80])
    return replace(what, language=other), [told]


def _orders_on_photos(what: SourceIndex, policy: Policy) -> list[Finding]:
    """A note for text read on a photo that speaks to the model."""
    found = []
    for text in what.facts.text:
        noise = sentence_noise(text, what, frozenset(), policy.limits.leak_words)
        if noise and noise.code in ("instruction", "contact", "markup"):
            shown = printable(text, "value")
            message = f'text on a photo ("{shown}") is {_NOT_COPY[noise.code]}; not used'
            found.append(
                Finding(
                    code=f"photo-{noise.code}",
                    field="photos",
                    message=message,
                    value=text[:80],
                )
            )
    return found


_NOT_COPY = {
    "instruction": "an instruction to the model",
    "contact": "contact data",
    "markup": "markup",
}
