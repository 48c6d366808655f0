"""Edits of one product: what to change, as the mutations that do it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .....records import Description, Product
from .....text.printable import printable, quoted
from .....words.attribute_key import attribute_key
from ....merge_policy import Current, Decision, decide
from ....protocol import Edit
from ....shop_text.body import body_text
from ....shop_text.shop_html import to_html
from ...needed_fields import needed_fields
from ..api.queries import FILE_UPDATE, PRODUCT_UPDATE, Document
from ..reading.product_node import (
    TEXTS,
    ProductNode,
    category_of,
    metafield,
    one_line,
)
from .stored_texts import stored_texts, unfit

WRITES = (
    "title",
    "category",
    "attributes",
    "description",
    "seo_title",
    "seo_description",
    "alt_texts",
    "tags",
)
MAX_FILES = 100  # in one fileUpdate; Shopify takes 250 of anything

CategoryId = Callable[[str], str | None]
"""A category of a description in, "gid://shopify/TaxonomyCategory/aa-8" or None out."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of a sink: what it may write. `metafields`: attribute to "namespace.key"."""

    overwrite: frozenset[str] = frozenset()
    category_id: CategoryId | None = None
    metafields: Mapping[str, str] = field(default_factory=dict)

    @property
    def writes(self) -> tuple[str, ...]:
        """The fields that this sink ever writes."""
        left_out = {
            "category": self.category_id is None,
            "attributes": not self.metafields,
        }
        return tuple(name for name in WRITES if not left_out.get(name))


@dataclass(frozen=True, slots=True)
class Step:
    """One mutation with its variables, and the edits that it makes."""

    document: Document
    variables: Mapping[str, Any]
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan of one product: its mutations; `unfit` says why none may be sent."""

    steps: tuple[Step, ...] = ()
    untouched: tuple[str, ...] = ()
    notes: str = ""
    unfit: str = ""

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(edit for step in self.steps for edit in step.edits)


def plan(
    node: ProductNode, product: Product, description: Description, rules: Rules
) -> Plan:
    """The plan of a description for a product that the shop holds as `node` now."""
    notes: list[str] = []
    markup = to_html(description.description, description.bullets)
    category_id = _category_id(node, description.category, rules, notes)
    described = body_text(node.html)
    held = Current(
        title=node.title,
        category=category_of(node),
        attributes=_stored_attributes(node, rules),
        description=described,
        seo_title=node.seo_title,
        seo_description=node.seo_description,
        alt_texts=tuple(image.alt for image in node.images),
        tags=node.tags,
    )
    ours = description.model_copy(
        update={
            **stored_texts(node.images, node.html, product, description, notes),
            "category": description.category if category_id else "",
            "attributes": _our_attributes(node, description, rules, notes),
            "tags": tuple(t for t in map(one_line, description.tags) if t),
        }
    )
    choice = decide(
        held,
        ours,
        writes=rules.writes,
        overwrite=rules.overwrite,
        photos=len(node.images),
    )
    if why := unfit(choice, description, ours.description or described):
        return Plan(untouched=choice.untouched, notes="; ".join(notes), unfit=why)
    steps = (
        *_product_step(node, choice, markup, category_id, rules),
        *_file_steps(node, choice),
    )
    return Plan(steps, choice.untouched, "; ".join(notes))


def needs(product: Product, rules: Rules) -> frozenset[str]:
    """The fields that `plan` would write of a product that its source read."""
    held = {attribute_key(name): text for name, text in product.attributes.items()}
    keys = {name: where.partition(".")[2] for name, where in rules.metafields.items()}
    stored = {name: held.get(attribute_key(key), "") for name, key in keys.items()}
    current = Current.of(product)._replace(attributes=stored)
    return needed_fields(product, current, writes=rules.writes, overwrite=rules.overwrite)


def _product_step(
    node: ProductNode, choice: Decision, markup: str, category_id: str, rules: Rules
) -> list[Step]:
    wanted: dict[str, Any] = {"id": node.gid}
    edits: list[Edit] = []
    if (title := choice.text("title")) is not None:
        # without it, Shopify may make a new handle of the title: a new address
        wanted |= {"title": title, "handle": node.handle}
        edits.append(Edit("title", node.title, title))
    if choice.text("description") is not None:
        wanted["descriptionHtml"] = markup
        edits.append(Edit("description", node.html, markup))
    seo = {"title": choice.text("seo_title"), "description": choice.text("seo_description")}
    stored = {"title": node.seo_title, "description": node.seo_description}
    for name, text in seo.items():
        if text is not None:
            edits.append(Edit(f"seo_{name}", stored[name], text))
    if any(text is not None for text in seo.values()):
        both = {name: text or stored[name] for name, text in seo.items()}
        wanted["seo"] = {name: text for name, text in both.items() if text}
    if (category := choice.text("category")) is not None:
        wanted["category"] = category_id
        edits.append(Edit("category", category_of(node), category))
    if (tags := choice.texts("tags")) is not None:
        wanted["tags"] = list(tags)
        edits.append(Edit("tags", ", ".join(node.tags), ", ".join(tags)))
    for name, value in choice.attributes().items():
        found = metafield(node, rules.metafields[name])
        namespace, _, key = rules.metafields[name].partition(".")
        wanted.setdefault("metafields", []).append(
            {
                "namespace": namespace,
                "key": key,
                "type": found.type if found else TEXTS[0],
                "value": value,
            }
        )
        edits.append(Edit("attributes", found.value if found else "", value, name))
    return [Step(PRODUCT_UPDATE, {"product": wanted}, tuple(edits))] if edits else []


def _file_steps(node: ProductNode, choice: Decision) -> list[Step]:
    alts = choice.texts("alt_texts") or ()
    edits = [
        Edit("alt_texts", image.alt, alt, image.id)
        for image, alt in zip(node.images, alts, strict=False)
        if alt != image.alt
    ]
    return [
        Step(
            FILE_UPDATE,
            {"files": [{"id": e.target, "alt": e.after} for e in part]},
            tuple(part),
        )
        for start in range(0, len(edits), MAX_FILES)
        if (part := edits[start : start + MAX_FILES])
    ]


def _category_id(node: ProductNode, category: str, rules: Rules, notes: list[str]) -> str:
    """The id of our category; "" where there is none, or where it is there already."""
    if not category or rules.category_id is None:
        return ""
    found = rules.category_id(category)
    if not found:
        notes.append(f"category {quoted(category, 'name')} is in no taxonomy given")
        return ""
    return "" if found == node.category_id else found


def _stored_attributes(node: ProductNode, rules: Rules) -> dict[str, str]:
    found = {name: metafield(node, where) for name, where in rules.metafields.items()}
    return {name: field.value for name, field in found.items() if field}


def _our_attributes(
    node: ProductNode, description: Description, rules: Rules, notes: list[str]
) -> dict[str, str]:
    """Our attributes that have a metafield, under the names of the mapping."""
    given = {name.casefold(): value for name, value in description.attributes.items()}
    ours: dict[str, str] = {}
    for name, where in rules.metafields.items():
        value = one_line(given.get(name.casefold(), ""))
        found = metafield(node, where)
        if value and found and found.type not in TEXTS:
            kind = printable(found.type, "code")
            notes.append(f"metafield {where} holds a {kind}, no text: left alone")
        elif value:
            ours[name] = value
    return ours
