"""Tables, JSON lines, Parquet, folders of photos, Magento files and JSON-LD."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tracemalloc
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from factories import PROVENANCE, description
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs.folder import FolderSource, name_of
from productdesc.catalogs.jsonl import JsonlSink, JsonlSource, read_descriptions
from productdesc.catalogs.jsonld import JsonLdSink, json_ld, script_text
from productdesc.catalogs.magento_csv import (
    MagentoCsvSource,
    attribute_pairs,
    variation_options,
)
from productdesc.catalogs.merge_policy import FIELDS, Current
from productdesc.catalogs.passthrough import passthrough_copy
from productdesc.catalogs.shop_text.image_urls import NoPhoto, photo_link
from productdesc.catalogs.tables.cells import cells
from productdesc.catalogs.tables.columns import map_columns
from productdesc.catalogs.tables.csv_table import COLUMNS, TableNewSink, TableSource
from productdesc.errors import CatalogError
from productdesc.records import Product

OURS = description(
    title="Ours",
    category="shoes",
    attributes={"colour": "red", "heel": "flat"},
    bullets=("Red upper", "Rubber sole"),
    description="Our words.\n\nTwo paragraphs.",
    seo_title="SEO",
    seo_description="Meta",
    alt_texts=("front", ""),
    tags=("shoes", "red, dark"),
)
BARE = Product(id="A1", photos=("https://cdn.example/1.jpg", "https://cdn.example/2.jpg"))
FULL = Product(
    id="A1",
    title="=Theirs",
    description="Theirs.",
    attributes={"brand": "Acme"},
    present={"tags": ("old",)},  # type: ignore[arg-type]
)


def roles(header: str, *rows: str) -> dict[str, str]:
    found = map_columns(header.split(","), [row.split(",") for row in rows])
    return dict(zip(found.header, found.roles, strict=True))


# --- Columns -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "SKU,Product Name,Long Description,Image URL 1,Image URL 2,Colour,Price",
        "Artikelnummer,Bezeichnung,Produktbeschreibung,Bild 1,Bild 2,Farbe,Preis",
        "Référence,Titre,Descriptif,Image principale,Images supplémentaires,Couleur,Prix",
        "Código,Nombre,Descripción,Imagen 1,Imagen 2,Color,Precio",
        "Codice articolo,Titolo,Descrizione,Immagine,Immagini,Colore,Prezzo",
        "productCode,naam,beschrijving,afbeelding_1,afbeelding_2,kleur,prijs",
    ],
)
def test_headers_of_six_languages_are_understood(header: str) -> None:
    expected = ("id", "title", "description", "photos", "photos", "attribute", "ignored")
    assert tuple(roles(header).values()) == expected


def test_columns_without_a_telling_name_are_told_by_their_values() -> None:
    long = "A long text about this product. " * 5
    found = roles(
        "a,b,c,d,e",
        f"X-1,https://cdn.example/1.jpg,Red cotton shirt,{long},red",
        f"X-2,https://cdn.example/2.jpg,Blue linen trousers,{long},red",
    )
    assert found == {
        "a": "id",
        "b": "photos",
        "c": "attribute",  # never a title: it might as well be what is in the box
        "d": "description",
        "e": "attribute",
    }


def test_the_mapping_is_shown_and_can_be_overridden(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("sku;Name;Note;Bild\n1;Shoe;Hello;https://a.example/x.jpg\n")
    source = TableSource(table)
    assert str(source.mapping).splitlines() == [
        "sku   id               by name",
        "Name  title            by name",
        "Note  attribute        by name",
        "Bild  photos           by name",
    ]
    source = TableSource(table, columns={"title": "Note", "ignored": ["Name"]})
    [product] = source.products()
    assert (product.title, dict(product.attributes)) == ("Hello", {})
    assert "Note  title            given" in str(source.mapping)


def test_a_wrong_override_says_what_there_is(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("sku,name\n1,Shoe\n")
    with pytest.raises(ValueError, match=r"no column 'titel'; it has sku, name"):
        _ = TableSource(table, columns={"title": "titel"}).mapping
    with pytest.raises(ValueError, match=r"'titel'; roles are id, title"):
        _ = TableSource(table, columns={"titel": "name"}).mapping
    table.write_text("colour,name\nred,A shoe\nred,A hat\n")
    with pytest.raises(CatalogError, match=r"no column looks like an id.*colour, name"):
        _ = TableSource(table).mapping


def test_several_photos_may_stand_in_one_cell(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    a, b, c = (f"https://cdn.example/{n}/w_100,h_100/{n}.jpg" for n in "abc")
    cells = [f"{a}, {b},{c}", f"{a}|{b}|{c}", f"{a} {b}\n{c}", f"{a};{b}; {c}"]
    rows = [["sku", "images"], *([n, cell] for n, cell in enumerate(cells))]
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    for product in TableSource(table).products():
        assert product.photos == (a, b, c)


def test_a_bad_row_and_a_row_without_an_id_are_problems_with_their_lines(
    tmp_path: Path,
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("sku,name\n1,Shoe\n,Hat\n3,a,b,c\n4,Sock\n")
    source = TableSource(table)
    assert [p.id for p in source.products()] == ["1", "4"]
    assert [problem.line for problem in source.problems] == [3, 4]
    assert "no id" in str(next(iter(source.problems)))


def test_html_becomes_text_and_what_only_looks_like_it_stays(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("sku,description\n1,<p>a</p><p>b &amp; c</p>\n2,a < b &amp; <3 d\n")
    first, second = TableSource(table).products()
    assert first.description == "a\n\nb & c"
    assert second.description == "a < b &amp; <3 d"


# --- Photos that a file may name ---------------------------------------------------------

BAD = {
    "http://a.example/1.jpg": "is http:",
    "HTTP://a.example/1.jpg": "is http:",
    "file:///etc/passwd": "is file:",
    "data:image/png;base64,AAAA": "is data:",
    "ftp://a.example/1.jpg": "is ftp:",
    "C:\\photos\\1.jpg": "is c:",
    "//a.example/1.jpg": "without https:",
    "\\\\server\\share\\1.jpg": "without https:",
    "/etc/passwd": "is a path",
    "../1.jpg": "is a path",
    "1.jpg": "is a path",
    "https://a.example/" + "x" * 2048: "2048 is the limit",
}


@pytest.mark.parametrize("text", BAD, ids=lambda t: t[:30])
def test_a_strangers_text_that_is_no_https_url_is_no_photo(text: str) -> None:
    with pytest.raises(NoPhoto, match=BAD[text]):
        photo_link(text)


def test_a_folder_that_the_caller_names_opens_what_is_below_it_and_nothing_else(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "1.jpg").write_bytes(b"x")
    (tmp_path / "secret.jpg").write_bytes(b"x")
    (folder / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "in.jpg").symlink_to(folder / "sub" / "1.jpg")
    os.mkfifo(folder / "fifo.jpg")
    inside = folder / "sub" / "1.jpg"
    assert photo_link("sub/1.jpg", folder) == inside
    assert photo_link("sub\\1.jpg", folder) == inside
    assert photo_link("in.jpg", folder) == inside
    for text, why in {
        "../secret.jpg": "leads out of",
        "sub/../../secret.jpg": "leads out of",
        str(tmp_path / "secret.jpg"): "leads out of",
        "out.jpg": "leads out of",
        "fifo.jpg": "no regular file",
        "sub": "no regular file",
        "missing.jpg": "cannot be opened",
        "a\0b": "cannot be opened",
        "file:sub/1.jpg": "is file:",
        "http://a.example/1.jpg": "is http:",
    }.items():
        with pytest.raises(NoPhoto, match=why):
            photo_link(text, folder)


@given(st.text(max_size=60))
def test_no_text_ever_leads_out_of_the_folder(text: str) -> None:
    folder = Path(__file__).resolve().parent
    try:
        found = photo_link(text, folder)
    except NoPhoto:
        return
    if isinstance(found, str):
        assert found.lower().startswith("https://")
    else:
        assert found.is_relative_to(folder) and found.is_file()


# --- Written tables ----------------------------------------------------------------------


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        dialect = "excel-tab" if path.suffix == ".tsv" else "excel"
        return list(csv.DictReader(file, dialect=dialect))


@pytest.mark.parametrize("name", ["new.csv", "new.tsv"])
def test_a_table_has_every_field_and_reads_back_as_the_same_copy(
    tmp_path: Path, name: str
) -> None:
    with TableNewSink(tmp_path / name) as sink:
        said = sink.save(BARE, OURS)
    assert said.status == "written" and {e.field for e in said.edits} == set(FIELDS)
    [row] = rows_of(tmp_path / name)
    assert tuple(row) == COLUMNS and row["bullets"] == "Red upper\nRubber sole"
    source = TableSource(tmp_path / name)
    [back] = source.products()
    assert Current.of(back) == Current(**{field: getattr(OURS, field) for field in FIELDS})
    assert back.photos == BARE.photos


def test_the_merchants_words_are_in_the_table_as_they_were(tmp_path: Path) -> None:
    with TableNewSink(tmp_path / "new.csv") as sink:
        said = sink.save(FULL, OURS)
    [row] = rows_of(tmp_path / "new.csv")
    assert (row["title"], row["description"]) == ("=Theirs", "Theirs.")
    assert row["attributes"] == "brand: Acme\ncolour: red\nheel: flat"
    assert set(said.untouched) == {"title", "description", "tags"} and row["tags"] == "old"


FORMULAS = ("=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "＝1")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_ours_is_a_formula_in_either_form(tmp_path: Path, text: str) -> None:
    ours = OURS.model_copy(update={"seo_title": text})
    with TableNewSink(tmp_path / "new.csv") as sink:
        said = sink.save(BARE, ours)
    assert said.status == "refused" and "seo_title begins with" in said.reason
    assert rows_of(tmp_path / "new.csv") == []
    with TableNewSink(tmp_path / "form.csv", form="review") as sink:
        assert sink.save(BARE, ours).status == "written"
    [row] = rows_of(tmp_path / "form.csv")
    assert row["seo_title"] == "'" + text


def test_a_form_for_review_defuses_every_cell_and_shows_what_was_kept(
    tmp_path: Path,
) -> None:
    with TableNewSink(tmp_path / "form.csv", form="review") as sink:
        sink.save(FULL, OURS)
    [row] = rows_of(tmp_path / "form.csv")
    assert row["title"] == "'=Theirs" and row["kept"] == "title, description, tags"
    assert (tmp_path / "form.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with pytest.raises(ValueError, match="form is 'excel'"):
        TableNewSink(tmp_path / "x.csv", form="excel")  # type: ignore[arg-type]


def test_a_sink_is_used_inside_its_with_block_and_writes_an_id_once(
    tmp_path: Path,
) -> None:
    with pytest.raises(ValueError, match="inside its `with` block"):
        TableNewSink(tmp_path / "new.csv").save(BARE, OURS)
    with TableNewSink(tmp_path / "new.csv") as sink:
        sink.save(BARE, OURS)
        again = sink.save(BARE, OURS)
        other = sink.save(BARE, OURS.model_copy(update={"title": "Another"}))
        nameless = sink.save(Product(), OURS)
    assert again.status == "unchanged"
    assert other.status == "refused" and "saved before" in other.reason
    assert nameless.status == "refused" and "no id" in nameless.reason
    assert len(rows_of(tmp_path / "new.csv")) == 1


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20)
LINE = TEXT.map(lambda t: " ".join(t.split())).filter(lambda t: t and t[0] not in "-•*")
KEY = LINE.filter(lambda t: ":" not in t)


@given(
    st.lists(LINE, max_size=4),
    st.lists(LINE.filter(bool), max_size=4),
    st.dictionaries(KEY, LINE, max_size=3),
)
def test_lists_in_one_cell_come_back(
    bullets: list[str], tags: list[str], attributes: dict[str, str]
) -> None:
    from productdesc.catalogs.tables import cells as table_cells

    held = Current(bullets=tuple(bullets), tags=tuple(tags), attributes=attributes)
    made = cells(held)
    if len(bullets) != 1 or "|" not in bullets[0]:
        assert table_cells.bullets(made["bullets"]) == bullets
    assert table_cells.tags(made["tags"]) == tags
    assert table_cells._pairs(made["attributes"]) == attributes


# --- JSON lines --------------------------------------------------------------------------


def test_a_bad_line_says_why_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = [
        b'{"id": "1", "title": "Shoe", "attributes": {"size": 9, "ok": true}}',
        b"{broken",
        b"[1]",
        b'{"title": "No id"}',
        b'{"id": "2", "titel": "Typo"}',
        b'{"id": "3", "photos": [1]}',
        b'{"id": "4", "title": "\\ud800"}',
        b'{"id": "5", "title": NaN}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id": "6", "title": "' + b"x" * (5 << 20) + b'"}',
        b"",
        b'{"id": 7, "photos": "https://a.example/1.jpg", "present": {"tags": ["a"]}}',
    ]
    (tmp_path / "p.jsonl").write_bytes(b"\n".join(lines))
    source = JsonlSource(tmp_path / "p.jsonl")
    first, last = source.products()
    assert first.attributes == {"size": "9", "ok": "yes"}
    assert (last.id, last.present.tags) == ("7", ("a",))
    assert last.photos == ("https://a.example/1.jpg",)
    assert [problem.line for problem in source.problems] == list(range(2, 12))
    whole = "\n".join(map(str, source.problems))
    for words in ("line 3: holds a list", "line 4: has no id", "titel: Extra inputs"):
        assert words in whole
    assert "line 11: is longer than 4194304 bytes" in whole
    with pytest.raises(CatalogError, match="No such file"):
        list(JsonlSource(tmp_path / "nothing").products())


def test_descriptions_come_back_from_json_lines_whole(tmp_path: Path) -> None:
    with JsonlSink(tmp_path / "d.jsonl", overwrite=FIELDS) as sink:
        sink.save(FULL, OURS)
        sink.save(FULL.model_copy(update={"id": "B"}), OURS)
    first, second = read_descriptions(tmp_path / "d.jsonl")
    assert first == OURS.model_copy(
        update={"product_id": "A1", "tags": ("old", *OURS.tags)}
    )
    assert second.product_id == "B"
    (tmp_path / "d.jsonl").write_text("{}\n")
    with pytest.raises(CatalogError, match="line 1 is no description"):
        list(read_descriptions(tmp_path / "d.jsonl"))


def test_a_line_has_only_what_may_be_written(tmp_path: Path) -> None:
    with JsonlSink(tmp_path / "d.jsonl") as sink:
        said = sink.save(FULL, OURS)
    line = json.loads((tmp_path / "d.jsonl").read_text("utf-8"))
    assert line["title"] == line["description"] == "" and line["tags"] == []
    assert line["attributes"] == OURS.attributes and line["seo_title"] == "SEO"
    assert line["provenance"]["model"] == "m" and line["product_id"] == "A1"
    assert set(said.untouched) == {"title", "description", "tags"}


def test_the_merchants_own_copy_moves_whole(tmp_path: Path) -> None:
    with JsonlSink(tmp_path / "d.jsonl") as sink:
        assert (
            sink.save(FULL, passthrough_copy(FULL, now=PROVENANCE.time)).status == "written"
        )
    [back] = read_descriptions(tmp_path / "d.jsonl")
    assert (back.title, back.tags) == ("=Theirs", ("old",))


def test_memory_does_not_grow_with_the_products_saved(tmp_path: Path) -> None:
    peaks = []
    for count in (100, 1000):
        tracemalloc.start()
        with JsonlSink(tmp_path / "d.jsonl", replace=True) as sink:
            for n in range(count):
                sink.save(Product(id=f"product number {n}"), OURS)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 100_000, peaks


# --- Parquet -----------------------------------------------------------------------------


def test_parquet_of_any_columns_is_understood_like_a_table(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "sku": [1, 2, None],
            "name": ["Shoe", None, "x"],
            "images": [["https://a.example/1.jpg", "file:///etc/passwd"], [], None],
            "specs": [{"heel": "2 cm", "sole": None}, None, None],
            "Farbe": ["rot", "blau", None],
            "price": [1.5, 2.0, 3.0],
            "blob": [b"\xff", None, None],
        }
    )
    pq.write_table(table, tmp_path / "p.parquet", row_group_size=1)
    source = ParquetLike(tmp_path / "p.parquet", columns={"attributes": "specs"})
    first, second = source.products()
    assert (first.id, first.title, first.photos) == (
        "1",
        "Shoe",
        ("https://a.example/1.jpg",),
    )
    assert first.attributes == {"heel": "2 cm", "Farbe": "rot"}
    assert second.attributes == {"Farbe": "blau"}
    said = [str(problem) for problem in source.problems]
    assert "row 1, product '1'" in said[0] and "is file:" in said[0]
    assert "row 3: has no id" in said[1]


def ParquetLike(path: Path, **options: Any) -> Any:
    from productdesc.catalogs.tables.parquet import ParquetSource

    return ParquetSource(path, **options)


def test_a_date_that_no_calendar_has_is_one_problem_and_its_row_is_read(
    tmp_path: Path,
) -> None:
    """2**60 ms is a year of nine digits; fuzzing found that it ended the reading."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    dates = pyarrow.array([0, 2**60, 10**12], pyarrow.timestamp("ms"))
    table = pyarrow.table({"id": ["1", "2", "3"], "title": ["a", "b", "c"], "made": dates})
    parquet.write_table(table, tmp_path / "dates.parquet")
    source = ParquetLike(tmp_path / "dates.parquet")
    assert [p.id for p in source.products()] == ["1", "2", "3"]
    [problem] = source.problems
    assert str(problem) == (
        "row 2: column 'made' holds a value out of range; it was left out"
    )


