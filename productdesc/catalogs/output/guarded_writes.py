"""Guarded writes: what a live shop's sink offers to a job that publishes and undoes.

A guard is asked right before each batch leaves, with what the shop was read to hold in
that moment, and once more before each single request that changes something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from ...errors import CatalogError
from ...records import Product
from ...text.printable import listed, quoted
from ..protocol import BulkSink, Edit, Saved

STAND_IN = re.compile(r"name \([\w-]+\)")
"""The attribute that gives a product's name in another language, where it has no title."""


class Held(NamedTuple):
    """What a shop holds of one product now.

    product: as its source reads it. values: raw, as the shop stores them, by the field and
    target of an `Edit`. shared: fields that all languages share, and no translation has.
    """

    product: Product
    values: Mapping[tuple[str, str], str]
    shared: frozenset[str] = frozenset()


class Planned(NamedTuple):
    """What is about to be written of one product, and what the shop holds of it now.

    untouched: fields that hold the merchant's own words, and are left alone.
    """

    product_id: str
    edits: tuple[Edit, ...]
    untouched: tuple[str, ...]
    held: Held


class WriteGuard(Protocol):
    """Decides what may leave, at the last moment at which that can be decided."""

    def admit(self, planned: Sequence[Planned]) -> Sequence[str]:
        """For each product why it is not written; "": it is written now."""
        ...

    def check(self) -> None:
        """Raises where no request may leave any more; called before each that changes."""
        ...


@runtime_checkable
class GuardedSink(BulkSink, Protocol):
    """A sink of a live shop, for `sync.publish` and `sync.undo`.

    Ids are those of `Product.id`, as its source gives them.
    """

    @property
    def place(self) -> str:
        """Which shop it is; the same for every sink of it."""
        ...

    @property
    def apply(self) -> bool:
        """Whether it writes, or only says what it would."""
        ...

    @property
    def settle_seconds(self) -> float:
        """How long the shop may be at work on a request that nobody listens to."""
        ...

    def settle(self, seconds: float) -> None:
        """Wait so long, and longer where the shop says that it is still at work.

        Raises `CatalogError`.
        """
        ...

    def guard(self, guard: WriteGuard) -> None:
        """Ask this guard before anything is written, and in a dry run before nothing is."""
        ...

    def look(self, ids: Sequence[str]) -> Mapping[str, Held]:
        """What the shop holds of these products; those it has not are left out.

        Raises `CatalogError`.
        """
        ...

    def is_same(self, field: str, one: str, other: str) -> bool:
        """Whether two raw values of a field are the same to the shop's readers."""
        ...

    def restore(self, edits: Iterable[tuple[str, Sequence[Edit]]]) -> Iterator[Saved]:
        """Give products back the raw values in `Edit.after`, by the same rules as `save`.

        One `Saved` for each, in their order. Raises `CatalogError`.
        """
        ...


@runtime_checkable
class LanguageSink(Protocol):
    """A sink of a shop that holds texts in several languages, and writes those of one."""

    language: str

    def languages(self) -> Sequence[str]:
        """The shop's languages, its default one first; raises `CatalogError`."""
        ...


def place_of_language(sink: LanguageSink) -> int:
    """Where among its shop's languages the sink's own is; 0: it is the default one.

    "en" is en-GB too. Raises `CatalogError` where the shop has no such language.
    """
    if not sink.language:
        return 0
    there = [code.replace("_", "-").casefold() for code in sink.languages()]
    wanted = sink.language.replace("_", "-").casefold()
    for place, code in enumerate(there):
        if code == wanted or (wanted not in there and code.startswith(f"{wanted}-")):
            return place
    raise CatalogError(
        f"the shop has no language {quoted(sink.language, 'code')}; it has: "
        f"{listed([*sink.languages()])}; add it to the shop, or leave it out"
    )


def verdicts(guard: WriteGuard | None, planned: Sequence[Planned]) -> Sequence[str]:
    """What a guard says; without one everything is written."""
    return guard.admit(planned) if guard else [""] * len(planned)
