"""`productdesc review` as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx


@contextmanager
def review_process(path: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the link that it printed; it is killed at the end."""
    command = [sys.executable, "-m", "productdesc", "review", "--journal", str(path)]
    process = subprocess.Popen(
        [*command, "--json", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        yield process, json.loads(line)["url"] if line else ""
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


class Reviewer:
    """Somebody who came in by a link, and decides through the API."""

    def __init__(self, link: str) -> None:
        self.origin = link.partition("/enter")[0]
        self.client = httpx.Client(base_url=self.origin, trust_env=False, timeout=30)
        assert self.client.get(link).status_code == 200
        token = self.client.get("/api/session").json()["x-csrf-token"]
        self.headers = {"origin": self.origin, "x-csrf-token": token}

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.client.get(path, params=parameters)

    def post(self, verb: str, body: dict[str, Any]) -> httpx.Response:
        address = f"/api/shopify/en/{verb}"
        return self.client.post(address, json=body, headers=self.headers)
