"""`productdesc convert` where none of the photos that a product lists can be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles.model_servers import slow_engine
from doubles.pictures import jpeg

from productdesc.catalogs import open_source
from productdesc.cli import main

WORD = "PHOTO"
CATALOGUES = {
    "a.jsonl": json.dumps({"id": "a", "title": "A jug", "photos": [WORD]}),
    "a.csv": f"sku,name,photo\na,A jug,{WORD}\n",
    "shopify.csv": f"Handle,Title,Body (HTML),Image Src\na,A jug,,{WORD}\n",
    "woocommerce.csv": f"ID,Type,SKU,Name,Description,Images\n1,simple,a,A jug,,{WORD}\n",
    "feed.tsv": f"id\ttitle\tavailability\timage_link\na\tA jug\tin stock\t{WORD}\n",
    "magento.csv": "sku,store_view_code,attribute_set_code,product_type,name,base_image\n"
    f"a,,Default,simple,A jug,{WORD}\n",
}


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([*map(str, arguments), "--model", "slow"])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(autouse=True)
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    slow_engine.install(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("SECONDS", "0")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return tmp_path / "calls"


@pytest.mark.parametrize("name", CATALOGUES)
@pytest.mark.parametrize("photo", ["gone.jpg", "http://x.example/a.jpg", "file:///a.jpg"])
def test_a_product_whose_photos_are_all_unusable_fails(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    scripted: Path,
    name: str,
    photo: str,
) -> None:
    source, out = tmp_path / name, tmp_path / "out.jsonl"
    source.write_text(CATALOGUES[name].replace(WORD, photo), "utf-8")
    code, said, err = run(capsys, "convert", source, out)
    assert code == 1 and "1 failed" in said, err
    assert "no photo can be used: photo " in err and "was left out" in err
    assert slow_engine.calls(scripted) == 0, "no model was asked"


@pytest.mark.parametrize("name", CATALOGUES)
@pytest.mark.parametrize("photo", ["", "none", "N/A", "-"])
def test_a_word_for_no_photo_lists_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, photo: str
) -> None:
    source = tmp_path / name
    source.write_text(CATALOGUES[name].replace(WORD, photo), "utf-8")
    code, said, err = run(capsys, "convert", source, tmp_path / "out.jsonl")
    assert code == 0 and "1 written" in said, err


def test_a_photo_that_is_missing_in_its_folder_fails_as_a_corrupt_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "good.jpg").write_bytes(jpeg())
    (photos / "corrupt.jpg").write_bytes(jpeg()[:200])
    source = tmp_path / "in.csv"
    rows = [
        "missing,gone.jpg",
        "corrupt,corrupt.jpg",
        "two,gone.jpg|good.jpg",
        "ok,good.jpg",
    ]
    source.write_text("\n".join(["sku,photo", *rows]) + "\n", "utf-8")
    code, said, err = run(
        capsys, "convert", source, tmp_path / "o.jsonl", "--photos-folder", photos
    )
    assert code == 1 and "2 written, 2 failed" in said, err
    assert "productdesc: missing: no photo can be used: photo 'gone.jpg'" in err
    assert "productdesc: corrupt: " in err


def test_a_filled_product_needs_no_photo(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "in.csv"
    table.write_text("sku,name\na,A jug\n", "utf-8")
    assert run(capsys, "convert", table, table)[0] == 0
    header, row = table.read_text("utf-8").split("\n", 1)
    table.write_text(f"{header},photo\n{row.rstrip()},gone.jpg\n", "utf-8")
    code, said, err = run(capsys, "convert", table, table)
    assert code == 0 and "1 unchanged" in said, err


def test_the_reason_counts_the_others(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    row = {"id": "a", "title": "A", "photos": ["a.jpg", "b.jpg", "none"]}
    source.write_text(json.dumps(row), "utf-8")
    with open_source(source) as opened:
        [product] = opened.products()
    assert product.photos == ()
    assert product.photo_error.startswith(
        "no photo can be used: photo 'a.jpg' was left out"
    )
    assert product.photo_error.endswith(", and 1 others")
