"""Products enter as their photos arrive; deadlines and cancelling end what is under way."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from doubles.loopback import Loopback
from doubles.model_servers.chat_server import ChatServer, fitting
from doubles.networks import SlowedNetwork, slowed_engine
from doubles.pictures import jpeg
from doubles.tiny_qwen2vl import make

from productdesc import (
    CancelError,
    DeadlineError,
    Described,
    Failed,
    Product,
    ScriptedEngine,
    ServerEngine,
    Settings,
    Skipped,
    cancel,
    describe,
    describe_many,
)
from productdesc.engines import Answer, Engine
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.net import Http, Policy
from productdesc.photos import Decoder, PhotoLimits, load

SHORT: Any = {"channel": "plain", "fields": ["title"], "settings": Settings(200)}
PATIENT = Policy(connect_seconds=60, deadline_seconds=60)
LOOPBACK = Policy(
    allowed_networks=("127.0.0.0/8",),
    schemes=frozenset({"http"}),
    ports=frozenset(range(65536)),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tiny") / "model")


def shoes(count: int) -> list[Product]:
    return [Product(id=str(n), title=f"shoe {n}") for n in range(count)]


class Gate:
    """A photo's host whose name is found when it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.http = Http(PATIENT, lookup=self._lookup)

    def _lookup(self, host: str, port: int) -> list[str]:
        assert self.opened.wait(timeout=60)
        return ["10.0.0.1"]  # refused, which ends it

    def product(self, id: str) -> Product:
        return Product(id=id, title="slow", photos=["https://slow.test/a.jpg"])


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    with gate.http:
        yield gate
    gate.opened.set()


@pytest.fixture(params=["scripted", "fast", "server"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "scripted":
        yield ScriptedEngine()
    elif request.param == "fast":
        yield slowed_engine(request.getfixturevalue("folder"), 0.0)[0]
    else:
        with ChatServer(fitting) as server, ServerEngine(server.url) as engine:
            yield engine


# ---- as they are ready ------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 5, 23])
def test_one_slow_photo_holds_up_its_own_product_alone(
    engine: Engine, gate: Gate, place: int
) -> None:
    products = shoes(24)
    products[place] = gate.product(str(place))
    outcomes = describe_many(
        products, engine, batch_size=4, ordered=False, http=gate.http, **SHORT
    )
    first = [next(outcomes) for _ in range(23)]
    assert sorted(int(o.product.id) for o in first) == sorted(set(range(24)) - {place})
    gate.opened.set()
    [last] = outcomes
    assert last.product.id == str(place)
    assert isinstance(last, Failed)


def test_with_a_slow_photo_others_pass_it_in_the_engine_and_come_in_order(
    folder: Path, gate: Gate
) -> None:
    engine, network = slowed_engine(folder, 0.0)
    products = [gate.product("0"), *shoes(30)[1:]]
    outcomes = describe_many(products, engine, batch_size=4, http=gate.http, **SHORT)
    thread = threading.Thread(target=lambda: first.append(next(outcomes)))
    first: list[Any] = []
    thread.start()
    until = time.monotonic() + 60
    while len(network.rows) < 40 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(network.rows) >= 40  # forwards, while the first has no photo yet
    gate.opened.set()
    thread.join()
    assert [o.product.id for o in (*first, *outcomes)] == [str(n) for n in range(30)]


def test_rounds_in_order_are_the_same_every_time(gate: Gate) -> None:
    """A script's answers belong to products by their order, so none may pass another."""
    asked: list[str] = []

    class Noting(ScriptedEngine):
        def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
            asked.extend(r.prompt.text for r in requests)
            return super().generate(requests, settings)

    threading.Timer(0.2, gate.opened.set).start()
    list(
        describe_many(
            [gate.product("0"), *shoes(3)], Noting(), http=gate.http, batch_size=2
        )
    )
    titles = [text for text in asked if "There is no photo" in text]
    assert [t[-9:-2] for t in titles] == sorted(t[-9:-2] for t in titles)


# ---- what is filled ---------------------------------------------------------------------


def test_a_product_that_needs_nothing_costs_no_photo_and_no_request(gate: Gate) -> None:
    engine = ScriptedEngine()
    products = [gate.product("0"), Product(id="1", title="shoe")]
    needs = {"0": (), "1": ("title", "tags")}
    outcomes = list(
        describe_many(products, engine, http=gate.http, needs=lambda p: needs[p.id])
    )
    assert [type(o) for o in outcomes] == [Skipped, Described]
    assert isinstance(outcomes[1], Described)
    written = outcomes[1].description
    assert written.title and written.tags
    assert not written.description and not written.bullets
    assert len(engine.requests) == 2


def test_a_name_that_is_no_field_of_needs_is_named() -> None:
    outcomes = describe_many(shoes(1), ScriptedEngine(), needs=lambda p: ["titel"])
    with pytest.raises(ValueError, match="needs names 'titel'"):
        list(outcomes)


# ---- deadlines and cancelling -----------------------------------------------------------


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), float("inf")])
def test_a_deadline_is_seconds_above_nothing(wrong: float) -> None:
    with pytest.raises(ValueError, match="seconds from the call"):
        describe_many([], ScriptedEngine(), deadline=wrong)


