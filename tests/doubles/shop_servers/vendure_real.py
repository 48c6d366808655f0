"""A real Vendure on loopback: installed by npm, stopped and continued, never killed.

Its tables are in memory, so what a test did is gone when it ends. What is not Python is in
tests/doubles/vendure. An install is kept in the folder that PRODUCTDESC_VENDURE names, else
beside other temporary files.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from productdesc.catalogs.vendure import log_in
from productdesc.net import NetworkAccess

VERSION = "3.7.3"
PACKAGES = (f"@vendure/core@{VERSION}", f"@vendure/testing@{VERSION}", "sql.js")
START = Path(__file__).resolve().parents[1] / "vendure" / "start.cjs"


@dataclass(frozen=True)
class Shop:
    """A running shop. `token`: of its first account; `editor`: of a second one, a person.

    witness: a file with a line of JSON for each update of a product, as `changes` reads it.
    """

    url: str
    token: str = field(repr=False)
    editor: str = field(repr=False)
    witness: Path
    pid: int

    @property
    def origin(self) -> str:
        return self.url.removesuffix("/admin-api")

    def network(self) -> NetworkAccess:
        return NetworkAccess(self.origin)

    def stop(self) -> None:
        """Let it stand still, connections open, until `go_on`."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def changes(self) -> list[dict[str, Any]]:
        """What the witness saw: at, id, user, changed, before and after by language."""
        if not self.witness.exists():
            return []
        return [json.loads(line) for line in self.witness.read_text("utf-8").splitlines()]


def asked(shop: Shop, query: str, token: str, **variables: Any) -> Any:
    """An answer of the shop's, without any code of ours."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(shop.url, body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        found = json.load(answer)
    assert "errors" not in found, found
    return found["data"]


def install(folder: Path | None = None) -> Path:
    """The folder with Vendure's packages; 13 s and 204 MB the first time.

    --ignore-scripts: nothing of theirs is run while it is installed.
    """
    place = os.environ.get("PRODUCTDESC_VENDURE")
    there = folder or Path(place or Path(tempfile.gettempdir(), f"vendure-{VERSION}"))
    if not (there / "node_modules" / ".package-lock.json").exists():
        there.mkdir(parents=True, exist_ok=True)
        (there / "package.json").write_text('{"private": true}\n')
        subprocess.run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *PACKAGES],
            cwd=there,
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    return there


def why_not() -> str:
    """Why no real shop can be started here; "" where one can."""
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    return f"needs {' and '.join(missing)}, which are not here" if missing else ""


@contextlib.contextmanager
def start(
    folder: Path, *, products: int = 300, photos: Sequence[Path] = ()
) -> Iterator[Shop]:
    """A shop with so many products; it ends, for good, when the block does.

    folder: for what the shop writes: its witness and its log. Every tenth product has the
    merchant's own English text, all have German ones but the last; all share `photos`.
    """
    packages = install()
    folder.mkdir(parents=True, exist_ok=True)
    witness, password = folder / "witness.jsonl", secrets.token_hex(12)
    environment = {
        **os.environ,
        "VENDURE_PASSWORD": password,
        "VENDURE_PHOTOS": json.dumps([str(path.resolve()) for path in photos]),
    }
    with (folder / "vendure.log").open("wb") as log:
        process = subprocess.Popen(
            ["node", str(START), str(packages), str(witness), str(products)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        if not ready:
            raise RuntimeError((folder / "vendure.log").read_text("utf-8", "replace"))
        said = json.loads(ready)
        url = f"http://127.0.0.1:{said['port']}/admin-api"
        network = NetworkAccess(f"http://127.0.0.1:{said['port']}")

        def token(user: str) -> str:
            return log_in(url, user, password, network=network).reveal()

        yield Shop(url, token("superadmin"), token(said["editor"]), witness, process.pid)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
