"""Describer: what one worker does. It holds one engine, and takes rows block by block.

A row is never lost: one that is no product, whose photos cannot be used, or at which the
engine breaks, comes back with the status "failed" and the reason.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalogs.tables.parquet import description_row, description_schema
from ..digest import json_digest
from ..engines import Engine
from ..errors import EngineError, FetchError, ProductDescError
from ..net import Http
from ..photos.identity import product_digest
from ..pipeline import Described, DescribeOptions, Options, Outcome, describe_many, resolve
from ..records import Product
from ..text.log_lines import package_logger
from ..text.printable import message_line, words_of
from .engine_recipe import EngineRecipe
from .product_rows import PRODUCT_COLUMNS, product_of

if TYPE_CHECKING:
    import pyarrow

_log = package_logger("scale")

STATUS_COLUMNS = ("key", "status", "error", "reason", "seconds")
"""What a row out has beside the columns of a description: see docs/scale.md."""

FIRST_WAIT_SECONDS = 1.0
MOST_WAIT_SECONDS = 30.0
"""Between two questions whether a server that went away is back; the wait doubles."""


@dataclass(frozen=True, slots=True)
class WorkerResources:
    """What one worker takes, and how much it does at a time.

    cpus, gpus, memory_bytes: what Ray reserves for it; less than one CPU for a worker that
    only asks a server. batch_size: products under way in it, as `describe_many`.
    block_rows: products that it is given at a time and that are written together; what is
    described again after a crash is counted in these. patience_seconds: how long a worker
    waits for a server that went away before the run fails.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    memory_bytes: int | None = None
    batch_size: int = 16
    block_rows: int = 64
    patience_seconds: float = 600.0

    def __post_init__(self) -> None:
        for name in ("cpus", "gpus", "patience_seconds"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 0 or more")
        for name in ("batch_size", "block_rows"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 1 or more")


class Describer:
    """One engine, opened once, and the rows that it is given.

    expected: the digest of the options with this engine that the run was planned with, ""
    for any. Raises `EngineError` where this machine has another one: other weights, word
    tables, templates or another version of this library.
    """

    def __init__(
        self,
        recipe: EngineRecipe,
        options: DescribeOptions,
        resources: WorkerResources,
        expected: str = "",
    ) -> None:
        self._recipe = recipe
        self._options = options
        self._resources = resources
        self._http = Http(network=recipe.network())
        # a run with a plan has reached its server before
        self._has_answered = bool(expected)
        self._is_open = False
        self._engine = self._opened()
        self._has_answered, self._is_open = False, True
        self._digest = resolve(self._engine.info, options).digest
        if expected and expected != self._digest:
            raise EngineError(
                f"this machine has another {recipe.name or 'demo model'} or another "
                "version of productdesc than the run was planned with, so its copy would "
                "differ; make all machines alike"
            )

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        """The same rows, in their order, with what became of each; without the photos."""
        rows = table.to_pylist()
        ends: list[dict[str, Any]] = [{} for _ in rows]
        places: dict[int, int] = {}  # by the very object, as two rows may have one id
        products: list[Product] = []
        for place, row in enumerate(rows):
            ends[place] = {"id": _id_text(row.get("id"))}
            try:
                product = product_of(row)
            except ValueError as e:
                ends[place] |= failure(e)
                continue
            places[id(product)] = place
            products.append(product)
        for outcome in self._outcomes(products):
            place = places[id(outcome.product)]
            ends[place] |= self._end(outcome)
        return self._table(table, ends)

    def all_failed(self, table: pyarrow.Table, why: Mapping[str, Any]) -> pyarrow.Table:
        """The same rows, each with this failure; no engine is asked."""
        ids = table.column("id").to_pylist()
        return self._table(table, [{"id": _id_text(one), **why} for one in ids])

    def _table(self, table: pyarrow.Table, ends: list[dict[str, Any]]) -> pyarrow.Table:
        """The ends of its rows, beside the columns that go through."""
        import pyarrow

        keep = [name for name in table.column_names if name not in PRODUCT_COLUMNS]
        schema = result_schema(pyarrow)
        if clash := set(keep) & set(schema.names):
            raise ValueError(
                f"the dataset has a column of a result: {min(clash)}; rename it"
            )
        made = pyarrow.Table.from_pylist(ends, schema=schema)
        for name in reversed(keep):
            made = made.add_column(0, table.schema.field(name), table.column(name))
        return made

    def _opened(self) -> Engine:
        waits = Waits(self._resources.patience_seconds)
        while True:
            try:
                return self._recipe.open()
            except EngineError as e:
                self._wait(waits, e)

    def _end(self, outcome: Outcome | Failure) -> dict[str, Any]:
        key = json_digest([product_digest(outcome.product), self._digest])
        if not isinstance(outcome, Described):
            return {"key": key, **failure(getattr(outcome, "error", None))}
        description = outcome.description
        row = description_row(description, description.model_dump_json())
        del row["id"]
        seconds = outcome.draft.seconds if outcome.draft else 0.0
        return {"key": key, "status": "described", "seconds": seconds, **row}

    def _outcomes(self, products: list[Product]) -> Iterator[Outcome | Failure]:
        """One outcome for each, whatever happens to the others or to a server meanwhile."""
        left = {id(product): product for product in products}
        waits = Waits(self._resources.patience_seconds)
        while left:
            try:
                for outcome in self._described(left.values()):
                    del left[id(outcome.product)]
                    if isinstance(outcome, Described):
                        self._has_answered = True
                        waits.begin()
                    yield outcome
            except EngineError as e:
                self._wait(waits, e)
            except ProductDescError:
                raise  # of a template or a schema: every product would fail
            except Exception as e:  # a mistake of ours or of an engine, at one of these
                yield from self._found_out([*left.values()], e)
                return

    def _found_out(
        self, products: list[Product], error: Exception
    ) -> Iterator[Outcome | Failure]:
        """The outcome of each alone; the product at which something breaks has failed."""
        if len(products) == 1:
            _log.warning("product %s: %s", products[0].id, error, exc_info=error)
            yield Failure(products[0], error)
            return
        for product in products:
            yield from self._outcomes([product])

    def _wait(self, waits: Waits, error: EngineError) -> None:
        """Wait for a server that has answered before; raises the error for any other.

        One that was there when the engine was opened, and gives no answer at all, is gone;
        one that only ever refused is not waited for.
        """
        is_gone = self._is_open and isinstance(error.__cause__, FetchError)
        waited_for = self._recipe.is_server and (self._has_answered or is_gone)
        pause = waits.next() if waited_for else 0.0
        if not pause:
            raise error
        _log.warning("waiting %g s for the server: %s", pause, error)
        time.sleep(pause)

    def _described(self, products: Iterable[Product]) -> Iterator[Outcome]:
        return describe_many(
            [*products],
            self._engine,
            batch_size=self._resources.batch_size,
            ordered=False,
            keep_drafts=True,
            http=self._http,
            **self._options,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """A product at which something broke that is no error of ours."""

    product: Product
    error: Exception


def resolved_with(recipe: EngineRecipe, options: DescribeOptions) -> Options:
    """The options with the engine, opened here, as a worker has them."""
    return resolve(recipe.open().info, options)


def failure(error: object) -> dict[str, Any]:
    """What a row says that has failed."""
    kind, reason = type(error).__name__, message_line(words_of(error))
    return {"status": "failed", "error": kind, "reason": reason}


def result_schema(arrow: Any) -> pyarrow.Schema:
    """The columns of a row out, without those that go through."""
    text = arrow.string()
    types = {"seconds": arrow.float64()}
    first, *rest = description_schema(arrow)
    ours = [arrow.field(name, types.get(name, text)) for name in STATUS_COLUMNS]
    return arrow.schema([first, *ours, *rest])


def _id_text(value: object) -> str:
    return "" if value is None else str(value)


class Waits:
    """Waits for a server that went away, until they come to more than the patience."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self.begin()

    def begin(self) -> None:
        """It answered: what follows is another absence."""
        self._left = self._patience
        self._pause = FIRST_WAIT_SECONDS

    def next(self) -> float:
        """How long to wait now; 0 where the patience is at its end."""
        pause = min(self._pause, self._left)
        self._left -= pause
        self._pause = min(2 * self._pause, MOST_WAIT_SECONDS)
        return pause
