"""Mistakes at the command line: the exit code, and one line that says what to do.

To add one: a row in MISTAKES, with a pattern of the whole line behind "productdesc: ".
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

import pytest
from doubles.pictures import jpeg

from productdesc.cli import EXIT_CODES, main

FORMATS = r"shopify-csv, shopify-csv-changes, .*, json-ld"
FIELDS = "title, bullets, description, seo_title, seo_description, alt_texts, tags"
PHOTO = r"not a photo in JPEG, .* or HEIC: its \d+ bytes begin with b'.*'"
ABSENT = r"(PyTorch \S+ finds none on this machine; .*|there is no such one; .*)"

MISTAKES: tuple[tuple[str, int, str], ...] = (
    # commands
    ("descrbe shoe.jpg", 2,
     "invalid choice: there is no command 'descrbe'; the commands are: "
     "describe, convert, sync, scale, review, style, .*; did you mean 'describe'[?]"),
    ("convrt shop.csv out.csv", 2, ".*; did you mean 'convert'[?]"),
    ("list", 2, "invalid choice: there is no command 'list'; the commands are: .*taxonomy"),
    ("shoe.jpg", 2, ".*; did you mean: productdesc describe shoe.jpg[?]"),
    ("photos", 2, ".*; did you mean: productdesc convert photos OUT[?]"),
    ("shop.csv", 2, ".*; did you mean: productdesc convert shop.csv OUT[?]"),
    ("taxonomy gt shopify", 2,
     ".*no command 'gt'; the commands are: get, find; .*'get'[?]"),
    ("taxonomy get shopfy", 2, ".*'shopfy'; choose from .*; did you mean 'shopify'[?]"),
    ("taxonomy get", 2, "the following arguments are required: which"),
    ("taxonomy find shoe --taxonomy nope.txt", 3,
     "nope.txt: cannot be read: No such file .*"),
    ("taxonomy find shoe --taxonomy shop.csv", 3, "shop.csv: is no taxonomy: .*"),
    # options
    ("describe --chanel google shoe.jpg", 2,
     "there is no option --chanel; did you mean --channel[?]"),
    ("describe shoe.jpg --tilte=Hat", 2,
     "there is no option --tilte; did you mean --title[?]"),
    ("describe shoe.jpg -json", 2, "there is no option -json; did you mean --json[?]"),
    ("describe shoe.jpg --zzz", 2, "there is no option --zzz"),
    ("--json describe shoe.jpg", 2,
     "--json belongs behind the command: productdesc describe --json"),
    ("models extra", 2, "'extra' is one argument too many"),
    ("convert shop.csv out.csv more.csv", 2, "'more.csv' is one argument too many"),
    ("convert shop.csv", 2, "the following arguments are required: OUT"),
    ("inspect", 2, "the following arguments are required: FILE"),
    # what to describe
    ("describe", 2, "there is no photo and no data; name a photo, .* --title and --attr"),
    ("describe --title ' ' --attr brand=", 2, "there is no photo and no data; .*"),
    ("describe --each", 2, "--each needs at least one photo"),
    ("describe missing.jpg", 1, "missing.jpg: no such file"),
    ("describe missing.jpg gone.jpg --title Hat", 1, "gone.jpg: no such file"),
    ("describe 'photos/*.tif'", 1, r"photos/\*.tif: no such file"),
    ("describe missing.jpg --html", 1, "missing.jpg: no such file"),
    ("describe photos", 1, r"photos: this is a folder; give the photos in it \(productdesc "
     r"describe --each\), or the folder as a catalogue \(productdesc convert\)"),
    ("describe empty.jpg", 1, r"empty.jpg: it is empty \(0 bytes\)"),
    ("describe cut.jpg", 1, "cut.jpg: .*"),
    ("describe doc.pdf", 1,
     f"doc.pdf: PDF, {PHOTO}; export the picture from it as JPEG or PNG"),
    ("describe book.xlsx", 1, f"book.xlsx: Office document .*, {PHOTO}; export .*; for a "
     "catalogue save the sheet as CSV for `productdesc convert`"),
    ("describe shop.csv", 1,
     f"shop.csv: text, {PHOTO}; if it is a catalogue, give it to `productdesc convert`"),
    ("describe products.jsonl", 1,
     f"products.jsonl: JSON, {PHOTO}; if it is a catalogue, .*"),
    ("describe pipe", 1, "pipe: this is a FIFO; give the path of a photo file"),
    ("describe -", 2,
     "PHOTO is -: a photo is read from a file or a URL, not from standard .*"),
    ("describe ftp://example.com/shoe.jpg", 2,
     "ftp://example.com/shoe.jpg: a photo is a file or an https URL, not ftp://"),
    ("describe data:image/jpeg;base64,AAAA", 2, ".*: a photo is a file or .*, not data:"),
    ("describe http://example.com/shoe.jpg", 1, "http://.*: the URL is not https; .*"),
    ("describe https://127.0.0.1/shoe.jpg", 1, "https://127.0.0.1/shoe.jpg: .*"),
    ("describe shoe.jpg --attr brand", 2, ".*'brand' is not KEY=VALUE, e.g. brand=Acme"),
    ("describe shoe.jpg --attr brand:Acme", 2, ".*'brand:Acme' is not KEY=VALUE, .*"),
    ("describe shoe.jpg --each --html", 2,
     "--each prints JSON lines, so --html does not go with it"),
    ("describe shoe.jpg --json --html", 2,
     "argument --html: not allowed with argument --json"),
    # how to describe
    ("describe shoe.jpg --fields titel", 2,
     f"channel 'shopify' has no field 'titel'; it has: {FIELDS}; did you mean 'title'[?]"),
    ("describe shoe.jpg --fields ,", 2, "argument --fields: ',' names nothing, .*"),
    ("describe shoe.jpg --channel shopfy", 2, "no channel 'shopfy'; .*; .* 'shopify'[?]"),
    ("describe shoe.jpg --channel temu", 2, "no channel 'temu'; there are: .*, plain"),
    ("describe shoe.jpg --language deutsch", 2,
     "language 'deutsch' is not known; .*'de'[?]"),
    ("describe shoe.jpg --language EN", 2, "language 'EN' is not known; .*; .* 'en'[?]"),
    (
        "describe shoe.jpg --language pl",
        2,
        "demo looks at photos, and rules write its copy, in en, de, fr, es, it; "
        "language='pl' needs a model that writes, such as Qwen2-VL",
    ),
    ("describe shoe.jpg --temperature 9", 2, "temperature is 9.0; it must be 0 to 2"),
    ("describe shoe.jpg --temperature nan", 2, "temperature is nan; it must be 0 to 2"),
    ("describe shoe.jpg --temperature hot", 2,
     ".*--temperature: invalid float value: 'hot'"),
    ("describe shoe.jpg --max-tokens 0", 2, "max_tokens is 0; it must be 1 or more"),
    ("describe shoe.jpg --max-pixels -5", 2, "max_pixels is -5; one token takes 784"),
    ("describe shoe.jpg --batch-size 0", 2, ".*'0' is no whole number of 1 or more"),
    ("describe shoe.jpg --dtype float8", 2,
     "argument --dtype: invalid choice: 'float8'; .*; did you mean 'float32'[?]"),
    ("describe shoe.jpg --device cuda:99", 3, f"device 'cuda:99': {ABSENT}"),
    ("describe shoe.jpg --device cpu:1", 3, f"device 'cpu:1': {ABSENT}"),
    ("describe shoe.jpg --device gpu", 2,
     "device 'gpu' is not known; known are: cpu, .*; did you mean 'cuda'[?]"),
    ("describe shoe.jpg --model qwen2-vl", 3,
     "'qwen2-vl' is neither a folder nor a hub id .*"),
    ("describe shoe.jpg --model photos", 3, "photos: holds no config.json, .*"),
    ("describe shoe.jpg --template nope.j2", 3, "nope.j2: no such template file"),
    ("describe shoe.jpg --templates nope", 3, "nope: no such template folder"),
    ("describe shoe.jpg --taxonomy nope.txt", 3,
     "nope.txt: cannot be read: No such file .*"),
    ("describe shoe.jpg --allow-host shop", 2, ".*'shop' is not SCHEME://NAME.*"),
    ("describe shoe.jpg --ca nope.pem", 2,
     "nope.pem: there is no such file of certificates"),
    ("schema --channel googel", 2, "no channel 'googel'; .*; did you mean 'google'[?]"),
    ("schema --fields alt", 2, ".* has no field 'alt'; .*; did you mean 'alt_texts'[?]"),
    # what to read
    ("inspect missing.csv", 3, "missing.csv: there is no such file"),
    ("inspect -", 2,
     "IN is -: a catalogue is read from a file, not from standard input; .*"),
    ("inspect empty.csv", 3,
     r"empty.csv: is empty \(0 bytes\); it must begin with a row .*"),
    ("inspect doc.pdf", 3, "doc.pdf: is a PDF, no catalogue: export the table .* as CSV"),
    ("inspect shoe.jpg", 3, r"shoe.jpg: is a photo \(JPEG\), no catalogue: give it to .*"),
    ("inspect notes.txt", 3,
     "notes.txt: no column looks like an id; name one with --column "
     "id=NAME .*; columns are: Hello, I am"),
    ("inspect shop.csv --from shopfy-csv", 2,
     "format 'shopfy-csv' is not known; known are: .*; did you mean 'shopify-csv'[?]"),
    ("inspect shop.csv --from json-ld", 2, "json-ld is only written; read are: .*"),
    ("inspect plain.csv --column title", 2, ".*'title' is not ROLE=NAME, e.g. title=Nazwa"),
    ("inspect plain.csv --column titel=sku", 2, "columns names 'titel'; .*; .* 'title'[?]"),
    ("inspect plain.csv --column title=titel", 2,
     "plain.csv has no column 'titel'; it has sku, title, price; did you mean 'title'[?]"),
    ("inspect shop.csv --column title=Title", 2,
     "shop.csv is read as shopify-csv, which takes no choice of columns; .* csv, parquet"),
    ("inspect plain.csv --encoding utf9", 2, "encoding 'utf9' is not known; .* 'utf-8'[?]"),
    ("inspect plain.csv --delimiter comma,", 2, ".*'comma,' is not one character .*"),
    ("inspect local.csv --photos-folder nosuch", 3,
     "nosuch: there is no such folder; it .*"),
    ("inspect local.csv --photos-folder shoe.jpg", 3, "shoe.jpg: is no folder; it was .*"),
    ("inspect photos --photos-folder photos", 2,
     "photos is read as folder, which takes no folder of photos; taken with one are: .*"),
    ("inspect my-shop.myshopify.com", 2,
     "set the environment variable PRODUCTDESC_SHOPIFY_TOKEN to the shop's token"),
    # what to write
    ("convert missing.csv out.csv", 3, "missing.csv: there is no such file"),
    ("convert - out.jsonl --as-is", 2, "IN is -: a catalogue is read from a file, .*"),
    ("convert empty out.csv", 3, "empty: there is no product in it"),
    ("convert empty.jsonl out.csv --as-is", 3, "empty.jsonl: there is no product in it"),
    ("convert shop.csv out.csv --from jsonl --to jsonl", 3,
     "shop.csv: no product can be read "
     r"from it: line 1: is no JSON: .* and \d+ more"),
    ("convert book.xlsx out.jsonl", 3, r"book.xlsx: is an Excel workbook \(xlsx\), no "
     "catalogue: save the sheet as CSV UTF-8"),
    ("convert shop.csv out.csv --to jsonll", 2,
     f"format 'jsonll' is not known; known are: {FORMATS}; did you mean 'jsonl'[?]"),
    ("convert shop.csv out.csv --to folder", 2,
     f"folder is only read; written are: {FORMATS}"),
    ("convert shop.csv out.xlsx", 2,
     "what out.xlsx should be cannot be told; a workbook is "
     f"not written: name a .csv, which a spreadsheet opens; what is written: {FORMATS}"),
    ("convert shop.csv out.json", 2,
     ".*; JSON is written a line a product: name a .jsonl; .*"),
    ("convert shop.csv out", 2,
     "what out should be cannot be told; name it with --to, or .*"),
    ("convert photos out.csv --to shopify-csv", 2, "shopify-csv is made from a shopify-csv "
     "file, and photos is folder; choose another --to"),
    ("convert shop.csv out.csv --apply", 2, "--apply is for a live shop; out.csv is a file "
     r"\(shopify-csv\), which is written in any case"),
    ("convert shop.csv out.csv --overwrite titel", 2,
     "overwrite names 'titel', .*'title'[?]"),
    ("convert shop.csv out.csv --limit 0", 2, "--limit is 0; it must be 1 or more"),
    ("convert shop.csv out.jsonl --device cuda:99", 3, f"device 'cuda:99': {ABSENT}"),
    ("convert shop.csv out.jsonl --temperature 3", 2, "temperature is 3.0; it must be .*"),
    ("convert shop.csv out.jsonl --language xx", 2, "language 'xx' is not known; .*"),
    ("convert shop.csv out.jsonl --role admin", 2, ".*'admin'; .* 'administrator'[?]"),
    ("convert shop.csv out.jsonl --seo yoast", 2, "--seo is for WooCommerce; .*"),
    ("convert shop.csv products.jsonl --as-is", 3,
     "products.jsonl: exists already; .*--force.*"),
    ("convert shop.csv nowhere/out.jsonl", 3, "nowhere/out.jsonl: cannot be written: .*"),
    ("convert shop.csv photos --to jsonl", 3, "photos: is a folder; name a file to write"),
    ("convert shop.csv pipe --to jsonl", 3, "pipe: is a named pipe, .*"),
    ("convert shop.csv https://shop.example", 2,
     "set the environment variable .*_KEY to .*"),
)  # fmt: skip
"""The command, its exit code, and what it says."""
NAMES = [command for command, _, _ in MISTAKES]


@pytest.fixture
def folder(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of every row, with a good file and a bad one of each kind."""
    photo = jpeg()
    sheet = b"PK\3\4" + bytes(26) + b"xl/workbook.xml" + bytes(99)
    files = {
        "shoe.jpg": photo, "photos/a.jpg": photo, "cut.jpg": photo[:300], "empty.jpg": b"",
        "shop.csv": (root / "examples" / "shop-export.csv").read_bytes(),
        "plain.csv": b"sku,title,price\nA1,Red shoe,3\n",
        "local.csv": b"sku,title,image\nA1,Red shoe,shoe.jpg\n",
        "products.jsonl": b'{"id": "A", "title": "Hat"}\n',
        "doc.pdf": b"%PDF-1.7\n" + bytes(99), "book.xlsx": sheet,
        "empty.csv": b"", "empty.jsonl": b"", "notes.txt": b"Hello, I am\nno catalogue\n",
    }  # fmt: skip
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PRODUCTDESC_")]:
        monkeypatch.delenv(name)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], command: str) -> tuple[int, str, str]:
    try:
        code = main(shlex.split(command))
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def state(folder: Path) -> dict[Path, tuple[int, int]]:
    stats = {path: path.stat() for path in folder.rglob("*")}
    return {path: (one.st_size, one.st_mtime_ns) for path, one in stats.items()}


