"""Many asynchronous calls share one engine: batches, deadlines, cancelling, and ends."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from doubles.networks import slowed_engine
from doubles.tiny_qwen2vl import make
from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from productdesc import (
    CancelError,
    DeadlineError,
    Described,
    EngineBusyError,
    EngineError,
    Failed,
    Product,
    PromptError,
    ScriptedEngine,
    Settings,
    Skipped,
    adescribe,
    adescribe_many,
    describe,
)
from productdesc.engines import Answer
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine

SHORT: Any = {"channel": "plain", "fields": ["title"], "settings": Settings(40)}


pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tiny") / "model")


Left = Callable[[], set[threading.Thread]]


@pytest.fixture(autouse=True)
def left() -> Iterator[Left]:
    """The threads of ours that a test began and that still run; at its end there is none.

    An engine of another test, not collected yet, may have threads of its own.
    """
    before = set(threading.enumerate())

    def look() -> set[threading.Thread]:
        began = set(threading.enumerate()) - before
        return {thread for thread in began if thread.name.startswith("productdesc-")}

    yield look
    until = time.monotonic() + 60
    while look() and time.monotonic() < until:
        time.sleep(0.01)
    assert not look()


def shoe(number: int) -> Product:
    return Product(id=str(number), title=f"shoe {number}")


class Gated(ScriptedEngine):
    """Answers once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.sizes: list[int] = []

    def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
        self.sizes.append(len(requests))
        assert self.open.wait(60)
        return super().generate(requests, settings)


# ---- a web server -----------------------------------------------------------------------


def application(engine: Qwen2VLEngine) -> Starlette:
    async def page(request: WebRequest) -> JSONResponse:
        number = int(request.query_params["n"])
        deadline = request.query_params.get("deadline")
        try:
            description = await adescribe(
                shoe(number), engine, deadline=deadline and float(deadline), **SHORT
            )
        except DeadlineError as e:
            return JSONResponse({"error": str(e)}, 504)
        return JSONResponse({"title": description.title})

    return Starlette(routes=[Route("/describe", page)])


async def test_a_server_batches_its_requests_and_drops_those_that_are_over(
    folder: Path,
) -> None:
    engine, network = slowed_engine(folder, 0.03)
    alone = [describe(shoe(n), engine, **SHORT).title for n in range(8)]
    network.rows.clear()
    transport = httpx.ASGITransport(app=application(engine))
    titles: dict[int, str] = {}

    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def ask(number: int) -> None:
            reply = await client.get("/describe", params={"n": number})
            titles[number] = reply.json()["title"]

        async def late() -> None:
            reply = await client.get("/describe", params={"n": 6, "deadline": 0.4})
            assert reply.status_code == 504

        async def dropped() -> None:
            with anyio.move_on_after(0.3):
                await client.get("/describe", params={"n": 7})

        async with anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(ask, number)
            tasks.start_soon(late)
            tasks.start_soon(dropped)
    assert titles == dict(enumerate(alone[:6]))
    assert max(network.rows) > 1


@pytest.mark.parametrize("how", ["cancel", "deadline", "event"])
async def test_one_that_is_over_has_at_most_one_more_forward(
    folder: Path, how: str, left: Left
) -> None:
    engine, network = slowed_engine(folder, 0.05)
    event = threading.Event()
    options: dict[str, Any] = {"settings": Settings(900)}
    if how == "deadline":
        options["deadline"] = 0.5
    if how == "event":
        options["cancel"] = event
        threading.Timer(0.5, event.set).start()
    with anyio.move_on_after(0.5 if how == "cancel" else 60) as scope:
        with pytest.raises((DeadlineError, CancelError)):
            await adescribe(shoe(1), engine, **options)
    assert scope.cancelled_caught == (how == "cancel")
    forwards = len(network.rows)
    assert forwards > 2
    with anyio.fail_after(60):
        while left():
            await anyio.sleep(0.01)
    assert len(network.rows) <= forwards + 1


