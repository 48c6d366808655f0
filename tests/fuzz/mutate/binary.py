"""Mutations of binary files by their grammar, with sizes and checksums put right again.

PNG chunks, JPEG segments, RIFF chunks (WebP), boxes (HEIC, AVIF), a safetensors header,
a Parquet footer, gzip.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

from fuzz.mutate.grammar import json_value
from fuzz.mutate.plain import plain

CHUNKS = (b"acTL", b"fcTL", b"fdAT", b"tRNS", b"PLTE", b"eXIf", b"iCCP", b"IEND", b"IHDR")
PNG = b"\x89PNG\r\n\x1a\n"


def photo(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A photo of any format with one of its parts changed, doubled, moved or gone."""
    if data.startswith(PNG):
        return _png(data, chance, seeds)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data, chance, seeds)
    if data[:4] == b"RIFF":
        return _riff(data, chance, seeds)
    if data[4:8] == b"ftyp":
        return _boxes(data, chance, seeds)
    return plain(data, chance, seeds)


def _shuffled(parts: list[bytes], chance: Random, inside: Callable[[bytes], bytes]) -> None:
    """Change one of the parts by `inside`, or the order and number of them."""
    if not parts:
        return
    at = chance.randrange(len(parts))
    match chance.randrange(8):
        case 0:
            parts[at:at] = parts[at : at + 1] * chance.choice((1, 3, 50))
        case 1:
            del parts[at]
        case 2:
            other = chance.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        case 3:
            del parts[at + 1 :]
        case _:
            parts[at] = inside(parts[at])


def _png(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    chunks, at = [], len(PNG)
    while at + 8 <= len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        chunks.append(data[at + 4 : at + 8 + size])  # name and content
        at += 12 + size

    def inside(chunk: bytes) -> bytes:
        name, body = chunk[:4], chunk[4:]
        if name in (b"IDAT", b"zTXt", b"iCCP") and chance.random() < 0.5:
            try:
                body = zlib.compress(plain(zlib.decompress(body), chance, seeds), 1)
            except zlib.error:
                body = plain(body, chance, seeds)
        elif chance.random() < 0.1:
            name = chance.choice(CHUNKS)
        else:
            body = plain(body, chance, seeds)
        return name + body

    _shuffled(chunks, chance, inside)
    packed = (
        struct.pack(">I", max(0, len(c) - 4)) + c + struct.pack(">I", zlib.crc32(c))
        for c in chunks
    )
    return PNG + b"".join(packed)


def _jpeg(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    segments, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = struct.unpack(">H", data[at + 2 : at + 4])[0]
        segments.append(data[at + 1 : at + 2] + data[at + 4 : at + 2 + size])
        at += 2 + size
    scan = data[at:]

    def inside(segment: bytes) -> bytes:
        marker = segment[:1]
        if chance.random() < 0.1:
            marker = chance.choice((b"\xc0", b"\xc2", b"\xe1", b"\xe2", b"\xdd", b"\xee"))
        return marker + plain(segment[1:], chance, seeds)

    if chance.random() < 0.2:
        scan = plain(scan, chance, seeds)
    else:
        _shuffled(segments, chance, inside)
    packed = (
        b"\xff" + s[:1] + struct.pack(">H", min(65535, len(s) + 1)) + s[1:65534]
        for s in segments
    )
    return b"\xff\xd8" + b"".join(packed) + scan


def _riff(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    chunks, at = [], 12
    while at + 8 <= len(data):
        size = struct.unpack("<I", data[at + 4 : at + 8])[0]
        chunks.append(data[at : at + 4] + data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    _shuffled(chunks, chance, lambda c: c[:4] + plain(c[4:], chance, seeds))
    body = b"".join(
        c[:4] + struct.pack("<I", max(0, len(c) - 4)) + c[4:] + b"\0" * (len(c) % 2)
        for c in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + data[8:12] + body


_FOLDERS = {b"meta": 4, b"iref": 4} | dict.fromkeys(
    (b"iprp", b"ipco", b"moov", b"trak", b"mdia", b"minf", b"stbl"), 0
)
"""Boxes that hold boxes, and the bytes before them."""


def _boxes(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    boxes, at = [], 0
    while at + 8 <= len(data):
        size = struct.unpack(">I", data[at : at + 4])[0] or len(data) - at
        if size < 8:
            return plain(data, chance, seeds)
        boxes.append(data[at + 4 : at + size])
        at += size

    def inside(box: bytes) -> bytes:
        skip = _FOLDERS.get(box[:4])
        if skip is None or chance.random() < 0.1:
            return box[:4] + plain(box[4:], chance, seeds)
        start = 4 + skip
        return box[:start] + _boxes(box[start:], chance, seeds)

    _shuffled(boxes, chance, inside)
    return b"".join(struct.pack(">I", len(box) + 4) + box for box in boxes)


def safetensors(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A safetensors file with its header mutated as JSON, its length put right mostly."""
    size = int.from_bytes(data[:8], "little")
    header, tensors = data[8 : 8 + size], data[8 + size :]
    if chance.random() < 0.15 or len(header) != size:
        return plain(data, chance, seeds)
    header = json_value(header, chance, seeds)
    stated = len(header)
    if chance.random() < 0.1:
        stated = chance.choice((0, 1, 2**40, 2**63, 2**64 - 1))
    return stated.to_bytes(8, "little") + header + tensors


def parquet(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A Parquet file with its footer or its pages changed, the frame put right."""
    if data[-4:] != b"PAR1" or len(data) < 12:
        return plain(data, chance, seeds)
    size = int.from_bytes(data[-8:-4], "little")
    pages, footer = data[4 : -8 - size], data[-8 - size : -8]
    if chance.random() < 0.7:
        footer = plain(footer, chance, seeds)
    else:
        pages = plain(pages, chance, seeds)
    return b"PAR1" + pages + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def gzipped(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """The input packed, and the packed bytes changed once in a while."""
    packed = gzip.compress(data, 1, mtime=0)
    return plain(packed, chance, seeds) if chance.random() < 0.3 else packed
