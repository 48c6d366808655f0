"""Pass-through: the merchant's own copy as a description, moved without a model."""

from __future__ import annotations

from datetime import datetime

from .._version import __version__
from ..records import WORDLESS, Description, Product, Provenance

MERCHANT = "merchant"
"""The model in the provenance of copy that no model wrote."""


def passthrough_copy(
    product: Product, *, now: datetime, language: str = "en"
) -> Description:
    """What the merchant wrote, unchanged and unchecked, in the form that sinks take."""
    present = product.present
    return Description(
        product_id=product.id,
        channel="plain",
        language=language,
        title=product.title,
        category=present.category,
        attributes=dict(product.attributes),
        bullets=tuple(one for one in present.bullets if one != WORDLESS),
        description=product.words,
        seo_title=present.seo_title,
        seo_description=present.seo_description,
        alt_texts=present.alt_texts if any(present.alt_texts) else (),
        tags=present.tags,
        provenance=Provenance(
            model=MERCHANT,
            revision="",
            weights_digest="",
            templates={},
            schemas={},
            photos=(),
            library=__version__,
            settings={},
            time=now,
        ),
    )


def is_passthrough(description: Description) -> bool:
    """Whether no model wrote it, so that it needs no mark of a model's work."""
    return description.provenance.model == MERCHANT
