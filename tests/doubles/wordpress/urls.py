"""What WordPress keeps of an address: the scheme goes where it is not a known one."""

from __future__ import annotations

import re

from doubles.wordpress.allowed import SCHEMES
from doubles.wordpress.characters import without_control

_MAX_ROUNDS = 6
_UNFINISHED = re.compile(r"(&#0*58(?![;0-9])|&#x0*3a(?![;a-f0-9]))", re.I)
_COLON = re.compile(r":|&#0*58;|&#x0*3a;|&colon;", re.I)
_NUMERIC = re.compile(r"&#([0-9]+);|&#[xX]([0-9a-fA-F]+);")


def without_bad_scheme(url: str) -> str:
    url = without_control(url)
    for _ in range(_MAX_ROUNDS):
        before, url = url, _once(url)
        if url == before:
            return url
    return ""


def _once(url: str, count: int = 1) -> str:
    url = _UNFINISHED.sub(r"\1;", url)
    parts = _COLON.split(url, maxsplit=1)
    if len(parts) < 2 or "/?" in parts[0]:
        return url
    scheme = _NUMERIC.sub(_decoded, parts[0])
    scheme = without_control(re.sub(r"\s", "", scheme)).lower()
    rest = parts[1].strip()
    if scheme == "feed":
        if count > _MAX_ROUNDS - 1:
            return ""
        rest = _once(rest, count + 1)
        if not rest:
            return ""
    return f"{scheme}:{rest}" if scheme in SCHEMES else rest


def _decoded(entity: re.Match[str]) -> str:
    number = int(entity[1]) if entity[1] else int(entity[2], 16)
    return chr(number % 256)
