"""Which replies are decoded together."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_qwen2vl import make

from productdesc.channels import CHANNELS, write_schema
from productdesc.engines import Prompt, Request, Settings
from productdesc.engines.local import batching
from productdesc.engines.local.batching import LIMITS, batches, likely_tokens
from productdesc.engines.local.engine import LocalEngine, load_local

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string", "maxLength": 80}},
    "required": ["title"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> LocalEngine:
    folder = make(tmp_path_factory.mktemp("tiny") / "model")
    return load_local(folder, device="cpu", drafts=True)


def jobs(engine: LocalEngine, requests: list[Request]) -> list[batching.Job]:
    return [engine._job(request, Settings()) for request in requests]


def test_branches_of_one_context_count_it_once(engine: LocalEngine) -> None:
    [seen] = engine.generate([Request(Prompt("", "word " * 600), SCHEMA)], Settings(8))
    same = jobs(engine, [Request(Prompt("", "x"), SCHEMA, seen.context)] * LIMITS.rows)
    assert seen.context.tokens * len(same) > LIMITS.tokens
    assert [len(batch) for batch in batches(same)] == [LIMITS.rows]


def test_long_prompts_of_their_own_fill_a_batch_soon(engine: LocalEngine) -> None:
    own = jobs(engine, [Request(Prompt("", "word " * 900), SCHEMA)] * 40)
    found = list(batches(own))
    assert [job for batch in found for job in batch] == own
    assert len(found) > 1
    for batch in found:
        assert sum(len(job.turn.ids) + job.likely for job in batch) <= LIMITS.tokens


def test_one_reply_goes_alone_however_long(engine: LocalEngine) -> None:
    [job] = jobs(engine, [Request(Prompt("", "x"), SCHEMA)])
    assert [len(batch) for batch in batches([job])] == [1]


def test_a_likely_reply_is_bounded_by_its_texts_and_never_over_the_cap() -> None:
    assert likely_tokens(SCHEMA, 1024) == 41
    assert likely_tokens(SCHEMA, 10) == 10
    assert (
        likely_tokens({"type": "object", "properties": {"x": {"type": "string"}}}, 7) == 7
    )
    for channel in CHANNELS.values():
        assert 0 < likely_tokens(write_schema(channel.fields, 2), 10_000) < 10_000