def test_there_are_sixty_mistakes_at_least() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 60


@pytest.mark.parametrize(
    ("command", "code", "line"), MISTAKES, ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_is_one_line_with_what_to_do(
    capsys: pytest.CaptureFixture[str], folder: Path, command: str, code: int, line: str
) -> None:
    before = state(folder)
    got, out, err = run(capsys, command)
    said, *more = err.splitlines()
    assert re.fullmatch(f"productdesc[a-z ]*: {line}", said), err
    assert (got, out) == (code, "")
    assert code in EXIT_CODES
    assert [m for m in more if not re.fullmatch("try: productdesc.* --help", m)] == []
    assert state(folder) == before


TYPOS = (
    "--fields titel", "--channel shopfy", "--language deutsch", "--device gpu",
    "--temperature 9", "--max-tokens 0", "--max-pixels 1", "--batch-size 0",
    "--template nope.j2", "--templates nope", "--taxonomy nope.txt", "--attr brand",
    "--ca nope.pem",
)  # fmt: skip


@pytest.mark.parametrize("typo", TYPOS)
@pytest.mark.parametrize("command", ["describe shoe.jpg", "convert shop.csv out.jsonl"])
def test_a_mistake_costs_no_model(
    capsys: pytest.CaptureFixture[str], folder: Path, command: str, typo: str
) -> None:
    code, _, err = run(capsys, f"{command} {typo} --model nosuch/model --offline")
    value = typo.split()[1]
    assert code in (2, 3) and "nosuch/model" not in err
    assert value in err or "option --attr" in err, err


def test_a_missing_photo_costs_no_model(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    model = "--model nosuch/model --offline"
    assert "nosuch/model" in run(capsys, f"describe shoe.jpg {model}")[2]
    for each in ("", "--each"):
        code, _, err = run(capsys, f"describe gone.jpg doc.pdf {each} {model}")
        assert code == 1 and "nosuch" not in err
    # one that is there is described, so the model is needed
    assert "nosuch/model" in run(capsys, f"describe gone.jpg shoe.jpg {model}")[2]


FAILED = (
    ("describe missing.jpg --json", 1, "PhotoError", "missing.jpg"),
    ("describe doc.pdf --json", 1, "PhotoError", "doc.pdf"),
    ("describe shoe.jpg --json --model photos", 3, "EngineError", None),
    ("describe shoe.jpg --json --template nope.j2", 3, "PromptError", None),
    ("describe shoe.jpg --json --channel shopfy", 2, "ValueError", None),
    ("describe --json", 2, "ValueError", None),
    ("inspect missing.csv --json", 3, "CatalogError", None),
    ("convert missing.csv out.csv --json", 3, "CatalogError", None),
    ("convert shop.csv out.what --json", 2, "ValueError", None),
    ("schema --channel x --json", 2, "ValueError", None),
    ("taxonomy find shoe --taxonomy nope.txt --json", 3, "CatalogError", None),
)


@pytest.mark.parametrize(("command", "code", "error", "product"), FAILED)
def test_with_json_an_error_is_an_object_too(
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    command: str,
    code: int,
    error: str,
    product: str | None,
) -> None:
    got, out, err = run(capsys, command)
    expected = {"error": error, "message": err.removeprefix("productdesc: ").strip()}
    if product is not None:
        expected["product_id"] = product
    assert (got, [json.loads(line) for line in out.splitlines()]) == (code, [expected])


def test_each_photo_that_fails_has_its_line_of_json(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    for json_too in ("", "--json"):
        code, out, err = run(capsys, f"describe --each gone.jpg doc.pdf {json_too}")
        lines = [json.loads(line) for line in out.splitlines()]
        assert code == 1 and [x["product_id"] for x in lines] == ["gone.jpg", "doc.pdf"]
        assert [f"productdesc: {x['message']}" for x in lines] == err.splitlines()


@pytest.mark.parametrize("command", ["models", "schema", "inspect photos"])
def test_every_command_prints_json(
    capsys: pytest.CaptureFixture[str], folder: Path, command: str
) -> None:
    code, out, err = run(capsys, f"{command} --json")
    assert (code, err) == (0, "") and json.loads(out)


def test_a_key_that_is_given_twice_is_told_and_the_last_one_counts(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    code, out, err = run(
        capsys, "describe --attr brand=Acme --attr size=4 --attr brand=Best --json"
    )
    assert code == 0 and json.loads(out)["attributes"]["brand"] == "Best"
    assert err == "productdesc: --attr brand is given twice; the last one counts, 'Best'\n"


@pytest.mark.parametrize("place", ["empty", "empty.jsonl"])
def test_inspect_shows_a_catalogue_without_products_and_is_no_success(
    capsys: pytest.CaptureFixture[str], folder: Path, place: str
) -> None:
    code, out, err = run(capsys, f"inspect {place} --json")
    assert (code, json.loads(out)["products"]) == (3, 0)
    assert err == f"productdesc: {place}: there is no product in it\n"


def test_a_path_in_a_table_names_the_option_that_opens_it(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    _, _, err = run(capsys, "convert local.csv out.jsonl --as-is")
    assert "photo 'shoe.jpg' was left out: it is a path, " in err
    assert "--photos-folder" in err
    assert run(capsys, "convert local.csv new.jsonl --as-is --photos-folder .")[0] == 0


def test_a_shopify_file_is_described_with_photos_of_the_disk(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    rows = "Handle,Title,Body (HTML),Image Src\nred-one,Model 7,,shoe.jpg\n"
    (folder / "local-shop.csv").write_text(rows)
    code, _, err = run(
        capsys, "convert local-shop.csv out.jsonl --photos-folder . --fields title"
    )
    assert (code, err) == (0, "")
    said = json.loads((folder / "out.jsonl").read_text())
    assert said["provenance"]["photos"]


def test_a_table_without_photos_says_so(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    _, _, err = run(capsys, "convert plain.csv out.jsonl --as-is")
    assert "photos          (no column: copy is made from the texts alone)" in err