def test_a_parquet_file_whose_column_names_are_no_unicode_is_an_error_of_ours(
    tmp_path: Path,
) -> None:
    import pyarrow
    import pyarrow.parquet

    path = tmp_path / "p.parquet"
    table = pyarrow.table({"id": ["a"], "colour": ["red"]})
    pyarrow.parquet.write_table(
        table.replace_schema_metadata(None), path, store_schema=False
    )
    path.write_bytes(path.read_bytes().replace(b"colour", b"colo\xffr"))
    with pytest.raises(CatalogError, match="cannot be read as Parquet"):
        list(ParquetLike(path).products())


def test_what_is_no_parquet_says_so(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "p.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(CatalogError, match="cannot be read as Parquet"):
        list(ParquetLike(tmp_path / "p.parquet").products())
    with pytest.raises(CatalogError, match="cannot be read"):
        list(ParquetLike(tmp_path / "nothing").products())


WITHOUT = """
import sys
sys.modules["pyarrow"] = None
from productdesc.catalogs.tables.parquet import ParquetSink
try:
    ParquetSink("x.parquet").__enter__()
except Exception as e:
    print(type(e).__name__, e)
"""


def test_without_pyarrow_the_extra_is_named(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    words = 'CatalogError Parquet needs pyarrow: pip install "productdesc[parquet]"\n'
    assert run.stdout == words, run.stderr
    assert not list(tmp_path.iterdir())


# --- A folder of photos ------------------------------------------------------------------


def test_photos_are_grouped_by_name_in_natural_order(tmp_path: Path) -> None:
    names = ("sku_10.jpg", "sku_2.PNG", "sku.jpeg", "hat-1.webp", "hat (2).gif")
    names += ("model-2000.jpg", "notes.txt", ".hidden.jpg")
    for name in names:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "sku-18").mkdir()
    for name in ("back.jpg", "front.jpg", "10.jpg", "9.jpg"):
        (tmp_path / "sku-18" / name).write_bytes(b"")
    source = FolderSource(tmp_path)
    found = {p.id: [q.name for q in p.photos] for p in source.products()}
    assert list(found) == ["hat", "model-2000", "sku", "sku-18"]
    assert found["sku"] == ["sku.jpeg", "sku_2.PNG", "sku_10.jpg"]
    assert found["hat"] == ["hat (2).gif", "hat-1.webp"]
    assert found["sku-18"] == ["9.jpg", "10.jpg", "back.jpg", "front.jpg"]
    assert not source.problems.total
    assert all(isinstance(q, Path) for p in source.products() for q in p.photos)


@pytest.mark.parametrize("name", [" ", "\x1f", "\u3000", " (2)", "  _1", "\x1f\x1f-3"])
def test_a_name_of_white_space_names_no_product(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.jpg").write_bytes(b"")
    (tmp_path / "hat.jpg").write_bytes(b"")
    (tmp_path / "below").mkdir()
    below = (tmp_path / "below").rename(tmp_path / name)
    (below / "front.jpg").write_bytes(b"")
    source = FolderSource(tmp_path)
    products = list(source.products())
    assert all(product.id.strip() for product in products)
    photos = [path for product in products for path in product.photos]
    assert len(photos) + source.problems.total == 3
    assert all("white space" in problem.message for problem in source.problems)


def test_a_picture_that_cannot_be_read_is_never_passed_over_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (
        "a.jfif",
        "b.avif",
        "c.HEIC",
        "c_2.jpg",
        "d.tif",
        "e.CR3",
        "f.svg",
        "notes.txt",
    )
    for name in names:
        (tmp_path / name).write_bytes(b"")

    def found() -> tuple[list[str], dict[str, str]]:
        source = FolderSource(tmp_path)
        photos = [q.name for p in source.products() for q in p.photos]
        return photos, {Path(p.where).name: p.message for p in source.problems}

    left_out = {
        "d.tif": "is a picture that is not read (TIFF): save it as JPEG",
        "e.CR3": "is a picture that is not read (raw photo of a camera): save it as JPEG",
        "f.svg": "is a picture that is not read (SVG): save it as JPEG",
    }
    pytest.importorskip("pi_heif")
    assert found() == (["a.jfif", "b.avif", "c.HEIC", "c_2.jpg"], left_out)
    monkeypatch.setitem(sys.modules, "pi_heif", None)  # as where it is not installed
    photos, said = found()
    assert photos == ["a.jfif", "b.avif", "c_2.jpg"]
    assert 'pip install "productdesc[heic]"' in said.pop("c.HEIC")
    assert said == left_out


def test_links_out_of_the_folder_and_odd_files_are_problems(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.jpg").write_bytes(b"")
    (folder / "link.jpg").symlink_to(tmp_path / "elsewhere" / "a.jpg")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "loop").symlink_to(folder)
    (folder / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    os.mkfifo(folder / "fifo.jpg")
    (folder / "good.jpg").write_bytes(b"")
    (folder / "again.jpg").symlink_to(folder / "good.jpg")
    source = FolderSource(folder)
    assert [p.id for p in source.products()] == ["again", "good"]
    said = {Path(p.where).name: p.message for p in source.problems}
    assert said == {
        "link.jpg": f"is a link out of {folder}; it was left out",
        "linked": f"is a link out of {folder}; it was left out",
        "loop": f"is a link out of {folder}; it was left out",
        "gone.jpg": "is no regular file; it was left out",
        "fifo.jpg": "is no regular file; it was left out",
        "deeper": "is a folder below a product's folder; it was left out",
    }
    with pytest.raises(CatalogError, match="cannot be listed"):
        list(FolderSource(tmp_path / "nothing").products())


@pytest.mark.parametrize(
    "stem, name",
    [
        *(("sku_1", "sku"), ("sku-01", "sku"), ("sku 3", "sku"), ("sku(4)", "sku")),
        *(("sku_100", "sku_100"), ("sku1", "sku1"), ("12", "12"), ("a_b", "a_b")),
        *(("sku_1_2", "sku_1"), ("_1", "_1")),
    ],
)
def test_the_rule_of_names(stem: str, name: str) -> None:
    assert name_of(stem) == name


# --- Magento -----------------------------------------------------------------------------


def test_pairs_and_options_of_magento_cells() -> None:
    assert attribute_pairs(
        'size=XS,note=a, b and c,climate=Cool|Hot,"k=1,5",has_options=1,new=No'
    ) == {
        "size": "XS",
        "note": "a, b and c",
        "climate": "Cool, Hot",
        "k": "1,5",
    }
    assert variation_options("sku=A-1,size=S,color=Red|sku=A-2,size=M,color=Red") == {
        "size": "S, M",
        "color": "Red",
    }


MAGENTO = """sku,store_view_code,visibility,name,description,base_image,additional_images
A-S,,Not Visible Individually,A S,,/a/s.jpg,
A,,"Catalog, Search",A,<p>Text</p>,/a/1 2.jpg,"//evil.example/x.jpg,file:///etc/passwd,/a/3.jpg"
A,de,,A auf Deutsch,,,
,,,No sku,,,
"""


def test_a_magento_file_gives_what_the_shop_shows(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(MAGENTO)
    source = MagentoCsvSource(tmp_path / "m.csv", media_url="https://m.example/media/")
    [product] = source.products()
    assert product.photos == (
        "https://m.example/media/a/1%202.jpg",
        "https://m.example/media/a/3.jpg",
    )
    assert product.description == "Text"
    assert [p.line for p in source.problems] == [3, 3, 5]
    [without] = MagentoCsvSource(tmp_path / "m.csv").products()
    assert without.photos == ()
    more = MagentoCsvSource(tmp_path / "m.csv", variants=True)
    assert [p.id for p in more.products()] == ["A-S", "A"]
    with pytest.raises(ValueError, match="must be an https URL"):
        MagentoCsvSource(tmp_path / "m.csv", media_url="http://m.example")
    (tmp_path / "m.csv").write_text("id,name\n1,x\n")
    with pytest.raises(CatalogError, match="no column sku"):
        list(MagentoCsvSource(tmp_path / "m.csv").products())


def test_the_magento_sample_is_read_whole(shared: Path) -> None:
    path = shared / "catalogs" / "magento" / "ConfigurableSampleData__products.csv"
    source = MagentoCsvSource(path, media_url="https://m.example/media/catalog/product")
    products = {p.id: p for p in source.products()}
    assert len(products) == 147 and not source.problems.total
    assert products["MH01"].attributes["size"] == "XS, S, M, L, XL"
    assert len(products["MH01"].photos) == 3
    assert len(list(MagentoCsvSource(path, variants=True).products())) == 1994


# --- JSON-LD -----------------------------------------------------------------------------


class Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.data: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.data.append(data)


@given(st.text(), st.text())
def test_json_ld_stays_inside_its_script(title: str, text: str) -> None:
    thing = {"name": title + "</script><!--", "description": text}
    line = script_text(thing)
    assert len(line.splitlines()) == 1
    page = Scripts()
    page.feed(f'<script type="application/ld+json">{line}</script>')
    page.close()
    assert page.tags == ["script"] and json.loads("".join(page.data)) == thing


def test_a_json_ld_product_has_schema_orgs_names_and_no_empty_ones(tmp_path: Path) -> None:
    product = BARE.model_copy(
        update={"attributes": {"Vendor": "Acme", "size": "9"}, "title": "Theirs"}
    )
    with JsonLdSink(tmp_path / "p.jsonl") as sink:
        said = sink.save(product, OURS)
    assert json.loads((tmp_path / "p.jsonl").read_text("utf-8")) == {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": "A1",
        "name": "Theirs",
        "description": OURS.description,
        "category": "shoes",
        "image": [
            {
                "@type": "ImageObject",
                "url": "https://cdn.example/1.jpg",
                "contentUrl": "https://cdn.example/1.jpg",
                "caption": "front",
                "inLanguage": "en",
            },
            "https://cdn.example/2.jpg",
        ],
        "brand": {"@type": "Brand", "name": "Acme"},
        "color": "red",
        "size": "9",
        "keywords": "shoes, red, dark",
        "additionalProperty": [{"@type": "PropertyValue", "name": "heel", "value": "flat"}],
    }
    assert said.untouched == ("title",)


def test_a_local_photo_is_never_named_in_json_ld() -> None:
    found = json_ld(Product(id="1", photos=[Path("/home/me/1.jpg")]), Current(), "en")
    assert found == {"@context": "https://schema.org", "@type": "Product", "sku": "1"}


@pytest.mark.parametrize("depth", [20, 300, 400, 900, 100_000])
@pytest.mark.parametrize(
    "key", ["attributes", "present", "photos", "title", "unknown"], ids=str
)
def test_one_nested_line_is_one_problem_and_the_rest_goes_on(
    tmp_path: Path, key: str, depth: int
) -> None:
    deep = "[" * depth + "]" * depth
    value = f'{{"a":{deep}}}' if key in ("attributes", "present") else deep
    lines = ['{"id":"0"}', f'{{"id":"1","{key}":{value}}}', '{"id":"2"}']
    (tmp_path / "d.jsonl").write_text("\n".join(lines), "utf-8")
    with JsonlSource(tmp_path / "d.jsonl") as source:
        ids = [product.id for product in source.products()]
    assert ids in (["0", "2"], ["0", "1", "2"])
    [problem] = source.problems
    assert problem.line == 2
