"""Processor time: how it grows with the size of what is worked on.

Time that grows faster than the size is a stranger's to use: he makes the size. Ratios of
processor time are looked at, never seconds, so that a slow or busy machine says the same.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

MAX_RATIO = 3.0
"""Of two times, the second for twice the size: 2 is linear, 4 a square."""
FIRST_SIZE = 16
"""Small, for what doubles with each single character."""
MOST_SIZE = 1 << 18
"""What takes less than `MEASURED_SECONDS` at this size is called linear."""
MEASURED_SECONDS = 0.02
"""From here on a time is more than noise."""
STOPPED_SECONDS = 3.0
"""A run that takes longer is stopped: no square of MEASURED_SECONDS gets there."""
AGAIN_SECONDS = 0.05
"""Until a run that is importing is to be stopped once more."""
RUNS = 5
"""The least of so many is a time, since noise only adds."""
AGREED = 1.05
"""Fewer runs do where two of them agree so well."""
ATTEMPTS = 2
"""So often a ratio is measured anew before it is believed."""
FINDING_ATTEMPTS = 4
"""So often what is known to be bad is measured until it is found."""


class _Stopped(BaseException):
    """A run took too long; of a kind that no code under test catches."""


def growth(
    run: Callable[[int], object], *, most: int = MOST_SIZE, attempts: int = ATTEMPTS
) -> float:
    """How many times longer `run` takes for twice the size it is given.

    2.0 where it is quick at the size `most`, infinite where a run had to be stopped.
    MAX_RATIO and more is too much; that is said only where all attempts say so.
    """
    if _is_quick(run, most):
        return 2.0
    ratio = 2.0
    for _ in range(attempts):
        try:
            ratio = _ratio(run, most)
        except _Stopped:
            return float("inf")
        if ratio < MAX_RATIO:
            break
    return ratio


def is_square(run: Callable[[int], object], *, most: int = MOST_SIZE) -> bool:
    """Whether one of a few ratios is too much; a busy machine may hide one of them.

    For what is known to be bad, to prove that it would be found.
    """
    tries = range(FINDING_ATTEMPTS)
    return any(growth(run, most=most, attempts=1) >= MAX_RATIO for _ in tries)


def seconds(run: Callable[[int], object], size: int) -> float:
    """Processor time of one run."""
    gc.collect(0)
    gc.disable()  # it is another's garbage too, and comes when it likes
    try:
        began = time.process_time()
        run(size)
        return time.process_time() - began
    finally:
        gc.enable()


def _is_quick(run: Callable[[int], object], most: int) -> bool:
    """Whether there is nothing to measure at all, as nearly always."""
    try:
        with _stopped_after(STOPPED_SECONDS / 10):
            return seconds(run, most) < MEASURED_SECONDS
    except _Stopped:
        return False


def _ratio(run: Callable[[int], object], most: int) -> float:
    """The lesser of the ratios at two doublings; what does not grow is taken off first."""
    with _stopped_after(STOPPED_SECONDS):
        fixed = min(seconds(run, FIRST_SIZE) for _ in range(RUNS))
    size = FIRST_SIZE
    while (
        before := _least(run, size, fixed + MEASURED_SECONDS) - fixed
    ) < MEASURED_SECONDS:
        if size >= most:
            return 2.0
        size *= 2
    ratios: list[float] = []
    for _ in range(2):
        size *= 2
        after = _least(run, size, fixed + before * MAX_RATIO) - fixed
        ratios.append(after / before)
        if after < before * MAX_RATIO:
            break
        before = after
    return min(ratios)


def _least(run: Callable[[int], object], size: int, enough: float) -> float:
    """The least of some runs; no more of them once one is below `enough`, or two agree."""
    times: list[float] = []
    while len(times) < RUNS:
        with _stopped_after(STOPPED_SECONDS):
            times.append(seconds(run, size))
        times.sort()
        if times[0] < enough or (len(times) > 1 and times[1] < times[0] * AGREED):
            break
    return times[0]


@contextlib.contextmanager
def _stopped_after(limit: float) -> Iterator[None]:
    """Stop what runs longer, regular expressions too, where the system can do that."""
    can_stop = hasattr(signal, "SIGPROF") and (
        threading.current_thread() is threading.main_thread()
    )
    if not can_stop:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if _is_importing(frame):  # an error there may leave Python's import lock held
            signal.setitimer(signal.ITIMER_PROF, AGAIN_SECONDS)
            return
        raise _Stopped

    former = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)


def _is_importing(frame: FrameType | None) -> bool:
    while frame and "<frozen importlib" not in frame.f_code.co_filename:
        frame = frame.f_back
    return frame is not None
