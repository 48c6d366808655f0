"""Restoring former values of a product as the shop stored them, and what it holds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....text.printable import quoted
from ....output.guarded_writes import Held
from ....protocol import Edit
from ..api.queries import FILE_UPDATE, PRODUCT_UPDATE
from ..reading.product_node import (
    ProductNode,
    category_of,
    metafield,
    one_line,
    same_markup,
    to_product,
)
from .edits import MAX_FILES, Plan, Rules, Step


def held(node: ProductNode, rules: Rules) -> Held:
    """What the shop holds of a product, as its source reads it and raw."""
    values = {
        ("title", ""): node.title,
        ("description", ""): node.html,
        ("seo_title", ""): node.seo_title,
        ("seo_description", ""): node.seo_description,
        ("tags", ""): ", ".join(node.tags),
        ("category", ""): category_of(node),
    }
    values |= {("alt_texts", image.id): image.alt for image in node.images}
    for name, where in rules.metafields.items():
        found = metafield(node, where)
        values["attributes", name] = found.value if found else ""
    return Held(to_product(node, ("custom",)), values)


def same_value(field: str, one: str, other: str) -> bool:
    """Whether two raw values are the same to the shop's readers."""
    if field == "description":
        return same_markup(one, other)
    if field == "tags":
        return _names(one) == _names(other)
    return one_line(one) == one_line(other)


def restoring(node: ProductNode, edits: Sequence[Edit], rules: Rules) -> Plan:
    """The plan that gives a product back the raw values in `Edit.after`."""
    wanted: dict[str, Any] = {"id": node.gid}
    seo = {"title": node.seo_title, "description": node.seo_description}
    files: list[Edit] = []
    possible: list[Edit] = []
    notes: list[str] = []
    for edit in edits:
        match edit.field:
            case name if locale := _locale(edit):
                notes.append(
                    f"left alone: {name} in {locale}, which is a translation; give the "
                    f"sink language={locale!a}"
                )
                continue
            case "title":
                wanted |= {"title": edit.after, "handle": node.handle}
            case "description":
                wanted["descriptionHtml"] = edit.after
            case "seo_title" | "seo_description":
                seo[edit.field.removeprefix("seo_")] = edit.after
                wanted["seo"] = seo
            case "tags":
                wanted["tags"] = [t.strip() for t in edit.after.split(",") if t.strip()]
            case "attributes" if edit.after and metafield(
                node, rules.metafields.get(edit.target, "")
            ):
                found = metafield(node, rules.metafields[edit.target])
                assert found
                namespace, _, key = found.name.partition(".")
                wanted.setdefault("metafields", []).append(
                    {"namespace": namespace, "key": key, "type": found.type,
                     "value": edit.after}
                )  # fmt: skip
            case "category" if found_id := _category_id(edit.after, rules):
                wanted["category"] = found_id
            case "alt_texts":
                files.append(edit)
                continue
            case name:
                notes.append(f"left alone: {name}, {_why_not(edit)}")
                continue
        possible.append(edit)
    steps = [Step(PRODUCT_UPDATE, {"product": wanted}, tuple(possible))] if possible else []
    for start in range(0, len(files), MAX_FILES):
        part = files[start : start + MAX_FILES]
        alts = [{"id": e.target, "alt": e.after} for e in part]
        steps.append(Step(FILE_UPDATE, {"files": alts}, tuple(part)))
    return Plan(tuple(steps), notes="; ".join(notes), unfit="" if steps else notes[0])


def _locale(edit: Edit) -> str:
    """The locale of a translation; "": it is a text of the product or image itself."""
    if edit.field == "alt_texts":
        return edit.target.partition(" ")[2]
    return "" if edit.field == "attributes" else edit.target


def _category_id(name: str, rules: Rules) -> str:
    """The id of a category by its full name; "" where no taxonomy given has it."""
    return (rules.category_id(name) or "") if name and rules.category_id else ""


def _why_not(edit: Edit) -> str:
    if not edit.after:
        return "which had no value before"
    if edit.field == "category":
        former = quoted(edit.after, "name")
        return f"which was {former}, and is in no taxonomy given; give it Shopify's own"
    return "which the product has no more"


def _names(text: str) -> set[str]:
    return {name.strip().casefold() for name in text.split(",") if name.strip()}
