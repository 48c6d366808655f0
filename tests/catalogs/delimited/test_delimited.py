"""Delimited files: every byte accounted for, cells as the csv module reads them."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.processor_time import MAX_RATIO, growth
from hypothesis import given, settings
from hypothesis import strategies as st

from productdesc.catalogs.delimited.blocks import BLOCK_BYTES, MAX_ROW_BYTES
from productdesc.catalogs.delimited.quoting import raw_cells, spans
from productdesc.catalogs.delimited.table import (
    Dialect,
    MalformedRow,
    Row,
    open_table,
    replace_cells,
)
from productdesc.catalogs.protocol import Problem
from productdesc.errors import CatalogError

ENCODINGS = (
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
    ("cp1252", b""),
)
TEXT = st.text(
    st.one_of(st.sampled_from("a\",;|\t\n\r '=é€"), st.characters(codec="cp1252")),
    max_size=12,
).filter(lambda t: not any(ord(c) < 32 and c not in "\t\n\r" for c in t))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("delimited")


def written(folder: Path, content: bytes | str) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def whole(path: Path) -> bytes:
    table = open_table(path)
    parts = [part.raw for part in table.parts()]
    return b"".join([table.dialect.bom, table.header_row.raw, *parts])


def good(path: Path) -> list[Row]:
    return [row for row in open_table(path).rows() if isinstance(row, Row)]


def bad(path: Path) -> list[Problem]:
    return [row for row in open_table(path).rows() if isinstance(row, Problem)]


@st.composite
def files(draw: st.DrawFn) -> tuple[Dialect, list[list[str]], bytes]:
    """A random table, how it is written, and the bytes of it as the csv module writes."""
    encoding, bom = draw(st.sampled_from(ENCODINGS))
    newline = draw(st.sampled_from(("\n", "\r\n", "\r")))
    all_quoted = draw(st.booleans())
    dialect = Dialect(encoding, bom, draw(st.sampled_from(",;\t|")), newline, all_quoted)
    width = draw(st.integers(2, 4))
    cell = TEXT.filter(lambda t: "\r" not in t)
    row = st.lists(cell, min_size=width, max_size=width).filter(any)
    rows = draw(st.lists(row, max_size=8))
    buffer = io.StringIO()
    writer = csv.writer(
        buffer,
        delimiter=dialect.delimiter,
        lineterminator=newline,
        quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerow([f"Name {n} é€ü" for n in range(width)])
    for cells in rows:
        # A cell with a line end of another kind is quoted by nobody but a careful writer.
        if any("\n" in c for c in cells) and not all_quoted:
            quotes = [f'"{c.replace(chr(34), chr(34) * 2)}"' for c in cells]
            buffer.write(dialect.delimiter.join(quotes) + newline)
        else:
            writer.writerow(cells)
    return dialect, rows, bom + buffer.getvalue().encode(encoding)


@settings(max_examples=60)
@given(files())
def test_what_another_program_wrote_is_found_out_and_read(
    folder: Path, made: tuple[Dialect, list[list[str]], bytes]
) -> None:
    dialect, rows, content = made
    path = written(folder, content)
    table = open_table(path)
    assert table.dialect == dialect
    assert [r.cells for r in table.rows() if isinstance(r, Row)] == rows
    assert [r.cells for r in table.rows() if isinstance(r, Row)] == rows  # anew
    assert whole(path) == content
    for row in good(path):
        assert table.row(row.raw, row.line) == row


@settings(max_examples=50)
@given(files(), st.data())
def test_one_changed_cell_leaves_all_other_bytes_alone(
    folder: Path, made: tuple[Dialect, list[list[str]], bytes], data: st.DataObject
) -> None:
    dialect, _, content = made
    found = good(written(folder, content))
    if not found:
        return
    row = data.draw(st.sampled_from(found))
    column = data.draw(st.integers(0, len(row.cells) - 1))
    text = data.draw(TEXT)
    new = replace_cells(row, {column: text}, dialect)
    cells = next(csv.reader(io.StringIO(new.decode(dialect.encoding), newline=""),
                            delimiter=dialect.delimiter, strict=True))  # fmt: skip
    assert cells == [*row.cells[:column], text, *row.cells[column + 1 :]]
    assert replace_cells(row, {}, dialect) == row.raw
    # Bytes before and after the cell are the old ones.
    cut = dialect.delimiter.encode(dialect.encoding)
    plain = [c for c in row.cells if not set(c) & {'"', dialect.delimiter}]
    if plain == row.cells and not set(text) & {'"', dialect.delimiter}:
        olds, news = row.raw.split(cut), new.split(cut)
        assert [*olds[:column], *olds[column + 1 : -1]] == [
            *news[:column],
            *news[column + 1 : -1],
        ] or column == len(olds) - 1


@settings(max_examples=500)
@given(
    row=st.text('a",;\n\r ', max_size=16).map(lambda text: text.rstrip("\r\n")),
    delimiter=st.sampled_from(",;"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_a_row_is_cut_into_cells_in_two_ways_that_agree(
    row: str, delimiter: str, newline: str
) -> None:
    found, end = spans(row, delimiter, newline)
    if found and end == len(row):  # one whole row, and well quoted
        assert raw_cells(row, delimiter) == [row[a:b] for a, b in found]
    else:
        assert newline in row or '"' in row or "\n" in row or "\r" in row


def test_a_huge_cell_full_of_delimiters_is_cut_in_linear_time() -> None:
    cell = '"' + 'a,""' * 1_000_000 + '"'
    assert raw_cells(f"x,{cell},y", ",") == ["x", cell, "y"]
    run = lambda size: raw_cells('x,"' + 'a,""' * size + '",y', ",")  # noqa: E731
    assert growth(run) < MAX_RATIO


@given(st.lists(TEXT, min_size=1, max_size=5), st.sampled_from(",;\t|"), st.booleans())
def test_a_new_row_is_read_back(cells: list[str], delimiter: str, all_quoted: bool) -> None:
    dialect = Dialect("utf-8", b"", delimiter, "\r\n", all_quoted)
    text = dialect.row(cells).decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    assert rows == [cells]
    assert text.endswith("\r\n")


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [b"a", b"bc", b'"', b'""', b",", b",", b"\n", b"\r\n", b"\r", b"\x00", b"\xe9",
             b"\xc3\xa9", b" ", b"\n\n", b'"x\ny"', b"1,2,3\n", b'"1",2,3\n']
        ),
        max_size=60,
    )
)  # fmt: skip
def test_no_byte_of_any_damaged_file_is_lost(folder: Path, pieces: list[bytes]) -> None:
    content = b"one,two,three\n" + b"".join(pieces)
    path = written(folder, content)
    table = open_table(path, delimiter=",", encoding="utf-8")
    parts = list(table.parts())
    assert table.header_row.raw + b"".join(p.raw for p in parts) == content
    line = 2
    for part in parts:
        assert part.line == line
        mac = table.dialect.newline == "\r"
        line += len(part.raw.splitlines()) if mac else part.raw.count(b"\n")
        if isinstance(part, Row) and any(part.cells):
            text = io.StringIO(part.raw.decode(), newline="")
            assert len(part.cells) == 3
            if b"\r" not in part.raw:
                assert [part.cells] == list(csv.reader(text, strict=True))


def test_a_file_of_cr_line_ends_has_its_lines_counted(folder: Path) -> None:
    rows = good(written(folder, "a,b\r1,2\r\r3,4\r"))
    assert [(r.line, r.cells) for r in rows] == [(2, ["1", "2"]), (4, ["3", "4"])]


def test_a_lone_cr_in_a_cell_of_an_lf_file_is_text(folder: Path) -> None:
    path = written(folder, "a,b\n\r=1+1,x\ny,z\r\n")
    assert [r.cells for r in good(path)] == [["\r=1+1", "x"], ["y", "z"]]
    assert not bad(path)


def test_a_row_in_another_encoding_is_reported_and_the_rest_is_read(folder: Path) -> None:
    content = "a,b\né,1\nü,2\n".encode() + "é,3\n".encode("latin-1") + "ö,4\n".encode()
    path = written(folder, content)
    assert [r.cells for r in good(path)] == [["é", "1"], ["ü", "2"], ["ö", "4"]]
    assert [(p.line, str(p)) for p in bad(path)] == [(4, "line 4: byte e9 is no utf-8")]


def test_a_file_of_another_encoding_is_read_in_it(folder: Path) -> None:
    path = written(folder, "a;b\nGröße;€ 5\n".encode("cp1252"))
    assert open_table(path).dialect.encoding == "cp1252"
    assert good(path)[0].cells == ["Größe", "€ 5"]
    path = written(folder, "a,b\nцена,5\n".encode("koi8-r"))
    assert next(open_table(path, encoding="koi8-r").rows()) == Row(
        2, ["цена", "5"], "цена,5\n".encode("koi8-r")
    )


def test_the_first_letter_beyond_ascii_may_come_late(folder: Path) -> None:
    content = b"a,b\n" + b"plain,row\n" * 100_000 + "ö,x\n".encode("cp1252")
    path = written(folder, content)
    assert open_table(path).dialect.encoding == "cp1252"
    path = written(folder, content[:-4] + "ö,x\n".encode())
    assert open_table(path).dialect.encoding == "utf-8"


def test_utf_16_without_a_mark_is_seen(folder: Path) -> None:
    path = written(folder, "name\tprice\r\nshoe\t5\r\n".encode("utf-16-be"))
    assert good(path)[0].cells == ["shoe", "5"]
    assert open_table(path).dialect.encoding == "utf-16-be"


def test_short_and_long_rows_are_reported_with_their_lines(folder: Path) -> None:
    path = written(folder, 'a,b\n1,"x\ny"\n1\n1,2,3\n4,5\n,,,\n\n')
    assert [r.cells for r in good(path)] == [["1", "x\ny"], ["4", "5"]]
    assert [(p.line, p.message) for p in bad(path)] == [
        (4, "has 1 cells where the header has 2"),
        (5, "has 3 cells where the header has 2"),
    ]


def test_control_characters_are_reported_and_nothing_is_changed(folder: Path) -> None:
    content = b'a,b\n1,"x\ny\x00"\n2,bell\x07\n3,4\n'
    path = written(folder, content)
    assert [r.cells for r in good(path)] == [["3", "4"]]
    assert [(p.line, p.message) for p in bad(path)] == [
        (2, "on line 3: holds the control character U+0000"),
        (4, "holds the control character U+0007"),
    ]
    assert whole(path) == content


def test_a_quote_that_is_never_closed_costs_its_own_row_only(folder: Path) -> None:
    path = written(folder, 'a,b\n1,2\n3,"open\n5,6\n7,8\n')
    assert [r.cells for r in good(path)] == [["1", "2"], ["5", "6"], ["7", "8"]]
    assert [(p.line, p.message) for p in bad(path)] == [
        (3, "a quote is opened and never closed")
    ]


def test_a_stray_quote_before_other_quotes_costs_its_own_row_only(folder: Path) -> None:
    path = written(folder, 'a,b\n3,"open\n5,"six"\n7,"8 ""x"""\n')
    assert [r.cells for r in good(path)] == [["5", "six"], ["7", '8 "x"']]
    assert [p.line for p in bad(path)] == [2]


