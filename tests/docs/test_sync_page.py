"""docs/sync.md: its jobs are understood, and its tables say what the code says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from doubles.pages import ROOT, blocks, rows

from productdesc import cli
from productdesc.sync import STATES, rule_words
from productdesc.sync.deciding.decisions import VERBS

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
    assert list(named) == [f"P{number}" for number in range(1, 21)]


def test_the_page_has_every_word_of_a_rule_and_every_decision() -> None:
    words = {row[0]: row[1] for row in rows(PAGE, "## Approve")}
    assert words == {w: text.replace("`", "") for w, text in rule_words().items()}
    text = (ROOT / PAGE).read_text("utf-8")
    assert [verb for verb in VERBS if f"`{verb}`" not in text] == []
