"""Quotes that are left open, or closed within text: the rule, said slowly and plainly.

`expected` looks through the lines behind each row anew, which takes quadratic time; the
reader may look through each once only, and must come to the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.processor_time import MAX_RATIO, growth, seconds
from hypothesis import example, given, settings
from hypothesis import strategies as st

from productdesc.catalogs.delimited.blocks import BLOCK_BYTES, MAX_ROW_BYTES
from productdesc.catalogs.delimited.dialect import Dialect
from productdesc.catalogs.delimited.reader import MalformedRow, Row, RowReader

NEVER_CLOSED = "a quote is opened and never closed"
TORN = "text follows a closing quote"
COMMAS = Dialect("utf-8", b"", ",", "\n", False)

Part = tuple[int, bytes, str, tuple[str, ...] | None]
"""A line's number, the bytes of a row or of damage, what is wrong, and a row's cells."""


def read(content: bytes, width: int, max_row_bytes: int = MAX_ROW_BYTES) -> list[Part]:
    reader = RowReader(
        Path("table.csv"),
        io.BytesIO(content),
        COMMAS,
        1,
        [f"name {n}" for n in range(width)],
        max_row_bytes=max_row_bytes,
    )
    return [
        (part.line, part.raw, "", tuple(part.cells))
        if isinstance(part, Row)
        else (part.line, part.raw, part.problem.message if part.problem else "", None)
        for part in reader.parts()
    ]


# ---- the rule ---------------------------------------------------------------------------


def cells_of(text: str) -> tuple[list[str], bool, bool]:
    """Cells, whether a quote is open at the end, whether text follows a closing quote."""
    cells, state, is_torn = [""], "begin", False
    skipped = False
    text = text.removesuffix("\n")
    for char, following in zip(text, text[1:] + "\n", strict=False):
        if skipped:
            skipped = False
        elif state == "quotes" and char == following == '"':
            cells[-1] += char
            skipped = True
        elif state == "quotes" and char == '"':
            state = "closed"
        elif state == "quotes":
            cells[-1] += char
        elif char == ",":
            cells.append("")
            state = "begin"
        elif char == '"' and state == "begin":
            state = "quotes"
        else:
            is_torn = is_torn or state == "closed"
            cells[-1] += char
            state = "plain"
    return cells, state == "quotes", is_torn


def expected(content: bytes, width: int, most: int) -> Iterator[Part]:
    lines = content.decode().splitlines(keepends=True)
    at, in_damage = 0, False
    while at < len(lines):
        end, limit = at + 1, ""
        while cells_of("".join(lines[at:end]))[1] and end < len(lines) and not limit:
            if len("".join(lines[at : end + 1])) > most:
                limit = " within 0 MiB"
            else:
                end += 1
        cells, is_open, is_torn = cells_of("".join(lines[at:end]))
        below, *damage_below = cells_of(lines[end - 1])
        is_whole_below = end > at + 1 and len(below) == width and not any(damage_below)
        why, shown, is_damage_below = "", None, False
        if is_open:
            why, end, is_damage_below = f"{NEVER_CLOSED}{limit}", at + 1, True
        elif is_torn and (is_whole_below or len(cells) != width):
            why, end, is_damage_below = TORN, at + 1, True
        elif is_torn:
            why = TORN
        elif any(cells) and len(cells) != width:
            why = f"has {len(cells)} cells where the header has {width}"
            is_damage_below = in_damage
        else:
            shown = () if lines[at] == "\n" else tuple(cells)
            is_damage_below = in_damage and len(shown) != width
        # damage is told once, up to the next row that is whole
        yield at + 1, "".join(lines[at:end]).encode(), "" if in_damage else why, shown
        at, in_damage = end, is_damage_below


PIECES = (
    *('"', '"', '""', ",", ",", "\n", "\n", "a", '1,"a","\n', 'x","\n', '"x","y"\n'),
    *('",y\n', "1,2\n", '"1",2\n', '"x\ny"', '"a" b'),
)


@settings(max_examples=1500)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.integers(1, 4),
    st.sampled_from((MAX_ROW_BYTES, 24, 9)),
)
@example('1,"a","\n' * 5 + '"x","y"\n', 2, MAX_ROW_BYTES)
@example('x","\n' * 9, 3, 9)
def test_rows_and_damage_are_those_of_the_plain_rule(
    text: str, width: int, most: int
) -> None:
    content = text.encode()
    assert read(content, width, most) == list(expected(content, width, most))


# ---- its time ---------------------------------------------------------------------------

SOUPS = {
    "each line opens one": ('1,"a","\n', ""),
    "and a whole row is below": ('1,"a","\n', '"x","y","z"\n'),
    "and a damaged row is below": ('1,"a","\n', '",y"z,""\n'),
    "and a long row is below": ('1,"a","\n', '"x","y","' + "z" * 60_000 + '"\n'),
    "the csv module would read on": ('x","\n', ""),
    "between whole rows": ('1,2,3\nx","\n', ""),
    "below one that is open": ("1\r2,3,4\n", '1,"2\n'),
    "some are closed": ('1,"a","\n' * 30 + '"x","y","z"\n', ""),
}


@pytest.mark.parametrize("unit, below", SOUPS.values(), ids=SOUPS)
def test_lines_of_open_quotes_take_linear_time(unit: str, below: str) -> None:
    def run(size: int) -> None:
        text = unit * (size // len(unit) + 1)
        read((text + below if '"' in unit else below + text).encode(), 3)

    assert growth(run) < MAX_RATIO


def test_a_row_that_the_csv_module_refuses_is_not_shown_to_it_by_each_line() -> None:
    # each line begins a row of 602 cells, which the last line makes none
    lines = ["," * n + '"a","\n' for n in range(600)]
    content = "".join([*lines, '",\ry\n']).encode()
    for width in (602, 603):
        assert len(read(content, width)) == 600
    other = min(seconds(lambda width: read(content, width), 603) for _ in range(3))
    refused = min(seconds(lambda width: read(content, width), 602) for _ in range(3))
    assert refused < MAX_RATIO * other


# ---- beside it --------------------------------------------------------------------------


def test_a_row_of_many_small_cells_may_not_be_larger_than_any_other() -> None:
    row = b",".join([b'"x\nx"'] * 9) + b"\n"
    assert read(row, 9, len(row)) == [(1, row, "", ("x\nx",) * 9)]
    first = (1, b'"x\n', f"{NEVER_CLOSED} within 0 MiB", None)
    assert read(row, 9, len(row) - 1)[0] == first


def test_a_file_without_end_that_opens_a_quote_is_never_held_whole() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            lines = b'x","\n' * (size // 5 + 1)
            return lines[:size] if self.given < 40 * BLOCK_BYTES else b""

    file = Endless()
    names, most = ["a", "b"], 4 * BLOCK_BYTES
    reader = RowReader(Path("x"), file, COMMAS, 1, names, max_row_bytes=most)
    parts = reader.parts()
    assert isinstance(next(parts), MalformedRow)
    assert file.given <= 7 * BLOCK_BYTES


def test_an_unreadable_byte_of_a_damaged_row_is_not_the_next_rows() -> None:
    content = b'"\xff"1,2\n3,4\n'
    assert read(content, 2) == [
        (1, b'"\xff"1,2\n', "text follows a closing quote", None),
        (2, b"3,4\n", "", ("3", "4")),
    ]
