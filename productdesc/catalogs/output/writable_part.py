"""The part of a description that the merge policy lets a file of descriptions hold."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from ...records import Description, Product
from ...text.printable import words_of
from ..merge_policy import FIELDS, Current, decide
from ..passthrough import is_passthrough
from ..protocol import Saved
from .new_file_sink import edits


class WritablePart(NamedTuple):
    """A description with only the values that may be written. saved: the answer, once
    it is."""

    description: Description
    json: str
    saved: Saved


def writable_part(
    product: Product, description: Description, overwrite: Collection[str]
) -> WritablePart | Saved:
    """The part of a description to write under the product's id; or why there is none."""
    current = Current() if is_passthrough(description) else Current.of(product)
    decision = decide(current, description, writes=FIELDS, overwrite=overwrite)
    if not decision.new:
        return Saved(product.id, "unchanged", untouched=decision.untouched)
    empty: dict[str, Any] = {name: () for name in ("bullets", "alt_texts", "tags")}
    texts = {name: "" for name in FIELDS if name not in empty}
    values = {**texts, **empty, "attributes": {}, **decision.new}
    part = description.model_copy(update={**values, "product_id": product.id})
    try:
        json = part.model_dump_json()
    except ValueError as e:  # half a character: a surrogate alone
        reason = f"the text is no Unicode: {words_of(e)}"
        return Saved(product.id, "refused", untouched=decision.untouched, reason=reason)
    saved = Saved(product.id, "written", edits(current, decision), decision.untouched)
    return WritablePart(part, json, saved)
