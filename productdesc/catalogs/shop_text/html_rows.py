"""Rows of tables and definition lists as lines of text: "Weight: 2 kg".

`shop_html.to_text` puts a mark where a table, a row or a cell begins or ends; `lay_out`
turns the marks into lines. A row of two cells, or of a heading and values, is a label and
what it says; any other row has a bar between its cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MARK = "\0"
"""Begins a mark; one letter follows. No text holds it: `to_text` takes it out first."""

_TABLE, _TABLE_END, _ROW, _ROW_END = "T", "t", "R", "r"
_HEADING, _CELL, _TERM, _VALUE = "H", "C", "D", "V"

MARKS = {
    **{f"<{name}": MARK + _TABLE for name in ("table", "dl")},
    **{f"</{name}": MARK + _TABLE_END for name in ("table", "dl")},
    **{f"<{name}": MARK + _ROW_END for name in ("thead", "tbody", "tfoot")},
    **{f"</{name}": MARK + _ROW_END for name in ("thead", "tbody", "tfoot")},
    "<tr": MARK + _ROW, "</tr": MARK + _ROW_END,
    "<th": MARK + _HEADING, "<td": MARK + _CELL,
    "<dt": MARK + _TERM, "<dd": MARK + _VALUE,
    **{f"</{name}": " " for name in ("th", "td", "dt", "dd")},
}  # fmt: skip
"""What stands for a tag, by how the tag begins."""

MAX_DEPTH = 20  # tables within tables; what is deeper belongs to the last of them
MAX_LABEL = 60  # characters; what is longer is no label but text
_COLONS = ":：︰ "
_ENDS = ".,;!?…。？！"


def lay_out(marked: str) -> str:
    """The text, with every row of it on lines of its own and no mark left."""
    before, *pieces = marked.split(MARK)
    tables = [_Table()]
    tables[0].add(before)
    for piece in pieces:
        match piece[:1]:
            case "T" if len(tables) < MAX_DEPTH:
                tables.append(_Table())
            case "t" if len(tables) > 1:
                _close(tables)
            case "H" | "C" | "V" as kind:
                tables[-1].begin_cell(is_label=kind == _HEADING)
            case "D":
                tables[-1].end_row()
                tables[-1].begin_cell(is_label=True)
            case _:
                tables[-1].end_row()
        tables[-1].add(piece[1:])
    while len(tables) > 1:
        _close(tables)
    return tables[0].text()


class _Table:
    """What was read of one table, in order: its rows, and the text between them."""

    def __init__(self) -> None:
        self._parts: list[str | list[_Cell]] = []
        self._open: list[tuple[bool, list[str]]] = []

    def add(self, text: str) -> None:
        if self._open:
            self._open[-1][1].append(text)
        elif text.strip():
            self._parts.append(text)

    def begin_cell(self, *, is_label: bool) -> None:
        self._open.append((is_label, []))

    def end_row(self) -> None:
        if self._open:
            cells = [_Cell(label, _lines(texts)) for label, texts in self._open]
            self._parts.append([c for c in cells if not c.text or c.text.strip(_COLONS)])
            self._open = []

    def text(self) -> str:
        self.end_row()
        rows = [part for part in self._parts if isinstance(part, list)]
        used = {n for row in rows for n, cell in enumerate(row) if cell.text}
        lines: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                lines.append(part.strip(" "))
            elif text := _row([cell for n, cell in enumerate(part) if n in used]):
                lines.append(text)
        return "\n".join(filter(None, lines))


class _Cell(NamedTuple):
    is_label: bool
    text: str


def _close(tables: list[_Table]) -> None:
    inner = tables.pop().text()
    tables[-1].add(f"\n{inner}\n")


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(map(str.strip, "".join(texts).split("\n"))).strip()


def _row(cells: list[_Cell]) -> str:
    """One row as text. An empty cell between others keeps its place, as a column's."""
    while cells and not cells[-1].text:
        cells.pop()
    if sum(bool(cell.text) for cell in cells) < 2:
        return "".join(cell.text for cell in cells)
    first, *rest = cells
    texts = [cell.text for cell in rest]
    is_plain = not any("\n" in cell.text for cell in cells)
    values = " | ".join(texts) if is_plain else "\n".join(filter(None, texts))
    is_headed = first.is_label or len(cells) == 2
    if is_headed and _is_label(first.text) and not any(cell.is_label for cell in rest):
        return _labelled(first.text, values.lstrip(_COLONS) if texts[0] else values)
    return f"{first.text} | {values}".lstrip() if is_plain else f"{first.text}\n\n{values}"


def _is_label(text: str) -> bool:
    return bool(text) and "\n" not in text and len(text) <= MAX_LABEL


def _labelled(label: str, value: str) -> str:
    label = label.rstrip(_COLONS)
    colon = "" if label.endswith(tuple(_ENDS)) else ":"
    space = "\n" if "\n" in value else " "
    return label + colon + space + value
