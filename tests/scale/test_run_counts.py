"""What a run's workers ask before a block: how many may wait, and which may begin."""

from __future__ import annotations

from productdesc.scale.run_counts import BEGINNINGS, Counts, RunCounts


def ended(counts: RunCounts, block: int, described: int = 8, failed: int = 0) -> None:
    counts.ended(block, {"described": described, "failed": failed})


def test_no_block_begins_while_two_a_worker_wait_for_a_writer() -> None:
    counts = RunCounts(workers=1)
    for block in (0, 8):
        assert counts.may_begin(block, 8) == "go"
        ended(counts, block)
    assert counts.may_begin(16, 8) == "wait"
    counts.writing(0)
    assert counts.may_begin(16, 8) == "go"


def test_a_block_that_is_lost_may_begin_again_and_is_counted_once() -> None:
    counts = RunCounts(workers=1)
    for block in (0, 8):
        counts.may_begin(block, 8)
        ended(counts, block)
    assert counts.may_begin(8, 8) == "go"
    ended(counts, 8, described=7, failed=1)
    assert counts.now() == Counts(described=15, failed=1, again=8)


def test_a_block_that_keeps_ending_its_worker_is_not_begun_for_ever() -> None:
    counts = RunCounts(workers=1)
    words = [counts.may_begin(0, 8) for _ in range(BEGINNINGS + 1)]
    assert words == ["go"] * BEGINNINGS + ["dead"]


def test_after_a_stop_no_block_begins() -> None:
    counts = RunCounts(workers=1)
    counts.may_begin(0, 8)
    counts.stop()
    assert counts.may_begin(0, 8) == counts.may_begin(8, 8) == "skip"
    ended(counts, 0)
    assert counts.now().ended == 8
