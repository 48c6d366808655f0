"""The parent of a fuzzing job: starts its child, watches it, and says what was found.

A child that hangs, dies or outgrows its memory is ended; the input that it noted last is
the finding, and a new child goes on with what is left of the time.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
from fuzz.child import FINDINGS, NOTE, write_finding
from fuzz.job import Job, Limits, Note

ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.05


@dataclass
class Report:
    """What became of a job: inputs tried by target, seconds, and the findings."""

    tried: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    findings: list[dict[str, str]] = field(default_factory=list)

    def text(self) -> str:
        lines = [
            f"{name:<18} {tried:>8} inputs {self.seconds:>7.1f} s "
            f"{sum(f['target'] == name for f in self.findings):>3} findings"
            for name, tried in self.tried.items()
        ]
        for one in self.findings:
            what = f"{one['target']}: {one['kind']}: {one['message'][:300]}"
            lines.append(f"  ! {what} [{one['where'][:300]}] {one['input']}")
        return "\n".join(lines)


def can_guide() -> bool:
    """Whether atheris is installed, so that coverage can guide."""
    return importlib.util.find_spec("atheris") is not None


def fuzz(job: Job) -> Report:
    """Run a job to its end, however many children that takes."""
    memory = Path("/dev/shm")  # where a file need not wait for a disk
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as work:
        return _fuzz(replace(job, work=work))


def _fuzz(job: Job) -> Report:
    folder = Path(job.folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FINDINGS).unlink(missing_ok=True)
    report = Report(dict.fromkeys((name for name, _ in job.targets), 0))
    began = time.monotonic()
    left = job
    for number in range(job.limits.restarts + 1):
        reached, tried, why = _one_child(replace(left, seed=job.seed + number))
        for (name, _), count in zip(left.targets, tried, strict=False):
            report.tried[name] += count
        seconds = job.seconds - (time.monotonic() - began)
        if not why or (job.seconds and seconds < 1):
            break
        inputs = list(left.inputs[reached:])
        inputs[0] = max(0, inputs[0] - tried[reached])
        targets = left.targets[reached:]
        if not job.seconds and not inputs[0]:  # 0 would be for ever
            inputs, targets = inputs[1:], targets[1:]
        if not targets:
            break
        left = replace(left, targets=targets, inputs=tuple(inputs), seconds=max(0, seconds))
    report.seconds = time.monotonic() - began
    if (folder / FINDINGS).exists():
        report.findings = _each_once((folder / FINDINGS).read_text("utf-8").splitlines())
    return report


def _each_once(lines: Sequence[str]) -> list[dict[str, str]]:
    """Findings of several children; the same one was written down by each."""
    kept = {}
    for one in map(json.loads, lines):
        about = one["where"] or one["message"].partition(":")[0]
        key = one["target"], one["kind"], about
        kept.setdefault(key, one)
    return list(kept.values())


def _one_child(job: Job) -> tuple[int, list[int], str]:
    """Run one child: (the target it was at, inputs tried of each, why it was ended)."""
    folder = Path(job.folder)
    note = Note(folder / NOTE, job.limits.input_bytes, is_new=True)
    job.write(folder / "job.json")
    paths = [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    with (folder / "stderr").open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "fuzz.child", str(folder / "job.json")],
            stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=environment,
        )  # fmt: skip
        why = _watched(psutil.Process(child.pid), child, note, job.limits)
    target, _, _, size, tried = note.now()
    last = (folder / "stderr").read_text("utf-8", "replace")[-1500:]
    if not why and (child.returncode or size >= 0):
        if size < 0:
            raise RuntimeError(f"the fuzzing process failed by itself:\n{last}")
        why = f"abort: exit status {child.returncode}"
    if why:
        why = f"{why}\n{last}"
        kind, _, message = why.partition(": ")
        name = job.targets[target][0]
        about = {"kind": kind, "message": message, "where": ""}
        write_finding(folder, name, note.data(), about, is_deadly=True)
    return target, tried, why


def _watched(
    process: psutil.Process, child: subprocess.Popen[bytes], note: Note, limits: Limits
) -> str:
    """Wait for the child's end; why it was ended, "" where it ended by itself."""
    before = 0
    while child.poll() is None:
        time.sleep(POLL_SECONDS)
        try:
            times, memory = process.cpu_times(), process.memory_info().rss
        except psutil.Error:
            continue
        *_, cpu, wall, size, tried = note.now()
        is_same, before = sum(tried) == before, sum(tried)
        if size < 0 or not is_same:
            continue
        if times.user + times.system - cpu > 2 * limits.cpu_seconds:
            why = f"hang: over {2 * limits.cpu_seconds:g} s of processor time"
        elif time.monotonic() - wall > limits.wall_seconds:
            why = f"hang: over {limits.wall_seconds:g} s, waiting"
        elif memory > limits.total_bytes:
            why = f"memory: {memory / 2**20:.0f} MiB in all"
        else:
            continue
        _end(process, child)
        return why
    return ""


def _end(process: psutil.Process, child: subprocess.Popen[bytes]) -> None:
    """End the child and what it started; faulthandler says where it was, in its stderr."""
    below = process.children(recursive=True)
    child.send_signal(signal.SIGUSR1)
    time.sleep(4 * POLL_SECONDS)
    child.kill()
    for one in below:
        with contextlib.suppress(psutil.Error):
            one.kill()
    child.wait()
