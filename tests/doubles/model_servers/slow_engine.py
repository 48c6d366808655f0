"""A scripted engine that takes its time, as a plug-in of the command line.

    install(site)                                  # `--model slow` is there
    process = start(site, log, "convert", ...)     # which signals reach
    calls(log)                                     # how much it was asked so far

A product is two requests of `seconds` each; one that is called "stuck" takes a minute.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from doubles import plugin_wheel

ENGINE = """
import os, time
from productdesc import ScriptedEngine

class Slow(ScriptedEngine):
    def generate(self, requests, settings=None):
        for request in requests:
            stuck = "stuck" in request.prompt.text
            time.sleep(60 if stuck else float(os.environ["SECONDS"]))
        with open(os.environ["CALLS"], "a") as calls:
            calls.write("call\\n" * len(requests))
        return super().generate(requests, settings)
"""
# A shell gives jobs in the background a SIGINT that is ignored, and so would these be.
MAIN = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from productdesc.cli import main; sys.exit(main())"
)


def install(site: Path) -> None:
    """Make `--model slow` an engine of the processes that `start` starts."""
    points = "[productdesc.engines]\nslow = slow_engine:Slow\n"
    plugin_wheel.install(site, "slow_engine", {"slow_engine": ENGINE}, points)


def start(
    site: Path, log: Path, *arguments: object, seconds: float = 0.01
) -> subprocess.Popen[str]:
    """The command line in a process of its own; what it prints comes in one pipe."""
    path = os.pathsep.join([str(plugin_wheel.PACKAGE), str(site)])
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *map(str, arguments), "--model", "slow"],
        env={**os.environ, "PYTHONPATH": path, "SECONDS": str(seconds), "CALLS": str(log)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def calls(log: Path) -> int:
    """How many requests the engine was asked so far."""
    return len(log.read_text("utf-8").splitlines()) if log.exists() else 0
