"""`productdesc inspect` and `productdesc convert`, as a merchandiser uses them."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from productdesc.catalogs import OpenOptions
from productdesc.cli import main
from productdesc.cli.job.plan import Plan
from productdesc.cli.job.progress import Total, bar
from productdesc.errors import CatalogError, ProductDescError
from productdesc.pipeline import Failed
from productdesc.records import Product

EXPORT = "examples/shop-export.csv"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def export(root: Path) -> Path:
    return root / EXPORT


def test_inspect_says_what_a_file_is_and_what_is_empty(
    capsys: pytest.CaptureFixture[str], export: Path
) -> None:
    code, out, _ = run(capsys, "inspect", export)
    assert code == 0
    assert "Shopify product CSV (shopify-csv)" in out
    assert "utf-8, cells by comma, LF line ends, 18 columns" in out
    assert "3 products, 3 photos" in out
    code, out, _ = run(capsys, "inspect", export, "--json")
    found = json.loads(out)
    assert found["kind"] == "shopify-csv" and found["problems"] == 0
    assert found["filled"]["description"] == 1 and found["filled"]["title"] == 3


def test_inspect_shows_bad_rows_with_their_lines(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = tmp_path / "products.jsonl"
    bad.write_text('{"id": "a", "title": "A"}\nnot json\n', encoding="utf-8")
    code, out, _ = run(capsys, "inspect", bad)
    assert code == 0
    assert "1 product, " in out and "! line 2: " in out


def test_inspect_counts_the_kinds_of_a_folders_photos(
    capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    folder = root / "tests" / "data" / "faults" / "o08_heic_folder"
    code, out, _ = run(capsys, "inspect", folder)
    assert code == 0 and "2 products, 2 photos (2 HEIC)" in out
    _, out, _ = run(capsys, "inspect", folder, "--json")
    assert json.loads(out)["photo_files"] == {"heic": 2}


def test_inspect_shows_what_columns_are_taken_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "list.csv"
    table.write_text("Art.-Nr.,Name,Bild\n1,Hat,https://x.example/a.jpg\n", "utf-8")
    _, out, _ = run(capsys, "inspect", table, "--json")
    assert json.loads(out)["mapping"] == {
        "Art.-Nr.": "id",
        "Name": "title",
        "Bild": "photos",
    }


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["inspect", "nowhere.csv"], 3, "nowhere.csv: there is no such file"),
        (["inspect", "README.md"], 3, "name its format"),
        (["convert", EXPORT, "out.what"], 2, "name it with --to"),
        (["convert", EXPORT, "out.csv", "--to", "shopfy"], 2, "'shopfy' is not known"),
        (["convert", EXPORT, "out.jsonl", "--limit", "0"], 2, "--limit is 0"),
        (["convert", EXPORT, "x.csv", "--as-is", "--overwrite", "titel"], 2, "'titel'"),
        (["convert", "examples", "x.csv", "--to", "shopify-csv-changes"], 2, "is folder"),
        (["convert", EXPORT, "a-shop.myshopify.com", "--as-is"], 2, "SHOPIFY_TOKEN"),
        (["convert", EXPORT, "nowhere/out.jsonl", "--as-is"], 3, "cannot be written"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    root: Path,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(root)
    before = set(root.iterdir())
    got, _, err = run(capsys, *arguments)
    assert (got, said in err) == (code, True), err
    assert set(root.iterdir()) == before


POLISH = "tests/data/faults/o03_polish_headers.csv"


def test_convert_shows_what_a_tables_columns_are_taken_for(
    capsys: pytest.CaptureFixture[str], root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "products.jsonl"
    code, said, err = run(capsys, "convert", root / POLISH, out, "--as-is", "--json")
    assert code == 0 and [json.loads(line)["status"] for line in said.splitlines()]
    first, *lines = err.splitlines()
    assert first.endswith("columns are taken for (change it with --column ROLE=NAME):")
    assert [line.split(maxsplit=1) for line in lines] == [
        ["id", "Indeks"],
        ["title", "Nazwa"],
        ["description", "Opis"],
        ["photos", "Zdjęcie"],
        ["attribute", "Kolor"],
        ["ignored", "Cena brutto"],
    ]


def test_another_format_has_no_mapping_to_show(
    capsys: pytest.CaptureFixture[str], export: Path, tmp_path: Path
) -> None:
    _, _, err = run(capsys, "convert", export, tmp_path / "products.jsonl", "--as-is")
    assert "columns are taken for" not in err


def test_a_column_can_be_named_on_the_command_line(
    capsys: pytest.CaptureFixture[str], root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "products.csv"
    named = [
        "--column",
        "title=Kolor",
        "--column",
        "ignored=Nazwa",
        "--column",
        "ignored=Opis",
    ]
    code, _, err = run(
        capsys, "convert", root / POLISH, out, "--as-is", "--overwrite", "title", *named
    )
    assert code == 0 and "  title           Kolor\n" in err
    assert "  ignored         Nazwa, Opis, Cena brutto\n" in err
    code, said, _ = run(capsys, "inspect", root / POLISH, "--json", *named)
    assert json.loads(said)["mapping"]["Kolor"] == "title"
    code, _, err = run(capsys, "inspect", root / POLISH, "--column", "titel=Kolor")
    assert code == 2 and "columns names 'titel'; roles are id, title" in err
    code, _, err = run(capsys, "inspect", root / POLISH, "--column", "title=Name")
    assert code == 2 and "has no column 'Name'" in err
    code, _, err = run(capsys, "inspect", root / POLISH, "--column", "Kolor")
    assert code == 2 and "'Kolor' is not ROLE=NAME" in err


def test_a_merchants_copy_moves_to_another_format_as_it_is(
    capsys: pytest.CaptureFixture[str], export: Path, tmp_path: Path
) -> None:
    out = tmp_path / "products.jsonl"
    code, said, _ = run(capsys, "convert", export, out, "--as-is")
    assert code == 0 and "3 written" in said
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["title"] for row in rows] == [
        "Meadow Runner",
        "White Canvas",
        "Harbour Stripe",
    ]
    assert rows[1]["description"] == (
        "Our own words about the white canvas shoe, written with care."
    )
    assert {row["provenance"]["model"] for row in rows} == {"merchant"}


def test_a_folder_of_photos_is_described_into_a_table(
    capsys: pytest.CaptureFixture[str], root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "copy.csv"
    code, said, err = run(
        capsys, "convert", root / "examples", out, "--to", "csv", "--fields", "title,tags"
    )
    assert code == 0, err
    assert "4 written" in said
    with out.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 4 and all(row["title"] for row in rows)


def test_json_is_one_line_a_product(
    capsys: pytest.CaptureFixture[str], export: Path, tmp_path: Path
) -> None:
    _, out, _ = run(
        capsys, "convert", export, tmp_path / "o.jsonl", "--as-is", "--json", "--limit", "2"
    )
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["product_id"] for row in rows] == ["meadow-runner", "white-canvas"]
    assert {row["status"] for row in rows} == {"written"}


def test_the_merchants_own_file_rewritten_with_its_own_copy_is_the_same_file(
    capsys: pytest.CaptureFixture[str], export: Path, tmp_path: Path
) -> None:
    out = tmp_path / "import.csv"
    code, said, _ = run(capsys, "convert", export, out, "--as-is")
    assert code == 0 and "3 unchanged" in said
    assert out.read_bytes() == export.read_bytes()


GOOGLE = """\
# Google_Product_Taxonomy_Version: 2021-09-21
1604 - Apparel & Accessories
187 - Apparel & Accessories > Shoes
1933 - Apparel & Accessories > Handbags
"""


def test_a_category_is_looked_up_in_a_taxonomy_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "google.txt"
    file.write_text(GOOGLE, encoding="utf-8")
    code, out, _ = run(capsys, "taxonomy", "find", "shoe", "--taxonomy", file, "--json")
    assert code == 0
    assert json.loads(out)[0] == {"id": "187", "path": "Apparel & Accessories > Shoes"}


def test_a_taxonomy_that_was_not_fetched_is_told_with_the_command_that_fetches_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    code, _, err = run(capsys, "taxonomy", "find", "shoe")
    assert code == 3 and "run: productdesc taxonomy get shopify" in err


def test_a_product_is_filed_in_a_taxonomy_on_the_way(
    capsys: pytest.CaptureFixture[str], export: Path, tmp_path: Path
) -> None:
    file = tmp_path / "google.txt"
    file.write_text(GOOGLE, encoding="utf-8")
    out = tmp_path / "o.jsonl"
    options = ["--fields", "title", "--taxonomy", str(file), "--limit", "1"]
    folder = export.parent
    code, _, err = run(capsys, "convert", folder, out, "--to", "jsonl", *options)
    assert code == 0, err
    category = json.loads(out.read_text("utf-8"))["category"]
    assert category == "" or f" - {category}\n" in GOOGLE


class Terminal(io.StringIO):
    """Standard error on a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_bar_learns_its_total_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, counted = Terminal(), threading.Event()
    monkeypatch.setattr(sys, "stderr", screen)

    def count() -> int:
        threading.Timer(0.05, counted.set).start()
        return 3

    def outcomes() -> Iterator[Failed]:
        for n in range(3):
            assert counted.wait(10)
            time.sleep(0.12)  # a bar is drawn ten times a second
            yield Failed(Product(id=str(n)), ProductDescError("no"))

    assert len(list(bar(outcomes(), Total(count)))) == 3
    assert "| 1/3 [" in screen.getvalue()
    assert "2/3" in screen.getvalue()


