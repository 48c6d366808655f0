"""docs/sync.md: its jobs are understood, and its tables say what the code says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from doubles.pages import ROOT, blocks, rows

from productdesc import cli
from productdesc.sync import STATES

PAGE = "docs/sync.md"


def test_the_jobs_of_the_page_are_understood() -> None:
    texts = [block.body for block in blocks(PAGE) if block.kind == "text"]
    jobs = [
        job for text in texts for job in re.findall(r"productdesc (sync [^>\n]+)", text)
    ]
    assert len(jobs) == 4
    for job in jobs:
        words = shlex.split(job.replace("\\%", "%").replace("%%", "%"))
        chosen = cli.commands._parser().parse_args(words)
        assert chosen.journal == Path("/data/shop.db")
    cron = next(text for text in texts if "* * *" in text)
    assert not re.search(r"(?<!\\)%", cron), "cron takes a bare % for the end"


def test_the_page_has_every_state_and_its_meaning() -> None:
    found = {row[0]: row[1] for row in rows(PAGE, "## States")}
    assert found == {name: state.meaning.replace("`", "") for name, state in STATES.items()}


def test_every_promise_has_a_test_that_names_it() -> None:
    table = rows(PAGE, "## What is promised")
    named = {}
    for promise, place in table:
        number = promise.partition(":")[0]
        text = (ROOT / place.strip("`")).read_text("utf-8")
        named[number] = re.search(rf"def test_\w*{number.lower()}_", text) is not None
    assert named == dict.fromkeys(named, True)
    wanted = (1, 2, 8, 9, 10, 11, 12, 14, 16, 17, 18, 19)
    assert list(named) == [f"P{number}" for number in wanted]
