"""What spreadsheets leave in a CSV: "sep=;", ="00123", marks of order, joined exports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doubles.processor_time import MAX_RATIO, growth
from factories import description
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs import open_source
from productdesc.catalogs.delimited.quoting import spans
from productdesc.catalogs.delimited.table import open_table, replace_cells
from productdesc.catalogs.shopify.csv_file.sink import ShopifyCsvSink
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.catalogs.tables.csv_table import TableSource

FAULTS = Path(__file__).parents[2] / "data" / "faults"
HEADER = "Handle;Title;Body (HTML);Image Src\r\n"
BOM = "\ufeff"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "export.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rewritten(path: Path) -> bytes:
    """The file with a description put in where there is none."""
    out = path.with_suffix(".out")
    with ShopifyCsvSource(path) as source, ShopifyCsvSink(path, out, replace=True) as sink:
        for product in source.products():
            sink.save(product, description(description="Thrown by hand."))
    return out.read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "line", ["sep=;\r\n", '"sep=;"\r\n', "SEP=;\n", "sep=;;;;\r\n", "\r\nsep=;\r\n\r\n"]
)
def test_a_line_that_names_the_delimiter_is_no_row_and_stays(
    tmp_path: Path, line: str, encoding: str
) -> None:
    text = line + HEADER + "jug;Krug ü;;\r\nbowl;Bowl;<p>Deep.</p>;\r\n"
    path = written(tmp_path, text, encoding)
    with ShopifyCsvSource(path) as source:
        assert [(p.id, p.title) for p in source.products()] == [
            ("jug", "Krug ü"),
            ("bowl", "Bowl"),
        ]
        assert not list(source.problems)
    after = text.replace("Krug ü;;", "Krug ü;<p>Thrown by hand.</p>;")
    assert rewritten(path) == after.encode(encoding)


def test_a_line_that_names_a_delimiter_the_file_has_not_is_not_believed(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "sep=;\nSKU,Name\nJ1,Jug\n")
    assert [p.title for p in TableSource(path).products()] == ["Jug"]


def test_the_excel_export_of_the_faults_is_read() -> None:
    with open_source(FAULTS / "o12_sep_line.csv") as source:
        assert [p.title for p in source.products()] == ["Krug"]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('"=""00123"""', "00123"),
        ('="00123"', "00123"),
        ('"=""a """"b"""""""', 'a "b"'),
        ('"="""""', ""),
        ('""', ""),
        ("=1+1", "=1+1"),
        ('"=""a"', '="a'),
        ('"a=""b"""', 'a="b"'),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_cell_that_excel_is_told_to_take_as_text_says_its_text(
    tmp_path: Path, cell: str, says: str, newline: str, place: int
) -> None:
    cells = ["x", "y", "z"]
    cells[place] = cell
    content = newline.join(["a,b,c", "1,2,3", ",".join(cells), "7,8,9", ""])
    table = open_table(written(tmp_path, content))
    rows = list(table.rows())
    assert (
        rows[1].cells[place] == says
        and rows[1].raw.decode() == f"{','.join(cells)}{newline}"
    )
    assert table.row(rows[1].raw, rows[1].line) == rows[1]
    others = [n for n in range(3) if n != place]
    for other in others:  # the cell stays as it is where another one changes
        new = replace_cells(rows[1], {other: "new"}, table.dialect).decode()
        assert cell in new and "new" in new


def test_ids_that_excel_is_told_to_take_as_text_keep_their_zeros() -> None:
    with open_source(FAULTS / "o17_excel_text_id.csv") as source:
        assert [p.id for p in source.products()] == ["00123"]


def test_a_handle_in_both_forms_is_one_product(tmp_path: Path) -> None:
    path = written(
        tmp_path, HEADER + '="7";Jug;;\r\n8;Bowl;;\r\n7;;;https://i.example/1.jpg\r\n'
    )
    with ShopifyCsvSource(path) as source:
        assert [(p.id, len(p.photos)) for p in source.products()] == [("7", 1), ("8", 0)]
    assert b'="7";Jug;<p>Thrown by hand.</p>;' in rewritten(path)


def test_two_byte_order_marks_are_none_of_the_header(tmp_path: Path) -> None:
    with open_source(FAULTS / "o20_double_bom.csv") as source:
        [product] = source.products()
    assert product.id == "jug" and product.attributes["Size"] == "S, L"
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        text = BOM * 3 + HEADER + "jug;Jug;;\r\n"
        path = written(tmp_path, text, encoding)
        after = text.replace("Jug;;", "Jug;<p>Thrown by hand.</p>;")
        assert rewritten(path) == after.encode(encoding)


def test_a_header_row_that_comes_again_is_no_product(tmp_path: Path) -> None:
    with open_source(FAULTS / "o09_two_exports_joined.csv") as source:
        assert [p.id for p in source.products()] == ["jug", "bowl"]
        [problem] = source.problems
    assert problem.line == 3 and "header row" in problem.message
    for mark in ("", BOM):
        text = HEADER + "jug;Jug;;\r\n" + mark + HEADER + "bowl;Bowl;;\r\n" + HEADER
        path = written(tmp_path, text)
        with ShopifyCsvSource(path) as source:
            assert [p.id for p in source.products()] == ["jug", "bowl"]
            assert [p.line for p in source.problems] == [3, 5]
        assert rewritten(path).decode() == text.replace(
            ";;\r\n", ";<p>Thrown by hand.</p>;\r\n"
        )


@pytest.mark.parametrize(
    "header",
    [
        "SKU,Name,Colour",
        "id\ttitle\tavailability",
        "ID,Type,SKU,Name,Published",
        "sku,product_type,attribute_set_code,name",
    ],
)
def test_every_reader_of_tables_knows_its_header_row_again(
    tmp_path: Path, header: str
) -> None:
    mark = "\t" if "\t" in header else ","
    row = mark.join(f"v{n}" for n in range(header.count(mark) + 1))
    path = written(tmp_path, f"{header}\n{row}\n{header}\n")
    with open_source(path) as source:
        assert len(list(source.products())) == 1
        assert [p.line for p in source.problems] == [3]


OLD_PLAIN = r'(?!")(?:[^{d}\r\n]++|\r(?!\r*(?:\n|\Z)))*+'


@given(st.text('a",;\n\r', max_size=30), st.sampled_from([",", ";"]))
def test_a_row_of_bare_crs_is_cut_as_it_was(row: str, delimiter: str) -> None:
    d = re.escape(delimiter)
    old = re.compile(
        rf'("[^"]*+(?:""[^"]*+)*+"|{OLD_PLAIN.replace("{d}", d)})({d}|\r*\n|\r*\Z)'
    )
    found, at = [], 0
    while cell := old.match(row, at):
        found.append(cell.span(1))
        at = cell.end()
        if cell[2] != delimiter:
            break
    else:
        found = []
    assert spans(row, delimiter, "\n")[0] == found


def test_bare_crs_cost_linear_time() -> None:
    assert growth(lambda size: spans("\r" * size + "a", ",", "\n")) < MAX_RATIO
