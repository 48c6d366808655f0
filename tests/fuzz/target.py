"""What a target is: code to try, what it promises, and inputs to begin with."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

Mutator = Callable[[bytes, Random, Sequence[bytes]], bytes]
"""(an input, chance, the seeds) in; another input, of the same grammar, out."""


class Broken(Exception):
    """A promise that was not kept: the message says which."""


@dataclass(frozen=True)
class Target:
    """Code that a stranger's bytes reach.

    run: takes the input and a folder of its own. promised: the errors that docs/errors.md
    promises for that entry; any other is a finding. seeds: inputs to begin with. mutators:
    what knows the input's grammar. tokens: bytes that mean something there.
    """

    run: Callable[[bytes, Path], object]
    promised: tuple[type[BaseException], ...]
    seeds: Callable[[Path | None], Sequence[bytes]]
    mutators: tuple[Mutator, ...] = ()
    tokens: tuple[bytes, ...] = ()


_OBEYED = {"Cc", "Cs", "Zl", "Zp"}
_TURNS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_one_line(text: str) -> bool:
    """Nothing in it that a terminal obeys, ends a line with, or turns a line round at."""
    if text.isascii():
        return text.isprintable()
    return not any(unicodedata.category(c) in _OBEYED or c in _TURNS for c in text)


def require(condition: object, promise: str) -> None:
    """Raises `Broken` with the promise where it was not kept."""
    if not condition:
        raise Broken(promise)
