"""A signal in the middle of caption, ask and moderate: whole lines, and the rest later."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doubles import plugin_wheel
from doubles.pictures import picture

from productdesc.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no signals to send")

PRODUCTS = [f"p{number}" for number in range(6)]
COMMANDS = {
    "caption": ["caption", "photos"],
    "ask": ["ask", "photos", "What is it?", "--expect", "text"],
    "moderate": ["moderate", "photos", "--channel", "google"],
}
ENDS = {"caption": 0, "ask": 0, "moderate": 1}  # the shortest answer to a policy is "yes"
EXIT = {"SIGINT": 130, "SIGTERM": 75}
ENGINE = """
import os, signal
from productdesc import ScriptedEngine

class Signalled(ScriptedEngine):
    def generate(self, requests, settings=None):
        with open("calls", "a") as calls:
            calls.write("call\\n")
        number = len(open("calls").readlines())
        at, name, times = os.environ["SIGNALS"].split()
        if number == int(at):
            for _ in range(int(times)):
                signal.raise_signal(getattr(signal, name))
        return super().generate(requests, settings)
"""

Run = Callable[[str, str], int]


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """Tests that were started in the background have been told to ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command over six photos; its engine sends signals at one of its calls."""
    points = "[productdesc.engines]\nsignalled = signalled_engine:Signalled\n"
    site = tmp_path / "site"
    plugin_wheel.install(site, "signalled_engine", {"signalled_engine": ENGINE}, points)
    monkeypatch.syspath_prepend(site)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name in PRODUCTS:
        picture().save(tmp_path / "photos" / f"{name}.png")

    def run(command: str, signals: str) -> int:
        monkeypatch.setenv("SIGNALS", signals)
        words = [*COMMANDS[command], "--out", "out.jsonl", "--resume"]
        return main([*words, "--model", "signalled"])

    return run


def ids(out: Path) -> list[str]:
    """The products of the rows, each a whole line."""
    text = out.read_text("utf-8")
    assert text.endswith("\n")
    return [json.loads(line)["product_id"] for line in text.splitlines()]


def calls(folder: Path) -> int:
    return len((folder / "calls").read_text().splitlines())


@pytest.mark.parametrize("sign", EXIT)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_under_way_is_finished_and_the_rest_comes_later(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, run: Run, command: str, sign: str
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert run(command, f"4 {sign} 1") == EXIT[sign]  # two calls a product: amid the second
    assert ids(tmp_path / "out.jsonl") == PRODUCTS[:2] and calls(tmp_path) == 4
    err = capsys.readouterr().err
    assert f"stopped ({sign}): 2 done; run it again with --out and --resume" in err
    assert "products under way are finished; another signal drops all" in err
    assert run(command, "0 - 0") == ENDS[command]
    assert ids(tmp_path / "out.jsonl") == PRODUCTS
    assert calls(tmp_path) == 2 * len(PRODUCTS), "none is asked about twice"
    assert "2 products are in out.jsonl already" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_second_signal_drops_what_is_under_way(
    tmp_path: Path, run: Run, command: str
) -> None:
    assert run(command, "4 SIGTERM 2") == 75
    assert ids(tmp_path / "out.jsonl") == PRODUCTS[:1]
    assert run(command, "0 - 0") == ENDS[command]
    assert ids(tmp_path / "out.jsonl") == PRODUCTS
