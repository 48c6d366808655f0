"""The review page over 50,000 products, while a run writes and five people review.

    python -m pytest -m heavy -s tests/review/test_review_scale.py

Times are the server's own, from a request's head to the end of its answer.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from doubles.review.commands import Reviewer
from doubles.review.jobs import described, products
from doubles.review.served import served

from productdesc import sync
from productdesc.sync.stored import Cost, Entry, Scope

COUNT, REVIEWERS, SECONDS = 50_000, 5, 60.0
PAUSE = 0.5
"""Seconds that a quick person looks at a product before the next step."""


class Timed:
    """An ASGI app around another, which notes how long each answer took."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.seconds: dict[str, list[float]] = defaultdict(list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        began = time.perf_counter()
        await self._app(scope, receive, send)
        page = scope.get("path", "").rpartition("/")[2] or "queue"
        self.seconds[page].append(time.perf_counter() - began)


def filled(path: Path) -> None:
    """A journal of so many drafts; the texts are those of one real draft."""
    described(path, [*products(1)])
    with sync.Journal(path) as journal:
        draft = sync.look(journal, "S1").description
        assert draft
        scope = journal.begin(Scope("shopify", "en", 0, "o"), {"settings": "1"})
        [one] = products(1)
        for start in range(2, COUNT + 1, 1000):
            found = [
                one.model_copy(update={"id": f"S{n}", "title": f"Shoes {n}"})
                for n in range(start, min(start + 1000, COUNT + 1))
            ]
            journal.take_in([(scope, [Entry(product) for product in found])])
            for row in journal.waiting(scope, 0, 1000):
                own = draft.model_copy(update={"product_id": row.product.id})
                journal.described(scope, row, own, Cost())


def writing(path: Path, stop: Any) -> None:
    """What a run does meanwhile, in a process of its own: drafts are committed."""
    number = 0
    with sync.Journal(path) as journal:
        draft = sync.look(journal, "S1").description
        assert draft
        scope = journal.begin(Scope("shopify", "en", 0, "o"), {"settings": "1"})
        [one] = products(1)
        while not stop.is_set():
            number += 1
            product = one.model_copy(update={"id": f"N{number}"})
            journal.take_in([(scope, [Entry(product)])])
            for row in journal.waiting(scope):
                own = draft.model_copy(update={"product_id": row.product.id})
                journal.described(scope, row, own, Cost())
            time.sleep(0.02)


def reviewing(link: str, seed: int, seconds: float) -> None:
    """One person: the queue, then a product after another, each decided about."""
    chance = random.Random(seed)
    reviewer = Reviewer(link)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert reviewer.get("/shopify/en/").status_code == 200
        for _ in range(10):
            number = f"S{chance.randrange(1, COUNT + 1)}"
            where = chance.choice(["state:generated", "finding", "confidence < 0.7"])
            page = reviewer.get("/shopify/en/product", id=number, where=where)
            assert page.status_code == 200
            item = reviewer.get("/api/shopify/en/product", id=number).json()
            verb = chance.choice(["approve", "refuse"])
            time.sleep(PAUSE)
            if verb in item["verbs"]:
                body = {"product_id": number, "digest": item["digest"], "verb": verb}
                assert reviewer.post("decide", body).status_code in (200, 409)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("job") / "job.db"
    filled(made)
    yield made


@pytest.mark.heavy
@pytest.mark.timeout(1200)
def test_fifty_thousand_products_five_reviewers_and_a_run(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    timed: list[Timed] = []

    def around(app: Any) -> Any:
        timed.append(Timed(app))
        return timed[0]

    with served(path, around=around) as server:
        memory = psutil.Process().memory_info().rss
        writer = spawn.Process(target=writing, args=(path, stop))
        writer.start()
        until = time.monotonic() + SECONDS
        people = [
            spawn.Process(target=reviewing, args=(server.link(f"R{n}"), n, SECONDS))
            for n in range(REVIEWERS)
        ]
        for person in people:
            person.start()
        halfway = 0
        while any(person.is_alive() for person in people):
            time.sleep(1)
            if not halfway and time.monotonic() > until - SECONDS / 2:
                halfway = psutil.Process().memory_info().rss
        stop.set()
        writer.join()
        assert [one.exitcode for one in (writer, *people)] == [0] * (REVIEWERS + 1)
        after = psutil.Process().memory_info().rss
    figures: dict[str, Any] = {
        page: {
            "n": len(found),
            "median ms": round(1e3 * statistics.median(found), 1),
            "p95 ms": round(1e3 * statistics.quantiles(found, n=20)[-1], 1),
        }
        for page, found in sorted(timed[0].seconds.items())
        if len(found) > 20
    }
    figures["memory MB"] = [round(n / 2**20) for n in (memory, halfway, after)]
    print("\n" + json.dumps(figures, indent=1))
    assert figures["queue"]["n"] > 20 and figures["decide"]["n"] > 100
    with sync.Journal(path) as journal:
        states = sync.job_status(journal).states
        decided = len(sync.decisions(journal))
    assert sum(states.values()) > COUNT
    assert states["approved"] + states["refused"] <= decided
    assert after - halfway < 50 * 2**20, "memory grows"
