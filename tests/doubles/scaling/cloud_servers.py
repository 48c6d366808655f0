"""Stand-ins of Amazon's and Google's storage on loopback: moto, gcp-storage-emulator.

They need the extra `clouds`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

KEYS = {
    "AWS_ACCESS_KEY_ID": "key-canary-1b7e",
    "AWS_SECRET_ACCESS_KEY": "secret-canary-90fc",
    "AWS_EC2_METADATA_DISABLED": "true",  # it would be looked for
}
PACKAGES = {"s3": "moto", "gs": "gcp_storage_emulator"}
PORT = 8577  # of a network of its own
BUCKET = "shop"
START_SECONDS = 60


def needed(cloud: str) -> None:
    """Skip where the stand-in is not installed."""
    pytest.importorskip(PACKAGES[cloud], reason="needs the extra clouds")


@contextlib.contextmanager
def serving(cloud: str, port: int = PORT) -> Iterator[tuple[str, str]]:
    """A cloud with an empty bucket: what a place in it begins and ends with."""
    host = "127.0.0.1"
    command = {
        "s3": ["moto.server", "-H", host, "-p", str(port)],
        "gs": ["gcp_storage_emulator", "start", f"--host={host}", f"--port={port}",
               "--in-memory"],
    }[cloud]  # fmt: skip
    bucket = {
        "s3": urllib.request.Request(f"http://{host}:{port}/{BUCKET}", method="PUT"),
        "gs": urllib.request.Request(
            f"http://{host}:{port}/storage/v1/b?project=p",
            json.dumps({"name": BUCKET}).encode(),
            {"Content-Type": "application/json"},
        ),
    }[cloud]
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + START_SECONDS
    try:
        while True:
            try:
                urllib.request.urlopen(bucket, timeout=START_SECONDS).close()
                break
            except urllib.error.URLError:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.1)
        if cloud == "s3":
            os.environ.update(KEYS, AWS_ENDPOINT_URL=f"http://{host}:{port}")
            yield f"s3://{BUCKET}", ""
        else:
            yield (
                f"gs://anonymous@{BUCKET}",
                f"?endpoint_override={host}:{port}&scheme=http&retry_limit_seconds=20",
            )
    finally:
        process.kill()
        process.wait()
