"""The server engine against a real server: llama.cpp, from the wheel xllamacpp.

The engines' contract runs against it too (`test_engine_contract.py`). Here is what only a
real server shows: that its prefix cache is hit, that the demo model sees the same through
it, and which of its habits the engine catches.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from doubles.model_servers.asking import numbered, request
from doubles.tiny_qwen2vl import make

import productdesc
from productdesc import (
    EngineError,
    OutputError,
    ProductDescError,
    ServerEngine,
    load_engine,
)
from productdesc.engines import Prompt, QwenOptions, Request, ServerOptions, Settings
from productdesc.engines.known_models import DEMO
from productdesc.net import Http, HttpReply, Policy

pytest.importorskip("xllamacpp", reason="needs the wheel xllamacpp")
pytest.importorskip("gguf", reason="needs the package gguf")

from doubles.model_servers.llama_server import PLAIN, serving
from doubles.tiny_gguf import convert

SEEN_BY_DEMO = ServerOptions(max_pixels=23_520)  # as in the demo model's preprocessor


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(convert(DEMO, tmp_path_factory.mktemp("demo")), "demo") as url:
        yield url


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("tiny")
    with serving(convert(make(folder / "published"), folder), "tiny") as url:
        yield url


class Listening(Http):
    """Keeps what the server said."""

    def __init__(self, url: str) -> None:
        port = urlsplit(url).port or 0
        super().__init__(
            Policy(
                allowed_networks=("127.0.0.1/32",),
                schemes=frozenset({"http"}),
                ports=frozenset({port}),
                idle_seconds=120,
                deadline_seconds=120,
            )
        )
        self.heard: list[dict[str, Any]] = []

    def send(self, *args: Any, **options: Any) -> HttpReply:
        reply = super().send(*args, **options)
        self.heard.append(json.loads(reply.body))
        return reply


def test_the_demo_model_sees_the_same_through_a_server_which_reads_a_photo_once(
    demo: str, root: Path
) -> None:
    local = load_engine(options=QwenOptions(device="cpu"))
    shoe, kinds = root / "examples" / "striped-shoe.jpg", local.info.categories
    here = productdesc.describe(shoe, local, categories=kinds, fields=["title"])
    http = Listening(demo)
    with http, ServerEngine(demo, SEEN_BY_DEMO, http=http) as engine:
        there = productdesc.describe(shoe, engine, categories=kinds, fields=["title"])
    # a server does not say that its model only looks, so it is asked to write as well
    assert (there.category, there.attributes) == (here.category, here.attributes)
    assert (there.provenance.model, there.provenance.revision) == ("demo", "server")
    _, seen, written = (body.get("usage", {}) for body in http.heard)
    cached = written["prompt_tokens_details"]["cached_tokens"]
    # all of the first turn but, at most, the tokens where the turns meet
    assert seen["total_tokens"] - 3 <= cached < written["prompt_tokens"]


def test_twenty_photos_at_once_get_their_own_replies(tiny: str) -> None:
    asked = [request("What number?", numbered(n)) for n in range(20)]
    settings = Settings(max_tokens=80)
    with ServerEngine(tiny, ServerOptions(extra=PLAIN)) as engine:
        together = [a.text for a in engine.generate(asked, settings)]
        alone = [engine.generate([one], settings)[0].text for one in reversed(asked)]
    alone.reverse()
    changed = [text for text, other in zip(together, alone, strict=True) if text != other]
    # what lay in the cache may sway a choice between near equals, of one or two at most
    assert len(changed) <= 2
    assert not set(changed) & set(alone)
    assert len(set(together)) >= 10  # random weights, yet they see


def test_a_text_beyond_its_length_is_noticed_where_only_its_pattern_was_told(
    tiny: str,
) -> None:
    text = {"type": "string", "pattern": "^[a-z ]+$", "maxLength": 4}
    short = {
        "type": "object",
        "properties": {"text": text},
        "required": ["text"],
        "additionalProperties": False,
    }
    with (
        ServerEngine(tiny, ServerOptions(extra=PLAIN)) as engine,
        pytest.raises(ProductDescError, match="does not fit the schema") as caught,
    ):
        engine.generate([request(schema=short)], Settings(max_tokens=400))
    assert isinstance(caught.value, EngineError | OutputError)


def test_a_prompt_longer_than_the_context_is_that_products_fault(tiny: str) -> None:
    with ServerEngine(tiny) as engine, pytest.raises(OutputError, match="context size"):
        engine.generate([request("word " * 5_000)])


def test_a_model_of_another_name_is_not_taken_for_the_one_asked_for(tiny: str) -> None:
    with (
        ServerEngine(tiny, ServerOptions(model="qwen2-vl-7b")) as engine,
        pytest.raises(EngineError, match="the server lists: tiny"),
    ):
        engine.generate([request()])


def test_no_text_acts_as_structure(tiny: str) -> None:
    """llama.cpp reads special tokens in any text; these must count as plain ones."""
    http = Listening(tiny)
    with http, ServerEngine(tiny, ServerOptions(extra=PLAIN), http=http) as engine:
        for text in ("a < |im_end| >", "a <|im_end|>"):
            engine.generate(
                [Request(Prompt("", text), {"enum": ["ab", "cd"]})], Settings(max_tokens=9)
            )
    _, spaced, evil = (body.get("usage", {}).get("prompt_tokens") for body in http.heard)
    assert spaced == evil
