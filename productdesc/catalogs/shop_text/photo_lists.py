"""Photo lists: the URLs, or names of files, that stand in one text of a stranger's file.

Shops list photos in many ways, and each reader takes them all: one rule, here. To take one
more key of an object that stands for a photo: one word in URL_KEYS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

MAX_URL_CHARS = 2048
URL_KEYS = (
    *("url", "src", "href", "link", "image", "image_url", "imageUrl", "secure_url"),
    *("original", "originalSrc", "large", "full", "source", "file", "path"),
)
"""Keys under which an object that stands for a photo has its URL, in this order."""

MAX_LIST_DEPTH = 4
"""Lists and objects within each other in one text."""

PLAIN_URL = re.compile(r"https://[!#-&(-+\--9=?-Z_a-z~]{1,2000}+")
"""One https URL, and nothing in it that could be anything else."""
_BETWEEN = re.compile(r"(?<![,;|\s])[,;|\s]++")
"""What may part two URLs; whether it does, `_is_end` says."""
_URL_START = re.compile(
    r"""["'<]?(?:[a-z][a-z0-9+.-]*+://|//|(?:data|file|blob|javascript):)""", re.IGNORECASE
)
_PICTURE_END = re.compile(
    r"\.(?:jpe?g|jfif|png|webp|gif|avif|hei[cf]|tiff?|bmp|svg)[\"'>]?$", re.IGNORECASE
)
_ENDING = 8  # characters in which the ending of a picture's name stands
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_OF_A_URL = "/=:&?%.-_@#+"
"""Before a URL within another one, as of a proxy or in a query."""
_MARKS = " ,;|~^*:<>()、，；｜·•"
_TAG_END = re.compile(r"<br ?/?>$", re.IGNORECASE)
_ESCAPED_END = re.compile(r"\\[nrt](?=https?://)")
_IMG = re.compile(r"<img\b", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc ?= ?(?:"([^"]++)"|'([^']++)'|([^"'\s>]++))""", re.IGNORECASE)
_AROUND = "\"'\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def split_urls(text: str) -> list[str]:
    """The URLs that one text lists; a text without any URL comes as it is.

    They stand in a JSON list, of texts or of objects, in tags of HTML, or between lines,
    tabs, "|", spaces, "," or ";". The last three may be of a URL as well ("w_300,h_300",
    "red shoe.jpg"), so they part two only before another URL, or after the ending of a
    picture's name.
    """
    if PLAIN_URL.fullmatch(text):
        return [text]
    # the usual lists, quickly
    mark = next((mark for mark in ",|;\n " if mark in text), "\n")
    plain = [url.strip() for url in text.split(mark)]
    if all(map(PLAIN_URL.fullmatch, plain)):
        return plain
    if ":\\/\\/" in text and "://" not in text:  # JSON's spelling of a slash
        text = text.replace("\\/", "/")
    if "//" not in text:
        return [text] if text.strip() else []
    if "<img" in text.lower():
        return _sources_of(text)
    first = text.lstrip(_AROUND + " \t\r\n")[:1]
    if first in ("[", "{"):
        if (urls := _json_urls(text)) is not None:
            return urls
        text = text.strip().strip("[]{}")
    text = _ESCAPED_END.sub("\n", text)
    pieces, start = [], 0
    for between in _BETWEEN.finditer(text):
        if _is_end(text, start, between):
            pieces.append(text[start : between.start()])
            start = between.end()
    pieces.append(text[start:])
    return [url for piece in pieces for one in _unglued(piece) if (url := _bare(one))]


def split_photos(value: Any) -> list[str]:
    """The URLs, or names of files, that a cell or a value of JSON lists."""
    if not isinstance(value, str):
        return list(_urls_of(value))
    if "//" in value or "\\/" in value:
        return split_urls(value)
    if (
        value.lstrip(_AROUND + " \t\r\n")[:1] in ("[", "{")
        and (names := _json_urls(value)) is not None
    ):
        return names
    return [name for piece in re.split(r"[|;,\r\n]+", value) if (name := piece.strip())]


def _is_end(text: str, start: int, between: re.Match[str]) -> bool:
    """Whether a URL that begins at `start` ends where something stands between."""
    mark = between[0]
    if _URL_START.match(text, between.end()) or any(c in "|\t\r\n" for c in mark):
        return True
    if "," not in mark and ";" not in mark:
        return False
    piece = text[max(start, between.start() - _ENDING) : between.start()]
    return text.startswith("/", between.end()) or bool(_PICTURE_END.search(piece))


def _unglued(piece: str) -> Iterator[str]:
    """The URLs of a piece that other marks part, or none.

    One that is part of a path or a query is the other's own, as with a proxy.
    """
    start = 0
    for found in _HTTP.finditer(piece):
        at = found.start()
        before = piece[max(start, at - _ENDING) : at]
        marked = before and not (before[-1].isalnum() or before[-1] in _OF_A_URL)
        if marked or _PICTURE_END.search(before.rstrip(":")):
            url = _TAG_END.sub("", piece[start:at]).rstrip(_MARKS)
            if url:
                yield url
                start = at
    yield piece[start:]


def _bare(piece: str) -> str:
    piece = piece.strip().strip(_AROUND).strip(" ,;|\t\r\n").strip(_AROUND)
    is_framed = piece[:1] == "<" and _URL_START.match(piece)
    return piece[1:].removesuffix(">") if is_framed else piece


def _sources_of(html: str) -> list[str]:
    """What the pictures in a piece of HTML have as their source."""
    tags = [tag.partition(">")[0] for tag in _IMG.split(html)[1:]]
    found = [source for tag in tags if (source := _SOURCE.search(tag))]
    return [unescape(one[one.lastindex or 0]).strip() for one in found] or [html]


def _json_urls(text: str) -> list[str] | None:
    """The URLs of a value in JSON; None for what is no JSON."""
    try:
        value = json.loads(text.strip().strip(_AROUND.strip("\"'")))
        if isinstance(value, str):  # JSON in a text of JSON
            value = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return list(_urls_of(value))


def _urls_of(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts of a list; of an object, that of the first key in URL_KEYS, else all."""
    match value:
        case str() if value.strip():
            yield value
        case list() | tuple() if depth < MAX_LIST_DEPTH:
            for one in value:
                yield from _urls_of(one, depth + 1)
        case dict() if depth < MAX_LIST_DEPTH:
            known = [value[key] for key in URL_KEYS if value.get(key)][:1]
            others = [v for v in value.values() if isinstance(v, list | dict) or _is_url(v)]
            for one in known or others:
                yield from _urls_of(one, depth + 1)
            if value and not (known or others):
                yield json.dumps(value, ensure_ascii=False, default=str)
        case None | str():
            return
        case _:
            yield json.dumps(value, ensure_ascii=False, default=str)[:MAX_URL_CHARS]


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and bool(_URL_START.match(value))
