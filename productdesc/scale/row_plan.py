"""Row plan: every product of a source, with a number, written once before any is described.

    OUTPUT/plan/rows-00000.parquet    row_id (dense, from 0), key, and the product's columns
    OUTPUT/plan/plan.json             what it was made from; written last

Ray's checkpoint knows a row by an id in the file that it reads: a number made while reading
would be another one in the next run. The workers read nothing but the plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from ..catalogs import open_source
from ..catalogs.openers import OpenOptions
from ..catalogs.protocol import Problem
from ..digest import json_digest
from ..errors import CatalogError
from ..records import Product
from .place import Place
from .product_rows import row_of

ROW_ID = "row_id"
PLAN_COLUMNS = (
    ROW_ID, "key", "id", "title", "description", "attributes", "photos", "more",
)  # fmt: skip
VERSION = 1

FORMATS: Mapping[str, str] = {
    ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
"""Endings of what is read, and the catalogue's format of each."""

FILE_ROWS = 16_384
"""Rows of one file of a plan: what one task reads, 20 MB of products with usual texts."""
HASH_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What a run describes, and by what. `options`: the digest of each part of these.

    source: of every file its name, bytes, time (ns) and SHA-256.
    """

    source: tuple[tuple[str, int, int, str], ...]
    options: Mapping[str, str]
    digest: str
    rows: int = 0
    problems: tuple[str, ...] = field(default=(), compare=False)
    version: int = VERSION


def read_plan(folder: Place) -> RowPlan | None:
    """The plan of a folder; None where none was finished. Raises `CatalogError`."""
    place = folder.under("plan.json")
    if not place.kind():
        return None
    try:
        values = json.loads(place.read())
        values["source"] = tuple(tuple(file) for file in values["source"])
        values["problems"] = tuple(values["problems"])
        plan = RowPlan(**values)
    except (ValueError, KeyError, TypeError) as e:
        raise CatalogError(f"{place.shown}: is no plan of this library") from e
    if plan.version != VERSION:
        raise CatalogError(
            f"{place.shown}: is a plan of version {plan.version}, and this is {VERSION}; "
            "use the version of productdesc that made it, or another OUTPUT"
        )
    return plan


def make_plan(
    source: Place, folder: Place, how: OpenOptions, plan: RowPlan, limit: int | None = None
) -> RowPlan:
    """Read the source once and write the plan; `plan` says by what it is described.

    Raises `CatalogError` for a source that cannot be read or holds no product.
    """
    folder.remove()
    folder.make()
    problems: list[Problem] = []
    products = islice(_products(source, how, problems), limit)
    rows = write_rows(folder, (
        {ROW_ID: number, **_keyed(row_of(product))}
        for number, product in enumerate(products)
    ))  # fmt: skip
    if not rows:
        first = f": {problems[0]}" if problems else ""
        raise CatalogError(f"{source.shown}: there is no product in it{first}")
    return finish_plan(
        folder,
        replace(
            plan,
            source=tuple(_stated(source)),
            rows=rows,
            problems=tuple(map(str, problems)),
        ),
    )


def finish_plan(folder: Place, plan: RowPlan) -> RowPlan:
    """Write down what a plan is, once its rows are there."""
    with folder.under("plan.json").writing() as file:
        file.write(json.dumps(asdict(plan), indent=1).encode())
    return plan


def write_rows(folder: Place, rows: Iterator[Mapping[str, Any]]) -> int:
    """Write the rows of a plan into files of FILE_ROWS; how many there were."""
    import pyarrow
    from pyarrow import parquet

    text = pyarrow.string()
    photo = pyarrow.struct([("url", text), ("path", text)])
    types = {ROW_ID: pyarrow.int64(), "photos": pyarrow.list_(photo)}
    schema = pyarrow.schema([(name, types.get(name, text)) for name in PLAN_COLUMNS])
    count = 0
    for number, first in enumerate(rows):
        some = [first, *islice(rows, FILE_ROWS - 1)]
        count += len(some)
        with folder.under(f"rows-{number:05}.parquet").writing() as file:
            parquet.write_table(pyarrow.Table.from_pylist(some, schema=schema), file)
    return count


def check_source(plan: RowPlan, source: Place) -> None:
    """Raises `CatalogError` where a plan was made from another source."""
    _refuse(_changed_source(plan, source))


def check_options(plan: RowPlan, asked: RowPlan) -> None:
    """Raises `CatalogError` where a plan was made for another engine or other options."""
    _refuse(_changed_options(plan.options, asked.options))


def _refuse(why: str) -> None:
    if why:
        raise CatalogError(
            f"this OUTPUT was planned with {why}; give the same again to resume it, or "
            "another OUTPUT"
        )


def _changed_source(plan: RowPlan, source: Place) -> str:
    there = source_files(source)
    before = [name for name, *_ in plan.source]
    if [one.base_name for one in there] != before:
        return f"other files than {source.shown} has: {len(before)}, and now {len(there)}"
    for one, (name, size, time, digest) in zip(there, plan.source, strict=True):
        if one.size != size:
            return f"{name} of {size:,} bytes, and it has {one.size:,}"
        if one.mtime_ns != time and _sha256(source, one.path) != digest:
            return f"{name} of another content"
    return ""


def _changed_options(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    names = {*before, *now}
    changed = sorted(name for name in names if before.get(name) != now.get(name))
    return f"another {' and another '.join(changed)}" if changed else ""


def source_files(source: Place) -> list[Any]:
    """What pyarrow says of the files of a source. Raises `CatalogError` for none."""
    files = source.files(*FORMATS)
    if not files:
        what = "there is no such file or folder" if not source.kind() else (
            f"holds no file that is read: {', '.join(FORMATS)}"
        )  # fmt: skip
        raise CatalogError(f"{source.shown}: {what}")
    for one in files:
        if not one.path.lower().endswith(tuple(FORMATS)):
            raise CatalogError(
                f"{source.shown}: read are {', '.join(FORMATS)}; `productdesc convert "
                f"{source.shown} products.jsonl --as-is` makes one of another format"
            )
    return files


def _stated(source: Place) -> Iterator[tuple[str, int, int, str]]:
    for one in source_files(source):
        yield one.base_name, one.size, one.mtime_ns, _sha256(source, one.path)


def _sha256(source: Place, path: str) -> str:
    digest = hashlib.sha256()
    with source.reading(path) as file:
        while data := file.read(HASH_BYTES):
            digest.update(data)
    return digest.hexdigest()


def _products(
    source: Place, how: OpenOptions, problems: list[Problem]
) -> Iterator[Product]:
    for one in source_files(source):
        name = next(name for end, name in FORMATS.items() if one.path.lower().endswith(end))
        with source.copied(one.path) as path, open_source(path, name, how) as opened:
            yield from opened.products()
            problems += opened.problems


def _keyed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": json_digest(row), **row}


def planned_rows(folder: Place, columns: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The rows of a plan, in their order."""
    from pyarrow import parquet

    for one in folder.files(".parquet"):
        with folder.reading(one.path) as file:
            yield from parquet.read_table(file, columns=[*columns]).to_pylist()
