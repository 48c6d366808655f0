"""llama.cpp's own HTTP server, from the wheel xllamacpp, for tests.

    python tests/doubles/model_servers/llama_server.py MODEL.gguf MMPROJ.gguf NAME PORT

Listens on that loopback port (0: on any), prints its address, and ends when its
standard input does: also when the tests are killed.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doubles.tiny_gguf import Gguf


# A model of random weights would write these between tokens for ever, and llama.cpp does
# not read its own replies with a carriage return in them.
PLAIN = {"logit_bias": [[space, False] for space in "\r\n\t"]}


@contextlib.contextmanager
def serving(files: Gguf, name: str, port: int = 0) -> Iterator[str]:
    """The base URL of a server with one thread, in a process of its own; port 0: any."""
    command = [sys.executable, str(Path(__file__)), *map(str, files), name, str(port)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        for line in process.stdout:  # llama.cpp logs here too
            if line.startswith("listening "):
                break
        else:
            raise AssertionError(f"the server ended: {process.wait()}")
        yield f"{line.split()[1]}/v1"
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(30)


def main(model: str, vision: str, name: str, port: str) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.mmproj.path = vision
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = int(port)
    params.n_ctx = 8192
    params.n_parallel = 1  # what shares a batch would sway greedy choices
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.use_jinja = True
    params.warmup = False
    server = xllamacpp.Server(params)
    print(f"listening {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
