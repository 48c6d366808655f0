"""The rows of one product in a Shopify CSV as a `Product`, and the copy that they hold.

The first row that has a title speaks for the product; a field that it leaves empty is
looked for in the product's other rows, so that nothing the merchant wrote is taken for
missing. Prices, stock and what sells a product rather than describes it stay out.
"""

from __future__ import annotations

from typing import NamedTuple

from ....records import PhotoSource, Present, Product, Variant
from ....text.printable import quoted
from ...delimited.row_index import Group
from ...protocol import Problem, Problems
from ...shop_text.body import body_text
from ...shop_text.image_urls import NoPhoto, photo_link, photo_links
from ...shop_text.photo_lists import PLAIN_URL, split_urls
from ...shop_text.placeholders import stated, stated_html, stated_list, stated_values
from ...shop_text.product_ids import is_rounded, rounding
from ...shop_text.variant_rows import DEFAULT_OPTION, VariantRow, variants_of
from .columns import Columns

_LAST = 1 << 30  # an image without a position comes after all others


class Copy(NamedTuple):
    """The copy in a product's rows, as it stands.

    main_row: the row that speaks for the product, from 0. cells: the text of each role.
    images: the row of each photo, in the photos' order, with its URL or path. tags: those
    of the cell, one by one.
    """

    main_row: int
    cells: dict[str, str]
    images: tuple[tuple[int, PhotoSource], ...]
    alt_texts: tuple[str, ...]
    tags: tuple[str, ...]

    def text(self, role: str) -> str:
        """The cell of a role; "" where the file has no such column."""
        return self.cells.get(role, "")


def find_copy(
    group: Group,
    columns: Columns,
    problems: Problems | None = None,
    *,
    images: bool = True,
) -> Copy:
    """The copy of a product; images that cannot be used are put down in `problems`.

    images=False: without the images and their texts, which is quicker.
    """
    at, rows = columns.at, group.rows
    main_row = 0
    title = at.get("title")
    if title is not None and not rows[0].cells[title].strip():
        with_title = (n for n, row in enumerate(rows) if row.cells[title].strip())
        main_row = next(with_title, 0)
    named = "" if title is None else rows[main_row].cells[title].strip()
    cells = dict(zip(columns.copy, columns.copied(rows[main_row].cells), strict=False))
    other_title = None
    for n, (_, others, _) in enumerate(rows):
        if n != main_row and any(columns.copied(others)):
            if title is not None and others[title].strip() not in ("", named):
                other_title = other_title or rows[n]
            for role, text in cells.items():
                if not stated(text.strip()) and stated(others[at[role]].strip()):
                    cells[role] = others[at[role]]
    if other_title and title is not None and problems is not None:
        message = (
            f"handle {quoted(group.key, 'name')} has two titles, "
            f"{quoted(named, 'value')} and "
            f"{quoted(other_title.cells[title].strip(), 'value')}; its rows were "
            "read as one product"
        )
        problems.add(Problem(f"line {other_title.line}", message, other_title.line))
    found = _images(group, columns, problems) if images and "image" in at else ()
    alt = at.get("alt_texts")
    alts = tuple([rows[n].cells[alt] for n, _ in found]) if alt is not None else ()
    return Copy(main_row, cells, found, alts, _tags_in(cells.get("tags", "")))


def _images(
    group: Group, columns: Columns, problems: Problems | None
) -> tuple[tuple[int, PhotoSource], ...]:
    image, position = columns.at["image"], columns.at.get("position")
    found: dict[PhotoSource, int] = {}
    ranks: list[int] = []
    for n, (line, cells, _) in enumerate(group.rows):
        url = cells[image].strip()
        if not url or url in found:
            continue
        place = cells[position].strip() if position is not None else ""
        rank = int(place) if place.isdecimal() and len(place) < 9 else _LAST
        if PLAIN_URL.fullmatch(url):
            found[url] = n
            ranks.append(rank)
            continue
        for one in _urls_in(url, line, group.key, columns, problems):
            if one not in found:
                found[one] = n
                ranks.append(rank)
    images = [(n, url) for url, n in found.items()]
    if ranks != sorted(ranks):
        images = [one for _, one in sorted(zip(ranks, images, strict=True))]
    return tuple(images)


