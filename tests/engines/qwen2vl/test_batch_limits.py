"""Which requests are read together, and how many replies are under way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from doubles.tiny_qwen2vl import make

from productdesc.channels import CHANNELS, write_schema
from productdesc.engines import Prompt, QwenOptions, Request, Settings
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine, load_qwen2vl
from productdesc.engines.qwen2vl.scheduler import batch_limits as batching
from productdesc.engines.qwen2vl.scheduler.batch_limits import (
    LIMITS,
    branch_groups,
    likely_tokens,
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
    return load_qwen2vl(folder, QwenOptions(device="cpu"), drafts=True)


def jobs(engine: Qwen2VLEngine, requests: list[Request]) -> list[batching.TokenizedRequest]:
    with ThreadPoolExecutor(1) as threads:
        return [engine._job(request, Settings(), threads) for request in requests]


def test_branches_of_one_context_count_it_once(engine: Qwen2VLEngine) -> None:
    [seen] = engine.generate([Request(Prompt("", "word " * 600), SCHEMA)], Settings(8))
    same = jobs(engine, [Request(Prompt("", "x"), SCHEMA, seen.context)] * LIMITS.rows)
    assert seen.context.tokens * len(same) > LIMITS.tokens
    [family] = branch_groups(0, list(enumerate(same)))
    assert family.left == LIMITS.rows
    assert family.tokens < LIMITS.tokens


def test_more_branches_than_fit_are_read_in_several_parts(engine: Qwen2VLEngine) -> None:
    [seen] = engine.generate([Request(Prompt("", "word"), SCHEMA)], Settings(8))
    same = jobs(engine, [Request(Prompt("", "x"), SCHEMA, seen.context)] * 7)
    found = branch_groups(3, list(enumerate(same)), LIMITS._replace(rows=3))
    assert [family.places for family in found] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [job for family in found for job in family.requests] == same
    assert {family.number for family in found} == {3}


def test_one_reply_is_read_alone_however_long(engine: Qwen2VLEngine) -> None:
    own = jobs(engine, [Request(Prompt("", "x" * 300), SCHEMA)] * 2)
    found = branch_groups(0, list(enumerate(own)), LIMITS._replace(rows=1, tokens=1))
    assert [family.requests for family in found] == [[job] for job in own]


def test_a_likely_reply_is_bounded_by_its_texts_and_never_over_the_cap() -> None:
    assert likely_tokens(SCHEMA, 1024) == 41
    assert likely_tokens(SCHEMA, 10) == 10
    assert (
        likely_tokens({"type": "object", "properties": {"x": {"type": "string"}}}, 7) == 7
    )
    for channel in CHANNELS.values():
        assert 0 < likely_tokens(write_schema(channel.fields, 2), 10_000) < 10_000
