"""`NewFileSink`: the base of sinks that write a new file, one entry a product."""

from __future__ import annotations

import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, ClassVar, Self

from ...errors import CatalogError
from ...output_file import STANDARD_OUTPUT
from ...records import Description, Product
from ..merge_policy import Current, Decision, check_overwrite, missing_fields
from ..protocol import Edit, Saved, SaveLog
from .publishable import publishable
from .unique_rows import UniqueRows


@dataclass(frozen=True, slots=True)
class Entry:
    """The bytes that a new file gets for one product. saved: the answer, once it is.

    key: what it is written under; each key is written once. values: the same as `data`,
    for a file that is not of bytes one after the other.
    """

    key: str
    data: bytes
    saved: Saved
    values: Mapping[str, Any] = field(default_factory=dict)


class NewFileSink(ABC):
    """A sink for a new file at `path`, which appears when the block ends without an error.

    path: "-" is standard output, written as products come. overwrite: fields where ours
    come before the merchant's. replace: a file that exists may be replaced; it is not by a
    run that saved no product.
    """

    WRITES: ClassVar[tuple[str, ...]]
    STREAMS: ClassVar[bool] = True
    """Whether it can be written to standard output."""
    HOLDS_ALL: ClassVar[bool] = True
    """Whether every product has an entry, also one whose words are all the merchant's."""
    PUBLISHES: ClassVar[bool] = True
    """Whether a shop takes its words: those that nobody vouches for are held back."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: Collection[str] = (),
        replace: bool = False,
    ) -> None:
        self._overwrite = check_overwrite(overwrite, self.WRITES)
        if os.fspath(path) == STANDARD_OUTPUT and not self.STREAMS:
            raise ValueError("this format cannot be written to standard output")
        self._rows = UniqueRows(path, replace=replace)
        self._saves = SaveLog(lambda: path)

    def needs(self, product: Product) -> frozenset[str]:
        """Every field, where a product that is not saved would be missing in the file."""
        if self.HOLDS_ALL:
            return frozenset(self.WRITES)
        return missing_fields(
            self._current(product),
            writes=self.WRITES,
            overwrite=self._overwrite,
            photos=len(product.photos),
        )

    def _current(self, product: Product) -> Current:
        """What the merchant has of what this file may hold."""
        return Current.of(product)

    def save(self, product: Product, description: Description) -> Saved:
        """What was written; the same text for a product again is `unchanged`.

        Raises `CatalogError` where the file cannot be written.
        """
        held_back = ""
        if self.PUBLISHES:
            description, held_back = publishable(description)
        with self._written():
            saved = self._saved(product, description).with_reason(held_back)
        if saved.status != "refused":
            self._rows.is_idle = False
        return self._saves.note(saved)

    def skip(self, product: Product) -> Saved:
        """See `FileSink`."""
        self._rows.is_idle = False
        return self._saves.note(Saved(product.id, "unchanged"))

    def _saved(self, product: Product, description: Description) -> Saved:
        try:
            entry = self._entry(product, description)
            if isinstance(entry, Saved):
                return entry
            why_not = self._add(entry)
        except UnicodeEncodeError as e:  # half a character, as in a broken file name
            reason = f"{e.object[e.start]!a} is no Unicode; it cannot be written"
            return Saved(product.id, "refused", reason=reason)
        match why_not:
            case None:
                return entry.saved
            case "":
                return replace(entry.saved, status="unchanged", edits=())
            case why:
                return replace(entry.saved, status="refused", edits=(), reason=why)

    @abstractmethod
    def _entry(self, product: Product, description: Description) -> Entry | Saved:
        """What to write of a product, or why nothing is."""

    def _add(self, entry: Entry) -> str | None:
        """Write it, unless `UniqueRows.refusal` says why not."""
        return self._rows.add(entry.key, entry.data)

    def _head(self) -> bytes:
        """What the file begins with."""
        return b""

    def _tail(self) -> bytes:
        """What the file ends with."""
        return b""

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Name the file in what goes wrong while it is written: a full disk, mostly."""
        try:
            yield
        except BrokenPipeError:
            raise  # whoever read standard output has gone
        except (OSError, sqlite3.Error) as e:
            reason = getattr(e, "strerror", None) or e
            raise CatalogError(f"{self._rows.path}: cannot be written: {reason}") from e

    def keep_part(self) -> str:
        """See `FileSink`."""
        with self._written():
            return self._rows.close_part(self._tail())

    def __enter__(self) -> Self:
        with self._written():
            self._rows.open(self._head())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._written():
            self._rows.close(keep=kind is None, tail=self._tail())
        self._saves.end(appears=kind is None)


def edits(current: Current, decision: Decision) -> tuple[Edit, ...]:
    """What changes, one edit a field, an attribute or a list in lines of text."""
    changes: list[Edit] = []
    for name, value in decision.new.items():
        before = getattr(current, name)
        match value:
            case str():
                changes.append(Edit(name, before, value))
            case tuple():
                changes.append(Edit(name, "\n".join(before), "\n".join(value)))
            case _:
                changes += [Edit(name, before.get(k, ""), v, k) for k, v in value.items()]
    return tuple(changes)


def photos_left_out(product: Product) -> str:
    """What to say of photos that a file of URLs cannot hold, "" where it has all."""
    files = sum(not isinstance(photo, str) for photo in product.photos)
    return f"{files} photos are files, which it cannot hold" if files else ""