def test_text_after_a_closing_quote_is_reported_as_one_row(folder: Path) -> None:
    path = written(folder, 'a,b\n"x\ny","12" wide"\n5,6\n')
    assert [r.cells for r in good(path)] == [["5", "6"]]
    assert [str(p) for p in bad(path)] == ["line 2: text follows a closing quote"]


def test_a_cell_beyond_the_limit_of_the_csv_module_is_read(folder: Path) -> None:
    before = csv.field_size_limit()
    big = "<p>" + 'say ""hi"", all\n' * 100_000 + "</p>"
    path = written(folder, f'a,b\n1,"{big}"\n2,x\n')
    assert [r.cells for r in good(path)] == [["1", big.replace('""', '"')], ["2", "x"]]
    assert csv.field_size_limit() == before


def test_a_lower_limit_set_by_somebody_else_does_no_harm(folder: Path) -> None:
    path = written(folder, 'a,b\n1,"some longer text"\nlonger than four,x\n')
    before = csv.field_size_limit(4)
    try:
        assert [r.cells for r in good(path)] == [
            ["1", "some longer text"],
            ["longer than four", "x"],
        ]
    finally:
        csv.field_size_limit(before)


@pytest.mark.heavy
def test_a_quote_left_open_is_given_up_after_a_fixed_size(
    folder: Path,
) -> None:
    line = b"1," + b"x" * 997 + b"\n"
    count = MAX_ROW_BYTES // len(line) + 10
    path = written(folder, b'a,b\n1,"open\n' + line * count)
    found = {Row: 0, Problem: 0}
    for row in open_table(path).rows():
        found[type(row)] += 1
        assert isinstance(row, Row) or "never closed within 32 MiB" in row.message
    assert found == {Row: count, Problem: 1}


