"""Rows enter and leave while others go on, and no answer depends on which do."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles.pictures import picture
from doubles.tiny_qwen2vl import make
from PIL import Image

from productdesc import photos
from productdesc.engines import Answer, Conversation, Prompt, QwenOptions, Request, Settings
from productdesc.engines.qwen2vl import engine as local_engine
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine, load_qwen2vl
from productdesc.engines.qwen2vl.modeling.model import Network, Part
from productdesc.engines.qwen2vl.scheduler.batch_limits import HEAVY, LIMITS, BatchLimits
from productdesc.errors import EngineError, OutputError


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


@pytest.fixture
def engine(folder: Path) -> Iterator[Qwen2VLEngine]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield load_qwen2vl(folder, QwenOptions(device="cpu", dtype="float32"), drafts=False)
    torch.set_num_threads(threads)


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


class Watched:
    """What each forward held: rows of each part, and whether one was only read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.forwards: list[list[int]] = []
        self.read_beside_others = 0
        forward = Network.forward

        def watched(network: Network, parts: Sequence[Part]) -> list[torch.Tensor]:
            self.forwards.append([len(part.steps) for part in parts])
            self.read_beside_others += len(parts) > 1 and not any(parts[-1].scored)
            return forward(network, parts)

        monkeypatch.setattr(Network, "forward", watched)

    @property
    def most_rows(self) -> int:
        return max(map(sum, self.forwards))


@pytest.mark.parametrize("limits", [LIMITS, HEAVY, HEAVY._replace(rows=3)])
@pytest.mark.parametrize("settings", [Settings(60), Settings(40, 1.0, seed=3)])
def test_what_enters_beside_it_changes_no_answer(
    engine: Qwen2VLEngine,
    monkeypatch: pytest.MonkeyPatch,
    limits: BatchLimits,
    settings: Settings,
) -> None:
    count = 17
    alone = [
        next(iter(engine.run([product(n)], settings, at_once=1))) for n in range(count)
    ]
    monkeypatch.setattr(local_engine, "LIMITS", limits)
    seen = Watched(monkeypatch)
    together = list(engine.run(map(product, range(count)), settings, at_once=6))
    assert together == alone
    assert len(set(map(tuple, together))) == count
    # the row that is read comes on top
    assert seen.most_rows <= limits.rows + 1
    assert seen.most_rows > 2
    assert seen.read_beside_others


def test_photos_are_cut_by_other_threads_while_the_model_has_others(
    engine: Qwen2VLEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_engine, "LIMITS", HEAVY._replace(rows=1))
    seen = Watched(monkeypatch)
    cut, done = local_engine.image_patches, threading.Event()
    threads: list[str] = []
    before: list[int] = []  # forwards when each photo was cut

    def watched(*of: Any) -> Any:
        found = cut(*of)
        threads.append(threading.current_thread().name)
        before.append(len(seen.forwards))
        if len(before) == 3:
            done.set()
        return found

    forward = Network.forward

    def patient(network: Network, parts: Sequence[Part]) -> list[torch.Tensor]:
        assert done.wait(30), "the photos of those that wait are not cut"
        return forward(network, parts)

    monkeypatch.setattr(local_engine, "image_patches", watched)
    monkeypatch.setattr(Network, "forward", patient)

    def one(_: int) -> Conversation[str]:
        photo = photos.load(picture())
        [answer] = yield [Request(Prompt("", "look", (photo,)), schema(9))]
        return answer.text

    found = list(engine.run(map(one, range(3)), Settings(20), at_once=3))
    assert len(found) == 3 and before == [0, 0, 0]
    assert all(name.startswith("productdesc-cut") for name in threads)
    alive = [thread.name for thread in threading.enumerate()]
    assert not [name for name in alive if name.startswith("productdesc-cut")]


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
    folder: Path, monkeypatch: pytest.MonkeyPatch, room: int, least: int, most: int
) -> None:
    engine = load_qwen2vl(
        folder, QwenOptions(device="cpu", dtype="float32", max_pixels=84 * 84)
    )
    count = 12
    alone = [
        next(iter(engine.run([looked_at(n)], Settings(60), at_once=1)))
        for n in range(count)
    ]
    monkeypatch.setattr(engine._network, "most_patches", room)
    sizes: list[list[int]] = []
    see = engine._network._seen

    def watched(some: Any) -> torch.Tensor:
        sizes.append([len(photo.values) for photo in some])
        return see(some)

    monkeypatch.setattr(engine._network, "_seen", watched)
    together = list(engine.run(map(looked_at, range(count)), Settings(60), at_once=12))
    assert together == alone
    assert sum(map(len, sizes)) == sum(n % 3 for n in range(count)), "each is seen once"
    assert least <= len(sizes) <= most, sizes
    assert all(sum(some) <= room or len(some) == 1 for some in sizes)


def test_rows_that_enter_save_forwards(
    engine: Qwen2VLEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_engine, "LIMITS", HEAVY)
    seen = Watched(monkeypatch)

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


def test_a_request_that_cannot_be_taken_fails_its_dialogue_alone(
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


def test_an_error_in_a_dialogue_comes_after_the_results_before_it(
    engine: Qwen2VLEngine,
) -> None:
    def broken(number: int) -> Conversation[int]:
        yield [Request(Prompt("", f"{number}"), schema(30 if number < 2 else 1))]
        if number == 2:
            raise ZeroDivisionError("of the dialogue")
        return number

    found: list[int] = []
    with pytest.raises(ZeroDivisionError):
        found.extend(engine.run(map(broken, range(6)), Settings(30), at_once=6))
    assert found == [0, 1]


class Tight:
    """A network on a device that holds only so many rows at once."""

    def __init__(self, network: Network, rows: int) -> None:
        self._network = network
        self._rows = rows
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def forward(self, parts: Sequence[Part]) -> Any:
        if sum(len(part.steps) for part in parts) > self._rows:
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self._network.forward(parts)


@pytest.mark.parametrize("limits", [LIMITS, HEAVY])
def test_what_memory_does_not_hold_begins_anew_and_nothing_is_lost(
    engine: Qwen2VLEngine, monkeypatch: pytest.MonkeyPatch, limits: BatchLimits
) -> None:
    monkeypatch.setattr(local_engine, "LIMITS", limits)
    settings = Settings(40, 1.0, seed=5)
    expected = list(engine.run(map(product, range(9)), settings, at_once=6))
    tight: Any = Tight(engine._network, 3)
    monkeypatch.setattr(engine, "_network", tight)
    found = list(engine.run(map(product, range(9)), settings, at_once=6))
    assert tight.refused
    assert found == expected


def test_memory_for_no_reply_at_all_is_an_error(
    engine: Qwen2VLEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_network", Tight(engine._network, 0))
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
    engine: Qwen2VLEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a reply of one of two words, that differ in the first letter: one choice."""
    seen = Watched(monkeypatch)
    two = schema(9) | {"properties": {"text": {"enum": ["aaa", "bbb"]}}}
    [answer] = engine.generate([Request(Prompt("", "Choose."), two)])
    assert answer.text in ('{"text":"aaa"}', '{"text":"bbb"}')
    read, *scored = seen.forwards
    assert read == [1] and scored == [[1]]
