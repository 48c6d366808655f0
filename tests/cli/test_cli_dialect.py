"""`--encoding` and `--delimiter`: how a delimited file is written, if it must be said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from productdesc.catalogs import OpenOptions, open_source
from productdesc.cli import main

HEADERS = {
    "shopify-csv": "Handle^Title^Body (HTML)",
    "woocommerce-csv": "ID^Name^SKU^Type^Published^Description",
    "csv": "SKU^Name^Color",
    "magento-csv": "sku^name^product_type^attribute_set_code",
    "google-tsv": "id^title^availability",
}


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("encoding", ["cp1250", "shift_jis", "gb18030", "koi8-r"])
@pytest.mark.parametrize("format", HEADERS)
def test_every_delimited_format_is_read_as_it_is_said_to_be_written(
    tmp_path: Path, format: str, encoding: str
) -> None:
    title = {"cp1250": "Dzban ręczny", "koi8-r": "Кувшин"}.get(encoding, "帽子")
    header = HEADERS[format]
    path = tmp_path / "export"
    cells = ["7", title, *["x"] * (header.count("^") - 1)]
    path.write_bytes(f"{header}\n{'^'.join(cells)}\n".encode(encoding))
    options = OpenOptions(delimiter="^", encoding=encoding)
    with open_source(path, "", options) as source:
        [product] = source.products()
    assert (product.id, product.title) == ("7", title) and not list(source.problems)


def test_inspect_takes_both_and_shows_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("Handle^Title^Body (HTML)\ndzban^Dzban ręczny^\n".encode("cp1250"))
    dialect = ("--encoding", "windows-1250", "--delimiter", "^")
    code, out, _ = run(capsys, "inspect", path, *dialect, "--json")
    found = json.loads(out)
    assert code == 0 and found["kind"] == "shopify-csv" and found["problems"] == 0
    assert found["encoding"] == "cp1250" and found["delimiter"] == "^"


@pytest.mark.parametrize("mark", ["tab", "TAB", "\\t", "\t"])
def test_a_delimiter_has_a_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, mark: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a,b\tSKU\tName\n1,2\tJ1\tJug\n")
    _, out, _ = run(capsys, "inspect", path, "--delimiter", mark, "--json")
    assert json.loads(out)["mapping"] == {"a,b": "attribute", "SKU": "id", "Name": "title"}


def test_a_converted_file_keeps_the_encoding_that_was_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    text = "Handle;Title;Body (HTML)\ndzban;Dzban ręczny;<p>Zielony żółw.</p>\n"
    path.write_bytes(text.encode("cp1250"))
    dialect = ("--encoding", "cp1250", "--delimiter", "semicolon")
    code, _, err = run(capsys, "convert", path, out, "--as-is", *dialect)
    assert code == 0 and out.read_bytes() == path.read_bytes(), err
    code, _, err = run(capsys, "convert", path, tmp_path / "p.jsonl", "--as-is", *dialect)
    assert code == 0
    line = json.loads((tmp_path / "p.jsonl").read_text("utf-8"))
    assert line["title"] == "Dzban ręczny"


@pytest.mark.parametrize("command", ["inspect", "convert"])
@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--encoding", "klingon", "encoding 'klingon' is not known; known are utf-8"),
        ("--encoding", "base64", "encoding 'base64' is not known"),
        ("--encoding", "utf-32", "does not hold ASCII as one byte a character"),
        ("--encoding", "cp037", "does not hold ASCII as one byte a character"),
        ("--encoding", "idna", "does not hold ASCII as one byte a character"),
        ("--delimiter", "::", "'::' is not one character other than a quote"),
        ("--delimiter", '"', "is not one character other than a quote"),
        ("--delimiter", "", "'' is not one character"),
    ],
)
def test_a_wrong_value_is_one_clear_line(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: str,
    option: str,
    value: str,
    says: str,
) -> None:
    path = tmp_path / "export.csv"
    path.write_text("SKU,Name\nJ1,Jug\n")
    rest = (tmp_path / "out.jsonl", "--as-is") if command == "convert" else ()
    code, out, err = run(capsys, command, path, *rest, option, value)
    assert code == 2 and not out and says in err
    assert err.strip().count("\n") <= 1  # argparse adds a hint


def test_a_delimiter_that_the_encoding_has_not_is_said(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("SKU,Name\nJ1,Jug\n")
    with pytest.raises(ValueError, match=r"'¦' is not in the encoding cp1251|not in"):
        options = OpenOptions(delimiter="€", encoding="koi8-r")
        list(open_source(path, "csv", options).products())


@pytest.mark.parametrize("name", ["p.jsonl", "feed.xml", "photos"])
def test_what_is_no_delimited_text_takes_neither(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name == "photos":
        path.mkdir()
    else:
        path.write_text('{"id": "1"}\n' if "jsonl" in name else "<rss><channel/></rss>")
    for option, what in (("--encoding=utf-8", "encoding"), ("--delimiter=;", "delimiter")):
        code, _, err = run(capsys, "inspect", path, option)
        expected = f"takes no {what}; taken with one are: shopify-csv"
        assert code == 2 and expected in err
