"""One product's rows in a Shopify CSV as a `Product`, and what copy they hold.

The first row that has a title speaks for the product; a field that it leaves empty is
looked for in the product's other rows, so that nothing the merchant wrote is taken for
missing. Prices, stock and what sells a product rather than describes it stay out.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..records import Present, Product
from .fill import Held
from .markup import to_text
from .photo_links import MAX_URL_CHARS, NoPhoto, photo_link
from .protocol import Problem, Problems
from .shopify_columns import Columns
from .shopify_csv_rows import Group

_LAST = 1 << 30  # an image without a position comes after all others


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy in a product's rows: cells as they stand, and where.

    speaks: the row that speaks for the product, from 0. cells: by role, the row and the
    text. images: the row of each photo, in the photos' order, with its URL.
    """

    speaks: int
    cells: dict[str, tuple[int, str]]
    images: tuple[tuple[int, str], ...]
    alt_texts: tuple[str, ...]

    def text(self, role: str) -> str:
        """The cell of a role; "" where the file has no such column."""
        return self.cells[role][1] if role in self.cells else ""

    def held(self) -> Held:
        """The copy as the rule of filling takes it."""
        return Held(
            title=self.text("title"),
            category=self.text("category"),
            description=to_text(self.text("description")),
            seo_title=self.text("seo_title"),
            seo_description=self.text("seo_description"),
            alt_texts=self.alt_texts,
            tags=tags_in(self.text("tags")),
        )


_COPY = ("title", "description", "category", "tags", "seo_title", "seo_description")


def find_copy(group: Group, columns: Columns, problems: Problems | None = None) -> Copy:
    """The copy of a product; images that cannot be used are put down in `problems`."""
    at, rows = columns.at, group.rows
    speaks = 0
    if len(rows) > 1 and (title := at.get("title")) is not None:
        named = (n for n, row in enumerate(rows) if row.cells[title].strip())
        speaks = next(named, 0)
    first = rows[speaks].cells
    cells: dict[str, tuple[int, str]] = {}
    for role in _COPY:
        if role not in at:
            continue
        column = at[role]
        place, text = speaks, first[column]
        if not text and len(rows) > 1:
            for n, row in enumerate(rows):
                if row.cells[column].strip():
                    place, text = n, row.cells[column]
                    break
        cells[role] = place, text
    images = _images(group, columns, problems) if "image" in at else ()
    alt = at.get("alt_texts")
    alts = tuple(rows[n].cells[alt] for n, _ in images) if alt is not None else ()
    return Copy(speaks, cells, images, alts)


def _images(
    group: Group, columns: Columns, problems: Problems | None
) -> tuple[tuple[int, str], ...]:
    image, position = columns.at["image"], columns.at.get("position")
    found: dict[str, int] = {}
    ranks: list[int] = []
    for n, row in enumerate(group.rows):
        url = row.cells[image].strip()
        if not url or url in found:
            continue
        if not url.startswith("https://") or len(url) > MAX_URL_CHARS:
            try:
                photo_link(url)
            except NoPhoto as e:
                if problems is not None:
                    message = f"photo of {group.handle!r} was left out: it {e}"
                    problems.add(Problem(f"line {row.line}", message, row.line))
                continue
        found[url] = n
        place = row.cells[position].strip() if position is not None else ""
        ranks.append(int(place) if place.isdecimal() and len(place) < 9 else _LAST)
    images = [(n, url) for url, n in found.items()]
    if ranks != sorted(ranks):
        images = [one for _, one in sorted(zip(ranks, images, strict=True))]
    return tuple(images)


def tags_in(cell: str) -> tuple[str, ...]:
    """The tags of a cell, in its order."""
    return tuple(tag for tag in (part.strip() for part in cell.split(",")) if tag)


def product_of(group: Group, columns: Columns, problems: Problems) -> Product:
    """The product that a group of rows describes."""
    copy = find_copy(group, columns, problems)
    return Product(
        id=group.handle,
        title=copy.text("title"),
        photos=tuple(url for _, url in copy.images),
        attributes=_attributes(group, columns, copy.speaks),
        description=to_text(copy.text("description")),
        present=Present(
            category=copy.text("category"),
            seo_title=copy.text("seo_title"),
            seo_description=copy.text("seo_description"),
            alt_texts=copy.alt_texts,
            tags=tags_in(copy.text("tags")),
        ),
    )


def _attributes(group: Group, columns: Columns, speaks: int) -> dict[str, str]:
    first = group.rows[speaks].cells
    found: dict[str, str] = {}
    for column, key in columns.facts:
        value = first[column].strip()
        # a reference to an entry of the shop's own, which says nothing to a reader
        if value and "gid://" not in value:
            found[key] = value
    for name, values_at in columns.options:
        option = first[name].strip()
        if not option:
            continue
        values = dict.fromkeys(row.cells[values_at].strip() for row in group.rows)
        values.pop("", None)
        # what Shopify writes for a product without options
        if option == "Title" and list(values) == ["Default Title"]:
            continue
        found.setdefault(option, ", ".join(values))
    return found
