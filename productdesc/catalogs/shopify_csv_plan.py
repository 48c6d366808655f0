"""What to write of a description into a product's rows of a Shopify CSV; pure.

A cell of ours never begins like a formula: a description begins with a tag, and where any
other text would, the whole of it is refused with the reason. The merchant's own cells are
left as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..records import Description
from .characters import forbidden, formula
from .fill import choose
from .markup import to_html
from .protocol import Edit, Saved
from .shopify_columns import Columns
from .shopify_csv_product import Copy, find_copy
from .shopify_csv_rows import Group

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


@dataclass(frozen=True, slots=True)
class Plan:
    """The new text of cells, by row of the group and role, and the answer to the caller."""

    cells: dict[tuple[int, str], str]
    copy: Copy
    saved: Saved


def plan(
    group: Group,
    columns: Columns,
    description: Description,
    *,
    overwrite: Collection[str],
    encoding: str,
    adds: bool,
) -> Plan:
    """What to write; with `adds` into columns that the file has not, too."""
    copy = find_copy(group, columns)
    if group.damaged and not copy.text("title").strip():
        reason = "a row that cannot be read is among its rows, and none of them has a title"
        return Plan({}, copy, Saved(group.handle, "refused", reason=reason))
    if description.bullets and not description.description.strip():
        bullets = "\n".join(description.bullets)
        ours = description.model_copy(update={"description": bullets})
    else:
        ours = description
    writes = [
        name for name in WRITES if name in columns.at or (adds and name != "category")
    ]
    if "category" in writes and " > " not in description.category:
        writes.remove("category")  # Shopify takes the paths of its taxonomy only
    absent = [
        f"{name}: the file has no such column"
        for name in WRITES
        if name not in columns.at and not adds and name != "category"
        if getattr(ours, name)
    ]
    choice = choose(
        copy.held(), ours, writes=writes, overwrite=overwrite, photos=len(copy.images)
    )
    notes = _Notes({}, [], [], [], encoding)
    for name in choice.new:
        place, before = copy.cells.get(name, (copy.speaks, ""))
        match name:
            case "alt_texts":
                olds = copy.alt_texts or ("",) * len(copy.images)
                news = choice.texts(name) or ()
                for (n, url), old, new in zip(copy.images, olds, news, strict=True):
                    notes.put(n, name, old, new, url)
            case "tags":
                added = (choice.texts(name) or ())[len(copy.held().tags) :]
                notes.put(place, name, before, _with_tags(before, added, notes.left_out))
            case "description":
                notes.put_html(place, before, description)
            case _:
                notes.put(place, name, before, choice.text(name) or "")
    kept = tuple(
        name
        for name in choice.kept
        if name != "description" or not _same_html(copy.text(name), description)
    )
    if notes.reasons:
        reason = "; ".join(notes.reasons)
        return Plan({}, copy, Saved(group.handle, "refused", kept=kept, reason=reason))
    saved = Saved(
        group.handle,
        "written" if notes.cells else "unchanged",
        edits=tuple(notes.edits),
        kept=kept,
        reason="; ".join([*absent, *notes.left_out]),
    )
    return Plan(notes.cells, copy, saved)


@dataclass(frozen=True, slots=True)
class _Notes:
    cells: dict[tuple[int, str], str]
    edits: list[Edit]
    reasons: list[str]
    left_out: list[str]
    encoding: str

    def put(self, row: int, role: str, before: str, after: str, target: str = "") -> None:
        """Note a new cell, or why it is none."""
        if after == before or not after:
            return
        why = forbidden(after) or (formula(after) if not formula(before) else "")
        if not why:
            try:
                after.encode(self.encoding)
            except UnicodeEncodeError as e:
                bad = after[e.start : e.start + 1]
                why = f"holds {bad!a}, which the file's encoding {self.encoding} has not"
        if why:
            self.reasons.append(f"{role}: {after[:40]!a} {why}")
            return
        self.cells[row, role] = after
        self.edits.append(Edit(role, before, after, target))

    def put_html(self, row: int, before: str, description: Description) -> None:
        """Characters that the encoding has not are written as references."""
        texts = (description.description, *description.bullets)
        for why in filter(None, map(forbidden, texts)):
            self.reasons.append(f"description: {why}")
            return
        made = to_html(description.description, description.bullets)
        held = made.encode(self.encoding, "xmlcharrefreplace").decode(self.encoding)
        self.put(row, "description", before, held)


def _same_html(cell: str, description: Description) -> bool:
    if forbidden(description.description + "".join(description.bullets)):
        return False
    return cell == to_html(description.description, description.bullets)


def _with_tags(cell: str, added: tuple[str, ...], left_out: list[str]) -> str:
    """The merchant's tags as they stand, then ours."""
    fit = []
    for tag in added:
        if "," in tag:
            left_out.append(f"tags: {tag[:40]!a} holds a comma, which parts tags here")
        elif tag.strip():
            fit.append(tag.strip())
    return ", ".join([*([cell.rstrip().rstrip(",")] if cell.strip() else []), *fit])