def test_at_its_deadline_every_product_has_failed_and_the_good_ones_stay(
    folder: Path, gate: Gate
) -> None:
    engine, _ = slowed_engine(folder, 0.0)
    products = [*shoes(6), gate.product("6"), gate.product("7")]
    outcomes = list(
        describe_many(products, engine, batch_size=8, deadline=5, http=gate.http, **SHORT)
    )
    assert [o.product.id for o in outcomes] == [str(n) for n in range(8)]
    assert all(isinstance(o, Described) for o in outcomes[:6])
    for outcome in outcomes[6:]:
        assert isinstance(outcome, Failed)
        assert isinstance(outcome.error, DeadlineError)


def test_describe_raises_at_its_deadline_and_the_rows_leave(folder: Path) -> None:
    engine, network = slowed_engine(folder, 0.05)
    with pytest.raises(DeadlineError, match="not done within the deadline"):
        describe(Product(title="shoe"), engine, deadline=0.4, settings=Settings(900))
    forwards = len(network.rows)
    assert 0 < forwards < 60
    described = describe(Product(title="shoe"), engine, **SHORT)
    other, _ = slowed_engine(folder, 0.0)
    assert described.title == describe(Product(title="shoe"), other, **SHORT).title


def cancelled_after(network: SlowedNetwork, forwards: int) -> threading.Event:
    """An event that is set once so many forwards were begun."""
    event = threading.Event()

    def watch() -> None:
        while len(network.rows) < forwards:
            time.sleep(0.002)
        event.set()

    threading.Thread(target=watch, daemon=True).start()
    return event


@pytest.mark.parametrize("ordered", [True, False])
def test_cancelling_ends_what_is_under_way_and_reads_no_more(
    folder: Path, ordered: bool
) -> None:
    engine, network = slowed_engine(folder, 0.1)
    read: list[int] = []

    def products() -> Iterator[Product]:
        for n in range(1000):
            read.append(n)
            yield Product(id=str(n), title="shoe")

    event = cancelled_after(network, 4)
    outcomes = list(
        describe_many(products(), engine, batch_size=4, ordered=ordered, cancel=event)
    )
    assert len(network.rows) <= 6  # the one under way when it was seen, and one begun
    assert [o.product.id for o in outcomes] == [str(n) for n in read]
    assert len(read) < 20
    for outcome in outcomes:
        assert isinstance(outcome, Failed)
        assert isinstance(outcome.error, CancelError)


def test_a_photo_fetch_is_closed(folder: Path) -> None:
    closed, asked = threading.Event(), threading.Event()

    def never(head: str, connection: socket.socket) -> None:
        asked.set()
        if connection.recv(1) == b"":
            closed.set()

    event = threading.Event()
    with Loopback(never) as server, Http(LOOPBACK) as http:
        threading.Thread(target=lambda: (asked.wait(30), event.set())).start()
        product = Product(title="x", photos=[f"http://127.0.0.1:{server.port}/a.jpg"])
        with pytest.raises(CancelError):
            describe(product, ScriptedEngine(), http=http, cancel=event)
        assert closed.wait(10)


def test_a_server_that_thinks_for_ever_is_hung_up_on() -> None:
    gone, asked = threading.Event(), threading.Event()

    def script(body: Any) -> bytes:
        asked.set()
        assert gone.wait(30)
        return b""

    with ChatServer(script) as server, ServerEngine(server.url) as engine:
        began = time.monotonic()
        with pytest.raises(DeadlineError):
            describe(Product(title="shoe"), engine, deadline=1)
        assert asked.is_set()
        assert time.monotonic() - began < 20  # its own deadline is minutes
        gone.set()


