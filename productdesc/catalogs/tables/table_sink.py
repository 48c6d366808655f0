"""Plain tables as a sink: the file that was read again, with cells and columns filled.

Every other cell stays as it is, byte for byte, also in columns that nothing is known of. A
field that has no column gets one, behind the others.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import BinaryIO

from ...errors import CatalogError
from ...records import Description, Product
from ..delimited.adjacency import Key
from ..delimited.quoting import spans
from ..delimited.row_index import Group
from ..delimited.table import Dialect, MalformedRow, Row, Table, replace_cells
from ..merge_policy import (
    FIELDS,
    Current,
    Decision,
    check_overwrite,
    decide,
    missing_fields,
)
from ..output.rewrite_sink import Change, Export, RewriteSink
from ..output.spool import Spool, SpoolEntry
from ..protocol import Edit, Problems, Saved, Status
from ..shop_text.sanitize import forbidden, formula
from .cells import cells, product_id, to_product
from .columns import Columns
from .csv_table import TableSource, dialect_for

_ITEM_SEPARATORS: Mapping[str, str] = {"bullets": "\n", "alt_texts": "\n", "tags": ", "}
"""What parts the items of a list that share one cell."""


class TableSink(RewriteSink):
    """A CSV or TSV at `out`, made from the one that `source` reads; it may be the same.

    Fields that are empty are filled, and those that `overwrite` names replaced. UTF-8, or
    the encoding of the source. A text of ours that begins like a formula refuses its
    product. A name in .tsv or .txt for a file with commas, or the other way round, has the
    whole table written anew, with tabs or with commas.
    """

    def __init__(
        self,
        source: TableSource | str | os.PathLike[str],
        out: str | os.PathLike[str],
        *,
        overwrite: Collection[str] = (),
        replace: bool = False,
    ) -> None:
        table = source if isinstance(source, TableSource) else TableSource(source)
        allowed = check_overwrite(overwrite, FIELDS)
        written = written_dialect(table.table, out)
        export = _Export(table.table, table.mapping, allowed, written)
        super().__init__(export, out, _WithColumns(export), replace=replace)


class _Export:
    """A plain table as it is rewritten; see `rewrite_sink.Export`.

    dialect: how it is written. A role is the place of a column, or the name of one that
    is added.
    """

    roles: tuple[str, ...] = ()

    def __init__(
        self,
        table: Table,
        columns: Columns,
        overwrite: frozenset[str],
        dialect: Dialect,
    ) -> None:
        self.table = table
        self.columns = columns
        self.at: Mapping[str, int] = {str(n): n for n in range(len(columns.header))}
        self.by: Key = lambda row: (
            product_id(columns, row.cells) if any(row.cells) else ""  # it may be short
        )
        self.dialect = dialect
        self._overwrite = overwrite

    def current(self, row: Row) -> Current | None:
        product = to_product(self.columns, row.cells, Problems(), "", line=row.line)
        return Current.of(product) if product else None

    def needs(self, product: Product, *, adds_columns: bool) -> frozenset[str]:
        photos, current = len(product.photos), Current.of(product)
        return missing_fields(
            current, writes=FIELDS, overwrite=self._overwrite, photos=photos
        )

    def change(
        self, group: Group, description: Description, *, adds_columns: bool
    ) -> Change:
        current = self.current(group.rows[0]) or Current()
        decision = decide(current, description, writes=FIELDS, overwrite=self._overwrite)
        before, after = cells(current), cells(current.updated(decision.new))
        new = self._new_cells(decision, after)
        if why := self._refusal(decision, after, new, group.rows[0]):
            saved = Saved(group.key, "refused", untouched=decision.untouched, reason=why)
            return Change(group, {}, saved)
        edits = tuple(Edit(name, before[name], after[name]) for name in decision.new)
        status: Status = "written" if edits else "unchanged"
        saved = Saved(group.key, status, edits, decision.untouched)
        return Change(group, {(0, role): text for role, text in new.items()}, saved)

    def _new_cells(self, decision: Decision, after: Mapping[str, str]) -> dict[str, str]:
        """The new cell of each column that changes, by role."""
        new: dict[str, str] = {}
        for name, value in decision.new.items():
            places = self.columns.of(name)
            if isinstance(value, Mapping):
                new |= self._attributes(value, after["attributes"])
            elif isinstance(value, tuple) and len(places) > 1:
                new |= _spread(value, places, _ITEM_SEPARATORS[name])
            else:
                new[str(places[0]) if places else name] = after[name]
        return new

    def _attributes(self, values: Mapping[str, str], all_lines: str) -> dict[str, str]:
        """An attribute goes into the column of its name, else to the list of them."""
        own = {
            self.columns.header[n].casefold(): str(n) for n in self.columns.of("attribute")
        }
        new = {own[key.casefold()]: v for key, v in values.items() if key.casefold() in own}
        rest = [key for key in values if key.casefold() not in own]
        if not rest:
            return new
        places = self.columns.of("attributes")
        lines = (line for line in all_lines.splitlines())
        others = [ln for ln in lines if ln.partition(":")[0].casefold() not in own]
        return {**new, str(places[0]) if places else "attributes": "\n".join(others)}

    def _refusal(
        self,
        decision: Decision,
        after: Mapping[str, str],
        new: Mapping[str, str],
        row: Row,
    ) -> str:
        """Why our words cannot be in the file; the merchant's own are never judged."""
        for name in decision.new:
            if why := forbidden(after[name]) or formula(after[name]):
                return f"{name} {why}"
        encoding = self.dialect.encoding
        try:
            "".join(new.values()).encode(encoding)
        except UnicodeEncodeError as e:
            return f"{encoding}, the file's encoding, has no {e.object[e.start]!a}"
        if row.raw.decode(encoding, "replace").encode(encoding, "replace") != row.raw:
            return f"line {row.line} would not be the same again in {encoding}"
        return ""

    def rows(self, change: Change) -> list[list[str]]:
        return []  # there is no file of changes of such a table

    def key_roles(self, roles: Collection[str]) -> set[str]:
        return set()

    def former(self, cell: str) -> str:
        return cell

    def column_name(self, role: str) -> str:
        """The field's name, with a number where the table has such a column already."""
        taken = {name.casefold() for name in self.columns.header}
        name, number = role, 2
        while name.casefold() in taken:
            name, number = f"{role} {number}", number + 1
        return name


