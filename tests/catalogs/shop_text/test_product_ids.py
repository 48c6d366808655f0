"""Ids that came again, look alike or were rounded: one problem line, in every reader."""

from __future__ import annotations

import json
import tracemalloc
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from productdesc.catalogs import open_source
from productdesc.catalogs.folder import FolderSource
from productdesc.catalogs.protocol import Problems
from productdesc.catalogs.shop_text.product_ids import IdCheck
from productdesc.cli import main

FAULTS = Path(__file__).parents[2] / "data" / "faults"
NFC, NFD = (unicodedata.normalize(form, "krüge-é") for form in ("NFC", "NFD"))

Ids = Sequence[str]


def woocommerce(ids: Ids) -> str:
    rows = "".join(f"{key},simple,s{n},A,1\n" for n, key in enumerate(ids))
    return "ID,Type,SKU,Name,Published\n" + rows


def table(ids: Ids) -> str:
    return "SKU,Name\n" + "".join(f"{key},A\n" for key in ids)


def magento(ids: Ids) -> str:
    header = "sku,product_type,attribute_set_code,name\n"
    return header + "".join(f"{key},simple,Default,A\n" for key in ids)


def google_text(ids: Ids) -> str:
    return "id\ttitle\tavailability\n" + "".join(f"{key}\tA\tin stock\n" for key in ids)


def google_xml(ids: Ids) -> str:
    items = "".join(f"<item><g:id>{key}</g:id></item>\n" for key in ids)
    name = "http://base.google.com/ns/1.0"
    return f'<rss xmlns:g="{name}"><channel>\n{items}</channel></rss>'


def json_lines(ids: Ids) -> str:
    return "".join(json.dumps({"id": key}) + "\n" for key in ids)


def shopify(ids: Ids) -> str:
    rows = "".join(f"{key},A,\n" for key in ids)
    return "Handle,Title,Body (HTML)\n" + rows


READERS = (woocommerce, table, magento, google_text, google_xml, json_lines)


def read(tmp_path: Path, content: str) -> tuple[list[str], list[str]]:
    path = tmp_path / "export"
    path.write_bytes(content.encode())
    with open_source(path) as source:
        return [p.id for p in source.products()], list(map(str, source.problems))


@pytest.mark.parametrize("write", READERS, ids=lambda f: f.__name__)
def test_an_id_that_comes_again_is_said_and_both_are_read(
    tmp_path: Path, write: Callable[[Ids], str]
) -> None:
    ids, problems = read(tmp_path, write(["a", "b", "a", "c", "a"]))
    assert ids == ["a", "b", "a", "c", "a"] and len(problems) == 2
    first = 1 if write is json_lines else 2
    for problem, line in zip(problems, (first + 2, first + 4), strict=True):
        again = f"product 'a' has the same id as line {first}; both were read"
        assert problem == f"line {line}: {again}"


@pytest.mark.parametrize("write", (*READERS, shopify), ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("Jug-1", "jug-1", "in letter case only"),
        ("STRASSE", "straße", "in letter case only"),
        (NFC, NFD, "once as NFC and once as NFD"),
        ("jug\u200b1", "jug1", "in characters that nobody sees"),
    ],
)
def test_ids_that_look_alike_are_said(
    tmp_path: Path, write: Callable[[Ids], str], one: str, other: str, how: str
) -> None:
    ids, problems = read(tmp_path, write([one, "b", other]))
    assert ids == [one, "b", other]
    [problem] = problems
    assert repr(one) in problem and repr(other) in problem and how in problem


@pytest.mark.parametrize("write", (*READERS, shopify), ids=lambda f: f.__name__)
@pytest.mark.parametrize("key", ["8.71E+12", "1.2E+05", "1E+11", "8.71e+12"])
def test_a_number_that_a_spreadsheet_rounded_is_said(
    tmp_path: Path, write: Callable[[Ids], str], key: str
) -> None:
    ids, problems = read(tmp_path, write([key, "1E5", "A+B", "E+12"]))
    assert ids == [key, "1E5", "A+B", "E+12"]
    [problem] = problems
    assert repr(key) in problem and "rounded" in problem and "export it again" in problem


def test_the_german_form_of_a_rounded_number_is_known(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "SKU;Name\n8,71E+12;Krug\n")
    assert len(problems) == 1 and "'8,71E+12'" in problems[0]


def test_rounded_skus_beside_whole_ids_are_said(tmp_path: Path) -> None:
    woo = "ID,Type,SKU,Name,Published\n7,simple,1.2E+05,A,1\n"
    assert "SKU '1.2E+05'" in read(tmp_path, woo)[1][0]
    shop = "Handle,Title,Variant SKU,Variant Price\na,A,x,1\na,,1.2E+05,1\n"
    assert read(tmp_path, shop)[1][0].startswith("line 3: SKU '1.2E+05'")