def test_a_decoder_at_work_is_killed_and_the_next_photo_is_decoded() -> None:
    token = cancel.CancelToken()
    limits = PhotoLimits(cpu_seconds=60, wall_seconds=300)
    before = set(psutil.Process().children())  # one that others share, perhaps
    with Decoder(processes=1) as decoder:
        load(jpeg(), decoder=decoder, limits=limits)
        [process] = set(psutil.Process().children()) - before
        process.suspend()  # it will never answer
        threading.Timer(0.3, token.cancel, [CancelError("enough")]).start()
        with cancel.using(token), pytest.raises(CancelError, match="enough"):
            load(jpeg(), decoder=decoder, limits=limits)
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        assert load(jpeg(), decoder=decoder, limits=limits).format == "JPEG"


def test_leaving_early_ends_a_photo_that_is_under_way(gate: Gate) -> None:
    products = [Product(id="0", title="shoe"), gate.product("1")]
    outcomes = describe_many(products, ScriptedEngine(), batch_size=1, http=gate.http)
    next(outcomes)
    began = time.monotonic()
    outcomes.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 20  # the photo would take a minute
    names = {thread.name for thread in threading.enumerate()}
    assert not {name for name in names if name.startswith("productdesc-photos")}


def test_a_forked_child_is_told_to_load_an_engine_of_its_own(folder: Path) -> None:
    engine, _ = slowed_engine(folder, 0.0)
    assert isinstance(engine, Qwen2VLEngine)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        signal.alarm(60)  # a child that hangs must not hold the test
        try:
            describe(Product(title="shoe"), engine)
        except BaseException as e:
            os.write(writing, f"{type(e).__name__}: {e}".encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    told = os.read(reading, 4096).decode()
    os.close(reading)
    assert told.startswith("EngineError: ")
    assert "load the engine after the fork" in told


@pytest.mark.parametrize("ordered", [True, False])
def test_a_deadline_that_has_passed_is_each_products_error(ordered: bool) -> None:
    outcomes = describe_many(shoes(3), ScriptedEngine(), deadline=1e-9, ordered=ordered)
    failed = list(outcomes)
    assert len(failed) == 3
    assert all(isinstance(one, Failed) for one in failed)
    assert all(isinstance(one.error, DeadlineError) for one in failed)  # type: ignore[union-attr]


def test_a_call_that_was_cancelled_before_it_began_reads_nothing() -> None:
    stop = threading.Event()
    stop.set()
    read: list[Product] = []
    products = (read.append(one) or one for one in shoes(3))  # type: ignore[func-returns-value]
    assert list(describe_many(products, ScriptedEngine(), cancel=stop)) == []
    assert not read
    with pytest.raises(CancelError):
        describe(Product(title="shoe"), ScriptedEngine(), cancel=stop)


# --- Stop --------------------------------------------------------------------------------


@pytest.mark.parametrize("ordered", [True, False])
def test_after_a_stop_no_product_begins_and_those_under_way_end(
    engine: Engine, ordered: bool
) -> None:
    stop = threading.Event()
    options = {**SHORT, "batch_size": 4, "ordered": ordered, "stop": stop}
    outcomes = describe_many(shoes(400), engine, **options)
    first = [next(outcomes) for _ in range(5)]
    stop.set()
    rest = list(outcomes)
    # the rest of a round, those that had begun, and what begins before it is looked at
    assert len(rest) < 40
    ids = sorted(int(o.product.id) for o in (*first, *rest))
    assert ids == list(range(len(ids)))
    assert all(isinstance(outcome, Described) for outcome in rest)


def test_a_stop_that_came_before_begins_nothing() -> None:
    stop, engine = threading.Event(), ScriptedEngine()
    stop.set()
    assert list(describe_many(shoes(9), engine, stop=stop, **SHORT)) == []
    assert not engine.requests


def test_a_stop_waits_for_no_photo_of_a_product_that_has_not_begun(
    engine: Engine, gate: Gate
) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    products = [gate.product("slow")]
    outcomes = describe_many(products, engine, stop=stop, http=gate.http, **SHORT)
    assert next(outcomes, None) is None and time.monotonic() - began < 5


def test_a_stop_is_an_event() -> None:
    with pytest.raises(TypeError, match=r"stop is a threading\.Event, not True"):
        describe_many([], ScriptedEngine(), stop=True, **SHORT)  # type: ignore[arg-type]