def _spread(items: Sequence[str], places: Sequence[int], separator: str) -> dict[str, str]:
    """Items over several columns, one each; those that are too many share the last."""
    last = len(places) - 1
    texts = [*items[:last], separator.join(items[last:])]
    texts += [""] * (len(places) - len(texts))
    return {str(place): text for place, text in zip(places, texts, strict=True)}


class _WithColumns:
    """The source again, with the cells that change and the columns that are added."""

    adds_columns, standalone, holds_source = True, False, True

    def __init__(self, export: _Export) -> None:
        self._export = export

    def entries(self, change: Change, export: Export) -> Sequence[SpoolEntry]:
        present = {int(r): t for (_, r), t in change.cells.items() if r.isdecimal()}
        added = {r: text for (_, r), text in change.cells.items() if not r.isdecimal()}
        data = marshal.dumps((present, added))
        return [(change.group.offsets[0], " ".join(sorted(added)), data)]

    def write(self, out: BinaryIO, spool: Spool, export: Export) -> None:
        table, dialect = export.table, self._export.dialect
        used = {name for note in spool.notes() for name in str(note).split()}
        added = [name for name in FIELDS if name in used]
        out.write(dialect.bom)
        names = [export.column_name(name) for name in added]
        out.write(self._row(table.header_row, {}, names))
        offset, changes = table.start, iter(spool)
        entry = next(changes, None)
        for part in table.parts():
            present: dict[int, str] = {}
            texts: Iterable[str] = [""] * len(added)
            if entry and entry[0] == offset:
                present, new = marshal.loads(entry[2])
                texts = [new.get(name, "") for name in added]
                entry = next(changes, None)
            offset += len(part.raw)
            if isinstance(part, Row) and part.cells:
                out.write(self._row(part, present, list(texts)))
            elif isinstance(part, Row):
                out.write(part.raw)
            elif dialect == table.dialect:
                out.write(self._malformed(part, names))
            else:
                raise CatalogError(
                    f"{table.path}: line {part.line} cannot be read, so it cannot be "
                    "written with another delimiter; name a file of the same kind"
                )

    def _row(self, row: Row, present: Mapping[int, str], added: Sequence[str]) -> bytes:
        """A row with these cells instead of its own, and these behind it."""
        dialect, source = self._export.dialect, self._export.table.dialect
        if dialect != source:
            texts = [present.get(n, text) for n, text in enumerate(row.cells)]
            return dialect.row([*texts, *added])
        raw = replace_cells(row, present, dialect) if present else row.raw
        return self._extended(raw, added)

    def _malformed(self, row: MalformedRow, names: Sequence[str]) -> bytes:
        """A row that cannot be read, so that it cannot be with columns added either.

        A cell too many would fall under the first of them, and a header that is repeated
        would no longer be known.
        """
        header, dialect = self._export.table.header_row.cells, self._export.dialect
        text = row.raw.decode(dialect.encoding, "replace")
        found, _ = spans(text, dialect.delimiter, dialect.newline)  # none: badly quoted
        if found and list(row.cells) == header:
            return self._extended(row.raw, names)
        if len(found) > len(header):
            return self._extended(row.raw, [""] * len(names))
        return row.raw

    def _extended(self, raw: bytes, added: Sequence[str]) -> bytes:
        """A row with these cells behind its own."""
        if not added:
            return raw
        dialect = self._export.dialect
        text = raw.decode(dialect.encoding, "replace")
        end = len((text[len(text.rstrip("\r\n")) :]).encode(dialect.encoding))
        behind = "".join(dialect.delimiter + dialect.quoted(cell) for cell in added)
        body, line_end = raw[: len(raw) - end], raw[len(raw) - end :]
        return body + behind.encode(dialect.encoding) + line_end


def written_dialect(table: Table, out: str | os.PathLike[str]) -> Dialect:
    """The table's own, unless the name of the new file asks for tabs where it has none, or
    for commas where it has tabs."""
    asked, was = dialect_for(out), dialect_for(table.path)
    if asked is None or was is None or asked == was:
        return table.dialect
    has_tabs = table.dialect.delimiter == "\t"
    return table.dialect if has_tabs == (asked.delimiter == "\t") else asked
