"""The fence of a child process: what a program that was taken over cannot do."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

import pytest

from productdesc.photos.decoding import decoder
from productdesc.photos.ocr import text_reader
from productdesc.photos.worker import seccomp
from productdesc.photos.worker.child_process import ChildProcess, Cost, ProcessDied, Work

HOSTILE = Work(
    program="doubles.fences.hostile_program",
    packages=("doubles",),
    noun="hostile",
    doing="trying",
    python_option="nothing",
)
COST = Cost(memory_bytes=2**30, cpu_seconds=5, wall_seconds=60)
filters_calls = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="system calls are filtered on Linux, on x86-64 and AArch64",
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="holds on Linux only")


@pytest.fixture
def hostile() -> Iterator[ChildProcess]:
    process = ChildProcess(HOSTILE, sys.executable)
    yield process
    process.kill()


@filters_calls
@pytest.mark.parametrize(
    "act",
    [
        *("opens", "lists", "removes", "forks", "has_socket", "signals"),
        "sets_limits_of_its_parent",
    ],
)
def test_what_worked_before_the_fence_is_refused_behind_it(
    hostile: ChildProcess, act: str
) -> None:
    assert act in hostile.about["did"]
    assert hostile.about["fenced"] == {"files": True, "calls": True}
    answer, _ = hostile.ask({"act": act}, b"", COST)
    assert "did" not in answer
    assert "Errno 1" in answer["refused"] or "Errno 24" in answer["refused"]


def test_a_thread_is_let_be_as_a_decoder_needs_one(hostile: ChildProcess) -> None:
    answer, _ = hostile.ask({"act": "has_thread"}, b"", COST)
    assert answer["did"] == "has_thread"


@linux
def test_memory_beyond_the_limit_is_not_to_be_had(hostile: ChildProcess) -> None:
    answer, _ = hostile.ask({"act": "eats_memory"}, b"", COST)
    assert answer["memory"] is True
    more, _ = hostile.ask({"act": "has_thread"}, b"", COST)
    assert more["did"] == "has_thread"  # it lives on


@pytest.mark.parametrize(
    ("cost", "why"),
    [
        (COST._replace(cpu_seconds=0.1), "0.1 s of processor time"),
        (COST._replace(wall_seconds=0.2), "more than 0.2 s; the hostile was ended"),
    ],
)
def test_a_program_that_never_ends_is_ended(
    hostile: ChildProcess, cost: Cost, why: str
) -> None:
    with pytest.raises(ProcessDied, match=why):
        hostile.ask({"act": "spins"}, b"", cost)
    assert not hostile.is_alive()


@filters_calls
@pytest.mark.parametrize("work", [decoder.WORK, text_reader.WORK], ids=lambda w: w.noun)
def test_decoder_and_text_reader_stand_behind_the_same_fence(work: Work) -> None:
    if work is text_reader.WORK:
        pytest.importorskip("rapidocr", reason="needs the extra ocr")
    process = ChildProcess(work, sys.executable)
    try:
        assert process.about["fenced"] == {"files": True, "calls": True}
    finally:
        process.kill()


def test_the_filter_has_one_answer_for_each_listed_call_of_both_machines() -> None:
    for machine in ("x86_64", "aarch64"):
        numbers = [getattr(call, machine) for call in seccomp.ALLOWED.values()]
        known = [n for n in numbers if n >= 0]
        assert len(known) == len(set(known))
        code = seccomp.instructions(machine)
        assert len(code) % 8 == 0 and len(code) // 8 < 4096  # what Linux takes
    with pytest.raises(KeyError):
        seccomp.instructions("vax")
