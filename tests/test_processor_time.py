"""The measure of growth itself: it must know a square from a line, and end."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from doubles.processor_time import MAX_RATIO, growth, is_square


def test_a_line_is_no_square() -> None:
    def linear(size: int) -> int:
        return sum(range(size))

    assert growth(linear, most=1 << 23) < MAX_RATIO


def test_much_work_that_does_not_grow_hides_no_square() -> None:
    def square(size: int) -> int:
        return sum(range(200_000)) + sum(sum(range(size)) for _ in range(size))

    assert is_square(square)


def test_a_search_that_begins_again_at_each_character_is_a_square() -> None:
    spaces = re.compile(r"\s*,")
    assert is_square(lambda size: spaces.search(" " * size))


def test_what_would_never_end_is_stopped() -> None:
    nested = re.compile(r"(?:a+)+$")
    assert growth(lambda size: nested.match("a" * size + "b")) == float("inf")


def test_what_is_quick_at_a_great_size_is_linear() -> None:
    sizes: list[int] = []
    assert growth(sizes.append, most=100) == 2.0
    assert sizes == [100]


def test_an_import_is_not_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is loaded at the first run may take longer than a run may."""
    module = tmp_path / "slow_to_load.py"
    begun = "import pathlib\npathlib.Path(__file__ + '.log').open('a').write('x')"
    slow = "import time\nuntil = time.process_time() + 0.5\n"
    module.write_text(f"{begun}\n{slow}while time.process_time() < until: pass\n")
    monkeypatch.syspath_prepend(tmp_path)

    def run(size: int) -> None:
        import slow_to_load  # type: ignore[import-not-found]  # noqa: F401

    assert growth(run) == 2.0
    assert Path(f"{module}.log").read_text() == "x"
    del sys.modules["slow_to_load"]
