"""Verification of a write: whether the shop holds it, layout and markup aside. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .....text.printable import quoted
from ....http_outcome import Refused
from ....protocol import Edit, Saved, Status
from ..reading.product_node import ProductNode, metafield, one_line, same_markup
from .edits import Plan, Rules, Step

CHANGED = "INVALID_TRANSLATABLE_CONTENT"
"""Shopify's code where the text that is translated is another one by now."""


def missing(step: Step, node: ProductNode, rules: Rules) -> tuple[Edit, ...]:
    """The edits of a step that the shop does not hold, layout and markup aside."""
    wanted = step.variables.get("product", {})
    return tuple(e for e in step.edits if not _holds(node, e, wanted, rules))


def stored_otherwise(lost: Iterable[Edit]) -> str:
    """The reason of a write that the shop took and changed."""
    names = ", ".join(sorted({e.field for e in lost}))
    return f"the shop took it and holds another text: {names}"


def changed_meanwhile(outcome: object) -> bool:
    """Whether a text was refused since the one that it translates was just changed.

    It is not written then, and may be decided about anew.
    """
    return isinstance(outcome, Refused) and outcome.code == CHANGED


def no_product(domain: str, product_id: str) -> Saved:
    """The result for a product that the shop does not have."""
    why = f"{domain}: there is no product {quoted(product_id, 'name')}"
    return Saved(product_id, "refused", reason=why)


def unwritten(product_id: str, todo: Plan) -> Saved:
    """The result of a plan that was not carried out."""
    if todo.unfit:
        return Saved(product_id, "refused", (), todo.untouched, todo.unfit)
    status: Status = "planned" if todo.edits else "unchanged"
    return Saved(product_id, status, todo.edits, todo.untouched, todo.notes)


def _holds(node: ProductNode, edit: Edit, wanted: Mapping[str, Any], rules: Rules) -> bool:
    match edit.field:
        case "description":
            return same_markup(node.html, edit.after)
        case "category":
            return bool(node.category_id == wanted["category"])
        case "tags":
            there = {tag.casefold() for tag in node.tags}
            return all(tag.casefold() in there for tag in wanted["tags"])
        case "alt_texts":
            alts = {image.id: image.alt for image in node.images}
            # a photo that is gone since has no text to miss
            return edit.target not in alts or one_line(alts[edit.target]) == one_line(
                edit.after
            )
        case "attributes":
            found = metafield(node, rules.metafields[edit.target])
            return found is not None and one_line(found.value) == one_line(edit.after)
        case name:
            return one_line(str(getattr(node, name))) == one_line(edit.after)
