"""Mutations of any bytes: flipped, cut, doubled, repeated, spliced with another input."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

NUMBERS = (
    b"\0\0", b"\0\1", b"\xff\xff", b"\0\0\0\0", b"\0\0\0\1", b"\1\0\0\0", b"\0\0\0\x7f",
    b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80",
)  # fmt: skip
CHARACTERS = (
    "\0 \t \n \r \r\n \x1b[2J \x7f \x9b \ufeff \u202e \u200b \u2028 \ufffe \U0010ffff"
)
MARKS = (
    """= + - @ =1+1 " "" ' , ; | \\ / // .. ../ %00 %s {0} {{ }} {% %} $ # & < > &lt; """
    "&#0; &#x110000; <!-- --> <![CDATA[ ]]> <p> </p> <img_src=x> javascript:x //x "
    "http://[::1 https://a.example/x.jpg <|im_start|> <__media__> <s> </s>"
)
WORDS = (
    "0 -1 1e999 NaN Infinity 9999999999999999999999 1.0E+15 0x10 ٣ ½ ² true null None [] "
    "{} [[ ]] e\u0301 ﷽ İ ß ſ"
)
TEXTS = (
    *CHARACTERS.split(" "), *MARKS.split(" "), *WORDS.split(" "),
    "", " ", "a" * 300, "(" * 500, "<" * 500, "\r" * 500, " " * 500, '"' * 101,
)  # fmt: skip
"""Texts that mean something somewhere, or are awkward to somebody."""
SURROGATE = "\ud800"


def plain(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """One change that knows no grammar."""
    ways = (_flipped, _cut, _doubled, _repeated, _numbered, _texted, _spliced)
    return chance.choice(ways)(data, chance, seeds)


def hostile(chance: Random) -> str:
    """A text of TEXTS, alone or several in a row, once in a while a long one."""
    text = "".join(chance.choices(TEXTS, k=chance.choice((1, 1, 1, 2, 3))))
    return text * chance.choice((1,) * 20 + (50, 2000)) if len(text) < 10 else text


def inserted(data: bytes, chance: Random, more: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + more + data[at:]


def span(data: bytes, chance: Random, most: int = 64) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    size = chance.choice((1, 2, 4, 8, most, len(data)))
    return start, min(len(data), start + chance.randint(0, size))


def _flipped(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    if not data:
        return bytes([chance.randrange(256)])
    new = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        new[chance.randrange(len(new))] ^= chance.choice((1, 2, 4, 8, 16, 32, 64, 128, 255))
    return bytes(new)


def _cut(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = span(data, chance)
    return data[:start] + data[end:]


def _doubled(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = span(data, chance)
    return data[:end] + data[start:end] + data[end:]


def _repeated(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = span(data, chance, 8)
    piece = data[start : min(end, start + 16)]
    return inserted(data, chance, piece * chance.choice((10, 100, 1000, 4000)))


def _numbered(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    number = chance.choice(NUMBERS)
    at = chance.randint(0, len(data))
    return data[:at] + number + data[at + len(number) :]


def _texted(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    return inserted(data, chance, hostile(chance).encode())


def _spliced(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    other = chance.choice(seeds) if seeds else data
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]
