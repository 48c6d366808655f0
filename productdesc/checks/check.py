"""Checking a model's texts against what is known: the one step the pipeline calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..records import Colour, Evidence, Facts, Finding, Product
from .claims.sources import SourceIndex, index_sources
from .cleanup.clean import clean_text, finding
from .cleanup.model_text import plain_texts
from .cleanup.not_copy import leak_index
from .conflicts import Merged, kind_conflicts, merge
from .evidence import evidence
from .example_index import example_index
from .hold_back import hold_back
from .injection.merchant_data import without_injection
from .injection.quotable_text import with_quotable_text
from .policy import POLICY, Policy
from .prose.language import TESTED, Judged, language_name
from .prose.repetition import duplicates
from .shorten_data import shorten_data
from .style_words import style_findings
from .variant_values import index_options, with_ranges
from .variants.variant_claims import of_entries

__all__ = ["CheckedText", "Text", "TextChecker", "check"]

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
    checker = TextChecker.of(
        product=product,
        facts=facts,
        measured=measured,
        language=language,
        prompts=prompts,
        policy=policy,
    )
    return checker.check(texts)


@dataclass(frozen=True, slots=True)
class TextChecker:
    """The checks of one product's texts: what they are compared with is indexed once."""

    known: SourceIndex
    leaks: frozenset[int]
    merged: Merged
    policy: Policy
    findings: tuple[Finding, ...]

    @classmethod
    def of(
        cls,
        *,
        product: Product,
        facts: Facts,
        measured: Sequence[Sequence[Colour]],
        language: str,
        prompts: Sequence[str],
        policy: Policy = POLICY,
    ) -> TextChecker:
        """See `check`, which takes the same."""
        product, shortened = shorten_data(product, policy.limits)
        product = with_ranges(product, index_options(product, language))
        source, spoken = without_injection(product)
        known = index_sources(source, facts, measured, language)
        examples = example_index(policy.style.all_examples, known.language)
        known = replace(known, product=product, examples=examples)
        leaks = leak_index(prompts, known, policy.limits.leak_words)
        merged = merge(known, policy)
        known, orders = with_quotable_text(known, policy)
        findings = (
            *shortened,
            *_untested(known.language),
            *merged.findings,
            *orders,
            *spoken,
        )
        return cls(known, leaks, merged, policy, findings)

    def check(self, texts: Mapping[str, Text]) -> CheckedText:
        """What may be published of these texts; see `check`."""
        checked: dict[str, Text] = {}
        sources: dict[str, tuple[Evidence, ...]] = {}
        texts, decoded = plain_texts(texts, self.policy.limits)
        findings = [*decoded, *self.findings]
        known = self.known
        judged = Judged(
            map(_joined, texts.values()),
            known.language,
            known.own_words(),
            self.policy.limits,
        )
        for name, value in texts.items():
            for _ in range(_ROUNDS):
                written, warned = _language(name, value, known, judged)
                is_told = {(f.code, f.field) for f in findings}
                findings += [w for w in warned if (w.code, w.field) not in is_told]
                before = value
                value, told = _clean(name, before, written, self.leaks, self.policy)
                findings += told
                if value == before:
                    break
            value, sources[name], told = hold_back(name, value, written, self.policy)
            findings += [*told, *kind_conflicts(name, value, written, self.policy)]
            checked[name] = value
        findings += style_findings(checked, self.policy.style)
        return CheckedText(
            texts=checked,
            category=self.merged.category,
            attributes=self.merged.attributes,
            evidence={
                "category": self.merged.category_evidence,
                "attributes": self.merged.attribute_evidence,
                **sources,
            },
            findings=tuple(findings),
        )

    def evidence(self, value: Text, field: str = "") -> tuple[Evidence, ...]:
        """Who vouches for what in a finished text, as it stands."""
        return evidence(value, self.known, self.policy, field)


def _joined(value: Text) -> str:
    return value if isinstance(value, str) else ". ".join(value)


_ROUNDS = 3  # what is left of a text may be in another language than the whole was


def _clean(
    name: str, value: Text, what: SourceIndex, leaks: frozenset[int], policy: Policy
) -> tuple[Text, list[Finding]]:
    if isinstance(value, str):
        cleaned = clean_text(value, name, what, leaks, policy)
        return cleaned.text, list(cleaned.findings)
    findings: list[Finding] = []
    texts: list[str] = []
    for entry, own in zip(value, of_entries(name, value, what), strict=True):
        cleaned = clean_text(entry, name, own, leaks, policy)
        texts.append(cleaned.text)
        findings += cleaned.findings
    again = duplicates(texts) if policy.rule("duplicate") else frozenset()
    findings += [finding(policy, "duplicate", name, texts[number]) for number in again]
    texts = ["" if number in again else text for number, text in enumerate(texts)]
    keeps_places = name.split(".")[-1] == "alt_texts"
    return tuple(t for t in texts if t.strip() or keeps_places), findings


def _language(
    name: str, value: Text, what: SourceIndex, judged: Judged
) -> tuple[SourceIndex, list[Finding]]:
    """What is known, read in the language that the text is clearly written in.

    Another language than was asked for is a warning, and its own words are looked for.
    """
    text = _joined(value)
    own = judged.other_language(text)
    other = own or judged.of_short_texts(text)
    if other is None or not text.strip() or text in what.product.description:
        return what, []
    message = (
        f'{name} seems to be written in "{other}" ({language_name(other)}), not in '
        f'"{what.language}": use a model that knows the language, or translate'
    )
    told = Finding(code="wrong-language", field=name, message=message, value=text[:80])
    return (replace(what, language=own) if own else what), [told]


def _untested(language: str) -> list[Finding]:
    """A note where claims are looked for without words of the language."""
    if language in TESTED:
        return []
    message = (
        f"claims in {language_name(language)} are not looked for by words, as there are "
        f"tables of {', '.join(map(language_name, TESTED))} only; numbers, units, contact "
        "data and borrowed English words are: read the texts before you publish them"
    )
    return [
        Finding(
            code="language-untested",
            field="language",
            message=message,
            value=language,
            severity="note",
        )
    ]
