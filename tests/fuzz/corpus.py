"""Inputs to begin with: the bad inputs of the checkout, and of ../shared where it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
FAULTS = TESTS / "data" / "faults"
EXAMPLES = TESTS.parent / "examples"

SHORT = 2_000  # bytes of a text: short inputs are tried ten times as often
LARGEST = 60_000  # bytes of a file that cannot be cut


def texts(shared: Path | None, *places: str) -> list[bytes]:
    """The heads of text files, in whole lines, by glob patterns.

    A pattern that begins with "shared/" is of that folder, any other of `FAULTS`.
    """
    return list(dict.fromkeys(_head(data) for data in _all(shared, places)))


def binaries(shared: Path | None, *places: str) -> list[bytes]:
    """Whole files that are not too long, by the same patterns."""
    return [data for data in dict.fromkeys(_all(shared, places)) if len(data) <= LARGEST]


def _all(shared: Path | None, places: Sequence[str]) -> list[bytes]:
    found = []
    for place in places:
        top = shared if place.startswith("shared/") else FAULTS
        if top is not None:
            paths = sorted(top.glob(place.removeprefix("shared/")))
            found += [path.read_bytes() for path in paths if path.is_file()]
    return found


def _head(data: bytes) -> bytes:
    if len(data) <= SHORT:
        return data
    cut = data[:SHORT]
    return cut[: cut.rfind(b"\n") + 1] or cut
