"""Duplicate and damaged product ids: what a catalogue's ids say of a mistake in it.

An id that comes again, ids that a reader cannot tell apart, and ids that a spreadsheet
rounded. Each is one problem line; the products are read all the same.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from types import TracebackType
from typing import Self

from ...text.fold import clean_name
from ...text.printable import quoted
from ..protocol import Problem, Problems

MAX_IN_MEMORY = 1 << 17
"""Ids in memory, some 20 MB; more are looked for in a temporary database on the disk."""

_ROUNDED = re.compile(r"[+-]?\d(?:[.,]\d+)?e\+\d{1,3}", re.IGNORECASE)
_Place = int | str
"""A line, or where else something stands."""


def is_rounded(key: str) -> bool:
    """Whether a spreadsheet wrote this number as 8.71E+12, and so lost its last digits."""
    return "+" in key and _ROUNDED.fullmatch(key.strip()) is not None


def rounding(what: str, key: str) -> str:
    """The message of a rounded number; what: "id", "SKU"."""
    return (
        f"{what} {_quoted(key)} is a number that a spreadsheet rounded, so its last digits "
        "are lost; export it again, and let no spreadsheet save it"
    )


class IdCheck:
    """Looks at every id of one reading; a context manager.

    Memory is fixed: of ids that lie far apart a repetition is told late, at the latest when
    the `with` block ends. `repeated` counts ids that came again as they were.
    """

    def __init__(self, problems: Problems, *, in_memory: int = MAX_IN_MEMORY) -> None:
        self.repeated = 0
        self._problems = problems
        self._in_memory = in_memory
        self._recent: dict[str, tuple[str, _Place]] = {}
        self._older: sqlite3.Connection | None = None

    def look(self, key: str, place: int | str) -> None:
        """Note what is wrong with an id; `place` is its line, or says where it stands."""
        if isinstance(place, str):  # the name of a file may hold what is no Unicode
            place = place.encode("utf-8", "replace").decode()
        alike = key.lower() if key.isascii() else clean_name(key).casefold()
        recent = self._recent
        if alike in recent:
            self._note(key, place, recent[alike])
        else:
            recent[alike] = key, place
            if len(recent) > self._in_memory:
                self._spill()
        if "+" in key and is_rounded(key):
            self._add(place, rounding("id", key))

    def _note(self, key: str, place: _Place, first: tuple[str, _Place]) -> None:
        self.repeated += key == first[0]
        self._add(place, _difference(key, *first))

    def _add(self, place: _Place, message: str) -> None:
        line = place if isinstance(place, int) else 0
        self._problems.add(Problem(_named(place), message, line))

    def _spill(self) -> None:
        """Move what is in memory to the disk, and tell what was there already."""
        if self._older is None:
            # "" is a database that sqlite keeps in a file without a name
            self._older = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._older.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA cache_size = -8000;"
                "CREATE TABLE ids (n INTEGER PRIMARY KEY, id BLOB, place)"
            )
            self._older.execute("BEGIN")
        # 64 bits: that two ids share them by chance does not happen
        rows = [
            (hash(alike), key.encode("utf-8", "surrogatepass"), place)
            for alike, (key, place) in self._recent.items()
        ]
        before = self._older.total_changes
        self._older.executemany("INSERT OR IGNORE INTO ids VALUES (?,?,?)", sorted(rows))
        if self._older.total_changes - before < len(rows):
            self._note_older(self._older)
        self._recent.clear()

    def _note_older(self, older: sqlite3.Connection) -> None:
        """Note what is in memory and was on the disk before, from another place."""
        query = "SELECT id, place FROM ids WHERE n = ?"
        for alike, (key, place) in self._recent.items():
            old, old_place = older.execute(query, (hash(alike),)).fetchone()
            if old_place != place:
                self._note(key, place, (old.decode("utf-8", "surrogatepass"), old_place))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._older is not None:
            try:
                if kind is None:
                    self._spill()
            finally:
                self._older.close()


def _named(place: _Place) -> str:
    return f"line {place}" if isinstance(place, int) else place


def _quoted(key: str) -> str:
    return quoted(key, "name")


def _difference(key: str, old: str, place: _Place) -> str:
    """What is to be said of an id that is like one that came first."""
    if key == old:
        return f"product {_quoted(key)} has the same id as {_named(place)}; both were read"
    shown = f"id {_quoted(key)} and {_quoted(old)} ({_named(place)})"
    if unicodedata.normalize("NFC", key) == unicodedata.normalize("NFC", old):
        how = "are the same letters, written once as NFC and once as NFD"
    elif clean_name(key) == clean_name(old):
        how = "differ in characters that nobody sees"
    else:
        how = "differ in letter case only"
    return f"{shown} {how}; if they are one product, give it one id"
