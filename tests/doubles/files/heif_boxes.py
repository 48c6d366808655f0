"""HEIC files put together box by box (ISO/IEC 23008-12): grids as phones write them.

A phone cuts a photo into tiles of 512 px. Here every tile of a grid is the one picture of
`tests/data/heic/tile.heic`, so that 48 million pixels fit into a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TILE = Path(__file__).parents[2] / "data" / "heic" / "tile.heic"
TILE_SIDE = 512


def grid(
    columns: int,
    rows: int,
    width: int,
    height: int,
    *,
    claimed: tuple[int, int] | None = None,
    turns: int = 0,
) -> bytes:
    """A grid of `columns` x `rows` tiles that is cut to `width` x `height`.

    claimed: the size that the file states instead. turns: quarter turns to the left.
    """
    hvcc, stream = _tile()
    count = columns * rows
    head = _size_of(0, rows - 1, columns - 1) + width.to_bytes(4) + height.to_bytes(4)
    ids = [*range(1, count + 2)]
    infos = b"".join(
        _full("infe", 2, bool(n > 1), _u16(n, 0) + (b"hvc1" if n > 1 else b"grid") + b"\0")
        for n in ids
    )
    stated = claimed or (width, height)
    properties = [
        hvcc,
        _ispe(TILE_SIDE, TILE_SIDE),
        _ispe(*stated),
        box("irot", bytes([turns])),
    ]
    of_grid = [3, *([0x80 | 4] if turns else [])]
    links = b"".join(_u16(n) + _count(of_grid if n == 1 else [0x80 | 1, 2]) for n in ids)
    references = box("dimg", _u16(1, count, *ids[1:]))

    def meta(grid_at: int, stream_at: int) -> bytes:
        places = b"".join(
            _u16(n, 0, 1)
            + (grid_at if n == 1 else stream_at).to_bytes(4)
            + len(head if n == 1 else stream).to_bytes(4)
            for n in ids
        )
        return _full(
            "meta",
            0,
            0,
            _full("hdlr", 0, 0, bytes(4) + b"pict" + bytes(13))
            + _full("pitm", 0, 0, _u16(1))
            + _full("iloc", 0, 0, b"\x44\0" + _u16(len(ids)) + places)
            + _full("iinf", 0, 0, _u16(len(ids)) + infos)
            + _full("iref", 0, 0, references)
            + box(
                "iprp",
                box("ipco", b"".join(properties))
                + _full("ipma", 0, 0, len(ids).to_bytes(4) + links),
            ),
        )

    start = box("ftyp", b"heic" + bytes(4) + b"mif1heic")
    at = len(start) + len(meta(0, 0)) + 8
    return start + meta(at, at + len(head)) + box("mdat", head + stream)


def box(name: str, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4) + name.encode() + content


def _full(name: str, version: int, flags: int, content: bytes) -> bytes:
    return box(name, bytes([version]) + flags.to_bytes(3) + content)


def _ispe(width: int, height: int) -> bytes:
    return _full("ispe", 0, 0, width.to_bytes(4) + height.to_bytes(4))


def _u16(*numbers: int) -> bytes:
    return b"".join(n.to_bytes(2) for n in numbers)


def _count(numbers: list[int]) -> bytes:
    return bytes([len(numbers), *numbers])


def _size_of(version: int, *rows_and_columns: int) -> bytes:
    return bytes([version, 1, *rows_and_columns])  # 1: sizes of 32 bits


def _tile() -> tuple[bytes, bytes]:
    """(the box that configures the decoder, the coded picture) of the one tile."""
    data = TILE.read_bytes()
    boxes = dict(_boxes(data))
    meta = dict(_boxes(boxes["meta"][4:]))
    properties = dict(_boxes(dict(_boxes(meta["iprp"]))["ipco"]))
    return box("hvcC", properties["hvcC"]), boxes["mdat"]


def _boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4]) or len(data) - at
        yield data[at + 4 : at + 8].decode("latin-1"), data[at + 8 : at + size]
        at += size
