"""Rows enter and leave while others go on, and no answer depends on which do."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles.networks import WrappedNetwork
from doubles.pictures import picture
from doubles.tiny_qwen2vl import make
from PIL import Image

from productdesc import photos
from productdesc.engines import Answer, Conversation, Prompt, Request, Settings
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.load_engine import build_engine
from productdesc.engines.qwen2vl.modeling.model import CPU_LIMITS, Part, load_network
from productdesc.engines.qwen2vl.scheduler.batch_limits import (
    DEFAULT_LIMITS,
    LARGE_ON_CPU_LIMITS,
    BatchLimits,
)
from productdesc.errors import EngineError, OutputError
from productdesc.records import Photo


def schema(longest: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"text": {"type": "string", "maxLength": longest}},
        "required": ["text"],
        "additionalProperties": False,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def engine(folder: Path) -> Qwen2VLEngine:
    return build(folder)


def build(
    folder: Path,
    wrap: Callable[[Any], Any] = lambda network: network,
    limits: BatchLimits = DEFAULT_LIMITS,
) -> Qwen2VLEngine:
    """An engine, with its network wrapped."""
    return build_engine(
        inspect(folder),
        lambda checkpoint: wrap(load_network(checkpoint, device="cpu", dtype="float32")),
        prompt_lookup=False,
        limits=limits,
    )


def product(number: int) -> Conversation[list[str]]:
    """A question, and what follows from it in several branches, of many lengths."""
    rng = random.Random(number)
    text = f"Product {number}. " + "word " * rng.randrange(1, 60)
    [seen] = yield [Request(Prompt("You sell.", text), schema(rng.randrange(1, 60)))]
    told = yield [
        Request(
            Prompt("", f"Write field {field}."),
            schema(rng.randrange(1, 80)),
            seen.context,
            ends=True,
        )
        for field in range(rng.randrange(1, 5))
    ]
    return [answer.text for answer in (seen, *told)]


class Watched(WrappedNetwork):
    """Notes what each forward held: rows of each part, and whether one was only read."""

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.forwards: list[list[int]] = []
        self.read_beside_others = 0

    def forward(self, parts: Sequence[Part]) -> Any:
        self.forwards.append([len(part.steps) for part in parts])
        self.read_beside_others += len(parts) > 1 and not any(parts[-1].scored)
        return super().forward(parts)

    @property
    def most_rows(self) -> int:
        return max(map(sum, self.forwards))


def watched(
    folder: Path, limits: BatchLimits = DEFAULT_LIMITS
) -> tuple[Qwen2VLEngine, Watched]:
    engine = build(folder, Watched, limits)
    seen: Any = engine._network
    return engine, seen


@pytest.mark.parametrize(
    "limits", [DEFAULT_LIMITS, LARGE_ON_CPU_LIMITS, replace(LARGE_ON_CPU_LIMITS, rows=3)]
)
@pytest.mark.parametrize("settings", [Settings(60), Settings(40, 1.0, seed=3)])
def test_what_enters_beside_it_changes_no_answer(
    engine: Qwen2VLEngine, folder: Path, limits: BatchLimits, settings: Settings
) -> None:
    count = 17
    alone = [
        next(iter(engine.run([product(n)], settings, at_once=1))) for n in range(count)
    ]
    other, seen = watched(folder, limits)
    together = list(other.run(map(product, range(count)), settings, at_once=6))
    assert together == alone
    assert len(set(map(tuple, together))) == count
    # the row that is read comes on top
    assert seen.most_rows <= limits.rows + 1
    assert seen.most_rows > 2
    assert seen.read_beside_others


def test_photos_are_cut_by_other_threads_while_the_model_has_others(
    folder: Path,
) -> None:
    done = threading.Event()
    threads: list[str] = []
    before: list[int] = []  # forwards when each photo was resized

    class Resized(Image.Image):
        """Pixels that note who resizes them."""

        def resize(self, *of: Any, **more: Any) -> Any:
            resized = super().resize(*of, **more)
            threads.append(threading.current_thread().name)
            before.append(len(seen.forwards))
            if len(before) == 3:
                done.set()
            return resized

    class Patient(Watched):
        def forward(self, parts: Sequence[Part]) -> Any:
            assert done.wait(30), "the photos of those that wait are not cut"
            return super().forward(parts)

    engine = build(folder, Patient, replace(LARGE_ON_CPU_LIMITS, rows=1))
    seen: Any = engine._network

    def one(_: int) -> Conversation[str]:
        image = picture()
        image.__class__ = Resized  # the same pixels
        photo = Photo(image, "drawn", "0" * 64, "PNG", *image.size)
        [answer] = yield [Request(Prompt("", "look", (photo,)), schema(9))]
        return answer.text

    found = list(engine.run(map(one, range(3)), Settings(20), at_once=3))
    assert len(found) == 3 and before == [0, 0, 0]
    assert all(name.startswith("productdesc-images") for name in threads)
    alive = [thread.name for thread in threading.enumerate()]
    assert not [name for name in alive if name.startswith("productdesc-images")]


def looked_at(number: int) -> Conversation[str]:
    """A question about 0 to 2 photos of 16 patches, or of 36 where they are large."""
    rng = random.Random(number)
    side = 84 if number % 7 == 4 else 56
    draw = np.random.default_rng(number)
    shape = (number % 3, side, side, 3)
    images = map(Image.fromarray, draw.integers(0, 256, shape, np.uint8))
    prompt = Prompt("You sell.", f"Product {number}.", tuple(map(photos.load, images)))
    [seen] = yield [Request(prompt, schema(rng.randrange(1, 30)))]
    [told] = yield [Request(Prompt("", "Write."), schema(20), seen.context, ends=True)]
    return seen.text + told.text


@pytest.mark.parametrize("room, least, most", [(16, 12, 12), (64, 5, 6), (1 << 14, 1, 2)])
def test_small_photos_of_several_products_are_seen_together(
    folder: Path, room: int, least: int, most: int
) -> None:
    def build(patches: int) -> Qwen2VLEngine:
        limits = replace(CPU_LIMITS, image_patches=patches)
        load = partial(load_network, device="cpu", dtype="float32", limits=limits)
        return build_engine(inspect(folder), load, max_pixels=84 * 84)

    engine = build(CPU_LIMITS.image_patches)
    count = 12
    alone = [
        next(iter(engine.run([looked_at(n)], Settings(60), at_once=1)))
        for n in range(count)
    ]
    other = build(room)
    sizes: list[list[int]] = []

    def watch(_: Any, of: Any, named: Any) -> None:
        sizes.append(named["grid_thw"].prod(1).tolist())

    tower = other._network._module.model.visual
    tower.register_forward_pre_hook(watch, with_kwargs=True)
    together = list(other.run(map(looked_at, range(count)), Settings(60), at_once=12))
    assert together == alone
    assert sum(map(len, sizes)) == sum(n % 3 for n in range(count)), "each is seen once"
    assert least <= len(sizes) <= most, sizes
    assert all(sum(some) <= room or len(some) == 1 for some in sizes)


def test_rows_that_enter_save_forwards(
    folder: Path,
) -> None:
    engine, seen = watched(folder, LARGE_ON_CPU_LIMITS)

    def forwards(at_once: int, groups: Sequence[range]) -> int:
        seen.forwards.clear()
        for group in groups:
            list(engine.run(map(product, group), Settings(60), at_once=at_once))
        return len(seen.forwards)

    in_batches = forwards(6, [range(n, n + 6) for n in range(0, 24, 6)])
    flowing = forwards(6, [range(24)])
    assert flowing < 0.9 * in_batches


def test_the_next_begins_when_one_has_ended(engine: Qwen2VLEngine) -> None:
    begun: list[int] = []

    def products() -> Iterator[Conversation[list[str]]]:
        for number in range(9):
            begun.append(number)
            yield product(number)

    results = engine.run(products(), Settings(60), at_once=2)
    next(results)
    assert len(begun) <= 8  # four times those under way, if the first is the slowest
    assert begun[:2] == [0, 1]
    assert len(list(results)) == 8


def test_a_request_that_cannot_be_taken_fails_its_conversation_alone(
    engine: Qwen2VLEngine,
) -> None:
    def fussy(number: int) -> Conversation[str]:
        text = "word " * (40_000 if number == 1 else 3)
        try:
            [answer] = yield [Request(Prompt("", text), schema(9))]
        except OutputError as e:
            return str(e)
        return answer.text

    good, bad, also_good = engine.run(map(fussy, range(3)), Settings(9), at_once=3)
    assert good == also_good
    assert "tokens long" in bad


def test_an_error_in_a_conversation_comes_after_the_results_before_it(
    engine: Qwen2VLEngine,
) -> None:
    def broken(number: int) -> Conversation[int]:
        yield [Request(Prompt("", f"{number}"), schema(30 if number < 2 else 1))]
        if number == 2:
            raise ZeroDivisionError("of the conversation")
        return number

    found: list[int] = []
    with pytest.raises(ZeroDivisionError):
        found.extend(engine.run(map(broken, range(6)), Settings(30), at_once=6))
    assert found == [0, 1]


class Tight(WrappedNetwork):
    """A network on a device that holds only so many rows at once."""

    def __init__(self, network: Any, rows: int) -> None:
        super().__init__(network)
        self._rows = rows
        self.refused = 0

    def forward(self, parts: Sequence[Part]) -> Any:
        if sum(len(part.steps) for part in parts) > self._rows:
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().forward(parts)


@pytest.mark.parametrize("limits", [DEFAULT_LIMITS, LARGE_ON_CPU_LIMITS])
def test_what_memory_does_not_hold_begins_anew_and_nothing_is_lost(
    folder: Path, limits: BatchLimits
) -> None:
    settings = Settings(40, 1.0, seed=5)
    roomy = build(folder, limits=limits)
    expected = list(roomy.run(map(product, range(9)), settings, at_once=6))
    engine = build(folder, lambda network: Tight(network, 3), limits)
    found = list(engine.run(map(product, range(9)), settings, at_once=6))
    tight: Any = engine._network
    assert tight.refused
    assert found == expected


def test_memory_for_no_reply_at_all_is_an_error(folder: Path) -> None:
    engine = build(folder, lambda network: Tight(network, 0))
    with pytest.raises(EngineError, match=r"out of memory .* one request"):
        engine.generate([Request(Prompt("", "x"), schema(9))] * 5)


def test_a_job_left_half_way_holds_up_nobody(engine: Qwen2VLEngine) -> None:
    results = engine.run(map(product, range(8)), Settings(60), at_once=4)
    next(results)
    asked = [Request(Prompt("", "x"), schema(30))]
    between: list[Answer] = engine.generate(asked, Settings(30))
    assert engine.generate(asked, Settings(30))[0].text == between[0].text
    rest = list(results)
    expected = list(engine.run(map(product, range(8)), Settings(60), at_once=4))
    assert rest == expected[1:]


def test_what_the_schema_forces_at_the_start_takes_no_forward(
    folder: Path,
) -> None:
    """Of a reply of one of two words, that differ in the first letter: one choice."""
    engine, seen = watched(folder)
    two = schema(9) | {"properties": {"text": {"enum": ["aaa", "bbb"]}}}
    [answer] = engine.generate([Request(Prompt("", "Choose."), two)])
    assert answer.text in ('{"text":"aaa"}', '{"text":"bbb"}')
    read, *scored = seen.forwards
    assert read == [1] and scored == [[1]]
