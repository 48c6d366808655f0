"""The values that travel along the pipeline: all frozen, none does I/O.

    Product -> Photo -> Facts -> Description

Records (Pydantic) came from outside and were checked; dataclasses were made by us.
"""

from .descriptions import (
    COPY_FIELDS,
    TEXT_FIELDS,
    Description,
    Evidence,
    Facts,
    Finding,
    Provenance,
    ReadText,
    Seen,
)
from .products import (
    MAX_PHOTOS,
    WORDLESS,
    Colour,
    Photo,
    PhotoSource,
    Present,
    Product,
    Record,
    Translation,
)
from .variants import VARIANT_LIMITS, Variant, VariantLimits

__all__ = [
    "COPY_FIELDS",
    "MAX_PHOTOS",
    "TEXT_FIELDS",
    "VARIANT_LIMITS",
    "WORDLESS",
    "Colour",
    "Description",
    "Evidence",
    "Facts",
    "Finding",
    "Photo",
    "PhotoSource",
    "Present",
    "Product",
    "Provenance",
    "ReadText",
    "Record",
    "Seen",
    "Translation",
    "Variant",
    "VariantLimits",
]
