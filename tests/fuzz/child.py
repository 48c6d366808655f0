"""The process that runs targets: `python -m fuzz.child JOB`, or with an input to repeat.

    PYTHONPATH=tests python -m fuzz.child csv .pytest_cache/d/fuzz/csv-0123456789ab

Every exception that a target has not promised, every input that took too long or too much
memory and every broken promise is one line of findings.jsonl, with the input in a file.
With atheris installed, inputs that reach new lines of productdesc are built upon.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import hashlib
import importlib
import json
import os
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from random import Random

from fuzz.job import BROKEN, TARGETS, Job, Limits, Note
from fuzz.target import Broken, Mutator, Target

FINDINGS = "findings.jsonl"
NOTE = "running"
MIX = 0.8  # of mutated inputs, those that a mutator with a grammar made


class Child:
    """The targets of a job, run in this process one after the other."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.folder = Path(job.folder)
        self.note = Note(self.folder / NOTE, job.limits.input_bytes)
        self.shared = Path(job.shared) if job.shared else None
        self._seen: set[tuple[str, ...]] = set()
        self._work = Path(job.work)
        self._deadly = deadly_inputs(self.folder)
        self.targets = self._loaded()

    def _loaded(self) -> list[Target]:
        with _instrumenting(self.job):
            return [
                importlib.import_module(f"fuzz.targets.{module}").TARGETS[name]
                for name, module in self.job.targets
            ]

    def once(self, number: int, data: bytes) -> None:
        """Run one input; what goes wrong is written down, and never raised."""
        target, limits = self.targets[number], self.job.limits
        if self._deadly and input_name(self.job.targets[number][0], data) in self._deadly:
            data = b""  # the process before this one died of it
        cpu, peak = time.process_time(), _peak()
        self.note.begin(number, data, cpu, time.monotonic())
        try:
            target.run(data, self._work)
        except target.promised:
            pass
        except Broken as e:
            self._finding(number, data, "promise", str(e), "")
        except BaseException as e:
            self._finding(number, data, type(e).__name__, str(e), _where(e))
        took, grew = time.process_time() - cpu, _peak() - peak
        self.note.end()
        if took > limits.cpu_seconds:
            self._finding(number, data, "slow", f"{took:.1f} s of processor time", "")
        if grew > limits.growth_bytes:
            self._finding(number, data, "memory", f"{grew / 2**20:.0f} MiB more", "")

    def _finding(self, number: int, data: bytes, *why: str) -> None:
        name = self.job.targets[number][0]
        kind, message, where = why
        key = (name, kind, where or message.partition(":")[0])
        if key in self._seen:
            return
        self._seen.add(key)
        about = {"kind": kind, "message": message, "where": where}
        write_finding(self.folder, name, data, about)

    def run(self) -> None:
        for number, count in enumerate(self.job.inputs):
            if self.job.is_guided:
                self._guided(number)  # it never comes back
            self._plain(number, count)

    def _seeds(self, number: int) -> list[bytes]:
        most = self.job.limits.input_bytes
        seeds = [s for s in self.targets[number].seeds(self.shared) if len(s) <= most]
        assert seeds, f"{self.job.targets[number][0]} has no seeds"
        return seeds

    def _plain(self, number: int, count: int) -> None:
        seeds, target = self._seeds(number), self.targets[number]
        chance = Random(f"{self.job.seed} {self.job.targets[number][0]}")
        until = time.monotonic() + self.job.seconds
        tried = 0
        while tried < count or (not count and time.monotonic() < until):
            if tried < min(len(seeds), (count or 2 * len(seeds)) // 2):
                data = seeds[tried]
            else:
                data = mutated(chance.choice(seeds), chance, seeds, target)
            self.once(number, data[: self.job.limits.input_bytes])
            tried += 1

    def _guided(self, number: int) -> None:
        import atheris

        seeds, target = self._seeds(number), self.targets[number]
        corpus = self.folder / "corpus"
        corpus.mkdir(exist_ok=True)
        for seed in seeds:
            (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)

        def mutate(data: bytes, most: int, seed: int) -> bytes:
            chance = Random(seed)
            if chance.random() < MIX:
                return mutated(data, chance, seeds, target)[:most]
            return bytes(atheris.Mutate(data, most))

        arguments = [
            sys.argv[0],
            f"-max_total_time={max(1, round(self.job.seconds))}",
            f"-seed={self.job.seed}",
            f"-max_len={self.job.limits.input_bytes}",
            "-len_control=0",
            "-timeout=1000000",  # the parent watches
            "-rss_limit_mb=0",
            "-verbosity=0",
            str(corpus),
        ]

        def one(data: bytes) -> None:
            self.once(number, data)

        atheris.Setup(arguments, one, custom_mutator=mutate)
        atheris.Fuzz()


def mutated(data: bytes, chance: Random, seeds: Sequence[bytes], target: Target) -> bytes:
    """One to four changes of an input, by the target's grammar or byte by byte."""
    from fuzz.mutate.plain import inserted, plain

    for _ in range(chance.choice((1, 1, 2, 4))):
        if target.tokens and chance.random() < 0.2:
            data = inserted(data, chance, chance.choice(target.tokens))
        else:
            ways: tuple[Mutator, ...] = target.mutators or (plain,)
            way = plain if chance.random() < 0.2 else chance.choice(ways)
            data = way(data, chance, seeds)
    return data


def input_name(target: str, data: bytes) -> str:
    return f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"


def deadly_inputs(folder: Path) -> frozenset[str]:
    """Inputs by name that ended a process before this one: they are not tried again."""
    path = folder / FINDINGS
    found = path.read_text("utf-8").splitlines() if path.exists() else []
    return frozenset(f["input"] for f in map(json.loads, found) if f["is_deadly"])


def write_finding(
    folder: Path, name: str, data: bytes, why: dict[str, str], *, is_deadly: bool = False
) -> None:
    """A line of findings.jsonl, and the input beside it."""
    file = folder / input_name(name, data)
    file.write_bytes(data)
    line: dict[str, object] = {"target": name, "input": file.name, "is_deadly": is_deadly}
    line |= {key: text[:2000] for key, text in why.items()}
    with (folder / FINDINGS).open("a", encoding="utf-8", errors="replace") as out:
        out.write(json.dumps(line) + "\n")


def _where(error: BaseException) -> str:
    """The last lines of ours that an error came through, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    places = ("productdesc", "fuzz/targets")
    ours = [f for f in frames if any(place in f.filename for place in places)]
    lines = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(ours)]
    return " < ".join(lines[:4])


def _peak() -> int:
    """Bytes of memory that this process has had at most.

    Linux's own count for a program; `getrusage` counts what its parent had, too.
    """
    with contextlib.suppress(OSError):
        found = re.search(
            r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii")
        )
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _instrumenting(job: Job) -> contextlib.AbstractContextManager[object]:
    if not job.is_guided:
        return contextlib.nullcontext()
    import atheris

    instrumenting: contextlib.AbstractContextManager[object] = atheris.instrument_imports(
        include=[f"fuzz.targets.{BROKEN}" if job.targets[0][1] == BROKEN else "productdesc"]
    )
    return instrumenting


def _guard(limits: Limits) -> None:
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)  # the parent asks where it hangs
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_bytes, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(arguments: Sequence[str]) -> None:
    if len(arguments) == 1:
        job = Job.read(Path(arguments[0]))
        _guard(job.limits)
        child = Child(job)
        gc.freeze()
        child.run()
        return
    name, file = arguments
    module = TARGETS[name].module if name in TARGETS else BROKEN
    target = importlib.import_module(f"fuzz.targets.{module}").TARGETS[name]
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        target.run(Path(file).read_bytes(), Path(folder))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(sys.argv[1:])
