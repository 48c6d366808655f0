"""Texts that make a regular expression slow, made from its own parts, and its growth.

Time that grows as the text does is fine; any more of it is a stranger's to use up.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from math import inf
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple, TypeAlias

from doubles.processor_time import MAX_RATIO, growth

Pattern: TypeAlias = "re.Pattern[Any]"
Make: TypeAlias = Callable[[int], Any]
"""A text of about so many characters, or of bytes for a pattern of bytes."""

LOOKED_AT = (24, 200, 1_000, 8_000)
"""Characters of the first looks: few for what is exponential, more for what is a cube."""
LONG_SECONDS = 0.1
"""A first look that takes longer is the last."""
QUICK_SECONDS = 0.0005
"""A longest look that takes less is linear: the square of so much takes far longer."""
LINEAR_RATIO = 20.0
"""Of the two longest looks: 8 is linear, 64 a square."""
ATTEMPTS = 5
"""Looks at a busy machine, until one shows that the time is linear."""

CATEGORIES = {
    "CATEGORY_DIGIT": "7", "CATEGORY_NOT_DIGIT": "x", "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "x", "CATEGORY_WORD": "w", "CATEGORY_NOT_WORD": "-",
}  # fmt: skip
TAIL = "\1"
"""What few patterns take."""
MAX_NAMED = 10
MAX_RUNS = 6
MAX_REPEATS = 12
"""Of a pattern, that texts are made from: one of fifty words has no more to show."""

_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def texts(pattern: Pattern) -> Iterator[Make]:
    """What the pattern takes, repeated, in turn, and behind one another, before a tail."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    characters: dict[str, None] = {}
    runs: dict[str, None] = {}
    _collect(tree, characters, runs)
    units = [*islice(characters, MAX_NAMED), *islice(runs, MAX_RUNS)] or ["a"]
    parts = [("", unit, tail) for unit in units for tail in ("", TAIL)]
    parts += [(first, unit, TAIL) for first in units[:3] for unit in units[:5]]
    parts += [("", a + b, TAIL) for a in units[:4] for b in units[:4] if a != b]
    for before, unit in islice(dict.fromkeys(_repeats(tree)), MAX_REPEATS):
        parts += [(before, unit, TAIL), ("", before, TAIL), ("", before + unit, TAIL)]
    as_text = isinstance(pattern.pattern, str)
    for head, unit, tail in dict.fromkeys(parts):
        if unit:
            made = partial(_text, head, unit, tail)
            yield made if as_text else partial(_as_bytes, made)


def _text(head: str, unit: str, tail: str, length: int) -> str:
    return head + unit * (length // len(unit) + 1) + tail


def _as_bytes(make: Callable[[int], str], length: int) -> bytes:
    return make(length).encode("latin-1", "replace")


def _collect(tree: Any, characters: dict[str, None], runs: dict[str, None]) -> None:
    """The single characters that a pattern names, and its literals in a row."""
    run = ""
    for kind, value in [*tree, (None, None)]:
        if kind is op.LITERAL:
            run += chr(value)
            characters[chr(value)] = None
            continue
        if len(run) > 1:
            runs[run] = None
        run = ""
        for one in _taken(kind, value):
            characters[one] = None
        for inner in _inside(value):
            _collect(inner, characters, runs)


def _taken(kind: Any, value: Any) -> list[str]:
    """Characters that an item takes: one of each part of a class, and one beside it."""
    if kind is op.LITERAL:
        return [chr(value)]
    if kind is op.NOT_LITERAL:
        return ["x" if chr(value) != "x" else "y", chr(value)]
    if kind is op.ANY:
        return ["a"]
    if kind is not op.IN:
        return []
    return list(_members(value))


def _members(members: Sequence[tuple[Any, Any]]) -> Iterator[str]:
    named = [
        chr(value if kind is op.LITERAL else value[0])
        if kind in (op.LITERAL, op.RANGE)
        else CATEGORIES.get(str(value), "w")
        for kind, value in members
        if kind is not op.NEGATE
    ]
    if members[0][0] is op.NEGATE:
        yield next((c for c in "a 7-<~é" if c not in named), "§")
    yield from named
    yield "~"


def _inside(value: Any) -> Iterator[Any]:
    """The patterns within an item: of a group, of a repeat, of each branch."""
    if isinstance(value, _parser.SubPattern):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _inside(one)


def _example(tree: Iterable[Any]) -> str:
    """A short text that the pattern takes; what looks around is left out."""
    text = ""
    for kind, value in tree:
        if kind in _REPEATS:
            text += _example(value[2]) * max(value[0], 1)
        elif kind is op.BRANCH:
            text += _example(value[1][0])
        elif kind in (op.SUBPATTERN, op.ATOMIC_GROUP):
            text += "".join(map(_example, islice(_inside(value), 1)))
        else:
            text += "".join(_taken(kind, value)[:1])
    return text


def _repeats(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """What stands before each unbounded repeat, and what it repeats."""
    for place, (kind, value) in enumerate(tree):
        ahead = before + _example(tree[:place])
        if kind in _REPEATS and value[1] > 20:
            items = list(value[2])
            single = _taken(*items[0]) if len(items) == 1 else []
            for unit in [*single[:4], _example(items)]:
                yield ahead, unit
        for inner in _inside(value):
            yield from _repeats(inner, ahead)


def use(pattern: Pattern, method: str, text: Any) -> None:
    """Do with a text what the code does; `scan` matches from where the last match ended."""
    if method == "scan":
        at = 0
        while (match := pattern.match(text, at)) and match.end() > at:
            at = match.end()
    elif method == "finditer":
        for _ in pattern.finditer(text):
            pass
    elif method in ("sub", "subn"):
        pattern.sub(text[:0], text)
    else:
        getattr(pattern, method)(text)


def is_quick(run: Callable[[int], object]) -> bool:
    """Whether a first look, at the clock on the wall, shows that the time is linear.

    Of all texts nearly all are, and it takes a thousandth of the time of `growth`.
    """
    *smaller, short, long = LOOKED_AT
    if any(_seconds(run, size) > LONG_SECONDS for size in smaller):
        return False
    less, more = inf, inf
    for _ in range(ATTEMPTS):
        less = min(less, _seconds(run, short))
        if less > LONG_SECONDS:
            return False
        more = min(more, _seconds(run, long))
        if more < max(QUICK_SECONDS, LINEAR_RATIO * less):
            return True
    return False


def _seconds(run: Callable[[int], object], size: int) -> float:
    began = time.perf_counter()
    run(size)
    return time.perf_counter() - began


class Worst(NamedTuple):
    """The growth of the slowest text, and how the text begins."""

    ratio: float
    text: Any


def worst(pattern: Pattern, method: str) -> Worst:
    slowest = Worst(2.0, "")
    for make in texts(pattern):

        def run(size: int, make: Make = make) -> None:
            use(pattern, method, make(size))

        ratio = 2.0 if is_quick(run) else growth(run)
        slowest = max(slowest, Worst(ratio, make(20)), key=lambda one: one.ratio)
        if ratio >= MAX_RATIO:
            break
    return slowest
