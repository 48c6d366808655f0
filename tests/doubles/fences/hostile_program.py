"""A program taken over by a photo: it tries what a fenced child must not be able to do."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Any

from photos.worker.child_program import Reply  # type: ignore[import-not-found]

ELSEWHERE = ("127.0.0.1", 9)


def opens() -> None:
    Path(__file__).read_bytes()


def lists() -> None:
    os.listdir("/")


def removes() -> None:
    Path("/no-such-file-of-a-test").unlink(missing_ok=True)


def forks() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


def has_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(ELSEWHERE)


def signals() -> None:
    os.kill(os.getppid(), 0)


def sets_limits_of_its_parent() -> None:
    import resource

    resource.prlimit(os.getppid(), resource.RLIMIT_CORE)


def has_thread() -> None:
    thread = threading.Thread(target=print, args=("",), kwargs={"end": "", "file": Null()})
    thread.start()
    thread.join()


class Null:
    def write(self, text: str) -> None:
        """Nowhere."""


def eats_memory() -> None:
    bytearray(4 * 2**30)


def spins() -> None:
    while True:
        pass


ACTS = {
    act.__name__: act
    for act in (
        *(opens, lists, removes, forks, has_socket, signals, sets_limits_of_its_parent),
        *(has_thread, eats_memory, spins),
    )
}
HARMLESS_BEFORE = (
    *(opens, lists, removes, forks, has_socket, signals, sets_limits_of_its_parent),
    has_thread,
)


class HostileProgram:
    verb = "done"
    refused: type[Exception] = KeyError

    def prepare(self) -> dict[str, Any]:
        """Does each once before the fence is closed: there they all work."""
        for act in HARMLESS_BEFORE:
            act()
        return {"did": [act.__name__ for act in HARMLESS_BEFORE]}

    def answer(self, request: dict[str, Any], data: bytes) -> Reply:
        ACTS[request["act"]]()
        return Reply({"did": request["act"]})


PROGRAM = HostileProgram()