def test_a_bar_goes_on_where_its_total_cannot_be_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    asked = threading.Event()

    def count() -> int:
        asked.set()
        raise CatalogError("x.csv: cannot be read")

    none: Iterator[Failed] = iter(())
    assert list(bar(none, Total(count))) == []
    assert asked.wait(10)


def test_what_there_is_to_describe_is_counted(export: Path, tmp_path: Path) -> None:
    def counted(format: str, limit: int | None) -> int:
        return Plan(format, "jsonl").count(str(export), limit, OpenOptions())

    assert counted("shopify-csv", None) == 3
    assert counted("shopify-csv", 2) == 2
    assert counted("shopify", 7) == 7, "a shop is not read for that"
    assert counted("shopify", None) == 0
    if hasattr(os, "mkfifo"):
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        assert Plan("jsonl", "jsonl").count(str(pipe), None, OpenOptions()) == 0, (
            "opening it would take the products away, or wait for ever"
        )


# --- What stands at OUT already ----------------------------------------------------------


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.xml"])
def test_out_is_replaced_with_force_only(
    capsys: pytest.CaptureFixture[str], export: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / name
    out.write_text("yesterday", "utf-8")
    code, _, err = run(capsys, "convert", export, out, "--as-is")
    assert code == 3 and f"{out}: exists already" in err and "--force" in err
    assert out.read_text("utf-8") == "yesterday"
    code, _, err = run(capsys, "convert", export, out, "--as-is", "--force")
    assert code == 0, err
    assert out.read_text("utf-8") != "yesterday"


def test_a_table_filled_in_its_own_place_keeps_every_column(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "list.csv"
    photo = "https://127.0.0.1/a.jpg"
    table.write_text(f"sku,name,margin,photo\nA,Hat,0.4,{photo}\n", "utf-8")
    code, said, err = run(capsys, "convert", table, table, "--fields", "description")
    assert code == 1 and "127.0.0.1: loopback" in err, "a photo that cannot be had"
    assert f"nothing could be saved, so {table} stands as it was" in said
    new = tmp_path / "new.jsonl"
    _, said, _ = run(capsys, "convert", table, new, "--fields", "description")
    assert f"nothing could be saved, so {new} holds no new copy" in said
    assert table.read_text("utf-8") == f"sku,name,margin,photo\nA,Hat,0.4,{photo}\n"
    table.write_text("sku,name,margin,owner\nA,Hat,0.4,Ines\n", "utf-8")
    code, said, err = run(capsys, "convert", table, table, "--fields", "description")
    assert code == 0 and "(csv): 1 written" in said, err
    words = table.read_text("utf-8")
    assert words.startswith("sku,name,margin,owner,category,description\nA,Hat,0.4,Ines,")
    table.write_text("sku,name,margin,owner\nA,Hat,0.4,Ines\n", "utf-8")
    code, said, err = run(capsys, "convert", table, table, "--as-is")
    assert code == 0 and "(csv): 1 unchanged" in said
    assert table.read_text("utf-8") == "sku,name,margin,owner\nA,Hat,0.4,Ines\n"


@pytest.mark.parametrize("options", [[], ["--force"]])
@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("Handle,Title,Body (HTML)\na,A,\n", "shopify-csv-changes"),
        ("Handle,Title,Body (HTML)\na,A,\n", "shopify-csv-review"),
        ("Handle,Title,Body (HTML)\na,A,\n", "jsonl"),
        ("ID,Type,SKU,Name,Description\n1,simple,a,A,\n", ""),
        ("ID,Type,SKU,Name,Description\n1,simple,a,A,\n", "woocommerce-csv-new"),
        ("sku,name\na,A\n", "csv-review"),
        ("id\ttitle\tavailability\na\tA\tin stock\n", "google-tsv"),
    ],
)
def test_what_does_not_hold_all_of_in_never_takes_its_place(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    text: str,
    format: str,
    options: list[str],
) -> None:
    table = tmp_path / "list.csv"
    table.write_text(text, "utf-8")
    to = ["--to", format] if format else []
    code, _, err = run(capsys, "convert", table, table, "--as-is", *to, *options)
    assert code == 2 and "name another file" in err, err
    assert table.read_text("utf-8") == text


