"""What is no photo is refused by its name, with what to do, before any decoder sees it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from productdesc.errors import PhotoError
from productdesc.photos import FORMATS, Decoder, PhotoLimits, load
from productdesc.photos.decoding.magic_bytes import BRANDS, SIGNATURES, TEXTS, kind_of
from productdesc.photos.intake import check_head


def workbook(first: str = "[Content_Types].xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(first, "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def movie(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + bytes(4) + b"mp42" + brand + bytes(500)


def saved(format: str) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, format)
    return file.getvalue()


NO_PHOTOS = (
    (saved("TIFF"), "TIFF", "JPEG or PNG"),
    (b"MM\0*\0\0\0\x08" + bytes(99), "TIFF", "JPEG or PNG"),
    (b"II*\0\x10\0\0\0CR\x02\0" + bytes(99), "raw file .CR2", "JPEG or PNG"),
    (saved("BMP"), "BMP", "JPEG or PNG"),
    (saved("ICO"), "icon", "JPEG or PNG"),
    (saved("JPEG2000"), "JPEG 2000", "JPEG or PNG"),
    (b"\xff\x0a" + bytes(99), "JPEG XL", "JPEG or PNG"),
    (b"8BPS\0\1" + bytes(99), "Photoshop file", "export"),
    (b"%PDF-1.7\n" + bytes(99), "PDF", "export"),
    (workbook(), "Office document .xlsx", "export"),
    (workbook(), "Office document .xlsx", "save the sheet as CSV"),
    (workbook("_rels/.rels"), "Office document .xlsx", "export"),
    (workbook("photos/1.txt").replace(b"xl/work", b"zz/work"), "ZIP archive", "unpack"),
    (b"Rar!\x1a\x07\1\0" + bytes(99), "RAR archive", "unpack"),
    (b"\xd0\xcf\x11\xe0" + bytes(99), "old Office document", "export"),
    (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing", "export"),
    (b'\xef\xbb\xbf\n<?xml version="1.0"?>\n<!-- a -->\n<svg/>', "SVG", "export"),
    (b"<!DOCTYPE html><html></html>", "web page", "address"),
    (b"\n <HTML><body>404</body>", "web page", "address"),
    (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML", "address"),
    (b'{"error": "expired"}', "JSON", "address"),
    (b'{"id": "A1", "title": "Hat"}\n', "JSON", "productdesc convert"),
    (b"<?xml version='1.0'?><rss/>", "XML", "productdesc convert"),
    (b"sku,title\nA1,Hat\n", "text", "productdesc convert"),
    ("sku;Größe\nA1;40\n".encode("cp1252"), "text", "productdesc convert"),
    ("sku\ttitle\n".encode("utf-16"), "text in UTF-16", "productdesc convert"),
    (b"PAR1" + bytes(99), "Parquet file", "productdesc convert"),
    (movie(b"isom"), "video .MP4", "frame"),
    (movie(b"M4V "), "video .MP4", "frame"),
    (movie(b"qt  ").replace(b"mp42", b"qt  "), "video .MOV", "frame"),
    (b"\0\0\0\x08wide\0\0\0\0mdat" + bytes(99), "video .MOV", "frame"),
    (b"\x1a\x45\xdf\xa3" + bytes(99), "video .WebM", "frame"),
    (b"RIFF\0\0\0\0AVI LIST", "video .AVI", "frame"),
    (b"\0\5\x16\7" + bytes(99), "macOS", r"without '\._'"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS", "pull"),
)


@pytest.mark.parametrize(("data", "name", "advice"), NO_PHOTOS)
def test_what_is_no_photo_is_named_and_says_what_to_do(
    data: bytes, name: str, advice: str
) -> None:
    # an interpreter that cannot be started: no decoder is asked
    with Decoder(python="/nowhere/python") as none, pytest.raises(PhotoError) as caught:
        load(data, decoder=none)
    message = str(caught.value)
    assert f"its {len(data)} bytes" in message
    for words in (name, advice, "JPEG, PNG, WEBP, GIF, AVIF or HEIC"):
        assert re.search(words, message), message


def test_what_is_known_by_no_name_shows_how_it_begins() -> None:
    with pytest.raises(PhotoError, match=r"its 14 bytes begin with b'just a text"):
        load(b"just a text...")


@pytest.mark.parametrize("format", [f for f in FORMATS if f != "HEIC"])
def test_what_pillow_writes_is_told_by_its_first_bytes(format: str) -> None:
    kind = kind_of(saved(format))
    assert kind and kind.name == format


def test_the_brand_that_says_more_than_the_container_counts() -> None:
    def named(major: bytes, *others: bytes) -> str:
        box = b"ftyp" + major + bytes(4) + b"".join(others)
        kind = kind_of((len(box) + 4).to_bytes(4) + box + bytes(99))
        return kind.name if kind else ""

    assert named(b"mif1", b"mif1", b"avif", b"miaf") == "AVIF"
    assert named(b"mif1", b"heic") == named(b"heic", b"mif1") == "HEIC"
    assert named(b"mif1") == named(b"msf1", b"hevc") == "HEIC"
    assert named(b"xxxx") == ""
    assert kind_of(b"\0\0\0\x08ftyp") is None
    assert kind_of(b"\xff\xff\xff\xffftypheic") is not None


def test_a_jfif_is_a_jpeg_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "shoe.jfif"
    path.write_bytes(saved("JPEG"))
    assert load(path).format == "JPEG"


def test_every_format_that_is_read_has_its_first_bytes_in_a_table() -> None:
    told = {s.name for s in SIGNATURES} | {name for name, _, _ in BRANDS}
    assert set(FORMATS) <= told
    rows = [*SIGNATURES, *TEXTS, *BRANDS]
    assert all(row[2] for row in rows)


@pytest.mark.parametrize("data", [data for data, _, _ in NO_PHOTOS])
def test_the_first_bytes_of_a_file_are_judged_as_the_whole(
    tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "shoe.jpg"
    path.write_bytes(data + bytes(5000) * (data[:4] == b"PAR1"))
    with pytest.raises(PhotoError) as whole:
        load(path)
    with pytest.raises(PhotoError) as first:
        check_head(path)
    assert str(first.value) == str(whole.value)


def test_a_file_that_may_be_a_photo_passes(tmp_path: Path) -> None:
    path = tmp_path / "shoe.jpg"
    path.write_bytes(saved("JPEG"))
    check_head(path)
    with pytest.raises(PhotoError, match="no such file"):
        check_head(tmp_path / "gone.jpg")
    with pytest.raises(PhotoError, match="the limit; shrink it first"):
        check_head(path, limits=PhotoLimits(max_bytes=100))
    path.write_bytes(b"")
    with pytest.raises(PhotoError, match=r"it is empty \(0 bytes\)"):
        check_head(path)
