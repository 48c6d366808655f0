"""Targets that are wrong on purpose, one for each thing that must be found."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from fuzz.target import Target, require

WRONG = b"a wrong seed"
KEPT: list[bytearray] = []


def _once(act: Callable[[], object]) -> Target:
    """A target that is in order but for one of its seeds."""

    def run(data: bytes, folder: Path) -> None:
        if data == WRONG:
            act()
        raise ValueError("the error that is promised")

    return Target(run, (ValueError,), lambda shared: [b"in order", WRONG, b"more"])


def _letters(data: bytes, folder: Path) -> None:
    """A word that chance does not spell, found one letter after the other."""
    if data[:1] == b"w":  # noqa: SIM102
        if data[1:2] == b"o":  # noqa: SIM102
            if data[2:3] == b"r":  # noqa: SIM102
                if data[3:4] == b"d":
                    require(False, "the word")


def _spins() -> None:
    until = time.process_time() + 60
    while time.process_time() < until:
        pass


def _works_long() -> None:
    until = time.process_time() + 0.35
    while time.process_time() < until:
        pass


TARGETS = {
    "foreign": _once(lambda: {}["key"]),
    "promise": _once(lambda: require(False, "one is two")),
    "slow": _once(_works_long),
    "hang": _once(_spins),
    "waits": _once(lambda: time.sleep(60)),
    "abort": _once(os.abort),
    "exits": _once(lambda: os._exit(0)),
    "memory": _once(lambda: KEPT.append(bytearray(os.urandom(1) * 2**26))),
    "guided": Target(
        _letters, (), lambda shared: [b"...."], tokens=(b"w", b"o", b"r", b"d")
    ),
    "in-order": Target(
        lambda data, folder: int(data), (ValueError,), lambda shared: [b"1", b"x"]
    ),
}
