"""Parquet tables: products in and descriptions out, a row group at a time.

Needs pyarrow, which `pip install "productdesc[parquet]"` brings; imported when first used.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ...errors import CatalogError
from ...net.network_access import NO_ACCESS, NetworkAccess
from ...records import Description, Product
from ...text.printable import quoted, words_of
from ..merge_policy import FIELDS
from ..output.new_file_sink import Entry, NewFileSink
from ..output.writable_part import writable_part
from ..protocol import Closing, Problem, Problems, Saved
from ..shop_text.image_urls import checked_folder
from ..shop_text.product_ids import IdCheck
from .cells import as_text, to_product
from .columns import Columns, map_columns

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

BATCH_ROWS = 1000
GROUP_ROWS = 5000
"""Descriptions of one written row group; that many are in memory."""


class ParquetSource(Closing):
    """One product a row, in the file's order; its columns are understood as a table's.

    Lists are taken as they are, a map or struct as attributes. For `columns`,
    `photos_folder` and `network` see `TableSource`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        columns: Mapping[str, str | Sequence[str]] | None = None,
        photos_folder: str | os.PathLike[str] | None = None,
        network: NetworkAccess = NO_ACCESS,
    ) -> None:
        self.path = Path(path)
        self.problems = Problems()
        self._given = columns
        self._folder = checked_folder(photos_folder)
        self._network = network

    @property
    def mapping(self) -> Columns:
        """Which column is what; reads the schema and the first 1,000 rows."""
        with _opened(self.path) as file:
            return self._mapping(file)

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` for what is no Parquet, or has no column for an id."""
        self.problems = Problems()
        with _opened(self.path) as file, IdCheck(self.problems) as ids:
            columns = self._mapping(file)
            if why := columns.without_title():
                self.problems.add(Problem("the schema", why))
            number = 0
            for rows in _batches(self.path, file, self.problems):
                for values in rows:
                    number += 1
                    made = to_product(
                        columns,
                        values,
                        self.problems,
                        f"row {number}",
                        folder=self._folder,
                        network=self._network,
                    )
                    if made:
                        ids.look(made.id, f"row {number}")
                        yield made

    def _mapping(self, file: pyarrow.parquet.ParquetFile) -> Columns:
        samples = next(_batches(self.path, file), [])
        texts = [[as_text(value) for value in row] for row in samples]
        return map_columns(file.schema_arrow.names, texts, self._given, file=str(self.path))


def _arrow() -> Any:
    """The door to pyarrow."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as e:
        raise CatalogError(
            'Parquet needs pyarrow: pip install "productdesc[parquet]"'
        ) from e
    return pyarrow


def _opened(path: Path) -> pyarrow.parquet.ParquetFile:
    arrow = _arrow()
    try:
        if path.exists() and not path.is_file():
            raise CatalogError(f"{path}: is no regular file")
        file: pyarrow.parquet.ParquetFile = arrow.parquet.ParquetFile(path)
        _ = file.schema_arrow.names  # read here, where what is wrong with it is told
    except (OSError, arrow.ArrowException, ValueError) as e:  # ValueError: no Unicode
        raise CatalogError(f"{path}: cannot be read as Parquet: {words_of(e)}") from e
    return file


def _batches(
    path: Path, file: pyarrow.parquet.ParquetFile, problems: Problems | None = None
) -> Iterator[list[list[Any]]]:
    """Rows as plain values, at most 1,000 at a time; binary columns come as text or not.

    A value that Python cannot hold, as a date after the year 9999, is None, and a problem.
    """
    arrow = _arrow()
    before = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            columns = []
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                values, bad = _values(column)
                columns.append(values)
                for number in bad:
                    if problems is not None:
                        what = f"column {quoted(name, 'name')} holds a value out of range"
                        where = f"row {before + number + 1}"
                        problems.add(Problem(where, f"{what}; it was left out"))
            yield [list(row) for row in zip(*columns, strict=True)]
            before += batch.num_rows
    except (OSError, arrow.ArrowException, ValueError) as e:
        raise CatalogError(f"{path}: is damaged: {words_of(e)}") from e


def _values(column: pyarrow.Array) -> tuple[list[Any], list[int]]:
    """A column's values, and the places of those that Python cannot hold (None)."""
    try:
        return column.to_pylist(), []
    except OverflowError:
        pass
    values: list[Any] = []
    bad: list[int] = []
    for place, scalar in enumerate(column):
        try:
            values.append(scalar.as_py())
        except OverflowError:
            values.append(None)
            bad.append(place)
    return values, bad


class ParquetSink(NewFileSink):
    """A new Parquet file of descriptions at `path`, for products that need one.

    Columns: id, the fields of a description (lists as lists, attributes as a map),
    language, channel, model, revision, and `description_json` with all of it. Fields that
    hold the merchant's own words are empty, unless `overwrite` names them.
    """

    WRITES = FIELDS
    HOLDS_ALL = False
    STREAMS = False
    _writer: Any
    _waiting: list[Mapping[str, Any]]

    def _entry(self, product: Product, description: Description) -> Entry | Saved:
        part = writable_part(product, description, self._overwrite)
        if isinstance(part, Saved):
            return part
        row = description_row(part.description, part.json)
        return Entry(product.id, part.json.encode(), part.saved, row)

    def _add(self, entry: Entry) -> str | None:
        why = self._rows.refusal(entry.key, entry.data)
        if why is None:
            self._waiting.append(entry.values)
            if len(self._waiting) >= GROUP_ROWS:
                self._flush()
        return why

    def _flush(self) -> None:
        arrow = _arrow()
        self._writer.write_table(
            arrow.Table.from_pylist(self._waiting, schema=self._writer.schema)
        )
        self._waiting = []

    def keep_part(self) -> str:
        with self._written():
            self._flush()
            self._writer.close()
        return super().keep_part()

    def __enter__(self) -> Self:
        arrow = _arrow()
        super().__enter__()
        self._waiting = []
        self._writer = arrow.parquet.ParquetWriter(
            self._rows.file, description_schema(arrow)
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._written():
                if kind is None and self._writer.is_open:
                    self._flush()
                self._writer.close()  # else its finaliser writes to a file that is gone
        except BaseException:
            self._rows.close(keep=False)
            raise
        super().__exit__(kind, error, trace)


def description_schema(arrow: Any) -> Any:
    """The columns of a table of descriptions."""
    text, texts = arrow.string(), arrow.list_(arrow.string())
    lists = ("bullets", "alt_texts", "tags")
    types = {name: texts if name in lists else text for name in FIELDS}
    types["attributes"] = arrow.map_(text, text)
    rest = ("language", "channel", "model", "revision", "description_json")
    return arrow.schema([("id", text), *types.items(), *((name, text) for name in rest)])


def description_row(part: Description, text: str) -> dict[str, Any]:
    """A description as such a row; text: all of it as JSON."""
    values = {name: getattr(part, name) for name in FIELDS}
    return {
        "id": part.product_id,
        **{k: list(v) if isinstance(v, tuple) else v for k, v in values.items()},
        "attributes": list(part.attributes.items()),
        "language": part.language,
        "channel": part.channel,
        "model": part.provenance.model,
        "revision": part.provenance.revision,
        "description_json": text,
    }
