"""Every limit and default of the server engine, in one table."""

from __future__ import annotations

from typing import Literal, NamedTuple


class ServerLimits(NamedTuple):
    """`ServerLimits(concurrency=16)` gives the table with one changed row."""

    concurrency: int = 8  # requests under way at once, over all threads; 64 at most
    attempts: int = 4  # at one request, where the server is busy or away
    first_wait_seconds: float = 0.5  # doubles; the real wait is random below it
    deadline_seconds: float = 300.0  # one answer: all attempts and the waits between
    max_reply_bytes: int = 4 * 2**20
    max_pixels: int = 28 * 28 * 1280  # of one photo, as the local engine's default
    photo_format: Literal["JPEG", "PNG"] = "JPEG"  # llama.cpp refuses WebP
    jpeg_quality: int = 92  # without chroma subsampling: packs have small coloured letters


def checked(limits: ServerLimits) -> ServerLimits:
    """The same limits; `ValueError` names the one that is out of range."""
    for name, least, most in (
        ("concurrency", 1, 64),
        ("attempts", 1, 100),
        ("first_wait_seconds", 0, 3_600),
        ("deadline_seconds", 0.001, 86_400),
        ("max_reply_bytes", 1, 2**30),
        ("max_pixels", 28 * 28, 2**31),
        ("jpeg_quality", 1, 100),
    ):
        value = getattr(limits, name)
        if not least <= value <= most:
            raise ValueError(f"{name} is {value}; it must be {least} to {most:,}")
    if limits.photo_format not in ("JPEG", "PNG"):
        raise ValueError(f"photo_format is {limits.photo_format!r}; it is JPEG or PNG")
    return limits
