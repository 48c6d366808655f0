"""A signal in the middle of `productdesc convert`: what it says is in the file is in it."""

from __future__ import annotations

import csv
import json
import random
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles.model_servers import slow_engine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no signals to send")

PRODUCTS = 40
EXIT = {signal.SIGINT: 130, signal.SIGTERM: 75}
OLD = "yesterday's file\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    slow_engine.install(folder)
    return folder


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)


class Job:
    """One run of `convert` in a folder, and what it has come to."""

    def __init__(self, site: Path, folder: Path, source: str, *arguments: object) -> None:
        self.folder, self._log = folder, folder / "calls"
        self.source = folder / ("in.csv" if "," in source else "in.jsonl")
        self.source.write_text(source, "utf-8")
        places = [self.source if a == "IN" else a for a in arguments]
        options = ["--batch-size", "4", *places]
        self.process = slow_engine.start(site, self._log, "convert", self.source, *options)

    def after(self, calls: int, sign: signal.Signals) -> None:
        """Send a signal once the engine was asked so much."""
        wait_until(lambda: slow_engine.calls(self._log) >= calls)
        self.process.send_signal(sign)

    def end(self) -> str:
        self.text, _ = self.process.communicate(timeout=60)
        names = {path.name for path in self.folder.iterdir()}
        assert not {name for name in names if name.endswith(".part")}, self.text
        return self.text

    @property
    def done(self) -> int:
        """How many products it says that are done."""
        far = re.search(rf"stopped \(.+\): ([0-9]+) of {PRODUCTS} done", self.text)
        assert far, (self.process.returncode, self.text)
        return int(far[1])


def json_lines(title: str = "Canvas shoe") -> str:
    rows = ({"id": f"p{n}", "title": f"{title} {n}"} for n in range(PRODUCTS))
    return "".join(json.dumps(row) + "\n" for row in rows)


def table() -> str:
    lines = (f"p{n},Canvas shoe {n},0.{n}" for n in range(PRODUCTS))
    return "\n".join(["sku,name,margin", *lines]) + "\n"


def shopify() -> str:
    lines = (f"p{n},Canvas shoe {n}," for n in range(PRODUCTS))
    return "\n".join(["Handle,Title,Body (HTML)", *lines]) + "\n"


def described(path: Path, column: str) -> int:
    """How many rows of a table have a text of ours; checks that all rows are whole."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert not any(None in row or None in row.values() for row in rows)
    return sum(bool(row.get(column)) for row in rows)


def rows(path: Path) -> int:
    with path.open(encoding="utf-8") as lines:
        return len([json.loads(line)["product_id"] for line in lines])


FEW = {0, 3, 4, 7, 9, 10, 13, 14, 19}
"""Of each kind of file and each signal one, early and late; all 20 are the long run."""
MOMENTS = [
    number if number in FEW else pytest.param(number, marks=pytest.mark.heavy)
    for number in range(20)
]


@pytest.mark.parametrize("number", MOMENTS)
def test_what_is_said_at_any_moment_is_in_the_file(
    site: Path, tmp_path: Path, number: int
) -> None:
    """20 moments, from before the first request to the last ones: two a product."""
    sign = (signal.SIGTERM, signal.SIGINT)[number % 2]
    moment = random.Random(number).randrange(4 * number, 4 * number + 4)
    kind = ("new", "forced", "in place", "changes")[number // 2 % 4]
    out = tmp_path / "out.jsonl"
    if kind == "forced":
        out.write_text(OLD, "utf-8")
        job = Job(site, tmp_path, json_lines(), out, "--force")
    elif kind == "in place":
        job = Job(site, tmp_path, table(), "IN")
    elif kind == "changes":
        out = tmp_path / "out.csv"
        job = Job(site, tmp_path, shopify(), out, "--to", "shopify-csv-changes")
    else:
        job = Job(site, tmp_path, json_lines(), out)
    job.after(moment, sign)
    text = job.end()
    assert job.process.returncode == EXIT[sign], text
    assert f"stopped ({sign.name})" in text
    if kind == "new":
        assert job.done == (rows(out) if out.exists() else 0)
    elif kind == "forced" and job.done < PRODUCTS:
        part = tmp_path / "out.jsonl.partial"
        assert out.read_text("utf-8") == OLD
        assert job.done == (rows(part) if part.exists() else 0)
    elif kind == "forced":
        assert rows(out) == PRODUCTS
    elif kind == "changes":
        assert job.done == (described(out, "Body (HTML)") if out.exists() else 0)
    elif job.done < PRODUCTS:
        assert job.source.read_text("utf-8") == table()
        part = tmp_path / "in.csv.partial"
        assert job.done == (described(part, "description") if part.exists() else 0)
        if part.exists():
            last = part.read_text("utf-8").splitlines()[-1]
            assert last.startswith("p39,Canvas shoe 39,0.39,"), "rows not reached are too"


def test_a_second_signal_drops_it_all_at_once(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    job = Job(site, tmp_path, json_lines("stuck"), out, "--failed", tmp_path / "f.csv")
    wait_until(lambda: bool(list(tmp_path.glob(".out.jsonl.*.part"))))
    time.sleep(1.0)  # it asks for the first
    for _ in range(2):
        job.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
    began = time.monotonic()
    text = job.end()
    assert time.monotonic() - began < 10
    assert job.process.returncode == 75
    assert "stopped at once (SIGTERM): 0 done; nothing of it is kept" in text
    assert not out.exists() and not (tmp_path / "f.csv").exists()
