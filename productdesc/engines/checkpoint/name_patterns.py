"""Names of modules by which an adapter says what it changes, matched as peft does.

A name stands for every module that ends with it. What is no plain name is a regular
expression, and a stranger's can run for ever: those are matched in a process of their own,
which is ended when its time is up.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from ...errors import EngineError
from ...text.printable import words_of
from .adapter import CONFIG, LoraConfig

V = TypeVar("V")

MATCH_SECONDS = 10.0  # a usual pattern takes a millisecond, the process a tenth of a second
MAX_PATTERNS = 1_000  # more than Qwen2-VL 72B has modules
ALL_LINEAR = "all-linear"
PROGRAM = """
import json, re, sys
asked = json.load(sys.stdin)
try:
    patterns = [re.compile(one) for one in asked["patterns"]]
except (re.error, RecursionError, OverflowError) as e:
    sys.exit(f"{e}")
numbers = range(len(asked["names"]))
json.dump([[n for n in numbers if one.fullmatch(asked["names"][n])] for one in patterns],
          sys.stdout)
"""
_PLAIN = re.compile(r"\w[\w.]*")


def targeted(
    config: LoraConfig,
    names: Collection[str],
    linears: Collection[str],
    *,
    seconds: float = MATCH_SECONDS,
) -> set[str]:
    """The modules of `names` that the adapter says it changes.

    `linears` are those that "all-linear" stands for. Raises `EngineError` for a pattern
    that is none of Python's, or takes longer than `seconds`.
    """
    wanted = config.target_modules
    if wanted is None:
        return set()
    found = set(linears) if wanted == ALL_LINEAR else _matched(wanted, names, seconds)
    found -= _matched(config.exclude_modules or (), names, seconds)
    saved = config.modules_to_save or ()
    found -= {name for name in found if any(f".{m}." in f".{name}." for m in saved)}
    if isinstance(wanted, str) or config.layers_to_transform in (None, []):
        return found
    layers = config.layers_to_transform
    numbers = {layers} if isinstance(layers, int) else set(layers or ())
    return {name for name in found if _layer(name, config.layers_pattern) in numbers}


def by_pattern(patterns: Mapping[str, V] | None, names: Sequence[str]) -> dict[str, V]:
    """Each name that a pattern stands for -> the value of the first that does."""
    order = list(patterns or ())
    plain = {one: number for number, one in enumerate(order) if _PLAIN.fullmatch(one)}
    others = [number for number, one in enumerate(order) if one not in plain]
    # peft lets any beginning stand before a pattern, up to a dot
    hits = _run([rf"(?:.*\.)?(?:{order[number]})" for number in others], names)
    first: dict[str, int] = {}
    for number, matched in zip(others, hits, strict=True):
        for name in matched:
            first.setdefault(name, number)
    for name in names:
        for end in _ends(name):
            if end in plain:
                first[name] = min(plain[end], first.get(name, len(order)))
    return {name: (patterns or {})[order[number]] for name, number in first.items()}


def _matched(wanted: Iterable[str], names: Collection[str], seconds: float) -> set[str]:
    """The names that one of some ends stands for, or that a whole pattern matches."""
    if isinstance(wanted, str):
        [found] = _run([wanted], names, seconds)
        return set(found)
    ends = set(wanted)
    return {name for name in names if not ends.isdisjoint(_ends(name))}


def _ends(name: str) -> Iterator[str]:
    """a.b.c, b.c, c."""
    while name:
        yield name
        name = name.partition(".")[2]


def _layer(name: str, patterns: Sequence[str] | str | None) -> int | None:
    """The number behind the first list of layers in a name: of "a.layers.3.mlp" 3."""
    lists = {patterns} if isinstance(patterns, str) else set(patterns or ())
    parts = name.split(".")
    for before, number in pairwise(parts[:-1]):
        if number.isdecimal() and (before in lists or not lists):
            return int(number)
    return None


def _run(
    patterns: Sequence[str], names: Collection[str], seconds: float = MATCH_SECONDS
) -> list[list[str]]:
    """The names that each regular expression matches as a whole."""
    if not patterns:
        return []
    if len(patterns) > MAX_PATTERNS:
        raise EngineError(
            f"{CONFIG}: refused, {len(patterns):,} patterns; at most {MAX_PATTERNS:,}"
        )
    if not sys.executable or getattr(sys, "frozen", False):
        raise EngineError(
            f"{CONFIG}: its patterns need a Python interpreter, and this program has none; "
            "list the names in target_modules"
        )
    listed = list(names)
    try:
        done = subprocess.run(
            # -I: no environment, no working folder; -S: no .pth file of the site is run
            [sys.executable, "-I", "-S", "-c", PROGRAM],
            input=json.dumps({"patterns": patterns, "names": listed}),
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as e:
        raise EngineError(
            f"{CONFIG}: refused, its patterns took over {seconds:g} s on the "
            "names of the model's modules; list the names in target_modules"
        ) from e
    except OSError as e:
        raise EngineError(
            f"{CONFIG}: no process could be started for its patterns: {e}"
        ) from e
    if done.returncode != 0:
        why = words_of(done.stderr) or f"exit code {done.returncode}"
        raise EngineError(f"{CONFIG}: a pattern in it is none of Python's: {why}")
    return [[listed[n] for n in numbers] for numbers in json.loads(done.stdout)]
