"""Report files of a job: its findings, the products that failed, and those to try again.

CSV to be opened in a spreadsheet, or JSON lines; the name's ending says which.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ...catalogs.delimited.table import Dialect
from ...catalogs.shop_text.sanitize import defused, formula
from ...errors import CatalogError
from ...output_file import AtomicFile, is_same_file
from ...records import Finding

FINDINGS = ("product_id", "code", "field", "severity", "message", "value")
FAILED = ("product_id", "status", "reason")

ENDINGS: Mapping[str, str] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
ID_LISTS = (".txt",)
"""Endings of files that may be read too: an id a line."""

_CSV = Dialect("utf-8", b"\xef\xbb\xbf", ",", "\r\n", quotes_all=False)


class ReportFile:
    """A new file of rows with these columns, which appears when its block has ended.

    It takes the place of an earlier report with the same columns, and with `replace` of
    any other file. An error in the block leaves what was there.
    """

    def __init__(
        self, path: Path, columns: Sequence[str], *, replace: bool = False
    ) -> None:
        self._columns = columns
        self._is_csv = _form(path) == "csv"
        head = _CSV.bom + _CSV.row(list(columns)) if self._is_csv else b""
        is_ours = _begins_like_ours(path, head, columns)
        self._new = AtomicFile(path, replace=replace or is_ours)
        self._new.file.write(head)

    def add(self, row: Sequence[str]) -> None:
        """Write a row, a text a column. Raises `CatalogError`."""
        if self._is_csv:
            texts = (text.encode("utf-8", "replace").decode() for text in row)
            data = _CSV.row([_quoted(text) for text in texts])
        else:
            values = dict(zip(self._columns, row, strict=True))
            text = json.dumps(values, ensure_ascii=False)
            data = text.encode("utf-8", "backslashreplace") + b"\n"
        try:
            self._new.file.write(data)
        except OSError as e:
            raise CatalogError(f"{self._new.path}: cannot be written: {e.strerror}") from e

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._new.keep()
        finally:
            self._new.drop()  # nothing is left to drop once it was kept


def finding_row(product_id: str, finding: Finding) -> Sequence[str]:
    """A finding as a row of FINDINGS."""
    rest = (finding.code, finding.field, finding.severity, finding.message, finding.value)
    return (product_id, *rest)


def check_places(reports: Mapping[str, Path | None], others: Sequence[str]) -> None:
    """Raises `ValueError` where a report has no known ending, or another file's place.

    reports: by the option that names it. others: what the job reads and writes.
    """
    taken = [Path(other) for other in others]
    for option, path in reports.items():
        if path is None:
            continue
        if path.suffix.lower() not in ENDINGS:
            raise ValueError(
                f"{option} {path}: the name says what it is; end it with "
                f"{' or '.join(ENDINGS)}"
            )
        for other in taken:
            if path == other or is_same_file(path, other):
                raise ValueError(f"{option} {path}: is the place of another file; name one")
        taken.append(path)


def read_ids(path: Path) -> frozenset[str]:
    """The products that a file of failed ones names, or a list of ids, one a line.

    Raises `CatalogError` for what cannot be read, `ValueError` for another ending.
    """
    if path.suffix.lower() not in (*ENDINGS, *ID_LISTS):
        endings = ", ".join([*ENDINGS, *ID_LISTS])
        raise ValueError(f"--retry {path}: read are {endings}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return frozenset(_ids(path, lines))
    except FileNotFoundError as e:
        raise CatalogError(f"--retry {path}: there is no such file") from e
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise CatalogError(f"--retry {path}: cannot be read: {e}") from e


def _ids(path: Path, lines: Iterator[str]) -> Iterator[str]:
    if path.suffix.lower() in ID_LISTS:
        yield from (text for line in lines if (text := line.strip()))
        return
    if _form(path) == "csv":
        rows: Iterator[object] = csv.DictReader(lines)
    else:
        rows = (_parsed(line) for line in lines if line.strip())
    for number, row in enumerate(rows, 1):
        found = row.get("product_id") if isinstance(row, dict) else None
        if not isinstance(found, str):
            raise CatalogError(
                f"--retry {path}: row {number} has no product_id; give a file that "
                "--failed has written, or a .txt with an id a line"
            )
        yield _unquoted(found) if _form(path) == "csv" else found


def _quoted(text: str) -> str:
    """The cell as a spreadsheet shows it; `_unquoted` gives the text again."""
    return "'" + text if text[:1] == "'" and _is_quoted(text) else defused(text)


def _unquoted(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _is_quoted(cell) else cell


def _is_quoted(cell: str) -> bool:
    return bool(formula(cell.lstrip("'")))


def _parsed(line: str) -> object:
    try:
        value: object = json.loads(line)
    except ValueError:
        return None
    return value


def _form(path: Path) -> str:
    return ENDINGS[path.suffix.lower()]


def _begins_like_ours(path: Path, head: bytes, columns: Sequence[str]) -> bool:
    """Whether an earlier report is there: the same columns, or nothing at all."""
    try:
        with path.open("rb") as file:
            first = file.readline(1 << 20)
    except OSError:
        return False
    if head:
        return not first or first == head
    row = _parsed(first.decode("utf-8", "replace"))
    return not first or (isinstance(row, dict) and tuple(row) == tuple(columns))
