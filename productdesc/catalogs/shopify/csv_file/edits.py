"""Edits of a Shopify CSV: what to write of a description into a product's rows; pure.

A cell of ours never begins like a formula: a description begins with a tag, and where any
other text would, the whole of it is refused with the reason. The merchant's own cells are
left as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ....records import Description, Product
from ....text.printable import quoted
from ...delimited.row_index import Group
from ...merge_policy import Current, decide
from ...output.rewrite_sink import Change
from ...protocol import Edit, Saved
from ...shop_text.placeholders import stated, stated_html, stated_list
from ...shop_text.sanitize import forbidden, formula
from ...shop_text.shop_html import expected_html, to_html
from ..needed_fields import needed_fields
from .columns import Columns
from .product import Copy, find_copy

WRITES = (
    "title",
    "category",
    "description",
    "seo_title",
    "seo_description",
    "alt_texts",
    "tags",
)
"""The fields that are written; a description's bullets go into its description cell."""


def plan(
    group: Group,
    columns: Columns,
    description: Description,
    *,
    overwrite: Collection[str],
    encoding: str,
    adds_columns: bool,
) -> Change:
    """What to write; with `adds_columns` into columns that the file has not, too."""
    copy = find_copy(group, columns, images=bool(description.alt_texts))
    if group.damaged and not copy.text("title").strip():
        reason = "a row that cannot be read is among its rows, and none of them has a title"
        return Change(group, {}, Saved(group.key, "refused", reason=reason))
    writes, absent = _fields(columns, description, adds_columns)
    current = _current(copy)
    body, why = _body(description, encoding)
    ours = Current(
        title=description.title,
        category=description.category,
        description=body,
        seo_title=description.seo_title,
        seo_description=description.seo_description,
        alt_texts=description.alt_texts,
        tags=description.tags,
    )
    decision = decide(
        current, ours, writes=writes, overwrite=overwrite, photos=len(copy.images)
    )
    notes = _Notes({}, [], [], absent, encoding)
    wanted = "description" in overwrite or not current.description
    if why and wanted and "description" in writes:
        notes.reasons.append(f"description: {why}")
    for name in decision.new:
        before, after = copy.text(name), decision.text(name) or ""
        match name:
            case "alt_texts":
                olds = copy.alt_texts or ("",) * len(copy.images)
                news = decision.texts(name) or ()
                for (n, url), old, new in zip(copy.images, olds, news, strict=True):
                    if (n, name) not in notes.cells:  # of several photos in one cell
                        notes.put(n, name, old, new, str(url))
                continue
            case "description":
                after = _html(description, encoding)
            case "tags":
                added = (decision.texts(name) or ())[len(current.tags) :]
                # a cell that is a placeholder holds no tags, and goes
                theirs = before if current.tags else ""
                after = _with_tags(theirs, added, notes.notes)
        notes.put(copy.main_row, name, before, after)
    if notes.reasons:
        reason = "; ".join(notes.reasons)
        refused = Saved(group.key, "refused", untouched=decision.untouched, reason=reason)
        return Change(group, {}, refused)
    saved = Saved(
        group.key,
        "written" if notes.cells else "unchanged",
        edits=tuple(notes.edits),
        untouched=decision.untouched,
        reason="; ".join(notes.notes),
    )
    has_title = copy.text("title").strip() or (copy.main_row, "title") in notes.cells
    unmatched = (
        "" if has_title else "it has no title, and Shopify updates no product without one"
    )
    return Change(group, notes.cells, saved, copy.main_row, unmatched)


def needs(
    product: Product, columns: Columns, *, overwrite: Collection[str], adds_columns: bool
) -> frozenset[str]:
    """The fields that `plan` would write of a product that its source read."""
    writes = [
        name
        for name in WRITES
        if name in columns.at or (adds_columns and name != "category")
    ]
    return needed_fields(product, Current.of(product), writes=writes, overwrite=overwrite)


def _fields(
    columns: Columns, description: Description, adds_columns: bool
) -> tuple[list[str], list[str]]:
    """What may be written, and a note for each field that has no column to go to."""
    # Shopify takes the paths of its own taxonomy only
    takes = "category" in columns.at and " > " in description.category
    writes, absent = [], []
    for name in WRITES:
        if name == "category":
            writes += [name] if takes else []
        elif adds_columns or name in columns.at:
            writes.append(name)
        elif getattr(description, name) or (name == "description" and description.bullets):
            absent.append(f"{name}: the file has no such column")
    return writes, absent


def _body(description: Description, encoding: str) -> tuple[str, str]:
    """What `_html` gives, to compare with; or "" and why there can be none."""
    for text in (description.description, *description.bullets):
        if why := forbidden(text):
            return "", why
    html = expected_html(description.description, description.bullets)
    return _referred(html, encoding), ""


def _html(description: Description, encoding: str) -> str:
    """The HTML of a description and its bullets."""
    return _referred(to_html(description.description, description.bullets), encoding)


def _referred(markup: str, encoding: str) -> str:
    """Characters that the encoding has not as references."""
    if markup.isascii():
        return markup
    return markup.encode(encoding, "xmlcharrefreplace").decode(encoding)


def _current(copy: Copy) -> Current:
    """The copy as the rule of filling takes it; the description is its HTML."""
    cell = copy.cells.get
    return Current(
        title=stated(cell("title", "")),
        category=stated(cell("category", "")),
        description=stated_html(cell("description", "")),
        seo_title=stated(cell("seo_title", "")),
        seo_description=stated(cell("seo_description", "")),
        alt_texts=tuple(map(stated, copy.alt_texts)),
        tags=stated_list(copy.tags),
    )


@dataclass(slots=True)
class _Notes:
    cells: dict[tuple[int, str], str]
    edits: list[Edit]
    reasons: list[str]
    notes: list[str]
    encoding: str

    def put(self, row: int, role: str, before: str, after: str, target: str = "") -> None:
        """Note a new cell, or why it is none."""
        if after == before or not after:
            return
        why = forbidden(after)
        theirs = before.rstrip().rstrip(",")
        if role != "tags" or not theirs.strip() or not after.startswith(theirs):
            why = why or formula(after)
        if not (why or after.isascii()):
            try:
                after.encode(self.encoding)
            except UnicodeEncodeError as e:
                bad = after[e.start : e.start + 1]
                why = f"holds {bad!a}, which the file's encoding {self.encoding} has not"
        if why:
            self.reasons.append(f"{role}: {quoted(after, 'value')} {why}")
            return
        self.cells[row, role] = after
        self.edits.append(Edit(role, before, after, target))


def _with_tags(cell: str, added: tuple[str, ...], notes: list[str]) -> str:
    """The merchant's tags as they stand, then ours."""
    fit = []
    for tag in added:
        if "," in tag:
            shown = quoted(tag, "value")
            notes.append(f"tags: {shown} holds a comma, which parts tags here")
        elif tag.strip():
            fit.append(tag.strip())
    return ", ".join([*([cell.rstrip().rstrip(",")] if cell.strip() else []), *fit])
