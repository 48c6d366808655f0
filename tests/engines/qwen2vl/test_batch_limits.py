"""Which requests are read together, and how many replies are under way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from doubles.tiny_qwen2vl import make

from productdesc.channels import CHANNELS, write_schema
from productdesc.engines import Prompt, QwenOptions, Request, Settings
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl
from productdesc.engines.qwen2vl.scheduler.batch_limits import (
    DEFAULT_LIMITS,
    BatchLimits,
    TokenizedRequest,
    branch_groups,
    expected_tokens,
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string", "maxLength": 80}},
    "required": ["title"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Qwen2VLEngine:
    folder = make(tmp_path_factory.mktemp("tiny") / "model")
    return load_qwen2vl(folder, QwenOptions(device="cpu"), prompt_lookup=True)


def tokenized(engine: Qwen2VLEngine, requests: list[Request]) -> list[TokenizedRequest]:
    with ThreadPoolExecutor(1) as threads:
        return [engine._tokenize(request, Settings(), threads) for request in requests]


def test_branches_of_one_context_count_it_once(engine: Qwen2VLEngine) -> None:
    [seen] = engine.generate([Request(Prompt("", "word " * 600), SCHEMA)], Settings(8))
    same = tokenized(
        engine, [Request(Prompt("", "x"), SCHEMA, seen.context)] * DEFAULT_LIMITS.rows
    )
    assert seen.context.tokens * len(same) > DEFAULT_LIMITS.tokens
    [group] = branch_groups(0, list(enumerate(same)))
    assert group.unfinished == DEFAULT_LIMITS.rows
    assert group.tokens < DEFAULT_LIMITS.tokens


def test_more_branches_than_fit_are_read_in_several_parts(engine: Qwen2VLEngine) -> None:
    [seen] = engine.generate([Request(Prompt("", "word"), SCHEMA)], Settings(8))
    same = tokenized(engine, [Request(Prompt("", "x"), SCHEMA, seen.context)] * 7)
    groups = branch_groups(3, list(enumerate(same)), BatchLimits(rows=3))
    assert [group.places for group in groups] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [request for group in groups for request in group.requests] == same
    assert {group.conversation for group in groups} == {3}


def test_one_reply_is_read_alone_however_long(engine: Qwen2VLEngine) -> None:
    own = tokenized(engine, [Request(Prompt("", "x" * 300), SCHEMA)] * 2)
    groups = branch_groups(0, list(enumerate(own)), BatchLimits(rows=1, tokens=1))
    assert [group.requests for group in groups] == [[request] for request in own]


def test_a_likely_reply_is_bounded_by_its_texts_and_never_over_the_cap() -> None:
    assert expected_tokens(SCHEMA, 1024) == 41
    assert expected_tokens(SCHEMA, 10) == 10
    assert (
        expected_tokens({"type": "object", "properties": {"x": {"type": "string"}}}, 7) == 7
    )
    for channel in CHANNELS.values():
        assert 0 < expected_tokens(write_schema(channel.fields, 2), 10_000) < 10_000
