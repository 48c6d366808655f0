"""Formats are told by bytes and column names, whatever a file is called."""

from __future__ import annotations

import io
import json
import os
import threading
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from productdesc.catalogs import open_source
from productdesc.catalogs.detect import detect_format
from productdesc.catalogs.formats import FORMATS
from productdesc.errors import CatalogError

FAULTS = Path(__file__).parents[1] / "data" / "faults"

RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">'
    "<channel><item><g:id>1</g:id><g:title>Jug</g:title></item></channel></rss>"
)
LINE = '{"id": "1", "title": "Jug"}\n'
SHOPIFY = "Handle,Title,Body (HTML)\njug,Jug,\n"
PLAIN = "SKU,Name\nJ1,Jug\n"

CONTENTS = {
    "google-xml": (
        RSS,
        "\ufeff\ufeff" + RSS,
        "\n\n" + RSS,
        RSS.replace('<?xml version="1.0"?>', "<!-- <html> -->\n"),
    ),
    "jsonl": (LINE, "\ufeff" + LINE, "\n  " + LINE, '{ "id": "1" }', f"[{LINE}]", "[\n{}]"),
    "shopify-csv": (
        SHOPIFY,
        "\ufeff\ufeff" + SHOPIFY,
        SHOPIFY.replace("Handle", "\u200bHandle\u200b"),
        SHOPIFY.replace("Body (HTML)", " Body\u00a0(HTML)\u00a0"),
        SHOPIFY.replace("Handle", "\u00ef\u00bb\u00bfHandle"),  # a mark saved as letters
        SHOPIFY.replace("Handle", "Han\u00addle\u2060"),
        "sep=,\r\n" + SHOPIFY,
        '\ufeff"sep=;"\n' + SHOPIFY.replace(",", ";"),
        "\n\nsep=^\n" + SHOPIFY.replace(",", "^"),
        '="Handle","=""Title""",Vendor\njug,Jug,Kiln\n',
    ),
    "csv": (PLAIN, PLAIN.replace(",", "\t"), "\u00a0SKU\u00a0;\u200eName\nJ1;Jug\n"),
}
NAMES = ("a.txt", "a.csv", "a.tsv", "a.xml", "a.json", "a.jsonl", "a.dat", "a")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("format", "content"), [(f, c) for f, many in CONTENTS.items() for c in many]
)
def test_what_a_file_holds_counts_and_not_its_name(
    tmp_path: Path, name: str, format: str, content: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    assert detect_format(path) == format
    if content[-1:] == "\n":  # it has one product
        with open_source(path) as source:
            [product] = source.products()
        assert product.id in ("1", "jug", "J1") and product.title == "Jug"


def test_utf_16_has_its_format_told_too(tmp_path: Path) -> None:
    for format, (content, *_) in CONTENTS.items():
        path = tmp_path / "export"
        path.write_bytes(content.encode("utf-16"))
        assert detect_format(path) == format


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, os.urandom(9000))
    return file.getvalue()


def picture(format: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, format)
    return file.getvalue()


REFUSED = {
    "Excel workbook (xlsx)": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "LibreOffice (ods)": zipped("mimetype")
    + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
    "Word document (docx)": zipped("[Content_Types].xml", "word/document.xml"),
    "zip archive": zipped("export.csv"),
    "old Excel workbook (xls)": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(20),
    "PDF": b"%PDF-1.7\n",
    "UTF-32": "Handle,Title\n".encode("utf-32"),
    "HTML": b"\n<!DOCTYPE html>\n<html><body><table><tr><td>Handle</td></tr></table>",
    "a program wrote as one": b"\xef\xbb\xbf<table border=1><tr><td>SKU</td></tr></table>",
    "Excel workbook in XML": b'<?xml?>\n<?mso-application progid="Excel.Sheet"?>',
    "SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "photo (JPEG)": picture("JPEG"),
    "photo (PNG)": picture("PNG"),
    "photo (WebP)": picture("WEBP"),
    "photo (GIF)": picture("GIF"),
    "picture (TIFF)": picture("TIFF"),
    "photo (HEIC)": (FAULTS / "o08_heic_folder" / "IMG_0001.HEIC").read_bytes(),
    "SQLite": b"SQLite format 3\0" + bytes(84),
}


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a", "a.xml", "a.jsonl", "a.parquet"])
@pytest.mark.parametrize(("what", "content"), REFUSED.items(), ids=list(REFUSED))
def test_what_is_no_catalogue_is_named_with_what_to_do(
    tmp_path: Path, name: str, what: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CatalogError) as caught:
        detect_format(path)
    said = str(caught.value)
    assert str(path) in said and what in said
    assert said.partition(": ")[2].count(": ") >= 1, "it says what to do"


