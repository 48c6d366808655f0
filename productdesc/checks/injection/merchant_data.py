"""A merchant's data: sentences that speak to the model vouch for nothing."""

from __future__ import annotations

from ...records import Finding, Product
from ...text.simple_tags import without_simple_tags
from ..prose.sentences import sentences
from .find_injection import find_injections
from .read_lines import injection_finding

__all__ = ["without_injection"]


def without_injection(product: Product) -> tuple[Product, list[Finding]]:
    """The product without what speaks to the model, as a source; a finding for each.

    A sentence of the title or description goes, and an attribute as a whole. The product
    itself where there is none, which is nearly always.
    """
    findings: list[Finding] = []
    changed: dict[str, object] = {}
    for name in ("title", "description"):
        text = without_simple_tags(getattr(product, name))
        kept, told = _without(name, text)
        if told:
            changed[name] = kept
            findings += told
    attributes = dict(product.attributes)
    for name, value in product.attributes.items():
        if found := find_injections(value):
            del attributes[name]
            place = f"attribute {name}"
            findings.append(injection_finding("attributes", place, value, found[0]))
            changed["attributes"] = attributes
    return (product.model_copy(update=changed) if changed else product), findings


def _without(name: str, text: str) -> tuple[str, list[Finding]]:
    """A text without the sentences that speak to the model."""
    found = find_injections(text)
    if not found:
        return text, []
    kept = [
        text[start:end]
        for start, end in sentences(text)
        if not any(one.start < end and start < one.end for one in found)
    ]
    return "".join(kept).strip(), [injection_finding(name, name, text, found[0])]
