"""Network namespaces: programs whose network is their own, and leads nowhere.

It has a loopback, and an interface whose other end nobody holds, so that a program which
listens on more than the loopback is seen to.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import psutil
import pytest

TESTS = Path(__file__).parents[2]
SETUP = """
ip link set lo up
ip link add v0 type veth peer name v1
ip addr add 10.9.9.9/24 dev v0
ip link set v0 up
ip link set v1 up
ip route add default via 10.9.9.1
exec "$@"
"""
ALONE = ("unshare", "-rn", "sh", "-ec", SETUP, "sh")
ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]),
    "RAY_worker_niceness": "0",
    "OMP_NUM_THREADS": "1",
}


@cache
def _why_not() -> str:
    """Why no program can be run so; "" where it can."""
    if missing := [name for name in ("unshare", "ip") if not shutil.which(name)]:
        return f"there is no {missing[0]}"
    tried = subprocess.run([*ALONE, "true"], capture_output=True, text=True)
    return tried.stderr.strip() if tried.returncode else ""


def alone(*arguments: object) -> list[str]:
    """The command of a Python program in a namespace; skips where that is not permitted."""
    pytest.importorskip("ray.data", reason="needs the extra ray")
    if why := _why_not():
        pytest.skip(f"needs a network namespace of its own: {why}")
    return [*ALONE, sys.executable, *map(str, arguments)]


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start such a program, whose output comes in one pipe."""
    return subprocess.Popen(
        alone(*arguments),
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def output_of(*arguments: object, seconds: float = 300) -> str:
    """What such a program prints; it must end well."""
    process = start(*arguments)
    try:
        text, _ = process.communicate(timeout=seconds)
    finally:
        started = []
        with contextlib.suppress(psutil.NoSuchProcess):
            started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for one in started:  # a server is in a session of its own, and would stay
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    assert process.returncode == 0, text
    return text
