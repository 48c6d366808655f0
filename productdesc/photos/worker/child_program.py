"""What a child process runs: it loads a program, closes the fence, answers what is asked.

It is run by its path, isolated: `child_program.py PROGRAM FOLDER...`. PROGRAM is a module
of `productdesc.photos` ("photos.decoding.decoder_program"), and each FOLDER has packages
that it imports. Nothing else of productdesc is there.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
import types
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol


class Reply(NamedTuple):
    """What a program answers: JSON, and `size` raw bytes in pieces."""

    head: dict[str, Any]
    size: int = 0
    pieces: Iterable[bytes] = ()


class Program(Protocol):
    """What is done in a child. `verb`, as in "cannot be decoded", is for messages."""

    verb: str
    refused: type[Exception]  # whose text is a reason by itself

    def prepare(self) -> dict[str, Any]:
        """Load everything: no file can be opened afterwards. Gives what is to be known."""
        ...

    def answer(self, request: dict[str, Any], data: bytes) -> Reply: ...


# One frame each way: 4 bytes (length, big-endian), that many bytes of JSON, then as many
# raw bytes as the JSON's "bytes" says. The first frame is ours, when all is loaded. A
# request also has "memory_bytes" and "cpu_seconds", its limits.


def serve(program: Program, asked: BinaryIO, answered: BinaryIO) -> None:
    """Answer what is asked until the input ends."""
    from . import fence

    # a service that is stopped has all its processes told, and work is under way here
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # nobody reads them here; the limits are ours
    about = program.prepare()
    fenced = fence.close()
    _send(answered, Reply({**about, "ready": True, "fenced": fenced._asdict()}))
    while (head := asked.read(4)) and len(head) == 4:
        request = json.loads(asked.read(int.from_bytes(head, "big")))
        fence.lift_memory_limit()  # all of it is read, or the next request is not found
        data = asked.read(request["bytes"])
        fence.limit(
            memory_bytes=request["memory_bytes"], cpu_seconds=request["cpu_seconds"]
        )
        try:
            reply = program.answer(request, data)
        except MemoryError:
            fence.lift_memory_limit()  # what is held fills it, and an answer takes some
            reply = Reply({"refused": "it needs too much memory", "memory": True})
        except program.refused as e:
            reply = Reply({"refused": str(e)})
        except Exception as e:  # whatever a library raises is this request's fault
            why = f"cannot be {program.verb}: {e or type(e).__name__}"
            reply = Reply({"refused": why[:300]})
        _send(answered, reply)
        del data, reply


def _send(pipe: BinaryIO, reply: Reply) -> None:
    text = json.dumps({**reply.head, "bytes": reply.size}).encode()
    pipe.write(len(text).to_bytes(4, "big") + text)
    for piece in reply.pieces:
        pipe.write(piece)
    pipe.flush()


def main() -> None:
    """Run the program that the first argument names."""
    name, *folders = sys.argv[1:]
    sys.path.extend(folders)
    # A package of these folders alone: nothing else of productdesc runs, and none of the
    # names in them can hide another
    package = types.ModuleType("photos")
    package.__path__ = [str(Path(__file__).parents[1])]
    sys.modules["photos"] = package
    program: Program = importlib.import_module(name).PROGRAM
    in_package = importlib.import_module("photos.worker.child_program")
    in_package.serve(program, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