def _urls_in(
    cell: str, line: int, key: str, columns: Columns, problems: Problems | None
) -> list[PhotoSource]:
    """The URLs, and paths, of a cell that is not plainly one URL."""
    urls = []
    for text in split_urls(cell):
        try:
            urls.append(photo_link(text, columns.folder, columns.network))
        except NoPhoto as e:
            if problems is not None:
                message = f"photo of {quoted(key, 'name')} was left out: it {e}"
                problems.add(Problem(f"line {line}", message, line))
    return urls


def _photo_error(group: Group, columns: Columns) -> str:
    """Why a product has no photo; "" where none is listed."""
    image = columns.at.get("image")
    if image is None:
        return ""
    listed = (row.cells[image] for row in group.rows)
    return photo_links(listed, Problems(), "", network=columns.network).error


def _tags_in(cell: str) -> tuple[str, ...]:
    """The tags of a cell, in its order."""
    return tuple([tag for tag in map(str.strip, cell.split(",")) if tag])


def to_product(group: Group, columns: Columns, problems: Problems) -> Product:
    """The product that a group of rows describes."""
    copy = find_copy(group, columns, problems)
    sku = columns.at.get("sku")
    if sku is not None and any(["+" in cells[sku] for _, cells, _ in group.rows]):
        _note_skus(group, sku, problems)
    cell = copy.cells.get
    return Product(
        id=group.key,
        title=stated(cell("title", "")),
        photos=tuple([url for _, url in copy.images]),
        photo_error="" if copy.images else _photo_error(group, columns),
        attributes=_attributes(group, columns, copy.main_row),
        variants=_variants(group, columns, copy),
        description=body_text(stated_html(cell("description", ""))),
        present=Present(
            category=stated(cell("category", "")),
            seo_title=stated(cell("seo_title", "")),
            seo_description=stated(cell("seo_description", "")),
            alt_texts=tuple(map(stated, copy.alt_texts)),
            tags=stated_list(copy.tags),
        ),
    )


def _note_skus(group: Group, sku: int, problems: Problems) -> None:
    """Put down the first SKU that a spreadsheet rounded."""
    rounded = (row for row in group.rows if is_rounded(row.cells[sku]))
    if row := next(rounded, None):
        message = rounding("SKU", row.cells[sku])
        problems.add(Problem(f"line {row.line}", message, row.line))


def _attributes(group: Group, columns: Columns, main_row: int) -> dict[str, str]:
    first = group.rows[main_row].cells
    found: dict[str, str] = {}
    for column, key in columns.facts:
        value = stated(first[column].strip())
        # a reference to an entry of the shop's own, which says nothing to a reader
        if value and "gid://" not in value:
            found[key] = value
    for name, values_at in columns.options:
        option = stated(first[name].strip())
        if not option:
            continue
        values = dict.fromkeys([row.cells[values_at].strip() for row in group.rows])
        values.pop("", None)
        some = stated_values(values)
        # what Shopify writes for a product without options
        if (option, *some) == DEFAULT_OPTION:
            continue
        found.setdefault(option, ", ".join(some))
    return found


def _variants(group: Group, columns: Columns, copy: Copy) -> tuple[Variant, ...]:
    """A variant a row that has a value of an option; other rows are images."""
    first = group.rows[copy.main_row].cells
    names = [(stated(first[name].strip()), at) for name, at in columns.options]
    own = [(name, at) for name, at in names if name]
    if not own:
        return ()
    sku, image = columns.at.get("sku"), columns.at.get("variant_image")
    rows = [
        VariantRow(
            "" if sku is None else cells[sku],
            {name: cells[at] for name, at in own if cells[at].strip()},
            "" if image is None else cells[image],
        )
        for _, cells, _ in group.rows
    ]
    return variants_of(rows, [photo for _, photo in copy.images])
