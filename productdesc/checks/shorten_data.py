"""Data caps: the merchant's texts, no longer than a model and the checks can use.

What is cut here is cut for the model and the checks alone: an outcome holds the product as
it was given, and a sink writes from that.
"""

from __future__ import annotations

from ..records import Finding, Product
from ..text.trim import trim
from .policy import LIMITS, CheckLimits


def shorten_data(
    product: Product, limits: CheckLimits = LIMITS
) -> tuple[Product, tuple[Finding, ...]]:
    """The product within the limits; a `data-long` finding for each text that was not."""
    findings: list[Finding] = []

    def within(name: str, text: str) -> str:
        if len(text) <= limits.data_field:
            return text
        findings.append(_cut(name, len(text), limits.data_field))
        return trim(text[: limits.data_field + 1], limits.data_field)

    title = within("title", product.title)
    description = within("description", product.description)
    attributes: dict[str, str] = {}
    left = limits.data_attributes
    for name, value in product.attributes.items():
        short = name[:80]
        if len(name) > limits.data_field:
            findings.append(_cut(f"attribute {short!r}", len(name), limits.data_field))
            continue
        attributes[name] = within(f"attribute {short!r}", value)
        left -= len(name) + len(attributes[name])
        if left < 0:
            del attributes[name]
            message = (
                f"{len(product.attributes)} attributes are over {limits.data_attributes:,} "
                f"characters; only the first {len(attributes)} were read"
            )
            findings.append(Finding(code="data-long", field="attributes", message=message))
            break
    if not findings:
        return product, ()
    changes = {"title": title, "description": description, "attributes": attributes}
    return product.model_copy(update=changes), tuple(findings)


def _cut(name: str, length: int, limit: int) -> Finding:
    message = f"{name} has {length:,} characters; only the first {limit:,} were read"
    field = name if name in ("title", "description") else "attributes"
    return Finding(code="data-long", field=field, message=message)
