"""The server engine against vLLM: heavy, and only where an environment for it is named.

The engines' contract runs against it too (`-m heavy -k vllm`). See docs/server.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from doubles.model_servers.asking import numbered, request
from doubles.model_servers.vllm_server import serving
from factories import OBSERVE, fits

import productdesc
from productdesc import EngineError, OutputError, PhotoError, ServerEngine, load_engine
from productdesc.engines import QwenOptions, ServerOptions, Settings
from productdesc.engines.known_models import DEMO

pytestmark = pytest.mark.heavy

SEEN_BY_DEMO = ServerOptions(max_pixels=23_520)  # as in the demo model's preprocessor


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(DEMO, tmp_path_factory.mktemp("vllm"), rows=8) as url:
        yield url


def test_the_demo_model_sees_the_same_through_vllm(demo: str, root: Path) -> None:
    local = load_engine(options=QwenOptions(device="cpu"))
    kinds = local.info.categories
    with ServerEngine(demo, replace(SEEN_BY_DEMO, image_ids=True)) as engine:
        # not the running shoe: its two likeliest kinds are 0.1 apart
        for name in ("striped-shoe", "white-shoes"):
            photo = root / "examples" / f"{name}.jpg"
            here = productdesc.describe(photo, local, categories=kinds)
            there = productdesc.describe(photo, engine, categories=kinds)
            # not the title: rules write it here, and whatever is on a server is asked to
            assert (there.category, there.attributes) == (here.category, here.attributes)


def test_fifty_photos_at_once_with_ids_get_their_own_replies(demo: str) -> None:
    asked = [request("What number?", numbered(n)) for n in range(50)]
    hot = Settings(max_tokens=60, temperature=1.0, seed=3)
    with ServerEngine(demo, replace(SEEN_BY_DEMO, image_ids=True)) as engine:
        answers = engine.generate(asked, hot)
        again = engine.generate(asked, hot)
    assert all(fits(answer.text, OBSERVE) for answer in answers)
    same = sum(a.text == b.text for a, b in zip(answers, again, strict=True))
    assert same >= 40  # what else is in a batch sways a few; crossing would change most


def test_a_cut_reply_is_closed(demo: str) -> None:
    with ServerEngine(demo) as engine:
        [answer] = engine.generate([request()], Settings(max_tokens=3))
    assert answer.finish == "cap"
    assert fits(answer.text, OBSERVE)


def test_what_vllm_refuses_is_told_apart(demo: str) -> None:
    with ServerEngine(demo, SEEN_BY_DEMO) as engine:
        with pytest.raises(OutputError, match="4096"):
            engine.generate([request("word " * 5_000)])
        with pytest.raises(OutputError, match="4096"):
            engine.generate([request()], Settings(max_tokens=100_000))
        with pytest.raises(PhotoError, match="At most 3 image"):
            engine.generate([request("?", *map(numbered, range(4)))])
    with (
        ServerEngine(demo, ServerOptions(model="nope")) as engine,
        pytest.raises(EngineError, match="lists"),
    ):
        engine.generate([request()])


def test_a_schema_with_keywords_that_vllm_refuses_is_answered(demo: str) -> None:
    schema = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$", "maxLength": 5},
            "n": {"type": "integer", "multipleOf": 1, "minimum": 0, "maximum": 9},
        },
        "required": ["code", "n"],
        "additionalProperties": False,
    }
    with ServerEngine(demo) as engine:
        [answer] = engine.generate([request(schema=schema)])
    assert fits(answer.text, schema)
