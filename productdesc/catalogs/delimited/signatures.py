"""File signatures (magic numbers): what a file is by its first bytes, whatever its name.

To tell one more kind of file that is no catalogue: one row in SIGNATURES or MARKUP.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ...errors import CatalogError

HEAD_BYTES = 4096
TAIL_BYTES = 1 << 16  # of a zip archive, which lists its files at its end

_SHEET = "save the sheet as CSV UTF-8"
_UNPACK = "unpack it, and give the file that is in it"
_PHOTO = "give it to `productdesc describe`, or name the folder that it lies in"


class Signature(NamedTuple):
    """Bytes at an offset of a file, what they say it is, and what to do about it.

    inside: bytes that its head or tail also holds.
    """

    magic: bytes
    name: str
    cure: str
    offset: int = 0
    inside: bytes = b""


SIGNATURES = (
    Signature(codecs.BOM_UTF32_LE, "UTF-32 text", "save it as UTF-8"),
    Signature(codecs.BOM_UTF32_BE, "UTF-32 text", "save it as UTF-8"),
    Signature(b"PK\x03\x04", "an Excel workbook (xlsx)", _SHEET, inside=b"xl/"),
    Signature(b"PK\x03\x04", "a spreadsheet of LibreOffice (ods)", _SHEET,
              inside=b"opendocument.spreadsheet"),
    Signature(b"PK\x03\x04", "a spreadsheet of Apple's Numbers", _SHEET,
              inside=b"Index/Document.iwa"),
    Signature(b"PK\x03\x04", "a Word document (docx)", "save its table as CSV",
              inside=b"word/"),
    Signature(b"PK\x03\x04", "a workbook or zip archive", _UNPACK),
    Signature(b"PK\x05\x06", "an empty zip archive", _UNPACK),
    Signature(b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls) or Office file", _SHEET),
    Signature(b"\x1f\x8b", "compressed with gzip", _UNPACK),
    Signature(b"BZh", "compressed with bzip2", _UNPACK),
    Signature(b"\xfd7zXZ\0", "compressed with xz", _UNPACK),
    Signature(b"\x28\xb5\x2f\xfd", "compressed with zstd", _UNPACK),
    Signature(b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    Signature(b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    Signature(b"ustar", "a tar archive", _UNPACK, 257),
    Signature(b"%PDF", "a PDF", "export the table that it was made from as CSV"),
    Signature(b"{\\rtf", "an RTF document", "save its table as CSV"),
    Signature(b"SQLite format 3\0", "an SQLite database", "export its table as CSV"),
    Signature(b"\xff\xd8\xff", "a photo (JPEG)", _PHOTO),
    Signature(b"\x89PNG\r\n\x1a\n", "a photo (PNG)", _PHOTO),
    Signature(b"GIF8", "a photo (GIF)", _PHOTO),
    Signature(b"RIFF", "a photo (WebP)", _PHOTO, inside=b"WEBP"),
    Signature(b"ftypheic", "a photo (HEIC)", _PHOTO, 4),
    Signature(b"ftypheix", "a photo (HEIC)", _PHOTO, 4),
    Signature(b"ftypmif1", "a photo (HEIF)", _PHOTO, 4),
    Signature(b"ftypavif", "a photo (AVIF)", _PHOTO, 4),
    Signature(b"ftyp", "a photo or video (HEIF or MP4)", _PHOTO, 4),
    Signature(b"II*\0", "a picture (TIFF)", "save it as JPEG or PNG"),
    Signature(b"MM\0*", "a picture (TIFF)", "save it as JPEG or PNG"),
    Signature(b"8BPS", "a picture (Photoshop)", "save it as JPEG or PNG"),
)  # fmt: skip
"""In this order: the first that fits counts."""

PARQUET = b"PAR1"
PARQUET_FILE = Signature(PARQUET, "a Parquet file", "read it with the format parquet")

MARKUP = (
    (re.compile(r"<!doctype html|<(?:html|head|body|meta|style|table|div|title)\b"),
     "an HTML page, or a table that a program wrote as one",
     "open it in a spreadsheet and save the sheet as CSV UTF-8"),
    (re.compile(r"<svg\b"), "a picture (SVG)", "save it as JPEG or PNG"),
    (re.compile(r"<\?mso-application progid=.excel|<(?:ss:)?workbook\b"),
     "an Excel workbook in XML", "save the sheet as CSV UTF-8"),
)  # fmt: skip
"""What the first tag of a file says that it is, where it is no feed; in lower case."""

_PROLOGUE = re.compile(r"(?:\s++|<\?xml\b[^>]*+>|<!--(?:(?!-->).)*+-->)*+", re.DOTALL)
_JSON = re.compile(r'\{\s*["}]|\[\s*[\[{"\]\d-]')
_FEED = re.compile(r"<(?:\?xml|rss|feed|channel)\b")


def refuse_binary(path: Path, file: BinaryIO, *, parquet: bool = False) -> bytes:
    """The first bytes of an open file; it stands at its start again.

    Raises `CatalogError` that names its format where it is none of a catalogue.
    parquet: it may be a Parquet file.
    """
    head = file.read(HEAD_BYTES)
    signatures = SIGNATURES if parquet else (*SIGNATURES, PARQUET_FILE)
    for one in signatures:
        if not head.startswith(one.magic, one.offset):
            continue
        if not one.inside or one.inside in head or one.inside in _tail(file):
            raise CatalogError(f"{path}: is {one.name}, no catalogue: {one.cure}")
    file.seek(0)
    tag = _PROLOGUE.sub("", as_ascii(head).lower(), count=1)
    for pattern, name, cure in MARKUP:
        if pattern.match(tag):
            raise CatalogError(f"{path}: is {name}, no catalogue: {cure}")
    return head


def _tail(file: BinaryIO) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL_BYTES))
    return file.read(TAIL_BYTES)


def as_ascii(head: bytes) -> str:
    """The ASCII letters of a text's first bytes in any encoding, without its BOMs."""
    text = head.replace(b"\0", b"").decode("latin-1")
    return text.lstrip("\xef\xbb\xbf\xfe\xff \t\r\n")


def text_format(head: bytes) -> str:
    """The format that the first bytes of a text suggest, "" where it may be a table."""
    text = as_ascii(head)
    if head.startswith(PARQUET):
        return "parquet"
    if text.startswith("<"):
        return "google-xml"
    if _JSON.match(text):
        return "jsonl"
    return ""


def later_format(head: bytes) -> str:
    """The format of a text whose first lines are something else, as a warning of PHP."""
    text = as_ascii(head)
    if _FEED.search(text):
        return "google-xml"
    if any(_JSON.match(line) for line in text.splitlines()):
        return "jsonl"
    return ""
