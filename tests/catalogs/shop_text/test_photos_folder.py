"""Photos on the disk: a folder that the caller names, for every kind of file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles.pictures import jpeg
from factories import description

from productdesc.catalogs import OpenOptions, open_sink, open_source
from productdesc.catalogs.formats import FORMATS
from productdesc.errors import CatalogError

NAME = "red/shoe.jpg"


def table(header: str, row: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_text(f"{header}\n{row}\n", encoding="utf-8")
        return path

    return write


def feed(path: Path) -> Path:
    item = (
        f"<item><g:id>1</g:id><title>Shoe</title><g:image_link>{NAME}</g:image_link></item>"
    )
    space = 'xmlns:g="http://base.google.com/ns/1.0"'
    path.write_text(f"<rss {space} version='2.0'><channel>{item}</channel></rss>", "utf-8")
    return path


def jsonl(path: Path) -> Path:
    path.write_text(json.dumps({"id": "1", "title": "Shoe", "photos": [NAME]}), "utf-8")
    return path


def parquet(path: Path) -> Path:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as files

    files.write_table(arrow.table({"id": ["1"], "title": ["Shoe"], "image": [NAME]}), path)
    return path


FILES: dict[str, Callable[[Path], Path]] = {
    "shopify-csv": table("Handle,Title,Body (HTML),Image Src", f"1,Shoe,,{NAME}"),
    "woocommerce-csv": table(
        "ID,Type,SKU,Name,Published,Images", f"1,simple,s1,Shoe,1,{NAME}"
    ),
    "google-tsv": table("id\ttitle\timage_link", f"1\tShoe\t{NAME}"),
    "google-xml": feed,
    "csv": table("sku,name,image", f"1,Shoe,{NAME}"),
    "jsonl": jsonl,
    "parquet": parquet,
    "magento-csv": table(
        "sku,product_type,attribute_set_code,name,base_image",
        f"1,simple,Default,Shoe,/{NAME}",
    ),
}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "red").mkdir(parents=True)
    (folder / NAME).write_bytes(jpeg())
    return folder


def test_every_file_that_is_read_takes_a_folder_of_photos() -> None:
    files = {
        name for name, one in FORMATS.items() if one.open_source and not one.secrets
    } - {"folder"}
    assert (
        files
        == FILES.keys()
        == {n for n, f in FORMATS.items() if "photos_folder" in f.takes}
    )


@pytest.mark.parametrize("format", FILES)
def test_a_relative_path_leads_into_the_folder(
    format: str, photos: Path, tmp_path: Path
) -> None:
    file = FILES[format](tmp_path / "catalogue")
    with open_source(file, format, OpenOptions(photos_folder=photos)) as source:
        [product] = source.products()
    assert product.photos == ((photos / NAME).resolve(),)
    assert source.problems.total == 0


@pytest.mark.parametrize("format", FILES)
def test_without_a_folder_the_problem_names_the_option(format: str, tmp_path: Path) -> None:
    file = FILES[format](tmp_path / "catalogue")
    with open_source(file, format) as source:
        [product] = source.products()
    assert product.photos == ()
    assert "--photos-folder (photos_folder= in Python)" in str(next(iter(source.problems)))


@pytest.mark.parametrize("format", FILES)
@pytest.mark.parametrize("kind", ["absent", "file"])
def test_a_folder_that_is_none_is_told_before_anything_is_read(
    format: str, kind: str, photos: Path, tmp_path: Path
) -> None:
    file = FILES[format](tmp_path / "catalogue")
    folder = tmp_path / "nosuch" if kind == "absent" else photos / NAME
    with pytest.raises(CatalogError, match=r"(no such|is no) folder; it was named as"):
        open_source(file, format, OpenOptions(photos_folder=folder))


@pytest.mark.parametrize("format", FILES)
def test_a_path_out_of_the_folder_is_no_photo(
    format: str, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (photos / "red" / "shoe.jpg").unlink()
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(jpeg())
    (photos / "red" / "shoe.jpg").symlink_to(secret)
    file = FILES[format](tmp_path / "catalogue")
    with open_source(file, format, OpenOptions(photos_folder=photos)) as source:
        [product] = source.products()
    assert product.photos == ()
    assert "leads out of" in str(next(iter(source.problems)))


@pytest.mark.parametrize(
    ("option", "value", "format"),
    [
        ("photos_folder", Path(), "folder"),
        ("columns", {"title": ["x"]}, "shopify-csv"),
        ("media_url", "https://shop.example/media", "csv"),
        ("delimiter", ",", "jsonl"),
        ("encoding", "utf-8", "folder"),
    ],
)
def test_an_option_that_a_format_would_not_heed_is_refused(
    option: str, value: object, format: str, photos: Path, tmp_path: Path
) -> None:
    place = photos if format == "folder" else FILES[format](tmp_path / "catalogue")
    options = OpenOptions(**{option: value})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"is read as {format}, which takes no "):
        open_source(place, format, options)


def test_a_magento_file_keeps_the_alt_text_of_a_photo_in_the_folder(
    photos: Path, tmp_path: Path
) -> None:
    header = "sku,product_type,attribute_set_code,name,base_image,base_image_label"
    file = table(header, f"1,simple,Default,Shoe,/{NAME},A red shoe")(tmp_path / "m.csv")
    with open_source(file, options=OpenOptions(photos_folder=photos)) as source:
        [product] = source.products()
    assert product.present.alt_texts == ("A red shoe",)


def test_alt_texts_go_to_the_rows_of_photos_in_the_folder(
    photos: Path, tmp_path: Path
) -> None:
    file = tmp_path / "shop.csv"
    rows = ["1,Shoe,,https://cdn.example.com/a.jpg,", f"1,,,{NAME},", "1,,,gone.jpg,"]
    file.write_text("\n".join(["Handle,Title,Body (HTML),Image Src,Image Alt Text", *rows]))
    out = tmp_path / "import.csv"
    options = OpenOptions(photos_folder=photos, source_path=file)
    with open_source(file, "shopify-csv", options) as source:
        [product] = source.products()
    assert len(product.photos) == 2
    copy = description(product_id="1", language="en", alt_texts=("Side", "Front"))
    with open_sink(out, "shopify-csv", options) as sink:
        assert sink.save(product, copy).status == "written"
    with out.open(newline="") as written:
        texts = {row["Image Src"]: row["Image Alt Text"] for row in csv.DictReader(written)}
    assert texts == {"https://cdn.example.com/a.jpg": "Side", NAME: "Front", "gone.jpg": ""}
