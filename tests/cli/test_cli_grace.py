"""A stop of `productdesc convert`: what a slow server and a live shop are given of it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.model_servers import slow_engine
from doubles.model_servers.chat_server import Body, ChatServer, fitting
from doubles.shop_servers.woocommerce_server import Server, Shop
from doubles.shops.live.woocommerce import KEY, SECRET

from productdesc.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no SIGTERM")

COUNT = 40


class SlowModel:
    """A server of a model that stops answering after so many requests."""

    def __init__(self, answered: int) -> None:
        self._answered = answered
        self._over = threading.Event()
        self.is_stuck = threading.Event()
        self.server = ChatServer(self._answer)

    def _answer(self, body: Body) -> bytes:
        if len(self.server.bodies) > self._answered:
            self.is_stuck.set()
            self._over.wait(60)
        return fitting(body)

    def __enter__(self) -> SlowModel:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.server.__exit__()


def write(path: Path) -> Path:
    rows = ({"id": str(n), "title": f"Canvas shoe {n}"} for n in range(1, COUNT + 1))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def signalling(event: threading.Event, times: int = 1) -> None:
    """Send SIGTERM to this process once the event is set."""

    def send() -> None:
        assert event.wait(60)
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.2)

    threading.Thread(target=send, daemon=True).start()


@pytest.mark.parametrize("times", [1, 2])
def test_what_takes_longer_than_the_grace_is_dropped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, times: int
) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    source, out = write(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    began = time.monotonic()
    with SlowModel(answered=20) as slow:
        signalling(slow.is_stuck, times)
        url = slow.server.url
        options = ["--model", url, "--batch-size", "2", "--fields", "title", "--grace", "1"]
        code = main(["convert", str(source), str(out), *options])
    said, err = capsys.readouterr()
    assert code == 75 and time.monotonic() - began < 30, err
    if times == 1:
        done = len(out.read_text("utf-8").splitlines())
        assert f"stopped (SIGTERM): {done} of {COUNT} done" in err and 0 < done <= 10
        assert f"{done} of {COUNT} done: {done} written, " in said and "dropped" in said
    else:
        assert "stopped at once (SIGTERM): " in err and not out.exists()
    assert not list(tmp_path.glob(".*"))
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shop, str]]:
    monkeypatch.setenv("PRODUCTDESC_WOOCOMMERCE_KEY", KEY)
    monkeypatch.setenv("PRODUCTDESC_WOOCOMMERCE_SECRET", SECRET)
    state = Shop(KEY, SECRET)
    for number in range(1, COUNT + 1):
        state.add(number, name=f"Canvas shoe {number}")
    with Server(state) as server:
        yield state, f"http://127.0.0.1:{server.port}"


def written(shop: Shop) -> int:
    return sum(bool(product["description"]) for product in shop.products.values())


def test_what_a_shop_was_given_stays_and_is_counted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shop: tuple[Shop, str]
) -> None:
    state, address = shop
    source = write(tmp_path / "in.jsonl")
    with SlowModel(answered=20) as slow:
        signalling(slow.is_stuck)
        options = ["--model", slow.server.url, "--batch-size", "2", "--grace", "0.5"]
        live = [address, "--to", "woocommerce", "--apply", "--allow-host", address]
        code = main(["convert", str(source), *live, *options])
    said, err = capsys.readouterr()
    assert code == 75, err
    assert written(state) > 0
    assert f"stopped (SIGTERM): {written(state)} of {COUNT} done" in err
    assert f"{written(state)} written" in said and "keeps what was written" in err


def test_where_all_fail_a_shop_that_takes_many_is_not_waited_for(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    shop: tuple[Shop, str],
) -> None:
    slow_engine.install(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    state, address = shop
    source = tmp_path / "in.jsonl"
    rows = ({"id": str(n)} for n in range(1, 500))
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    live = [address, "--to", "woocommerce", "--apply", "--allow-host", address]
    options = ["--max-failures", "5", "--model", "slow", "--batch-size", "2"]
    code = main(["convert", str(source), *live, *options])
    err = capsys.readouterr().err
    assert code == 4 and err.count("has no photo and no data") < 250, err
    assert "more than --max-failures 5" in err and written(state) == 0
