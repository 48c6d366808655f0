"""The fence of a child process, from its inside: no files, sockets or forks; then limits.

It imports the standard library alone: it runs in the child.
"""

from __future__ import annotations

import math
import signal
import sys
from typing import TYPE_CHECKING, NamedTuple

from . import seccomp

if TYPE_CHECKING:
    import resource
else:
    try:
        import resource
    except ImportError:  # Windows
        resource = None

PIPES = 3  # standard input, output and error; no other file stays open


class Fenced(NamedTuple):
    """What holds in a child: limits on files (not on Windows), filtered system calls."""

    files: bool
    calls: bool


def close() -> Fenced:
    """No new file, socket, process or core dump from here on, as far as the system can."""
    if resource is None:
        return Fenced(False, False)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (PIPES, PIPES))
    return Fenced(True, seccomp.install())


def limit(*, memory_bytes: int, cpu_seconds: float) -> None:
    """The limits of the next request, as far as the system has them."""
    if resource is None:
        return
    # The timer is exact and renewed for each request; the resource limit counts whole
    # seconds of the process's life and stands behind it. Either ends the process.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime + cpu_seconds
    figures = {resource.RLIMIT_CPU: math.ceil(seconds) + 1}
    if sys.platform != "darwin":  # macOS knows the name and ignores the figure
        figures[resource.RLIMIT_AS] = memory_bytes
    for kind, figure in figures.items():
        _, hard = resource.getrlimit(kind)
        least = figure if hard == resource.RLIM_INFINITY else min(figure, hard)
        resource.setrlimit(kind, (least, hard))


def lift_memory_limit() -> None:
    """Take back the limit on memory until the next `limit`."""
    if resource is not None and sys.platform != "darwin":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
