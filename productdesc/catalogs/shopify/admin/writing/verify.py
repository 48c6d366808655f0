"""Whether a shop holds what was written, layout and markup aside. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ....protocol import Edit
from ..reading.product_node import ProductNode, metafield, one_line, same_markup
from .edits import Rules, Step


def missing(step: Step, listing: ProductNode, rules: Rules) -> tuple[Edit, ...]:
    """The edits of a step that the shop does not hold, layout and markup aside."""
    wanted = step.variables.get("product", {})
    return tuple(e for e in step.edits if not _holds(listing, e, wanted, rules))


def stored_otherwise(lost: Iterable[Edit]) -> str:
    """The reason of a write that the shop took and changed."""
    names = ", ".join(sorted({e.field for e in lost}))
    return f"the shop took it and holds another text: {names}"


def _holds(
    listing: ProductNode, edit: Edit, wanted: Mapping[str, Any], rules: Rules
) -> bool:
    match edit.field:
        case "description":
            return same_markup(listing.html, edit.after)
        case "category":
            return bool(listing.category_id == wanted["category"])
        case "tags":
            there = {tag.casefold() for tag in listing.tags}
            return all(tag.casefold() in there for tag in wanted["tags"])
        case "alt_texts":
            alts = {image.id: image.alt for image in listing.images}
            # a photo that is gone since has no text to miss
            return edit.target not in alts or one_line(alts[edit.target]) == one_line(
                edit.after
            )
        case "attributes":
            found = metafield(listing, rules.metafields[edit.target])
            return found is not None and one_line(found.value) == one_line(edit.after)
        case name:
            return one_line(str(getattr(listing, name))) == one_line(edit.after)
