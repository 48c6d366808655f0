"""Memory check: whether a model's weights and its work fit into free memory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ...errors import EngineError

GB = 1_000_000_000
SMALL_BYTES = GB // 2  # smaller models are loaded without asking
WORKING_SHARE = 0.25  # cache, activations and the allocator's slack, of the weights
WORKING_BYTES = GB  # and at least this


def needed_bytes(parameters: int, bytes_per_value: int) -> int:
    """Bytes of memory for the weights and for working with them."""
    weights = parameters * bytes_per_value
    return weights + max(WORKING_BYTES, int(weights * WORKING_SHARE))


def check_memory(name: str, needed: int, available: int | None, place: str) -> None:
    """Check that a large model fits into memory; else `EngineError` with both numbers.

    `available` None (unknown on this system) lets it pass.
    """
    if needed < SMALL_BYTES + WORKING_BYTES or available is None or needed <= available:
        return
    raise EngineError(
        f"{name} needs about {needed / GB:.1f} GB of {place} memory and "
        f"{available / GB:.1f} GB are free. Close other programs, use a smaller model, "
        'dtype="bfloat16" or "int8", or another device='
    )


def free_ram() -> int | None:
    """Bytes of RAM that can be used now, by the system and by a container's limit."""
    if sys.platform == "win32":
        return _free_windows()
    known = [value for value in (_free_meminfo(), _free_cgroup()) if value is not None]
    if known:
        return min(known)
    try:  # macOS and other Unix: all RAM, as free RAM there is mostly cache
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _free_meminfo() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _free_cgroup() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        stat = (folder / "memory.stat").read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    if not limit.isdigit():
        return None
    # The file cache counts as used there, and gives way when memory is asked for.
    cache = {k: int(v) for k, v in (line.split() for line in stat.splitlines())}
    return max(0, int(limit) - used + cache.get("inactive_file", 0))


def _free_windows() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            ("total", ctypes.c_ulonglong),
            ("free", ctypes.c_ulonglong),
            ("rest", ctypes.c_ulonglong * 5),
        )

    status = Status()
    status.length = ctypes.sizeof(Status)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  only there on Windows
    return int(status.free) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
