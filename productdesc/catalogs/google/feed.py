"""Google Merchant feeds: read in XML or text, and supplemental feeds written.

A supplemental feed never holds a plain title or description. What a model wrote stands in
structured_title and structured_description, which say so; Google uses them where the
primary feed has no plain one. See docs/google.md.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal

from ...errors import CatalogError
from ...net.network_access import NO_ACCESS, NetworkAccess
from ...records import Description, Product
from ...text.printable import quoted
from ..delimited.signatures import as_ascii, refuse_binary
from ..delimited.table import open_table
from ..merge_policy import Current, Decision, decide
from ..output.new_file_sink import Entry, NewFileSink, edits
from ..passthrough import is_passthrough
from ..protocol import Closing, Problems, Saved
from ..shop_text.image_urls import checked_folder
from ..shop_text.product_ids import IdCheck
from ..shop_text.sanitize import formula
from . import text_feed, xml_feed
from .attributes import (
    HIGHLIGHTS,
    MAX_DESCRIPTION,
    MAX_HIGHLIGHT,
    MAX_ID,
    MAX_TITLE,
    fit_attributes,
    google_attributes,
    too_long,
    unwritable,
)
from .item import Item, to_product

WRITES = ("title", "description", "bullets", "attributes")
"""Fields of a description that a supplemental feed takes."""


class GoogleSource(Closing):
    """The offers of a primary feed, in its order: RSS 2.0, Atom or text, told by its bytes.

    A product's id is the offer id; offers of one item group stay apart.
    photos_folder: a folder of yours that relative paths of photos may lead into. network:
    hosts whose http URLs are photos too.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        delimiter: str | None = None,
        encoding: str | None = None,
        photos_folder: str | os.PathLike[str] | None = None,
        network: NetworkAccess = NO_ACCESS,
    ) -> None:
        self.path = path
        self.problems = Problems()
        self._delimiter, self._encoding = delimiter, encoding
        self._network = network
        self._folder = checked_folder(photos_folder)

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` for a file that is neither, at the line where it breaks."""
        self.problems = Problems()
        with IdCheck(self.problems) as ids:
            for item in self._items():
                product = to_product(
                    item, self.problems, folder=self._folder, network=self._network
                )
                if product:
                    ids.look(product.id, item.line)
                    yield product

    def _items(self) -> Iterator[Item]:
        if _is_xml(self.path):
            if self._delimiter is not None or self._encoding is not None:
                raise ValueError(f"{self.path} is XML, which says its own encoding")
            return xml_feed.read(self.path, self.problems)
        table = open_table(self.path, delimiter=self._delimiter, encoding=self._encoding)
        return text_feed.read(table, self.problems)


def _is_xml(path: str | os.PathLike[str]) -> bool:
    try:
        with open(path, "rb") as file:
            head = refuse_binary(Path(path), file)
    except OSError as e:
        raise CatalogError(f"{Path(path)}: cannot be read: {e.strerror or e}") from e
    text = as_ascii(head)
    return text.startswith("<") or "<?xml" in text  # also behind a program's warning


class GoogleSink(NewFileSink):
    """A new supplemental feed at `path`, for products that a primary feed holds.

    format: "xml" or "tsv"; None: "tsv" for a name in .tsv, .txt or .csv, else "xml".
    overwrite: fields that are written although the merchant's feed has them. An offer
    that has nothing to write gets no entry. Nothing is cut: a title or description that
    Google would not take refuses the offer, any other value is left out and `reason`
    says which. The merchant's own copy (`passthrough_copy`) is written whole, as no
    model's.
    """

    WRITES = WRITES
    HOLDS_ALL = False

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        format: Literal["xml", "tsv"] | None = None,
        overwrite: Collection[str] = (),
        replace: bool = False,
    ) -> None:
        super().__init__(path, overwrite=overwrite, replace=replace)
        if format not in (None, "xml", "tsv"):
            raise ValueError(f"format is {format!r}; it may be 'xml' or 'tsv'")
        is_text = Path(path).suffix.lower() in (".tsv", ".txt", ".csv")
        chosen = format or ("tsv" if is_text else "xml")
        self._is_text = chosen == "tsv"
        self._feed = text_feed if self._is_text else xml_feed

    def _entry(self, product: Product, description: Description) -> Entry | Saved:
        """`reason` also says what was left out."""
        own = is_passthrough(description)
        current = Current() if own else self._current(product)
        values, notes = fit_attributes(google_attributes(description.attributes))
        bullets = description.bullets
        if self._is_text and not own:
            values, bullets, why = _without_formulas(values, bullets)
            notes += why
        bullets, why = _highlights(bullets)
        notes += why
        ours = description.model_copy(update={"attributes": values, "bullets": bullets})
        decision = decide(current, ours, writes=WRITES, overwrite=self._overwrite)
        if refusal := _refusal(product.id, decision):
            return Saved(
                product.id, "refused", untouched=decision.untouched, reason=refusal
            )
        reason = "; ".join(notes)
        if not decision.new:
            return Saved(
                product.id, "unchanged", untouched=decision.untouched, reason=reason
            )
        entry = {
            f"structured_{name}": text
            for name in ("title", "description")
            if (text := decision.text(name))
        }
        entry |= decision.attributes()
        highlights = decision.texts("bullets") or ()
        by = "default" if own else "trained_algorithmic_media"
        row = self._feed.supplement(product.id, entry, highlights, by).encode()
        saved = Saved(
            product.id, "written", edits(current, decision), decision.untouched, reason
        )
        return Entry(product.id, row, saved)

    def _current(self, product: Product) -> Current:
        current = Current.of(product)
        return current._replace(attributes=google_attributes(current.attributes))

    def _head(self) -> bytes:
        head: str = self._feed.HEAD
        return head.encode()

    def _tail(self) -> bytes:
        tail: str = self._feed.TAIL
        return tail.encode()


def _without_formulas(
    values: Mapping[str, str], bullets: tuple[str, ...]
) -> tuple[dict[str, str], tuple[str, ...], list[str]]:
    """The values and bullets that no spreadsheet runs, and what was left out.

    A person may open the text feed in one. Title and description have a word before them.
    """
    named = [(name, name, text) for name, text in values.items()]
    named += [("", f"bullet {n}", text) for n, text in enumerate(bullets, start=1)]
    bad = {what: why for _, what, text in named if (why := formula(text))}
    return (
        {name: text for name, what, text in named if name and what not in bad},
        tuple(text for name, what, text in named if not name and what not in bad),
        [f"{what} was left out: it {why}" for what, why in bad.items()],
    )


def _highlights(bullets: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    """Bullets that Google takes as highlights, and what was left out."""
    notes: list[str] = []
    good: list[str] = []
    for number, bullet in enumerate(bullets, start=1):
        if why := too_long(bullet, MAX_HIGHLIGHT) or unwritable(bullet):
            notes.append(f"bullet {number} was left out: it {why}")
        elif bullet.strip():
            good.append(bullet)
    least, most = HIGHLIGHTS
    if 0 < len(good) < least:
        notes.append(f"bullets were left out: {len(good)} fits, Google wants {least}")
        return (), notes
    if len(good) > most:
        notes.append(f"{len(good)} bullets; the first {most} were used")
    return tuple(good[:most]), notes


def _refusal(offer: str, decision: Decision) -> str:
    """Why an entry cannot be written at all; "" where it can."""
    if why := too_long(offer, MAX_ID) or unwritable(offer):
        return f"offer id {quoted(offer, 'name')} {why}"
    if offer != " ".join(offer.split()):
        shown = quoted(offer, "name")
        return f"offer id {shown} holds white space that a feed would change"
    for name, limit in (("title", MAX_TITLE), ("description", MAX_DESCRIPTION)):
        text = decision.text(name) or ""
        if why := too_long(text, limit) or unwritable(text):
            return f"{name} {why}"
    return ""