def test_one_handle_with_two_titles_is_said(tmp_path: Path) -> None:
    header = "Handle,Title,Body (HTML)\n"
    ids, problems = read(tmp_path, header + "a,Jug,\na,,\na, Jug ,\na,Bowl,\na,Cup,\n")
    assert ids == ["a"]
    assert problems == [
        "line 5: handle 'a' has two titles, 'Jug' and 'Bowl'; its rows were read as one "
        "product"
    ]
    apart = read(tmp_path, header + "a,Jug,\nb,Cup,\na,Bowl,\n")[1]
    assert len(apart) == 1 and "line 4" in apart[0]
    assert not read(tmp_path, header + "a,,\na,Jug,\nb,Jug,\n")[1]


def test_the_ids_of_the_faults_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    with open_source(FAULTS / "o21_rounded_handles.csv") as source:
        [product] = source.products()
        texts = " ".join(map(str, source.problems))
    assert product.id == "8.71E+12" and "rounded" in texts and "'Bowl'" in texts
    assert main(["inspect", str(FAULTS / "o22_same_offer_id.xml")]) == 0
    out = capsys.readouterr().out
    assert "2 products, 2 photos, 1 repeated id" in out and "same id as line 3" in out
    assert main(["inspect", str(FAULTS / "o22_same_offer_id.xml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["repeated_ids"] == 1


@pytest.mark.parametrize("in_memory", [1, 2, 3, 100])
def test_ids_far_apart_are_compared_on_the_disk(in_memory: int) -> None:
    problems = Problems()
    with IdCheck(problems, in_memory=in_memory) as ids:
        for n, key in enumerate(["a", "b", "é", "c", "A", "d", "b", "e", "e\u0301", "b"]):
            ids.look(key, n)
    assert sorted((p.line, p.message[:14]) for p in problems) == [
        *(
            (4, "id 'A' and 'a'"),
            (6, "product 'b' ha"),
            (8, f"id {NFD[-2:]!r} and {NFC[-1:]!r}"[:14]),
        ),
        (9, "product 'b' ha"),
    ]
    assert ids.repeated == 2


def test_memory_does_not_grow_with_the_ids() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        with IdCheck(Problems(), in_memory=1000) as ids:
            for n in range(count):
                ids.look(f"product-{n}", n)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(4_000)
    assert peak(40_000) < 3 * peak(4_000)


def test_parquet_has_its_repeated_ids_said(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"sku": ["a", "b", "a"], "name": ["x", "y", "z"]})
    parquet.write_table(table, tmp_path / "p.parquet")
    with open_source(tmp_path / "p.parquet") as source:
        assert len(list(source.products())) == 3
        assert [str(p) for p in source.problems] == [
            "row 3: product 'a' has the same id as row 1; both were read"
        ]


# ---- a folder of photos -----------------------------------------------------------------


def folder_of(tmp_path: Path, *names: str) -> FolderSource:
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    return FolderSource(tmp_path)


def test_a_name_written_as_macos_does_is_the_same_product(tmp_path: Path) -> None:
    names = (f"{NFC}.jpg", f"{NFD}-2.jpg", f"{NFC}-3.jpg", f"{NFD}/a.jpg", "x.jpg")
    with folder_of(tmp_path, *names) as source:
        products = list(source.products())
    assert [(p.id, len(p.photos)) for p in products] == [(NFC, 4), ("x", 1)]
    assert all(isinstance(p, Path) and p.exists() for p in products[0].photos)
    assert not list(source.problems)


def test_names_that_differ_in_letter_case_only_are_said(tmp_path: Path) -> None:
    with folder_of(tmp_path, "Shirt.jpg", "shirt-2.jpg") as source:
        assert len(list(source.products())) == 2
        [problem] = source.problems
    assert "in letter case only" in problem.message


@pytest.mark.parametrize(
    ("suffix", "name"),
    [(".EPS", "EPS"), (".tif", "TIFF"), (".tiff", "TIFF"), (".bmp", "BMP"),
     (".psd", "Photoshop"), (".svg", "SVG"), (".CR2", "raw photo"), (".jxl", "JPEG XL")],
)  # fmt: skip
def test_a_picture_that_is_not_read_is_a_problem_of_its_own(
    tmp_path: Path, suffix: str, name: str
) -> None:
    with folder_of(tmp_path, f"a{suffix}", f"b/c{suffix}", "d.jpg", "notes.txt") as source:
        assert [p.id for p in source.products()] == ["d"]
        assert len(source.problems) == 2
        for problem in source.problems:
            assert name in problem.message and "save it as JPEG" in problem.message
            assert problem.where.endswith(suffix)


def test_jpegs_by_any_ending_are_read(tmp_path: Path) -> None:
    names = ("a.jfif", "b.JFIF", "c.jpe", "d.JPEG", "e.jpg")
    with folder_of(tmp_path, *names) as source:
        assert len(list(source.products())) == 5


def test_photos_of_a_phone_do_not_vanish(capsys: pytest.CaptureFixture[str]) -> None:
    with FolderSource(FAULTS / "o08_heic_folder", suffixes=(".jpg",)) as source:
        assert not list(source.products())
        assert ["HEIC" in p.message for p in source.problems] == [True, True]
        assert all("productdesc[heic]" in p.message for p in source.problems)
    assert main(["inspect", str(FAULTS / "o08_heic_folder")]) == 0