@pytest.mark.parametrize("format", ["csv", "shopify-csv", "google-xml", "jsonl"])
def test_a_reader_that_is_told_a_format_names_a_workbook_too(
    tmp_path: Path, format: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(zipped("xl/workbook.xml"))
    with pytest.raises(CatalogError, match=r"Excel workbook \(xlsx\).*save the sheet"):
        list(open_source(path, format).products())


def test_parquet_is_told_by_its_bytes(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"sku": ["J1"], "name": ["Jug"]})
    for name in NAMES:
        parquet.write_table(table, tmp_path / name)
        assert detect_format(tmp_path / name) == "parquet"
        with open_source(tmp_path / name) as source:
            assert [p.id for p in source.products()] == ["J1"]
    with pytest.raises(CatalogError, match="a Parquet file"):
        list(open_source(tmp_path / "a.csv", "csv").products())


def test_a_damaged_first_line_leaves_a_file_what_its_name_says(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("Warning: deprecated\n" + LINE)
    (tmp_path / "a.xml").write_text("PHP Notice: x\n" + RSS)
    (tmp_path / "b.xml").write_text("")
    assert detect_format(tmp_path / "a.jsonl") == "jsonl"
    assert detect_format(tmp_path / "a.xml") == "google-xml"
    assert detect_format(tmp_path / "b.xml") == "google-xml"


def test_a_text_without_columns_or_an_ending_is_not_guessed_at(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("Call the potter.\nBuy glaze.\n")
    with pytest.raises(CatalogError, match="cannot be told from its name or its first"):
        detect_format(tmp_path / "notes")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_what_is_read_but_once_has_its_name_to_go_by(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    writer = threading.Thread(target=(tmp_path / "a.jsonl").write_text, args=(LINE,))
    writer.start()
    assert detect_format(tmp_path / "a.jsonl") == "jsonl"
    with open_source(tmp_path / "a.jsonl") as source:
        assert [p.id for p in source.products()] == ["1"]
    writer.join()
    os.mkfifo(tmp_path / "unnamed")
    with pytest.raises(CatalogError, match="cannot be told"):
        detect_format(tmp_path / "unnamed")


@pytest.mark.parametrize(
    ("header", "format"),
    [
        ("id,name,sku,type,main_image,all_images,description", "csv"),
        ("id,type,sku,name", "csv"),
        ("ID,Type,SKU,Name,Published,Images", "woocommerce-csv"),
        ("Type,SKU,Name,Regular price", "woocommerce-csv"),
        ("ID,Type,SKU,Name,In stock?", "woocommerce-csv"),
    ],
)
def test_only_columns_that_no_other_shop_has_name_a_shop(
    tmp_path: Path, header: str, format: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(header + "\n" + "," * header.count(",") + "\n")
    assert detect_format(path) == format


def test_every_format_that_is_detected_can_be_read() -> None:
    assert all(FORMATS[format].open_source for format in (*CONTENTS, "parquet"))


def test_a_json_array_is_read_an_object_at_a_time(tmp_path: Path) -> None:
    products = [
        {"id": str(n), "title": "Jug é", "attributes": {"a": "]},["}} for n in range(9)
    ]
    for indent in (None, 2):
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            path = tmp_path / "export.json"
            text = json.dumps(products, indent=indent, ensure_ascii=False)
            path.write_bytes(text.encode(encoding))
            with open_source(path) as source:
                assert [p.id for p in source.products()] == [str(n) for n in range(9)]
                assert not list(source.problems)


def test_a_feed_that_is_named_text_is_read_as_a_feed(root: Path) -> None:
    path = root / "tests/data/faults/o13_rss.txt"
    assert detect_format(path) == "google-xml"
    with open_source(path) as source:
        assert [product.id for product in source.products()] == ["1", "2"]
    assert not source.problems.total
