"""A plain table that is filled: every other cell stays, and nothing lands elsewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from factories import description
from hypothesis import given, settings
from hypothesis import strategies as st

from productdesc.catalogs import TableSink, TableSource, open_sink, open_source
from productdesc.catalogs.openers import OpenOptions
from productdesc.catalogs.protocol import Saved
from productdesc.catalogs.woocommerce.csv_file.sink import WooCommerceCsvSink
from productdesc.catalogs.woocommerce.csv_file.source import WooCommerceCsvSource
from productdesc.errors import CatalogError
from productdesc.records import Description, Product

OURS = description(
    title="Green jug",
    description="A jug.\n\nIt is green.",
    bullets=("Green", "Glazed", "1 litre"),
    tags=("jug", "green"),
    attributes={"colour": "green", "finish": "matt"},
    seo_title="Jug",
)


def fill(path: Path, out: Path, *ours: Description, **options: Any) -> list[Saved]:
    """Every product of the table saved with its own description, or with the last."""
    with TableSource(path) as source, TableSink(path, out, **options) as sink:
        products = list(source.products())
        texts = [*ours, *[ours[-1]] * (len(products) - len(ours))]
        return [sink.save(p, d) for p, d in zip(products, texts, strict=False)]


def rows(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> list[list[str]]:
    text = path.read_bytes().decode(encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_columns_that_nothing_is_known_of_stay_also_in_place(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(
        b"sku,name,Einkauf intern,description,stock\r\n"
        b"A,Jug,  7.50 ,,3\r\nB,Bowl,\"8,10\",Theirs.,\r\n"
    )  # fmt: skip
    [first, second] = fill(path, path, description(description="Ours."))
    assert (first.status, second.status) == ("written", "unchanged")
    assert second.untouched == ("description",)
    assert path.read_bytes() == (
        b"sku,name,Einkauf intern,description,stock\r\n"
        b"A,Jug,  7.50 ,Ours.,3\r\nB,Bowl,\"8,10\",Theirs.,\r\n"
    )  # fmt: skip


def test_a_field_without_a_column_gets_one_behind_the_others(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_bytes(b'sku,name,pr\xc3\xa9s\n"A",Jug,x\n\nB,Bowl,\n')
    fill(path, out, OURS, description())
    assert rows(out) == [
        ["sku", "name", "prés",
         "attributes", "bullets", "description", "seo_title", "tags"],
        ["A", "Jug", "x", "colour: green\nfinish: matt", "Green\nGlazed\n1 litre",
         "A jug.\n\nIt is green.", "Jug", "jug, green"],
        [],
        ["B", "Bowl", "", "", "", "", "", ""],
    ]  # fmt: skip
    assert out.read_bytes().startswith(b"sku,name,pr\xc3\xa9s,attributes")
    assert b'\n"A",Jug,x,' in out.read_bytes()
    again = tmp_path / "again.csv"
    assert [s.status for s in fill(out, again, OURS, description())] == ["unchanged"] * 2
    assert again.read_bytes() == out.read_bytes()


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_text("sku;price\nA;9,90\n", "utf-8")
    fill(path, out, OURS)
    [back] = TableSource(out).products()
    assert (back.title, back.description) == (OURS.title, OURS.description)
    assert (back.present.bullets, back.present.tags) == (OURS.bullets, OURS.tags)
    assert back.attributes == OURS.attributes and back.present.seo_title == "Jug"


def test_an_attribute_goes_into_the_column_of_its_name(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_text("sku,name,Colour,Finish\nA,Jug,,gloss\n", "utf-8")
    [saved] = fill(path, out, description(attributes=OURS.attributes))
    assert rows(out)[1] == ["A", "Jug", "green", "gloss"]
    assert saved.untouched == ("attributes",)


def test_bullets_fill_several_columns_and_the_rest_shares_the_last(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_text("sku,name,bullet point 1,bullet point 2\nA,Jug,,\n", "utf-8")
    fill(path, out, description(bullets=OURS.bullets))
    assert rows(out)[1] == ["A", "Jug", "Green", "Glazed\n1 litre"]


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
@pytest.mark.parametrize("end", ["", "\r\n"])
def test_encodings_and_a_last_row_without_an_end(
    tmp_path: Path, encoding: str, bom: bytes, end: str
) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_bytes(bom + f"sku,name\r\nA,Krüge{end}".encode(encoding))
    fill(path, out, description(description="Grün, 東京."))
    wanted = f'sku,name,description\r\nA,Krüge,"Grün, 東京."{end}'
    assert out.read_bytes() == bom + wanted.encode(encoding)


def test_what_an_encoding_has_not_refuses_its_product(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_bytes("sku,name\nA,Krüge\nB,Böden\n".encode("cp1252"))
    texts = (description(description="東京"), description(description="Für Böden"))
    first, second = fill(path, out, *texts)
    assert (first.status, second.status) == ("refused", "written")
    assert first.reason == r"cp1252, the file's encoding, has no '\u6771'"
    assert out.read_bytes().decode("cp1252") == (
        "sku,name,description\nA,Krüge,\nB,Böden,Für Böden\n"
    )


def test_rows_that_cannot_be_read_stay_as_they_are(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_bytes("sku,name\nA,Krügé\nB,too,many\n".encode() + b"C,\xff\nD,Pot\n")
    fill(path, out, description(description="Ours"))
    assert out.read_bytes() == (
        "sku,name,description\nA,Krügé,Ours\nB,too,many,\n".encode()
        + b"C,\xff\nD,Pot,Ours\n"
    )


@pytest.mark.parametrize(
    ("row", "written"),
    [
        ("B,too,many", "B,too,many,"),
        ('B,"too","many\nlines"', 'B,"too","many\nlines",'),
        ("sku,name", "sku,name,description"),
        ("B", "B"),
        ('B,"open,open', 'B,"open,open'),
    ],
)
def test_a_row_that_cannot_be_read_cannot_be_with_a_column_added_either(
    tmp_path: Path, row: str, written: str
) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_text(f"sku,name\nA,Jug\n{row}\n", "utf-8")
    fill(path, out, description(description="Ours"))
    assert out.read_text("utf-8") == (f"sku,name,description\nA,Jug,Ours\n{written}\n")
    with TableSource(out) as source:
        assert [p.id for p in source.products()] == ["A"]
        assert len(source.problems) == 1


def test_a_name_that_asks_for_tabs_gets_them(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.tsv"
    path.write_text('sku;name;note\nA;"Jug; green";3\nB;Pot;\n', "utf-8")
    fill(path, out, description(description="Ours"))
    assert out.read_bytes() == (
        b"sku\tname\tnote\tdescription\nA\tJug; green\t3\tOurs\nB\tPot\t\tOurs\n"
    )
    path.write_text("sku;name\nA;Jug;1\n", "utf-8")
    with pytest.raises(CatalogError, match="line 2 cannot be read"):
        fill(path, tmp_path / "other.tsv", description(description="Ours"))
    assert not (tmp_path / "other.tsv").exists()


def test_a_csv_by_semicolons_keeps_them(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_text("sku;name\nA;Jug\n", "utf-8")
    fill(path, out, description(description="One; two"))
    assert out.read_bytes() == b'sku;name;description\nA;Jug;"One; two"\n'


def test_a_formula_of_ours_refuses_its_product_and_theirs_stays(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_text("sku,name,note\nA,=Jug,=1+1\n", "utf-8")
    [saved] = fill(path, out, description(description="=HYPERLINK(1)"))
    assert saved.status == "refused" and "description" in saved.reason
    [saved] = fill(path, out, description(description="Ours"), replace=True)
    assert saved.status == "written"
    assert rows(out)[1] == ["A", "=Jug", "=1+1", "Ours"]


def test_a_column_that_is_there_under_the_name_keeps_it(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_text("sku,name,tags\nA,Jug,17\n", "utf-8")
    source = TableSource(path, columns={"ignored": "tags"})
    with TableSink(source, out) as sink:
        sink.save(Product(id="A"), description(tags=("jug",)))
    assert rows(out) == [["sku", "name", "tags", "tags 2"], ["A", "Jug", "17", "jug"]]


def test_the_format_csv_rewrites_the_table_it_was_read_from(tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    path.write_text("sku,name,secret\nA,Jug,x\n", "utf-8")
    with open_sink(out, "csv", OpenOptions(source_path=path)) as sink:
        sink.save(Product(id="A"), description(title="T", description="Ours"))
    assert rows(out)[0] == ["sku", "name", "secret", "description"]
    with open_sink(tmp_path / "fresh.csv", "csv") as sink:
        sink.save(Product(id="A"), description(title="T", description="Ours"))
    assert rows(tmp_path / "fresh.csv")[0][:2] == ["id", "title"]


WORDS = st.text(st.sampled_from("ab ,;\t\"'\n=é東"), max_size=8)


@settings(max_examples=100)
@given(
    cells=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_of_any_table_only_the_cells_meant_differ(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[str, str, str]],
    delimiter: str,
    newline: str,
    quoting: Any,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path, out = folder / "any.csv", folder / "any-new.csv"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(["sku", "shelf", "description", "note"])
    for number, (shelf, words, note) in enumerate(cells, start=1):
        writer.writerow([f"k{number}", shelf, words, note])
    path.write_bytes(text.getvalue().encode())
    out.unlink(missing_ok=True)
    saved = fill(path, out, description(description="Ours, new", seo_title="S"))
    wanted = [["sku", "shelf", "description", "note", "seo_title"]]
    for number, (row, one) in enumerate(zip(cells, saved, strict=True), start=1):
        shelf, words, note = row
        assert one.status == "written"
        filled = "description" in {edit.field for edit in one.edits}
        assert filled == (not words.strip())
        now = "Ours, new" if filled else words
        wanted.append([f"k{number}", shelf, now, note, "S"])
    assert rows(out, delimiter) == wanted


# --- Two products with one id ------------------------------------------------------------


def both_saved(source: Any, sink: Any, texts: Sequence[str]) -> list[Saved]:
    with source, sink:
        return [
            sink.save(product, description(description=text))
            for product, text in zip(list(source.products()), texts, strict=True)
            if text
        ]


@pytest.mark.parametrize("mode", ["whole", "changes"])
@pytest.mark.parametrize(
    ("texts", "statuses", "wanted"),
    [
        (("Der Krug.", "The jug."), ["written", "refused"], ["Der Krug.", ""]),
        (("", "The jug."), ["refused"], ["", ""]),
        (("Both.", "Both."), ["written", "refused"], ["Both.", ""]),
    ],
)
def test_no_text_lands_on_another_product_of_the_same_sku(
    root: Path, tmp_path: Path, mode: Any, texts: Any, statuses: list[str], wanted: Any
) -> None:
    path = root / "tests/data/faults/o01_woo_same_sku.csv"
    sink = WooCommerceCsvSink(path, tmp_path / "out.csv", mode=mode)
    saved = both_saved(WooCommerceCsvSource(path), sink, texts)
    assert [one.status for one in saved] == statuses
    assert "2 rows" in saved[-1].reason and "'JUG' (lines 2, 3)" in saved[-1].reason
    if mode == "whole":
        found = [row[5] for row in rows(tmp_path / "out.csv")[1:]]
        assert found == [f"<p>{text}</p>" if text else "" for text in wanted]


def test_of_a_plain_table_too(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sku,name\nJUG,Krug\nBOWL,Bowl\nJUG,Jug\n", "utf-8")
    sink = TableSink(path, tmp_path / "out.csv")
    saved = both_saved(TableSource(path), sink, ("Der Krug.", "The bowl.", "The jug."))
    assert [one.status for one in saved] == ["written", "written", "refused"]
    assert [row[2] for row in rows(tmp_path / "out.csv")] == [
        "description", "Der Krug.", "The bowl.", "",
    ]  # fmt: skip


def test_rows_that_say_the_same_are_one_product(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sku,name\nJUG,Krug\nJUG,Krug\n", "utf-8")
    sink = TableSink(path, tmp_path / "out.csv")
    saved = both_saved(TableSource(path), sink, ("A.", "A."))
    assert [one.status for one in saved] == ["written", "written"]
    sink = TableSink(path, tmp_path / "out.csv", replace=True)
    saved = both_saved(TableSource(path), sink, ("A.", "B."))
    assert [one.status for one in saved] == ["written", "refused"]
    assert [row[2] for row in rows(tmp_path / "out.csv")] == ["description", "A.", ""]


@pytest.mark.parametrize("blank", ['""', '"",""', ",", ",,,,,", ""])
@pytest.mark.parametrize("order", ["apart", "together"])
def test_a_row_of_empty_cells_may_be_short_or_long(
    tmp_path: Path, blank: str, order: str
) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    last = "1,2,A" if order == "apart" else "1,2,C"
    path.write_text(f"weight,price,sku\n5,6,A\n{blank}\n5,6,B\n{last}\n", "utf-8")
    with TableSource(path) as source, TableSink(path, out) as sink:
        products = list(source.products())
        assert [sink.save(p, description(title="Ours")).status for p in products][1:2] == [
            "written"
        ]
    assert out.read_text("utf-8").splitlines()[3] == "5,6,B,Ours"
    assert path.read_text("utf-8").splitlines()[2] == blank


@pytest.mark.parametrize("blank", ['""', ",", ",,,,,,"])
def test_a_row_of_empty_cells_in_a_shopify_file_may_be_short_or_long(
    tmp_path: Path, blank: str
) -> None:
    path, out = tmp_path / "list.csv", tmp_path / "new.csv"
    rows = ["Title,Vendor,Handle,Variant Price", "Jug,A,jug,1", blank, "Pot,A,pot,2"]
    path.write_text("\n".join([*rows, "Jug,A,jug,3", ""]), "utf-8")
    options = OpenOptions(source_path=path, overwrite=("title",))
    with open_source(path, "shopify-csv") as source:
        products = list(source.products())
    with open_sink(out, "shopify-csv", options) as sink:
        statuses = [sink.save(p, description(title="Ours")).status for p in products]
    assert statuses == ["written", "written"]
    assert out.read_text("utf-8").splitlines()[2] == blank
