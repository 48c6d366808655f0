"""WooCommerce's product CSV: exports read, the whole file or the changes written."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path
from typing import Any

import pytest
from doubles.shops.woocommerce_csv import imported
from factories import description
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from productdesc.catalogs.protocol import Saved
from productdesc.catalogs.woocommerce.csv_file.sink import Mode, WooCommerceCsvSink
from productdesc.catalogs.woocommerce.csv_file.source import WooCommerceCsvSource
from productdesc.catalogs.woocommerce.wp_text import stored_html
from productdesc.errors import CatalogError
from productdesc.records import Product

EXPORT = """\
ID,Type,SKU,Name,Published,Short description,Description,Regular price,Categories,Tags,\
Images,Parent,Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,\
Attribute 1 global,Meta: _x
7,variable,tee,Tee,1,,Soft.\\nWarm \\\\n,,"Clothing > Tees, Sale","R&B, a\\, b",\
"https://cdn.example.com/a.jpg, https://cdn.example.com/b.jpg",,Color,\
"Red, Blue\\, dark",1,1,
8,variation,tee-red,Tee - Red,1,,,9,,,,id:7,Color,Red,,1,
9,"simple, virtual",song,'=Song,1,<ul><li>One</li><li>Two</li></ul>,,3,Music,,,,,,,,'=meta
"""
OURS = description(
    title="Our title",
    bullets=("Red upper", "Rubber sole"),
    description="Our words.",
    alt_texts=("front",),
    tags=("shoes", "red, dark"),
    seo_title="SEO",
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(EXPORT.encode())
    return path


def read(path: Path) -> list[Product]:
    with WooCommerceCsvSource(path) as source:
        found = list(source.products())
    assert not list(source.problems)
    return found


def save(
    path: Path, *pairs: tuple[str, Any], changes: bool = False, **options: Any
) -> tuple[list[Saved], list[list[str]]]:
    """What the sink said, and the rows of what it wrote."""
    out = path.with_name("import.csv")
    mode: Mode = "changes" if changes else "whole"
    with WooCommerceCsvSink(path, out, mode=mode, replace=True, **options) as sink:
        said = [sink.save(Product(id=key), ours) for key, ours in pairs]
    text = out.read_bytes().decode("utf-8-sig")
    return said, list(csv.reader(io.StringIO(text, newline="")))


def test_an_export_is_read_with_its_own_spelling_undone(export: Path) -> None:
    tee, song = read(export)
    assert (tee.id, tee.title) == ("7", "Tee")
    assert tee.description == "Soft.\nWarm \\n"  # a line end, and two characters
    assert tee.photos == ("https://cdn.example.com/a.jpg", "https://cdn.example.com/b.jpg")
    assert tee.attributes == {"Color": "Red, Blue, dark"}
    assert tee.present.category == "Clothing > Tees"
    assert tee.present.tags == ("R&B", "a, b")
    assert song.title == "=Song"
    assert song.present.bullets == ("One", "Two")


def test_without_an_id_the_sku_is_the_id_and_without_both_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("SKU,Name,Type\nx1,A,simple\n,B,simple\n")
    with WooCommerceCsvSource(path) as source:
        found = [(p.id, p.title) for p in source.products()]
    assert found == [("x1", "A"), ("line 3", "B")]
    [problem] = source.problems
    assert (
        str(problem) == "line 3: has neither ID nor SKU, so it goes by its line, 'line 3'"
    )


def test_column_names_are_taken_in_any_letter_case(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(" sku,NAME,Attribute 1 Name,attribute 1 Value(s)\nx,A,Wood,oak\n")
    assert read(path)[0].attributes == {"Wood": "oak"}


def test_an_export_in_a_language_that_is_not_known_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ID,Típus,Cikkszám,Név,Leírás\n1,simple,x,A,B\n")
    with pytest.raises(CatalogError, match="English") as raised:
        read(path)
    assert "Cikksz" in str(raised.value)


def test_a_variation_without_a_parent_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "ID,Type,Name,Parent\n1,variation,A,\n2,variation,B,id:3\n3,variable,C,\n"
    )
    with WooCommerceCsvSource(path) as source:
        assert [p.id for p in source.products()] == ["3"]
    assert [problem.line for problem in source.problems] == [2]


def test_a_photo_that_is_no_https_address_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('ID,Name,Images\n1,A,"file:///etc/passwd, https://a.example/b.jpg"\n')
    with WooCommerceCsvSource(path) as source:
        [product] = source.products()
    assert product.photos == ("https://a.example/b.jpg",)
    assert source.problems.total == 1


@pytest.mark.parametrize("name", ["sample_products.csv", "importer-test-sample.csv"])
def test_woocommerces_own_sample_files(name: str, shared: Path, tmp_path: Path) -> None:
    path = shared / "catalogs" / "woocommerce-csv" / name
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = [r for r in rows if r["Type"] != "variation" and any(r.values())]
    with WooCommerceCsvSource(path) as source:
        found = list(source.products())
    assert [p.title for p in found] == [r["Name"] for r in wanted]
    assert all(
        p.description for p, r in zip(found, wanted, strict=True) if r["Description"]
    )
    out = tmp_path / "out.csv"
    with WooCommerceCsvSink(path, out, mode="whole", replace=True) as sink:
        pass
    assert out.read_bytes() == path.read_bytes()
    with WooCommerceCsvSink(
        path, out, mode="whole", overwrite=["description"], replace=True
    ) as sink:
        assert sink.save(found[0], OURS).status == "written"
    with out.open(encoding="utf-8-sig", newline="") as file:
        after = list(csv.DictReader(file))
    differing = [
        (n, column)
        for n, (a, b) in enumerate(zip(rows, after, strict=True))
        for column in a
        if a[column] != b[column]
    ]
    first = rows.index(wanted[0])
    columns = {column for n, column in differing}
    assert {n for n, _ in differing} == {first}
    assert "Description" in columns <= {"Description", "Short description", "Tags", "Name"}


# --- Writing -----------------------------------------------------------------------------


def test_empty_cells_are_filled_and_all_other_bytes_stay(export: Path) -> None:
    [saved], _ = save(export, ("9", OURS))
    assert saved.status == "written" and saved.untouched == ("title", "bullets")
    before = export.read_bytes().splitlines(keepends=True)
    after = export.with_name("import.csv").read_bytes().splitlines(keepends=True)
    assert after[:-1] == before[:-1]
    assert after[-1] == (
        b'9,"simple, virtual",song,\'=Song,1,<ul><li>One</li><li>Two</li></ul>,'
        b'<p>Our words.</p>,3,Music,"shoes, red\\, dark",,,,,,,\'=meta\n'
    )


def test_what_was_filled_once_is_unchanged_the_second_time(export: Path) -> None:
    ours = OURS.model_copy(update={"description": "a\\nb [x] <3"})
    save(export, ("9", ours), ("7", ours), overwrite=["description", "tags"])
    once = export.with_name("import.csv")
    once.replace(export)
    before = export.read_bytes()
    said, _ = save(export, ("9", ours), ("7", ours), overwrite=["description", "tags"])
    assert [one.status for one in said] == ["unchanged", "unchanged"]
    assert once.read_bytes() == before


def test_tags_are_written_behind_the_merchants_own(export: Path) -> None:
    _, rows = save(export, ("7", OURS), overwrite=["tags"])
    assert rows[1][9] == "R&B, a\\, b, shoes, red\\, dark"


def test_the_file_of_changes_has_keys_and_changed_columns_only(export: Path) -> None:
    _, rows = save(export, ("7", OURS), ("9", OURS), changes=True)
    assert rows[0] == ["ID", "SKU", "Short description", "Description", "Tags"]
    assert [row[:2] for row in rows[1:]] == [["7", "tee"], ["9", "song"]]
    # what does not change stands as it was, since an empty cell would erase it
    ours = "<ul><li>Red upper</li><li>Rubber sole</li></ul>"
    # and a backslash stands twice where the import saves the text again
    assert rows[1][2:] == [ours, "Soft.\nWarm \\\\n", "R&B, a\\, b"]
    theirs = "<ul><li>One</li><li>Two</li></ul>"
    assert rows[2][2:] == [theirs, "<p>Our words.</p>", "shoes, red\\, dark"]


def test_a_row_that_an_import_could_not_find_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("SKU,Name,Description\n,A,\n")
    [saved], rows = save(path, ("line 2", OURS), changes=True)
    assert saved.status == "refused" and "neither ID nor SKU" in saved.reason
    assert rows == [["SKU"]]
    [saved], rows = save(path, ("line 2", OURS))
    assert saved.status == "written" and rows[1][2] == "<p>Our words.</p>"


@pytest.mark.parametrize("changes", [True, False])
def test_variations_and_strangers_are_not_written(export: Path, changes: bool) -> None:
    said, _ = save(export, ("8", OURS), ("tee-red", OURS), ("99", OURS), changes=changes)
    assert {one.status for one in said} == {"refused"}


@pytest.mark.parametrize("title", ["=1+1", "+1", "-5", "@x", "＝1"])
def test_a_title_never_begins_like_a_formula(export: Path, title: str) -> None:
    ours = description(title=title)
    [saved], rows = save(export, ("7", ours), overwrite=["title"])
    assert saved.status == "written"
    assert rows[1][3][0] == "&" and html.unescape(rows[1][3]) == title


def test_a_list_of_tags_that_begins_like_a_formula_is_refused(export: Path) -> None:
    [saved], _ = save(export, ("9", description(tags=("=1+1",))))
    assert saved.status == "refused" and "formula" in saved.reason


def test_a_text_that_the_files_encoding_has_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("ID,Name,Description\n1,Größe,\n".encode("cp1252"))
    with WooCommerceCsvSink(path, tmp_path / "out.csv", mode="whole") as sink:
        saved = sink.save(Product(id="1"), description(description="靴"))
    assert saved.status == "refused" and "cp1252" in saved.reason


def test_a_field_without_a_column_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ID,Name\n1,\n")
    [saved], rows = save(path, ("1", OURS))
    assert [edit.field for edit in saved.edits] == ["title"]
    assert rows == [["ID", "Name"], ["1", "Our title"]]
    with pytest.raises(CatalogError, match="tags"):
        WooCommerceCsvSink(path, path, mode="whole", overwrite=["tags"])
    with pytest.raises(ValueError, match="alt_texts"):
        WooCommerceCsvSink(path, path, mode="whole", overwrite=["alt_texts"])


def test_a_mode_that_there_is_not_is_named(export: Path) -> None:
    with pytest.raises(ValueError, match=r"'review'; modes are: whole, changes, rollback$"):
        WooCommerceCsvSink(export, export, mode="review")  # type: ignore[arg-type]


def test_an_export_that_changes_meanwhile_is_not_mixed_with_ours(export: Path) -> None:
    out = export.with_name("import.csv")
    with (
        pytest.raises(CatalogError, match="was changed"),
        WooCommerceCsvSink(export, out, mode="whole") as sink,
    ):
        sink.save(Product(id="9"), OURS)
        export.write_text(EXPORT + "10,simple,x,X,1,,,,,,,,,,,,\n")
    assert not out.exists()


def test_of_two_texts_for_one_product_the_last_is_written(export: Path) -> None:
    later = description(description="Later.")
    _, rows = save(export, ("9", OURS), ("9", later))
    assert rows[3][6] == "<p>Later.</p>" and rows[3][9] == ""


TEXTS = st.text(
    st.one_of(
        st.sampled_from("\\n,;\"'<>&#[]=+-@%ab \n\t"),
        st.characters(exclude_categories=["Cs"]),
    ),
    min_size=1,
    max_size=40,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=TEXTS, title=TEXTS, bullets=st.lists(TEXTS, max_size=3))
def test_what_is_imported_is_what_was_meant_or_it_is_refused(
    export: Path, text: str, title: str, bullets: list[str]
) -> None:
    ours = description(title=title, description=text, bullets=tuple(bullets))
    [saved], rows = save(export, ("9", ours), overwrite=["title", "description", "bullets"])
    if saved.status == "refused":
        assert saved.reason
        return
    cells = {"title": rows[3][3], "description": rows[3][6], "bullets": rows[3][5]}
    wanted = {"title": title, "description": text, "bullets": " ".join(bullets)}
    for edit in saved.edits:
        cell = cells[edit.field]
        assert cell == edit.after
        # an administrator's import stores it as it is, another user's through kses
        assert imported(cell) == stored_html(imported(cell)) == cell
        shown_text = html.unescape(re.sub(r"<[^>]*>", " ", cell))
        assert shown_text.split() == wanted[edit.field].split()
        assert not cell.startswith(("=", "+", "-", "@", "\t"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    table=st.lists(
        st.tuples(*[st.text("ab,;\"'\n =é", max_size=6)] * 3), min_size=1, max_size=6
    ),
    delimiter=st.sampled_from(",;"),
    newline=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    bom=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    chosen=st.integers(0, 5),
)
def test_only_the_changed_cell_of_any_file_differs(
    tmp_path: Path,
    table: list[tuple[str, str, str]],
    delimiter: str,
    newline: str,
    quoting: Any,
    bom: bytes,
    chosen: int,
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(["ID", "Name", "Description", "Price"])
    for number, row in enumerate(table, start=1):
        writer.writerow([number, *row])
    path = tmp_path / "random.csv"
    path.write_bytes(bom + text.getvalue().encode())
    key = str(1 + chosen % len(table))
    out = tmp_path / "out.csv"
    out.unlink(missing_ok=True)
    with WooCommerceCsvSink(path, out, mode="whole", delimiter=delimiter):
        pass
    assert out.read_bytes() == path.read_bytes()
    ours = description(description="A new text, quite sure.")
    options: dict[str, Any] = {"mode": "whole", "delimiter": delimiter}
    with WooCommerceCsvSink(
        path, out, overwrite=["description"], replace=True, **options
    ) as sink:
        assert sink.save(Product(id=key), ours).status == "written"
    before, after = (
        list(csv.reader(io.StringIO(p.read_bytes().decode("utf-8-sig"), newline=""),
                        delimiter=delimiter))
        for p in (path, out)
    )  # fmt: skip
    wanted = [[*row] for row in before]
    wanted[int(key)][2] = "<p>A new text, quite sure.</p>"
    assert after == wanted
    assert out.read_bytes().startswith(bom)


# --- Texts that an import saves again ----------------------------------------------------

VIDEO = '<iframe src=""https://www.youtube.com/embed/abc""></iframe>'


def beside(tmp_path: Path, name: str, text: str, **options: Any) -> tuple[Saved, list[str]]:
    """What became of bullets and a tag for a product that holds these texts."""
    path, out = tmp_path / "export.csv", tmp_path / "import.csv"
    path.write_text(
        f'ID,SKU,Name,Short description,Description,Tags\n7,tee,"{name}",,"{text}",\n'
    )
    ours = description(bullets=("Red upper",), tags=("red",))
    with WooCommerceCsvSink(path, out, mode="changes", **options) as sink:
        saved = sink.save(Product(id="7"), ours)
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"), newline="")))
    return saved, [f"{key}={value}" for row in rows for key, value in row.items()]


def test_texts_stay_out_of_an_import_that_would_damage_another(tmp_path: Path) -> None:
    saved, cells = beside(tmp_path, "Tee", VIDEO)
    assert saved.status == "written" and [e.field for e in saved.edits] == ["tags"]
    assert "in description <iframe> goes" in saved.reason
    assert cells == ["ID=7", "SKU=tee", "Tags=red"]


@pytest.mark.parametrize("options", [{"role": "administrator"}, {"accept_cleaning": True}])
def test_an_administrator_may_import_them_and_so_may_who_accepts_the_loss(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    saved, cells = beside(tmp_path, "Tee", VIDEO, **options)
    assert "Short description=<ul><li>Red upper</li></ul>" in cells
    assert not any(cell.startswith("Description=") for cell in cells)
    assert ("as accepted" in saved.reason) == ("accept_cleaning" in options)


def test_backslashes_stand_twice_in_the_cells_that_are_saved_again(tmp_path: Path) -> None:
    saved, cells = beside(tmp_path, r"Tee \o/", r"<p>C:\\new\nline</p>")
    assert saved.status == "written" and {e.field for e in saved.edits} == {
        "bullets",
        "tags",
    }
    assert "Description=<p>C:\\\\new\nline</p>" in cells and "Name=Tee \\\\o/" in cells


def test_backslashes_beside_html_come_through_an_administrators_import_only(
    tmp_path: Path,
) -> None:
    saved, _ = beside(tmp_path, "Tee", VIDEO + r"C:\dir")
    assert "<iframe> goes" in saved.reason
    _, cells = beside(
        tmp_path, "Tee", VIDEO + r"C:\dir", role="administrator", replace=True
    )
    assert any(cell.endswith(r"C:\\dir") for cell in cells)


def test_an_import_has_a_role_that_is_known(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="did you mean 'administrator'"):
        beside(tmp_path, "Tee", "", role="admin")
