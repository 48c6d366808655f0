"""Row files: labelled rows and predictions as JSON lines, a JSON list, or Parquet.

Also gzipped, but for Parquet, which needs the extra `parquet`.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any

from ...errors import CatalogError

PARQUET = ".parquet"


def read_rows(path: Path, *, name: str = "rows") -> Iterator[dict[str, Any]]:
    """The rows of a file, each an object; a JSON object may hold them under `name`.

    Raises `CatalogError` for a file that cannot be read, and for a row of another form.
    """
    rows = _parquet(path) if path.suffix.lower() == PARQUET else _json(path, name)
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise CatalogError(f"{path}: row {number} is no object with names and values")
        yield row


def value_of(
    row: Mapping[str, Any], column: str, kind: type | UnionType, where: str
) -> Any:
    """A row's value; `CatalogError` where it is missing or of another type.

    where: the file and the row, for the message.
    """
    if column not in row:
        raise CatalogError(f"{where}: has no column {column}; it has {', '.join(row)}")
    value = row[column]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        wanted = kind.__name__ if isinstance(kind, type) else kind
        raise CatalogError(f"{where}: {column} is a {type(value).__name__}, not a {wanted}")
    return value


def _json(path: Path, name: str) -> Iterator[Any]:
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as e:
        why = getattr(e, "strerror", None) or str(e)
        raise CatalogError(f"{path}: cannot be read: {why}") from e
    except UnicodeDecodeError as e:
        raise CatalogError(f"{path}: is no UTF-8 text") from e
    try:
        whole = json.loads(text)
    except ValueError:
        yield from _lines(path, text)
        return
    rows = whole.get(name, [whole]) if isinstance(whole, dict) else whole
    if not isinstance(rows, list):
        raise CatalogError(f"{path}: holds no list of {name}")
    yield from rows


def _lines(path: Path, text: str) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as e:
            raise CatalogError(f"{path}: line {number} is no JSON ({e})") from e


def _parquet(path: Path) -> Iterator[Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as e:
        raise CatalogError(
            f'{path}: reading Parquet needs pyarrow: pip install "productdesc[parquet]"'
        ) from e
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=64):
                yield from batch.to_pylist()
    except (OSError, pyarrow.ArrowException) as e:
        raise CatalogError(f"{path}: cannot be read as Parquet: {e}") from e