def test_a_woocommerce_export_is_written_back_as_changes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    export, out = tmp_path / "export.csv", tmp_path / "import.csv"
    export.write_text("ID,Type,SKU,Name,Description\n1,simple,a,A,\n", "utf-8")
    code, said, _ = run(capsys, "convert", export, out, "--as-is")
    assert code == 0 and "(woocommerce-csv-changes)" in said


def test_standard_output_takes_the_file_alone(
    capfdbinary: pytest.CaptureFixture[bytes], export: Path, tmp_path: Path
) -> None:
    for to in (["--to", "jsonl"], []):
        assert main(["convert", str(export), "-", "--as-is", *to]) == 0
        out, err = capfdbinary.readouterr()
        assert b"- (" in err and b"3 " in err, "the summary goes where it disturbs nobody"
        place = tmp_path / ("o.jsonl" if to else "o.csv")
        assert main(["convert", str(export), str(place), "--as-is"]) == 0
        capfdbinary.readouterr()
        if to:
            assert out.count(b"\n") == 3 and json.loads(out.splitlines()[0])
        else:
            assert out == place.read_bytes()
    assert main(["convert", str(export), "-", "--as-is", "--json"]) == 2
    assert b"choose one" in capfdbinary.readouterr().err
    assert main(["convert", str(export), "-", "--as-is", "--to", "parquet"]) == 2
    assert b"standard output" in capfdbinary.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
def test_a_pipe_is_not_replaced_and_the_way_is_named(
    capsys: pytest.CaptureFixture[str], export: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    code, _, err = run(capsys, "convert", export, pipe, "--as-is", "--force")
    assert code == 3 and "is a named pipe" in err and "give - (standard output" in err
    assert pipe.is_fifo()
