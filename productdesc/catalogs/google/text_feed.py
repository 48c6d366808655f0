"""Google feeds in text: a header and one offer a row, between tabs.

Read in any delimiter and encoding that `delimited` knows. Written in UTF-8 with tabs, a
cell in quotes only where it begins with one (Merchant Center's "quoted fields", on by
default); white space in a text becomes one space, so that a row is always one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..delimited.table import Table
from ..protocol import Problem, Problems
from .item import Item

COLUMNS = (
    *("id", "structured_title", "structured_description", "product_highlight"),
    *("color", "pattern", "material", "gender", "age_group"),
)
"""Columns of a supplemental feed in text."""

HEAD = "\t".join(COLUMNS) + "\n"
TAIL = ""


def read(table: Table, problems: Problems) -> Iterator[Item]:
    """Every offer of a feed, in order."""
    names = [_name(cell) for cell in table.header]
    for row in table.rows():
        if isinstance(row, Problem):
            problems.add(row)
            continue
        fields: dict[str, list[str]] = {}
        custom: dict[str, str] = {}
        for name, cell in zip(names, row.cells, strict=False):
            if name.startswith("c:"):
                custom[name.split(":")[1].replace("_", " ")] = cell
            elif name == "product_detail":
                custom.update(_details(cell))
            elif name and cell.strip():
                fields.setdefault(name, []).extend(_values(name, cell))
        yield Item(f"line {row.line}", row.line, fields, custom)


def _name(header: str) -> str:
    """A column's name as Google spells it; "shipping(country:price)" is "shipping"."""
    name = header.strip().lower().replace(" ", "_").removeprefix("g:")
    return name.partition("(")[0] if name.endswith(")") else name


def _values(name: str, cell: str) -> Sequence[str]:
    match name:
        case "product_highlight":
            return split(cell, ",")
        case "structured_title" | "structured_description":
            return split(cell.strip(), ":", most=1)[-1:]
        case _:
            return [cell]


def _details(cell: str) -> dict[str, str]:
    """Section:name:value, several with commas between them."""
    found = (split(one, ":", most=2) for one in split(cell, ",", keep=True))
    return {parts[1]: parts[2] for parts in found if len(parts) == 3}


def split(text: str, mark: str, *, most: int = -1, keep: bool = False) -> list[str]:
    """The values of one cell, at most `most` marks parted; quotes protect a mark.

    A value in quotes loses them, and its doubled quotes are halved, unless `keep`.
    """
    pieces: list[str] = []
    at = start = 0
    inside = False
    while at < len(text) and most != len(pieces):
        if text[at] == '"':
            inside = not inside
        elif text[at] == mark and not inside:
            pieces.append(text[start:at])
            start = at + 1
        at += 1
    pieces.append(text[start:])
    return pieces if keep else [_bare(piece.strip()) for piece in pieces]


def _bare(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text


def supplement(
    offer: str, values: Mapping[str, str], highlights: Sequence[str], by: str
) -> str:
    """One row with the values given; `by` is the source of its structured texts."""
    cells = {"id": offer, **values}
    for name in ("structured_title", "structured_description"):
        if name in values:
            cells[name] = f"{by}:{_quoted(values[name])}"
    cells["product_highlight"] = ",".join(
        _quoted(one) if re.search('[,:"]', one) else one for one in map(_line, highlights)
    )
    return "\t".join(_cell(cells.get(name, "")) for name in COLUMNS) + "\n"


def _quoted(text: str) -> str:
    return '"' + _line(text).replace('"', '""') + '"'


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    text = _line(text)
    return '"' + text.replace('"', '""') + '"' if text.startswith('"') else text
