"""P3, P5 and P7 over a real Vendure: our process is killed, its server stands still.

    python -m pytest -m heavy tests/sync/publishing/test_vendure_killed.py

The witness is a plugin of the shop, which notes every update of a product. The server is
stopped and goes on, and is never killed: its tables are in memory.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from doubles.publishing import processes
from doubles.publishing.small_shops import states
from doubles.shop_servers import vendure_real
from doubles.shop_servers.vendure_real import Shop, asked

from productdesc import ScriptedEngine, sync
from productdesc.catalogs import VendureClient, VendureSink, VendureSource
from productdesc.engines import Request
from productdesc.engines.scripted import shortest

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked"),
]

PRODUCTS, KILLS, STOPS, EDITS = 300, 30, 10, 30
SEED = 20261129
OURS = {
    "description": "A lovely canvas shoe.",
    "seo_title": "Lovely canvas shoe",
    "seo_description": "A lovely canvas shoe.",
}
ALL = """{ products(options: {take: 1000, sort: {id: ASC}}) { items {
  id enabled slug customFields { warehouseNote }
  translations { languageCode name slug description
                 customFields { seoTitle seoDescription } }
} } }"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    if why := vendure_real.why_not():
        pytest.skip(why)
    with vendure_real.start(tmp_path / "vendure", products=PRODUCTS) as started:
        yield started


def texts(shop: Shop) -> dict[str, Any]:
    """All that the shop stores of each product."""
    items = asked(shop, ALL, shop.token)["products"]["items"]
    for one in items:
        one["translations"] = {row["languageCode"]: row for row in one["translations"]}
    return {one["id"]: one for one in items}


def edit(shop: Shop, key: str, text: str) -> None:
    """The shop's second account changes a description."""
    change = """mutation Edit($input: UpdateProductInput!) {
      updateProduct(input: $input) { id } }"""
    row = {"languageCode": "en", "description": text}
    asked(shop, change, shop.editor, input={"id": key, "translations": [row]})


def answer(request: Request) -> Any:
    value = shortest(request.schema)
    return {name: OURS.get(name, text) for name, text in value.items()}


def describe(path: Path, shop: Shop) -> None:
    """Describe all products by a scripted engine, and approve them."""
    client = VendureClient(shop.url, shop.token, network=shop.network())
    with (
        sync.Journal(path) as journal,
        VendureSource(client, language="en", seo="custom-fields", own=True) as source,
    ):
        sink = VendureSink(client, seo="custom-fields")
        how: Any = {"channel": "vendure", "fields": [*OURS], "needs": sink.needs}
        for _ in sync.run(journal, source.products(), ScriptedEngine(answer), **how):
            pass
        assert sync.job_status(journal).states["generated"] == PRODUCTS
        assert sync.approve(journal, "state:generated", who="tester") == PRODUCTS


class Stopper(threading.Thread):
    """Lets the server stand still, for longer than a request may take, again and again.

    quiet: held meanwhile.
    """

    def __init__(self, shop: Shop, quiet: threading.Lock) -> None:
        super().__init__(daemon=True)
        self.shop, self.quiet = shop, quiet
        self.count = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        chance = random.Random(SEED + 1)
        while self.count < STOPS and not self.is_over.wait(chance.uniform(0.5, 8.0)):
            with self.quiet:
                self.shop.stop()
                try:
                    time.sleep(processes.VENDURE_STOPPED)
                finally:
                    self.shop.go_on()
                self.count += 1


def published(path: Path, shop: Shop, edits: dict[str, str]) -> tuple[int, int]:
    """Publish in processes that are killed; a person edits one product after each kill.

    How many kills there were, and how often the server stood still.
    """
    quiet, left = threading.Lock(), iter(edits.items())
    command = [sys.executable, str(processes.__file__), str(path), shop.url]
    stopper = Stopper(shop, quiet)
    with subprocess.Popen(
        [*command, "kills", str(SEED), str(KILLS), "gaps"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PRODUCTDESC_VENDURE_TOKEN": shop.token,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        stopper.start()
        kills = 0
        for line in process.stdout:
            if line != "gap\n":
                kills = int(line.removeprefix("kills "))
                continue
            with quiet:
                time.sleep(0.5)  # what was under way is done by now
                edit(shop, *next(left))
            process.stdin.write("\n")
            process.stdin.flush()
    stopper.is_over.set()
    stopper.join()
    assert process.returncode == 0
    return kills, stopper.count


def test_p3_p5_p7_a_real_shop_changes_once_keeps_edits_and_gets_its_texts_back(
    shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "job.db"
    first = texts(shop)
    describe(path, shop)
    keys = random.Random(SEED).sample([*first], EDITS)
    edits = {key: f"<p>A person's words of {key}.</p>" for key in keys}
    began = time.monotonic()
    kills, stops = published(path, shop, edits)
    seconds = time.monotonic() - began
    found = states(path)
    print(f"{kills} kills, {stops} stops, {seconds:.0f} s: {found}")
    assert (kills, stops) == (KILLS, STOPS)
    assert sum(found.values()) == PRODUCTS and found.keys() <= {"done", "drift"}

    seen = shop.changes()
    persons = {
        line["user"]
        for line in seen
        if line["after"]["en"]["description"] == edits.get(line["id"])
        and line["before"]["en"]["description"] != edits.get(line["id"])
    }
    ours = [line for line in seen if line["user"] not in persons]
    print(f"the witness: {len(ours)} updates of ours, {len(seen) - len(ours)} of a person")
    assert len(seen) - len(ours) == EDITS
    assert all(line["changed"] for line in seen), "something was written anew"
    changes = Counter(line["id"] for line in ours)
    assert set(changes.values()) == {1}
    assert first.keys() - changes.keys() <= edits.keys()
    now = texts(shop)
    for key, text in edits.items():
        assert now[key]["translations"]["en"]["description"] == text

    client = VendureClient(shop.url, shop.token, network=shop.network())
    options: Any = {"seo": "custom-fields", "language": "en", "apply": True}
    with sync.Journal(path) as journal, VendureSink(client, own=True, **options) as sink:
        undone = Counter(o.state for o in sync.undo(journal, sink, datetime(2000, 1, 1)))
    print(f"undo: {dict(undone)}")
    wanted = first
    for key, text in edits.items():
        wanted[key]["translations"]["en"]["description"] = text
    now = texts(shop)
    assert [key for key in first if now[key] != wanted[key]] == []
    assert all(line["changed"] for line in shop.changes())