def test_many_damaged_rows_take_linear_time(folder: Path) -> None:
    def run(count: int) -> None:
        path = written(folder, b"a,b\n" + b'1,"x" y\n' * count)
        assert len(bad(path)) == count

    assert growth(run, most=16_000) < MAX_RATIO


def test_rows_are_read_by_several_threads_at_once(folder: Path) -> None:
    path = written(folder, "a,b\n" + "".join(f"{n},x\n" for n in range(20_000)))
    table = open_table(path)
    totals: list[int] = []

    def count() -> None:
        totals.append(sum(int(r.cells[0]) for r in table.rows() if isinstance(r, Row)))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert totals == [sum(range(20_000))] * 4


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"\xef\xbb\xbf", "nothing but a byte order mark"),
        (b"\n\r\n\n", "3 bytes|4 bytes|none of them is text"),
        (b"PK\x03\x04 and so on", "workbook or zip"),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", "UTF-32"),
        (b'a,"b\nc,d\n', "line 1: no column names: a quote is opened and never closed"),
        (b"a,b\x00\nc,d\n", r"line 1: no column names: .*U\+0000"),
        (b",,,\n,,,\n", "has no row of column names"),
        (b"a,b\n" + b"x" * (34 << 20), "line 2 is longer than 32 MiB"),
    ],
)
def test_what_cannot_be_read_says_why(folder: Path, content: bytes, why: str) -> None:
    path = written(folder, content)
    with pytest.raises(CatalogError, match=why) as caught:
        list(open_table(path).rows())
    assert str(path) in str(caught.value)


