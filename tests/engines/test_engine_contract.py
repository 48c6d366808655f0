"""What every engine promises, whatever is inside: the tests that a new engine must pass.

To add an engine: one line in ENGINES.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from doubles.model_servers.chat_server import ChatServer, fitting
from factories import OBSERVE, WRITE, fits, photo

from productdesc import ServerEngine
from productdesc.engines import (
    FREE_TEXT,
    Engine,
    HfOptions,
    Prompt,
    QwenOptions,
    Request,
    ScriptedEngine,
    ServerOptions,
    Settings,
    load_engine,
)
from productdesc.engines.hf.families import FAMILIES

SHORT = Settings(max_tokens=60)
HOT = replace(SHORT, temperature=1.0, seed=3)


def fast(title: str, folder: Path) -> Iterator[Engine]:
    import torch
    from doubles.tiny_qwen.families import FAMILIES

    torch.set_num_threads(1)  # tiny shapes: a second thread only waits
    yield load_engine(FAMILIES[title].make(folder), QwenOptions(device="cpu"))


def by_transformers(kind: str) -> Callable[[Path], Iterator[Engine]]:
    """A family of the engine that transformers runs, by its `model_type`."""

    def made(folder: Path) -> Iterator[Engine]:
        import torch
        from doubles.families.tiny_families import make

        torch.set_num_threads(1)
        yield load_engine(make(kind, folder), HfOptions(device="cpu"))

    return made


def scripted(folder: Path) -> Iterator[Engine]:
    yield ScriptedEngine(None)


def server(folder: Path) -> Iterator[Engine]:
    with ChatServer(fitting) as chat, ServerEngine(chat.url) as engine:
        yield engine


def llama_cpp(folder: Path) -> Iterator[Engine]:
    pytest.importorskip("xllamacpp", reason="needs the wheel xllamacpp")
    pytest.importorskip("gguf", reason="needs the package gguf")
    from doubles.model_servers.llama_server import PLAIN, serving
    from doubles.tiny_gguf import convert
    from doubles.tiny_qwen2vl import make

    files = convert(make(folder / "published"), folder)
    # What lay in the server's cache would sway choices between near equals.
    extra = {**PLAIN, "cache_prompt": False}
    with (
        serving(files, "tiny") as url,
        ServerEngine(url, ServerOptions(extra=extra)) as engine,
    ):
        yield engine


def vllm(folder: Path) -> Iterator[Engine]:
    from doubles.model_servers.vllm_server import serving
    from doubles.tiny_qwen2vl import make

    # one row: what shares a batch would sway greedy choices
    with (
        serving(make(folder / "tiny"), folder, rows=1) as url,
        ServerEngine(url) as engine,
    ):
        yield engine


ENGINES: dict[str, Callable[[Path], Iterator[Engine]]] = {
    "Qwen2-VL": partial(fast, "Qwen2-VL"),
    "Qwen2.5-VL": partial(fast, "Qwen2.5-VL"),
    "Qwen3-VL": partial(fast, "Qwen3-VL"),
    "scripted": scripted,
    "server": server,
    "llama.cpp": llama_cpp,
    "vllm": vllm,
    **{f"hf-{kind}": by_transformers(kind) for kind in FAMILIES},
}
HEAVY = {"vllm"}
PARAMS = [
    pytest.param(make, id=name, marks=[pytest.mark.heavy] if name in HEAVY else [])
    for name, make in ENGINES.items()
]


@pytest.fixture(scope="module", params=PARAMS)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    yield from request.param(tmp_path_factory.mktemp("engine"))


def requests(engine: Engine) -> list[Request]:
    """Four requests, with no photo to three, or as many as the model reads."""
    shots = (photo("red"), photo("navy", 200, 90), photo("white", 60, 60))
    shots = shots[: engine.info.max_photos]
    texts = ("What is it?", "Describe this product, please.", "", "Größe 42, 色, 😀")
    return [
        Request(Prompt("You see products.", text, shots[:count]), OBSERVE)
        for count, text in enumerate(texts)
    ]


def test_every_answer_is_compact_json_that_fits_its_schema(engine: Engine) -> None:
    for settings in (None, SHORT, Settings(max_tokens=3), Settings(60, 1.0, 0.9, 7)):
        for answer in engine.generate(requests(engine), settings):
            assert fits(answer.text, OBSERVE)
            assert answer.finish in ("complete", "cap", "loop")
            assert answer.tokens > 0


def test_keys_come_in_the_order_of_the_schema(engine: Engine) -> None:
    for answer in engine.generate(requests(engine), SHORT):
        assert list(json.loads(answer.text)) == list(OBSERVE["properties"])


def test_a_schema_may_differ_from_request_to_request(engine: Engine) -> None:
    first, second = requests(engine)[:2]
    mixed = [first, Request(second.prompt, WRITE)]
    answers = engine.generate(mixed, SHORT)
    assert fits(answers[0].text, OBSERVE)
    assert fits(answers[1].text, WRITE)


def test_free_text_is_held_to_nothing_and_stops_at_the_cap(engine: Engine) -> None:
    """Random weights write no JSON unless a grammar makes them."""
    free = [Request(one.prompt, FREE_TEXT) for one in requests(engine)]
    answers = engine.generate([*free, requests(engine)[0]], SHORT)
    assert fits(answers[-1].text, OBSERVE)
    for answer in answers[:-1]:
        assert answer.finish in ("complete", "cap", "loop")
        assert not fits_any_json(answer.text)
    assert [a.text for a in engine.generate(free, SHORT)] == [a.text for a in answers[:-1]]
    [following] = engine.generate(
        [Request(Prompt("", "Now in JSON."), WRITE, answers[1].context)], SHORT
    )
    assert fits(following.text, WRITE)


def fits_any_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def test_no_request_gives_no_answer(engine: Engine) -> None:
    assert engine.generate([]) == []


def test_a_batch_answers_as_one_by_one(engine: Engine) -> None:
    def is_same(settings: Settings) -> bool:
        together = engine.generate(requests(engine), settings)
        alone = [engine.generate([one], settings)[0] for one in requests(engine)]
        return [a.text for a in together] == [a.text for a in alone]

    assert is_same(SHORT)
    # sums are rounded otherwise in a batch: a draw at the edge of two tokens may turn over
    assert is_same(HOT) or is_same(replace(HOT, seed=4))


def test_a_context_is_continued_and_branched_without_being_changed(engine: Engine) -> None:
    [seen] = engine.generate(requests(engine)[2:3], SHORT)
    before = seen.context.tokens
    following = Request(Prompt("", "Now write."), WRITE, seen.context)
    other = Request(Prompt("", "Write otherwise, in English."), WRITE, seen.context)
    [straight] = engine.generate([following], SHORT)
    branched = engine.generate([other, following, other], SHORT)
    assert branched[1].text == straight.text
    assert branched[0].text == branched[2].text
    assert fits(straight.text, WRITE)
    assert seen.context.tokens == before
    [third] = engine.generate(
        [Request(Prompt("", "More."), WRITE, straight.context)], SHORT
    )
    assert fits(third.text, WRITE)


def test_other_products_leave_no_trace_between_two_equal_requests(engine: Engine) -> None:
    one, other = requests(engine)[1], requests(engine)[3]
    first = engine.generate([one], SHORT)[0].text
    engine.generate([other], SHORT)
    assert engine.generate([one], SHORT)[0].text == first


def test_a_context_of_another_engine_is_refused(engine: Engine) -> None:
    [answer] = ScriptedEngine(lambda request: 1).generate(
        [Request(Prompt("", "x"), {"type": "integer"})]
    )

    class Foreign:
        tokens = 0

    with pytest.raises(ValueError, match="another engine"):
        engine.generate([Request(Prompt("", "x"), WRITE, Foreign())])
    if not isinstance(engine, ScriptedEngine):
        with pytest.raises(ValueError, match="another engine"):
            engine.generate([Request(Prompt("", "x"), WRITE, answer.context)])


def test_several_threads_get_their_own_answers(engine: Engine) -> None:
    expected = [a.text for a in engine.generate(requests(engine), SHORT)]
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(engine.generate, [request], SHORT)
            for request in requests(engine) * 3
        ]
        found = [job.result()[0].text for job in jobs]
    assert found == expected * 3


def test_it_says_who_it_is(engine: Engine) -> None:
    assert engine.info.model
    assert engine.info.name.startswith(engine.info.model)


def test_an_engine_shows_its_model_and_options(engine: Engine) -> None:
    info = engine.info
    shown = repr(engine)
    assert shown.startswith(f"{type(engine).__name__}(")
    assert repr(info.model) in shown
    for name, value in info.options.items():
        assert f"{name}={value!r}" in shown, name
    assert " at 0x" not in shown and "\n" not in shown
