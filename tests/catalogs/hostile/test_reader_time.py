"""No text in any place of a catalogue takes more than linear time to read.

Each place of each reader (cells, header names, elements, whole files, answers of shops) is
given texts that make bad code slow. The short test gives a few to each place, the long one
all of them. Code that was slow once is kept in SLOW, so that it is seen to be told.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles.files.attack_shapes import SHAPES
from doubles.files.attack_texts import ATTACKS, PLACES, Attack
from doubles.processor_time import MAX_RATIO, growth, is_square, seconds

MOST_SIZE = 1 << 15
"""Characters of the largest text that is looked at, if it is quick."""
SHORT = 2
"""Texts for each place in the short test."""


def slow(place: str, folder: Path, attacks: list[Attack]) -> list[str]:
    """What takes more than linear time in a place."""
    complaints = []
    for attack in attacks:

        def run(size: int, attack: Attack = attack) -> None:
            PLACES[place](folder, attack.text(size))

        ratio = growth(run, most=MOST_SIZE)
        if ratio >= MAX_RATIO:
            complaints.append(f"{place}: {attack!r}: {ratio:.1f} times for twice the size")
    return complaints


@pytest.mark.parametrize("place", PLACES)
def test_a_few_texts_take_linear_time(place: str, tmp_path: Path) -> None:
    assert not slow(place, tmp_path, random.Random(place).sample(ATTACKS, SHORT))


@pytest.mark.heavy
@pytest.mark.parametrize("place", PLACES)
def test_all_texts_take_linear_time(place: str, tmp_path: Path) -> None:
    assert not slow(place, tmp_path, [*ATTACKS])


@pytest.mark.parametrize("name", SHAPES)
def test_many_of_a_thing_take_linear_time(name: str, tmp_path: Path) -> None:
    def run(size: int) -> None:
        SHAPES[name](tmp_path, size)

    assert growth(run, most=MOST_SIZE) < MAX_RATIO


@pytest.mark.heavy
@pytest.mark.parametrize("name", [name for name in SHAPES if name.startswith("csv:")])
def test_very_many_of_a_thing_take_linear_time(name: str, tmp_path: Path) -> None:
    """To understand one column costs much, which hides what each pair of them costs."""
    few, many = 4_000, 64_000

    def run(size: int) -> None:
        SHAPES[name](tmp_path, size)

    least = min(seconds(run, few) for _ in range(3))
    limit = 1.75 * least * many / few
    assert any(seconds(run, many) < limit for _ in range(3))


# ---- code that was slow -----------------------------------------------------------------


def judged_again_for_each_row(text: str) -> None:
    """Rows that are given up: each line begins one, which is read to where it ends."""
    lines = text.splitlines(keepends=True)
    for at in range(len(lines)):
        is_open, end = False, at
        while end == at or (is_open and end < len(lines)):
            is_open = ends_open(lines[end], is_open)
            end += 1


def ends_open(line: str, is_open: bool) -> bool:
    at = 0
    while True:
        if not is_open and line.startswith('"', at):
            is_open, at = True, at + 1
        while is_open:
            at = line.find('"', at) + 1
            if not at:
                return True
            if line.startswith('"', at):
                at += 1
            else:
                is_open = False
        at = line.find(",", at) + 1
        if not at:
            return False


CELL = re.compile(r'(?!")(?:[^,\r\n]++|\r(?!\r*(?:\n|\Z)))*+')
LINKS = re.compile(r"\s*,\s*(?=[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)

SLOW: dict[str, tuple[Callable[[str], object], Attack]] = {
    "rows of broken quotes": (judged_again_for_each_row, Attack('1,"a","\n')),
    "a cell of CRs": (CELL.match, Attack("\r", end="x")),
    "links apart by commas": (LINKS.split, Attack(" ", end="x")),
    "a name with brackets": (re.compile(r"\(.*\)$").search, Attack("(")),
    "a name with a number": (re.compile(r"\s*\d+$").search, Attack("1", end="x")),
    "tags of a message": (lambda text: re.sub(r"<[^>]*>", "", text), Attack("<")),
}
"""How readers did it before, and a text that showed it."""


@pytest.mark.parametrize("code, attack", SLOW.values(), ids=SLOW)
def test_what_was_slow_is_told(code: Callable[[str], object], attack: Attack) -> None:
    assert attack in ATTACKS

    def run(size: int) -> None:
        code(attack.text(size))

    assert is_square(run, most=MOST_SIZE)
