"""Fuzzing: hostile inputs for every reader, each a finding where a promise is broken.

    python -m pytest -m heavy tests/fuzz --fuzz-seconds 1200 --fuzz-seed 1

The quick run is the same with fixed inputs, so that nothing here can rot unseen; targets
that are wrong on purpose prove that each kind of finding is found. See
docs/development/fuzzing.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz.job import BROKEN, TARGETS, Job, Limits
from fuzz.watch import Report, can_guide, fuzz

Tried = Callable[..., Report]

ALL_SHARES = sum(row.share for row in TARGETS.values())
IMPATIENT = Limits(
    cpu_seconds=0.3, wall_seconds=60.0, growth_bytes=2**25, input_bytes=2**10, restarts=3
)
"""For targets that are wrong on purpose."""


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Path:
    """Where inputs that are findings stay."""
    assert request.config.cache is not None
    return Path(request.config.cache.mkdir("fuzz"))


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print past pytest's capture: a run of minutes is watched."""
    reporter = request.config.pluginmanager.getplugin("terminalreporter")
    return lambda text: reporter.write_line(f"\n{text}")


def shared_of(root: Path) -> str:
    """The folder of bad inputs beside the checkout, "" where there is none."""
    folder = root.parent / "shared"
    return str(folder) if folder.is_dir() else ""


@pytest.mark.heavy
@pytest.mark.timeout(0)  # the parent of each run watches it
@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_what_is_promised(
    name: str,
    root: Path,
    kept: Path,
    say: Callable[[str], None],
    request: pytest.FixtureRequest,
) -> None:
    row = TARGETS[name]
    seconds = request.config.getoption("--fuzz-seconds") * row.share / ALL_SHARES
    job = Job(
        targets=((name, row.module),),
        inputs=(0,),
        seconds=seconds,
        seed=request.config.getoption("--fuzz-seed"),
        folder=str(kept / name),
        shared=shared_of(root),
        is_guided=can_guide(),
        limits=Limits(),
    )
    report = fuzz(job)
    say(report.text())
    assert report.tried[name] > 20
    assert report.findings == [], f"inputs are in {kept / name}\n{report.text()}"


def test_a_few_hundred_inputs_a_target_break_nothing(tmp_path: Path) -> None:
    """Without ../shared, so that every machine tries the same."""
    job = Job(
        targets=tuple((name, row.module) for name, row in TARGETS.items()),
        inputs=tuple(row.quick for row in TARGETS.values()),
        seconds=0,
        seed=1,
        folder=str(tmp_path),
        shared="",
        is_guided=False,
        limits=Limits(),
    )
    report = fuzz(job)
    assert report.findings == [], report.text()
    assert report.tried == {name: row.quick for name, row in TARGETS.items()}


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    def run(name: str, inputs: int = 20, seconds: float = 0) -> Report:
        job = Job(
            targets=((name, BROKEN),),
            inputs=(0 if seconds else inputs,),
            seconds=seconds,
            seed=1,
            folder=str(tmp_path),
            shared="",
            is_guided=bool(seconds),
            limits=IMPATIENT._replace(wall_seconds=2.0) if name == "waits" else IMPATIENT,
        )
        return fuzz(job)

    return run


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("foreign", "KeyError", "'key'"),
        ("promise", "promise", "one is two"),
        ("slow", "slow", "s of processor time"),
        ("hang", "hang", "over 0.6 s of processor time"),
        ("waits", "hang", "over 2 s, waiting"),
        ("abort", "abort", "exit status -6"),
        ("exits", "abort", "exit status 0"),
        ("memory", "memory", "MiB more"),
    ],
)
def test_a_target_that_is_wrong_is_found_with_the_input_that_shows_it(
    name: str, kind: str, message: str, tried: Tried, tmp_path: Path
) -> None:
    report = tried(name)
    found = next(f for f in report.findings if f["kind"] == kind)
    kinds = {f["kind"] for f in report.findings}
    # to take memory takes processor time too, where the machine has other work
    assert kinds == {kind} or (kind == "memory" and kinds <= {kind, "slow", "hang"})
    assert message in found["message"]
    assert (tmp_path / found["input"]).read_bytes() == b"a wrong seed"
    assert report.tried[name] == 20  # those after it too, also where the process ended


def test_where_it_hangs_is_said(tried: Tried) -> None:
    assert "_spins" in tried("hang").findings[0]["message"]


def test_a_target_in_order_gives_no_finding(tried: Tried) -> None:
    report = tried("in-order")
    assert (report.tried, report.findings) == ({"in-order": 20}, [])


@pytest.mark.heavy  # it goes on for its whole time
@pytest.mark.skipif(not can_guide(), reason="needs atheris: pip install -e '.[fuzz]'")
def test_coverage_guides_to_what_chance_does_not_find(tried: Tried) -> None:
    """A word of four letters, compared letter by letter."""
    report = tried("guided", seconds=15)
    assert {f["kind"] for f in report.findings} == {"promise"}


def test_a_finding_is_repeated_by_the_command_that_is_documented(
    tried: Tried, tmp_path: Path
) -> None:
    import subprocess
    import sys

    found = tried("foreign").findings[0]
    tests = Path(__file__).resolve().parents[1]
    run = subprocess.run(
        [sys.executable, "-m", "fuzz.child", "foreign", str(tmp_path / found["input"])],
        cwd=tests,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1 and "KeyError: 'key'" in run.stderr
