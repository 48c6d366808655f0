"""Plain tables, CSV and TSV: read with a column mapping that is shown, and copy written.

    source = TableSource("catalogue.csv")
    print(source.mapping)                     # which column is what, and why
    TableSource("catalogue.csv", columns={"title": "Bezeichnung"})

A new table (`TableNewSink`) has every product's copy as it is to be: the merchant's words
where there are any, else ours. A table that was read is filled by `table_sink.TableSink`.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace as replaced
from itertools import islice
from pathlib import Path
from typing import Literal

from ...errors import CatalogError
from ...net.network_access import NO_ACCESS, NetworkAccess
from ...records import Description, Product
from ..delimited.table import Dialect, Table, open_table
from ..merge_policy import FIELDS, Current, Decision, decide
from ..output.evidence_lines import evidence_lines
from ..output.new_file_sink import Entry, NewFileSink
from ..protocol import Closing, Edit, Problem, Problems, Saved, Status
from ..shop_text.image_urls import checked_folder
from ..shop_text.product_ids import IdCheck
from ..shop_text.sanitize import defused, forbidden, formula
from .cells import cells, to_product
from .columns import Columns, map_columns

COLUMNS = ("id", *FIELDS, "photos")
"""Columns of a written table; a form for review also has REVIEW."""
REVIEW = ("kept", "findings", "evidence")

SAMPLE_ROWS = 200

SUFFIX_DIALECTS: Mapping[str, Dialect] = {
    ".csv": Dialect("utf-8", b"", ",", "\n", False),
    ".tsv": Dialect("utf-8", b"", "\t", "\n", False),
    ".txt": Dialect("utf-8", b"", "\t", "\n", False),
}
"""How a new table is written, by the ending of its name."""


def dialect_for(path: str | os.PathLike[str]) -> Dialect | None:
    """The dialect that a name asks for; None where it says nothing."""
    return SUFFIX_DIALECTS.get(Path(path).suffix.lower())


class TableSource(Closing):
    """One product a row of a CSV or TSV, in the file's order.

    columns: role -> name of a column, or several; wins over every guess. Roles are id,
    title, description, photos, category, bullets, seo_title, seo_description, alt_texts,
    tags, attributes (lines of "name: value"), attribute and ignored.
    photos_folder: a folder of yours that relative paths of photos may lead into; without
    it only https URLs are photos. network: hosts whose http URLs are photos too.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        columns: Mapping[str, str | Sequence[str]] | None = None,
        photos_folder: str | os.PathLike[str] | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
        network: NetworkAccess = NO_ACCESS,
    ) -> None:
        self.path = Path(path)
        self.problems = Problems()
        self._given = columns
        self._folder = checked_folder(photos_folder)
        self._network = network
        self._delimiter = delimiter
        self._encoding = encoding
        self._known: tuple[Table, Columns] | None = None

    @property
    def table(self) -> Table:
        """The file's dialect and header."""
        return self._open()[0]

    @property
    def mapping(self) -> Columns:
        """Which column is what; reads the header and the first 200 rows."""
        return self._open()[1]

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` for what is no table, or has no column for an id."""
        self.problems = Problems()
        table, columns = self._open()
        if why := columns.without_title():
            line = table.header_row.line
            self.problems.add(Problem(f"line {line}", why, line))
        with IdCheck(self.problems) as ids:
            for row in table.rows():
                if isinstance(row, Problem):
                    self.problems.add(row)
                    continue
                where = f"line {row.line}"
                product = to_product(
                    columns,
                    row.cells,
                    self.problems,
                    where,
                    line=row.line,
                    folder=self._folder,
                    network=self._network,
                )
                if product:
                    ids.look(product.id, row.line)
                    yield product

    def _open(self) -> tuple[Table, Columns]:
        if self._known is None:
            table = open_table(
                self.path, delimiter=self._delimiter, encoding=self._encoding
            )
            rows = (row for row in table.rows() if not isinstance(row, Problem))
            samples = [row.cells for row in islice(rows, SAMPLE_ROWS)]
            try:
                columns = map_columns(
                    table.header, samples, self._given, file=str(self.path)
                )
            except CatalogError as e:
                why = "; ".join([str(e), *map(str, table.notes)])
                raise CatalogError(why) from e
            self._known = table, columns
        return self._known


class TableNewSink(NewFileSink):
    """A new table of copy at `path`, one row a product; TSV for a name in .tsv or .txt.

    form="import": to be read by a program. UTF-8, and no text of ours begins like a
    formula: such a product is refused.
    form="review": to be opened by a person. With a byte order mark for Excel, what was
    kept and found beside it, and an apostrophe before whatever begins like a formula, so
    it is not to be imported.
    """

    WRITES = FIELDS

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        form: Literal["import", "review"] = "import",
        overwrite: Collection[str] = (),
        replace: bool = False,
    ) -> None:
        super().__init__(path, overwrite=overwrite, replace=replace)
        if form not in ("import", "review"):
            raise ValueError(f"form is {form!r}; it may be 'import' or 'review'")
        self._review = form == "review"
        dialect = dialect_for(path) or SUFFIX_DIALECTS[".csv"]
        bom = codecs.BOM_UTF8 if self._review else b""
        self._dialect = replaced(dialect, bom=bom)

    def _head(self) -> bytes:
        names = [*COLUMNS, *(REVIEW if self._review else ())]
        return self._dialect.bom + self._dialect.row(names)

    def _entry(self, product: Product, description: Description) -> Entry | Saved:
        """A row also where nothing changes."""
        current = Current.of(product)
        decision = decide(current, description, writes=FIELDS, overwrite=self._overwrite)
        before, after = cells(current), cells(current.updated(decision.new))
        if why := _refusal(decision, after, formulas=not self._review):
            return Saved(product.id, "refused", untouched=decision.untouched, reason=why)
        links = "\n".join(p for p in product.photos if isinstance(p, str))
        row = [product.id, *(after[name] for name in FIELDS), links]
        if self._review:
            found = (f"{f.field}: {f.message}" for f in description.findings)
            sources = "\n".join(
                f"{name}: {evidence_lines(some)}"
                for name, some in description.evidence.items()
                if name in decision.new
            )
            notes = (", ".join(decision.untouched), "\n".join(found), sources)
            row = [defused(c) for c in (*row, *notes)]
        edits = tuple(Edit(name, before[name], after[name]) for name in decision.new)
        status: Status = "written" if edits else "unchanged"
        saved = Saved(product.id, status, edits, decision.untouched)
        return Entry(product.id, self._dialect.row(row), saved)


def _refusal(decision: Decision, after: Mapping[str, str], *, formulas: bool) -> str:
    """Why our words cannot be in a cell; the merchant's own are never judged."""
    for name in decision.new:
        why = forbidden(after[name]) or (formula(after[name]) if formulas else "")
        if why:
            return f"{name} {why}"
    return ""