def test_files_that_are_not_there_say_so(folder: Path) -> None:
    with pytest.raises(CatalogError, match=r"nowhere\.csv: cannot be read: No such file"):
        open_table(folder / "nowhere.csv")
    with pytest.raises(CatalogError, match="no regular file"):
        open_table(folder)


def test_options_that_make_no_sense_are_told(folder: Path) -> None:
    path = written(folder, "a,b\n1,2\n")
    for options in ({"delimiter": '"'}, {"delimiter": ",,"}):
        with pytest.raises(ValueError, match="one character"):
            open_table(path, **options)
    for encoding, why in (("klingon", "not known"), ("utf-7", "ASCII"), ("cp037", "ASCII")):
        with pytest.raises(ValueError, match=why):
            open_table(path, encoding=encoding)


def test_empty_lines_above_the_header_are_kept(folder: Path) -> None:
    content = b"\n\r\na,b\n1,2\n"
    path = written(folder, content)
    assert whole(path) == content
    assert [(r.line, r.cells) for r in good(path)] == [(4, ["1", "2"])]


def blocks_of(path: Path) -> Iterator[bytes]:
    return open_table(path).blocks()


def test_a_line_end_may_fall_between_two_blocks(folder: Path) -> None:
    for newline in ("\r\n", "\r", "\n"):
        for before in range(BLOCK_BYTES - 3, BLOCK_BYTES + 3):
            text = f"a,b{newline}" + "x" * (before - 4) + f",1{newline}y,2{newline}"
            path = written(folder, text)
            assert [r.cells[1] for r in good(path)] == ["1", "2"]
            assert whole(path) == text.encode()
            assert b"".join(blocks_of(path)) == text.encode()[3 + len(newline) :]


def test_a_column_that_a_row_has_not_cannot_be_changed(folder: Path) -> None:
    path = written(folder, "a,b\n1,2\n")
    row = good(path)[0]
    with pytest.raises(ValueError, match="2 cells, no column 2"):
        replace_cells(row, {2: "x"}, open_table(path).dialect)
    with pytest.raises(UnicodeEncodeError):
        replace_cells(row, {0: "東"}, Dialect("cp1252", b"", ",", "\n", False))


def test_the_damage_is_told_once(folder: Path) -> None:
    path = written(folder, 'a,b\n1,"<p>never\nclosed\nat\nall\n2,3\n')
    parts = list(open_table(path).parts())
    malformed = [p for p in parts if isinstance(p, MalformedRow)]
    assert [p.problem is not None for p in malformed] == [True, False, False, False]
    assert [r.cells for r in good(path)] == [["2", "3"]]
