"""File signatures: which format some bytes are of, told by how they begin.

Nothing is parsed beyond the first bytes. What is no photo is refused here, with its name
and what to do, and never reaches a decoder.

To name one more format: a row in SIGNATURES, or its brand in BRANDS.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from typing import NamedTuple

from .pixels import PHOTO_FORMATS

HEAD_BYTES = 1024  # that are looked at; a text may begin with a long comment

CONVERT = "save it as JPEG or PNG"
EXPORT = "export the picture from it as JPEG or PNG"
FRAME = "save one frame of it as JPEG or PNG"
ADDRESS = "the address may be wrong, expired or need a login: open it in a browser"
CATALOGUE = "if it is a catalogue, give it to `productdesc convert`"
ANSWER = f"{CATALOGUE}; if it came from a URL, {ADDRESS}"
SHEET = f"{EXPORT}; for a catalogue save the sheet as CSV for `productdesc convert`"


class Signature(NamedTuple):
    """How a format begins: `magic` stands `at` bytes from the start."""

    name: str
    magic: bytes
    advice: str = CONVERT
    at: int = 0


SIGNATURES = (
    Signature("JPEG", b"\xff\xd8\xff"),
    Signature("PNG", b"\x89PNG\r\n\x1a\n"),
    Signature("GIF", b"GIF87a"),
    Signature("GIF", b"GIF89a"),
    Signature("WEBP", b"WEBP", at=8),
    Signature("camera raw file (CR2)", b"CR\x02", at=8),
    Signature("camera raw file (RAF)", b"FUJIFILMCCD-RAW"),
    Signature("camera raw file (RW2)", b"IIU\0"),
    Signature("camera raw file (ORF)", b"IIRO"),
    Signature("TIFF (or a camera's raw file, as DNG and NEF are)", b"II*\0"),
    Signature("TIFF (or a camera's raw file, as DNG and NEF are)", b"MM\0*"),
    Signature("TIFF", b"II+\0"),
    Signature("TIFF", b"MM\0+"),
    Signature("Photoshop file (PSD)", b"8BPS", EXPORT),
    Signature("GIMP file (XCF)", b"gimp xcf", EXPORT),
    Signature("PDF", b"%PDF-", EXPORT),
    Signature("PostScript or Illustrator file (EPS, AI)", b"%!PS", EXPORT),
    Signature("PostScript file (EPS)", b"\xc5\xd0\xd3\xc6", EXPORT),
    Signature("BMP", b"BM"),
    Signature("icon (ICO)", b"\0\0\1\0"),
    Signature("DDS", b"DDS "),
    Signature("JPEG XL", b"\xff\x0a"),
    Signature("JPEG XL", b"\0\0\0\x0cJXL "),
    Signature("JPEG 2000", b"\0\0\0\x0cjP  "),
    Signature("JPEG 2000", b"\xff\x4f\xff\x51"),
    Signature("video (AVI)", b"AVI ", FRAME, at=8),
    Signature("video (WebM or MKV)", b"\x1a\x45\xdf\xa3", FRAME),
    Signature("video (MOV)", b"moov", FRAME, at=4),
    Signature("video (MOV)", b"mdat", FRAME, at=4),
    Signature("video (MOV)", b"wide", FRAME, at=4),
    Signature("video (MPEG)", b"\0\0\1\xba", FRAME),
    Signature("video (FLV)", b"FLV\1", FRAME),
    Signature("old Office document (xls, doc, ppt)", b"\xd0\xcf\x11\xe0", SHEET),
    Signature("Parquet file", b"PAR1", CATALOGUE),
    Signature("text in UTF-16", b"\xff\xfe", CATALOGUE),
    Signature("text in UTF-16", b"\xfe\xff", CATALOGUE),
    Signature("ZIP archive", b"PK\3\4", "unpack it, and give the photos in it"),
    Signature("ZIP archive without files", b"PK\5\6", "give a photo"),
    Signature("GZIP archive", b"\x1f\x8b", "unpack it, and give the photos in it"),
    Signature("RAR archive", b"Rar!\x1a\x07", "unpack it, and give the photos in it"),
    Signature("7z archive", b"7z\xbc\xaf\x27\x1c", "unpack it, and give the photos in it"),
    Signature(
        "side file of macOS (AppleDouble)",
        b"\0\5\x16\7",
        "give the file of the same name without '._'",
    ),
    Signature(
        "Git LFS pointer", b"version https://git-lfs", "fetch the photo: git lfs pull"
    ),
)
"""In order: the first that fits counts."""

# Signatures in text, behind any byte order mark and white space
TEXTS = (
    ("web page (HTML)", re.compile(rb"<!doctype html|<html|<head|<body", re.I), ADDRESS),
    ("SVG drawing", re.compile(rb"(?s:\A(?:<\?xml|<!--|<!doctype).*?)?<svg", re.I), EXPORT),
    ("XML", re.compile(rb"<\?xml|<error\b|<rss\b", re.I), ANSWER),
    ("JSON", re.compile(rb"[{\[]\s*[\"{\]}]"), ANSWER),
    ("text", re.compile(rb"\A[\t\n\r\x20-\x7e\x80-\xff]++\Z"), CATALOGUE),
)  # fmt: skip

# ISO media files (ftyp) -> their brands
BRANDS = (
    ("AVIF", b"avif avis", CONVERT),
    ("HEIC", b"heic heix heim heis hevc hevx hevm hevs", CONVERT),
    ("camera raw file (CR3)", b"crx ", CONVERT),
    ("JPEG 2000", b"jp2  jpx  jpm ", CONVERT),
    ("HEIC", b"mif1 msf1", CONVERT),  # the container alone; after those that say more
    ("video (MOV)", b"qt  ", FRAME),
    ("audio (M4A)", b"M4A  M4B ", "give a photo"),
    ("video (MP4)", b"isom iso2 iso4 iso5 iso6 mp41 mp42 avc1 M4V  M4VH dash 3gp4 3gp5 "
     b"3gp6 3g2a MSNV XAVC", FRAME),
)  # fmt: skip

_OFFICE = re.compile(rb"\[Content_Types\]\.xml|_rels/\.rels|\b(?:xl|word|ppt)/")


class Kind(NamedTuple):
    """A format, and what to do with a file of it that is not taken."""

    name: str
    advice: str


def kind_of(data: bytes) -> Kind | None:
    """The format of encoded bytes; None: nothing that is known here."""
    head = data[:HEAD_BYTES]
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    for name, magic, advice, at in SIGNATURES:
        if head[at : at + len(magic)] == magic:
            if name == "ZIP archive" and _OFFICE.search(head):
                return Kind("Office document (xlsx, docx, pptx)", SHEET)
            return Kind(name, advice)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for name, pattern, advice in TEXTS:
        if pattern.match(text):
            return Kind(name, advice)
    return None


def _of_brands(head: bytes) -> Kind | None:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    own = {head[8:12], *(head[n : n + 4] for n in range(16, size - 3, 4))}
    for name, brands, advice in BRANDS:
        if any(brand in own for brand in _fours(brands)):
            return Kind(name, advice)
    return None


def _fours(brands: bytes) -> list[bytes]:
    return [brands[n : n + 4] for n in range(0, len(brands), 5)]


def photo_format(data: bytes, formats: Sequence[str], *, size: int) -> str:
    """Which of `formats` the bytes are of; `ValueError` with the reason where of none.

    size: of the whole, of which HEAD_BYTES are enough here.
    """
    kind = kind_of(data)
    if kind and kind.name in formats:
        if kind.name == "HEIC" and importlib.util.find_spec("pi_heif") is None:
            raise ValueError(
                "a HEIC photo, which an iPhone takes, needs one more package: "
                f'pip install "productdesc[heic]"; or {CONVERT}'
            )
        return kind.name
    what = f"not a photo in {_listed(formats)}: its {size} bytes"
    begin = f"begin with {data[:12]!r}"
    if kind is None:
        raise ValueError(f"{what} {begin}")
    advice = kind.advice
    if kind.name in PHOTO_FORMATS:
        advice = f"allow it with formats=, or {advice}"
    raise ValueError(f"{kind.name}, {what} {begin}; {advice}")


def _listed(names: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
