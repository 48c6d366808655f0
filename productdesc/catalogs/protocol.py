"""Protocols of every shop and file: a `Source` gives products, a `Sink` takes copy.

    with open_source("export.csv") as source, ShopifyCsvSink("import.csv") as sink:
        for outcome in describe_many(source.products(), engine):
            if isinstance(outcome, Described):
                sink.save(outcome.product, outcome.description)

A sink fills empty fields only; `overwrite=` names the fields that may be replaced. A sink
for a live shop says what it would write, and writes only with `apply=True`. A sink for a
file writes beside its target and takes the target's place when its `with` block ends
without an error, so a run that dies leaves no half-written file.

Neither remembers past runs, and neither knows an engine.

To add one: see docs/add-a-shop.md. It must pass `tests/catalogs/test_catalog_contract.py`.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Literal, Protocol, Self, runtime_checkable

from ..records import Description, Product
from ..text.log_lines import package_logger
from ..text.printable import message_line
from .merge_policy import FIELDS, Current, missing_fields

_log = package_logger("catalogs")

MAX_PROBLEMS_KEPT = 1000
"""Bad rows of one file that are kept with their reasons; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in a catalogue that could not be used; the rest was read.

    `where` is for a person: "line 12", "product 632910392". `line` counts from 1 and is
    0 where there are no lines. Both texts are printable, whatever the catalogue holds.
    """

    where: str
    message: str
    line: int = 0

    def __post_init__(self) -> None:
        # not left to whoever prints it; and a thousand are kept
        object.__setattr__(self, "where", message_line(self.where))
        object.__setattr__(self, "message", message_line(self.message))

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(slots=True)
class Problems:
    """What a source could not use so far: every one counted, the first 1,000 kept."""

    total: int = 0
    first: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        self.total += 1
        _log.debug("problem: %s", problem)
        if len(self.first) < MAX_PROBLEMS_KEPT:
            self.first.append(problem)

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.first)


@dataclass(frozen=True, slots=True)
class Edit:
    """One value of a shop or file that changes, as the shop stores it.

    `field` is a field of `Description`; `target` says which of several values it is: a
    photo's id for an alt text, an attribute's key, else "".
    """

    field: str
    before: str
    after: str
    target: str = ""


Status = Literal["unchanged", "planned", "written", "collateral", "unknown", "refused"]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a sink did, or would do, with one product.

    unchanged: nothing to write. planned: `edits` would be written with `apply=True`.
    written: `edits` are in the file, or were read back from the shop. collateral: the same,
    but something that was to stay changed with them; its edits stand first, each with what
    was there before. unknown: the request left and no answer came; the shop may have done
    it, so read before writing again. refused: the shop said no, or the text cannot be
    stored there; `reason` holds its own words and request id. In every status `reason` also
    says what of the description was left out.
    `reason` is printable; `product_id` and `edits` are as the shop has them.
    `untouched` are the fields that hold the merchant's own words and were left alone.
    """

    product_id: str
    status: Status
    edits: tuple[Edit, ...] = ()
    untouched: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if self.reason:
            object.__setattr__(self, "reason", message_line(self.reason))

    def with_reason(self, more: str) -> Saved:
        """The same, with one more thing to say."""
        if not more:
            return self
        return replace(self, reason="; ".join(filter(None, (self.reason, more))))


class Source(Protocol):
    """Products, in an order that is the same every time.

    Raises `CatalogError` for what cannot be read at all; a bad row or product becomes a
    `Problem` and the rest goes on.
    """

    @property
    def problems(self) -> Problems: ...

    def products(self) -> Iterator[Product]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Sink(Protocol):
    """A place that takes descriptions, one product at a time.

    Saving the same description twice changes nothing the second time.
    """

    def save(self, product: Product, description: Description) -> Saved: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


@runtime_checkable
class BulkSink(Sink, Protocol):
    """A sink that takes many products in fewer requests than one by one."""

    def save_many(self, pairs: Iterable[tuple[Product, Description]]) -> Iterator[Saved]:
        """One `Saved` for each pair, in their order, as `save` would give it.

        Lazy: pairs are taken as results are asked for, a batch ahead at most. Where an
        error stops it, in a shop or in `pairs` itself, the results up to there come first.
        """
        ...


@runtime_checkable
class FileSink(Sink, Protocol):
    """A sink of a file, which may be left before its end."""

    def skip(self, product: Product) -> Saved:
        """Count a product that needs nothing: it is `unchanged`, without a description."""
        ...

    def keep_part(self) -> str:
        """End the file with what was saved so far, and say where it is; "" for nothing.

        It appears under its name where nothing stands there, else beside it, as
        OUT.partial: a part replaces nothing. The end of the `with` block then does nothing
        more.
        """
        ...


def save_all(sink: Sink, pairs: Iterable[tuple[Product, Description]]) -> Iterator[Saved]:
    """Saves every pair, in batches where the sink has `save_many`, else one by one.

    Nothing is saved before the first result is asked for. Raises `CatalogError`.
    """
    if isinstance(sink, BulkSink):
        yield from sink.save_many(pairs)
    else:
        for product, description in pairs:
            yield sink.save(product, description)


@runtime_checkable
class SelectiveSink(Sink, Protocol):
    """A sink that says which fields of a product it would still write."""

    def needs(self, product: Product) -> frozenset[str]:
        """The fields that `save` would write, by what the product holds as it was read.

        No request is made for it. "category_id" instead of "category": only a category of
        a taxonomy can be written.
        """
        ...


def needs(sink: Sink) -> Callable[[Product], frozenset[str]]:
    """What a sink would still write of a product, for `describe_many(..., needs=)`.

    By the sink's own `needs`; of a sink that has none every field that is empty.
    """
    if not callable(getattr(sink, "save", None)):
        raise TypeError(f"needs takes a sink, not a {type(sink).__name__}")
    return sink.needs if isinstance(sink, SelectiveSink) else _empty_fields


def _empty_fields(product: Product) -> frozenset[str]:
    photos = len(product.photos)
    return missing_fields(Current.of(product), writes=FIELDS, photos=photos)


class SaveLog:
    """The log of one sink: DEBUG has a line a product, INFO one at the end.

    place: names the file or shop that is written to, once anything is logged.
    """

    def __init__(self, place: Callable[[], str | os.PathLike[str]]) -> None:
        self._place = place
        self._counts: Counter[str] = Counter()

    def note(self, saved: Saved) -> Saved:
        """The same, once it is noted."""
        self._counts[saved.status] += 1
        if not _log.isEnabledFor(logging.DEBUG):
            return saved
        fields = ", ".join(dict.fromkeys(edit.field for edit in saved.edits))
        _log.debug(
            "%s: product %s %s (%s) %s",
            self._place(),
            saved.product_id,
            saved.status,
            fields or "no field",
            saved.reason,
        )
        return saved

    def end(self, *, appears: bool = True) -> None:
        """Say how many products were saved; nothing was where none was given."""
        if _log.isEnabledFor(logging.INFO):
            counts = ", ".join(f"{n} {status}" for status, n in self._counts.items())
            outcome = "" if appears else "; the file was dropped"
            _log.info("%s: %s%s", self._place(), counts or "no product saved", outcome)
        self._counts.clear()


class Closing:
    """A context manager whose `with` block calls `close` when it is left."""

    def close(self) -> None:
        """Let go of what is held open; most hold nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
