"""A server that is killed at any moment: what the page confirmed is in the journal."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import httpx
import pytest
from doubles.review.commands import Reviewer, review_process
from doubles.review.jobs import described, products

from productdesc import sync

COUNT = 30


@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=pytest.mark.heavy)])
def test_no_confirmed_decision_is_lost(tmp_path: Path, kills: int) -> None:
    path = tmp_path / "job.db"
    described(path, [*products(COUNT)])
    chance = random.Random(20261130)
    confirmed: dict[int, tuple[str, str]] = {}
    for _ in range(kills):
        with review_process(path) as (process, link):
            reviewer = Reviewer(link)
            after = chance.uniform(0.1, 0.8)
            killer = threading.Timer(after, process.kill)
            killer.start()
            try:
                while True:
                    number = f"S{chance.randrange(1, COUNT + 1)}"
                    item = reviewer.get("/api/shopify/en/product", id=number).json()
                    verb = chance.choice(sorted(item["verbs"]))
                    body = {"product_id": number, "digest": item["digest"], "verb": verb}
                    if verb == "edit":
                        text = f"Shoes {chance.randrange(10**9)}"
                        body["edits"] = {"title": text}
                    if verb in ("ignore", "heed"):
                        continue
                    answer = reviewer.post("decide", body)
                    assert answer.status_code == 200, answer.text
                    confirmed[answer.json()["number"]] = (number, verb)
            except (httpx.TransportError, ValueError):
                pass  # killed, in the middle of an answer or before one
            killer.join()
    assert len(confirmed) > kills
    with sync.Journal(path) as journal:
        trail = {one.number: (one.product_id, one.verb) for one in sync.decisions(journal)}
        states = sync.job_status(journal).states
        assert sum(states.values()) == COUNT
    assert confirmed.items() <= trail.items()
    assert len(trail) <= len(confirmed) + kills, "at most one a kill was not confirmed"


def test_a_server_that_is_told_to_stop_answers_first(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    described(path, [*products(3)])
    with review_process(path) as (process, link):
        reviewer = Reviewer(link)
        assert reviewer.get("/api/shopify/en/queue").json()["number"] == 3
        process.terminate()
        _, err = process.communicate(timeout=30)
        assert process.returncode == 75
    assert "every decision that the page confirmed is in the journal" in err
