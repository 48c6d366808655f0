"""vLLM's own HTTP server, from an environment of its own, for tests.

The environment variable PRODUCTDESC_VLLM_PYTHON names the interpreter of that environment;
how to make one is in docs/server.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from productdesc.engines.known_models import DEMO

VARIABLE = "PRODUCTDESC_VLLM_PYTHON"
READY_SECONDS = 570  # on a busy machine; 40 on a quiet one
ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",  # for whoever is on this machine
}


def interpreter() -> str:
    """Python of vLLM's environment; skips without one."""
    python = os.environ.get(VARIABLE)
    if not python:
        pytest.skip(f"needs vLLM: {VARIABLE} names its interpreter")
    return python


@contextlib.contextmanager
def serving(
    checkpoint: Path,
    folder: Path,
    *,
    rows: int,
    port: int = 0,
    adapters: Mapping[str, Path] | None = None,
) -> Iterator[str]:
    """The base URL of a server that decodes `rows` replies together; skips without vLLM.

    port 0: any. adapters: served beside the checkpoint by their names; others may be added
    to it and taken from it while it runs.
    """
    python = interpreter()
    template = folder / "template.jinja"  # the checkpoints of tests bring a hostile one
    published = json.loads((DEMO / "chat_template.json").read_text("utf-8"))
    template.write_text(published["chat_template"], encoding="utf-8")
    port = port or _free_port()
    options = {
        "--model": str(checkpoint),
        "--served-model-name": checkpoint.name,
        "--host": "127.0.0.1",
        "--port": str(port),
        "--dtype": "float32",
        "--max-model-len": "4096",
        "--max-num-seqs": str(rows),
        "--limit-mm-per-prompt": '{"image":3,"video":0}',
        "--generation-config": "vllm",
        "--chat-template": str(template),
        "--structured-outputs-config": (
            '{"backend":"xgrammar","disable_any_whitespace":true}'
        ),
    }
    words = [word for pair in options.items() for word in pair]
    if adapters:
        named = (f"{name}={path}" for name, path in adapters.items())
        # one place more: rows without an adapter take the last one in the CPU build
        places = str(len(adapters) + 1)
        words += ["--enable-lora", "--max-loras", places, "--lora-modules", *named]
    log = folder / "vllm.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [
                python,
                "-m",
                "vllm.entrypoints.openai.api_server",
                "--enforce-eager",
                "--skip-mm-profiling",
                *words,
            ],
            env={**os.environ, **ENVIRONMENT},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its workers end with it
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(1)
    tail = log.read_text("utf-8", "replace")[-4_000:]
    raise AssertionError(f"vLLM is not ready after {READY_SECONDS} s:\n{tail}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