async def test_after_a_hundred_random_cancels_the_engine_answers_as_before(
    folder: Path,
) -> None:
    engine, _ = slowed_engine(folder, 0.002)
    alone = {n: describe(shoe(n), engine, **SHORT).title for n in range(10)}
    rng = random.Random(7)
    kept: list[tuple[int, str]] = []

    async def one(number: int, patience: float) -> None:
        with anyio.move_on_after(patience):
            title = (await adescribe(shoe(number), engine, max_waiting=200, **SHORT)).title
            kept.append((number, title))

    async with anyio.create_task_group() as tasks:
        for n in range(120):
            patience = rng.uniform(0.0, 0.5) if n % 6 else 600
            tasks.start_soon(one, n % 10, patience)
            await anyio.sleep(rng.uniform(0, 0.02))
    assert 20 <= len(kept) < 60
    assert all(title == alone[number] for number, title in kept)
    assert {
        n: (await adescribe(shoe(n), engine, **SHORT)).title for n in range(10)
    } == alone


def test_two_event_loops_share_a_batch() -> None:
    engine = Gated()

    def loop(number: int) -> None:
        asyncio.run(adescribe(shoe(number), engine))

    threads = [threading.Thread(target=loop, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while not engine.sizes:
        time.sleep(0.01)
    time.sleep(0.5)  # all of them are in
    engine.open.set()
    for thread in threads:
        thread.join()
    assert len(engine.sizes) <= 6  # 4 products, 2 turns each
    assert max(engine.sizes) >= 2


def test_trio_has_it_too(folder: Path) -> None:
    engine, _ = slowed_engine(folder, 0.0)

    async def all_of_them() -> list[str]:
        titles: list[str] = []

        async def one(number: int) -> None:
            titles.append((await adescribe(shoe(number), engine, **SHORT)).title)

        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(one, number)
        return sorted(titles)

    expected = sorted(describe(shoe(n), engine, **SHORT).title for n in range(3))
    assert anyio.run(all_of_them, backend="trio") == expected


# ---- when it is too much ----------------------------------------------------------------


async def test_who_comes_when_too_many_wait_is_told_at_once() -> None:
    engine = Gated()
    results: list[str] = []

    async def one(number: int) -> None:
        try:
            await adescribe(shoe(number), engine, max_waiting=4)
        except EngineBusyError as e:
            assert not engine.open.is_set()
            results.append(str(e))

    async with anyio.create_task_group() as tasks:
        for number in range(30):
            tasks.start_soon(one, number)
        with anyio.fail_after(30):
            while len(results) < 10:  # 16 under way, 4 wait
                await anyio.sleep(0.01)
        engine.open.set()
    assert len(results) == 10
    assert "at most 4 may wait; try again later" in results[0]


async def test_an_error_of_the_engine_reaches_all_of_them_and_it_goes_on() -> None:
    class Broken(ScriptedEngine):
        is_broken = True

        def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
            if self.is_broken:
                raise EngineError("the model is gone")
            return super().generate(requests, settings)

    engine = Broken()
    errors: list[Exception] = []

    async def one(number: int) -> None:
        with pytest.raises(EngineError, match="the model is gone") as caught:
            await adescribe(shoe(number), engine)
        errors.append(caught.value)

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(one, number)
    assert len(errors) == 3
    engine.is_broken = False
    assert (await adescribe(shoe(1), engine)).title


async def test_an_engine_that_cannot_begin_is_told_to_all_who_wait() -> None:
    class Gone(ScriptedEngine):
        def serve(self, arrivals: Any, *, at_once: int) -> Iterator[Any]:
            raise EngineError("the model cannot begin")
            yield

    with anyio.fail_after(30), pytest.raises(EngineError, match="cannot begin"):
        await adescribe(shoe(1), Gone())


async def test_a_bad_template_is_the_error_of_its_own_call(tmp_path: Path) -> None:
    template = tmp_path / "broken.j2"
    template.write_text("{{ nobody }}")
    engine = Gated()
    titles: list[str] = []

    async def good() -> None:
        titles.append((await adescribe(shoe(1), engine)).title)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(good)
        engine.open.set()
        with pytest.raises(PromptError, match="nobody"):
            await adescribe(shoe(2), engine, template=template)
    assert titles == ["xx"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_is_told_what_to_do(folder: Path) -> None:
    engine, _ = slowed_engine(folder, 0.0)
    asyncio.run(adescribe(shoe(1), engine, **SHORT))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        signal.alarm(60)  # a child that hangs must not hold the test
        try:
            asyncio.run(adescribe(shoe(1), engine, **SHORT))
        except BaseException as e:
            os.write(writing, f"{type(e).__name__}: {e}".encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        assert "load the engine after the fork" in told.read()


# ---- many -------------------------------------------------------------------------------


async def products(count: int) -> AsyncIterator[Product]:
    for number in range(count):
        await anyio.sleep(0)
        yield shoe(number)


@pytest.mark.parametrize("kind", ["list", "iterator", "async"])
async def test_many_come_in_order_each_with_its_outcome(kind: str) -> None:
    given: Any = {
        "list": [shoe(n) for n in range(40)],
        "iterator": (shoe(n) for n in range(40)),
        "async": products(40),
    }[kind]
    engine = ScriptedEngine()
    outcomes = [o async for o in adescribe_many(given, engine, batch_size=5)]
    assert [o.product.id for o in outcomes] == [str(n) for n in range(40)]
    assert all(isinstance(o, Described) for o in outcomes)


async def test_many_out_of_order_are_all_there() -> None:
    given = adescribe_many(products(20), ScriptedEngine(), batch_size=3, ordered=False)
    assert sorted([int(o.product.id) async for o in given]) == list(range(20))


async def test_many_take_what_describe_many_takes() -> None:
    given = [Product(id="0", title="x"), Product(id="1"), Product(id="2", title="y")]
    outcomes = adescribe_many(
        given,
        ScriptedEngine(),
        needs=lambda p: () if p.id == "0" else ("title",),
        keep_drafts=True,
    )
    first, second, third = [o async for o in outcomes]
    assert isinstance(first, Skipped)
    assert isinstance(second, Failed)
    assert isinstance(third, Described)
    assert third.draft


async def test_at_the_deadline_every_product_of_many_has_an_outcome() -> None:
    engine = Gated()
    given = adescribe_many(products(30), engine, batch_size=4, deadline=0.3)
    outcomes = [o async for o in given]
    assert [o.product.id for o in outcomes] == [str(n) for n in range(30)]
    for outcome in outcomes:
        assert isinstance(outcome, Failed)
        assert isinstance(outcome.error, DeadlineError)
    engine.open.set()


async def test_an_error_of_the_products_comes_after_what_came_before() -> None:
    async def broken() -> AsyncIterator[Product]:
        yield shoe(1)
        yield shoe(2)
        raise OSError("the disk is gone")

    found: list[str] = []
    with pytest.raises(OSError, match="the disk is gone"):
        async for outcome in adescribe_many(broken(), ScriptedEngine()):
            found.append(outcome.product.id)
    assert found == ["1", "2"]


async def test_leaving_many_early_ends_what_is_under_way(folder: Path, left: Left) -> None:
    engine, network = slowed_engine(folder, 0.02)
    outcomes: Any = adescribe_many(products(50), engine, batch_size=4, **SHORT)
    async for _ in outcomes:
        break
    await outcomes.aclose()
    forwards = len(network.rows)
    with anyio.fail_after(60):
        while left():
            await anyio.sleep(0.01)
    assert len(network.rows) <= forwards + 2


async def test_a_wrong_option_is_named() -> None:
    with pytest.raises(TypeError, match="did you mean 'channel'"):
        await adescribe(shoe(1), ScriptedEngine(), chanel="plain")  # type: ignore[call-arg]
