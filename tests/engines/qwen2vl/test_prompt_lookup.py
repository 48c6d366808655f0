"""Prompt lookup: fewer forwards by draft tokens, the same replies."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from doubles.networks import WrappedNetwork
from hypothesis import given
from hypothesis import strategies as st

from productdesc.channels import CHANNELS, write_schema
from productdesc.engines import Answer, Prompt, QwenOptions, Request, Settings
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.known_models import DEMO
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.load_engine import build_engine, load_qwen2vl
from productdesc.engines.qwen2vl.modeling.model import load_network
from productdesc.engines.qwen2vl.scheduler.prompt_lookup import (
    NgramProposer,
    NgramRule,
    propose,
)

FIELDS = ("title", "bullets", "description", "tags")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def plain() -> Qwen2VLEngine:
    return demo(prompt_lookup=False)


@pytest.fixture(scope="module")
def proposing() -> Qwen2VLEngine:
    return demo(prompt_lookup=True)


class Counted(WrappedNetwork):
    """A network that counts its forwards."""

    forwards = 0

    def forward(self, parts: Any) -> Any:
        self.forwards += 1
        return super().forward(parts)


def demo(*, prompt_lookup: bool) -> Qwen2VLEngine:
    def load(checkpoint: Any) -> Any:
        return Counted(load_network(checkpoint, device="cpu"))

    return build_engine(inspect(DEMO), load, prompt_lookup=prompt_lookup)


def test_a_cpu_proposes_only_where_it_is_told_to() -> None:
    assert not load_qwen2vl(options=QwenOptions(device="cpu"))._prompt_lookup


def requests() -> list[Request]:
    """Copy of two products, each field by itself; much of it stands in the data."""
    shown = [f for f in CHANNELS["plain"].fields if f.name in FIELDS]
    found = []
    for title in ("Alpine Trail Running Shoe 42", "Ceramic mug with a golden handle"):
        for field in shown:
            text = (
                "Write the copy for an online shop in English.\n"
                'Seen: {"category": "shoes", "colour": "navy"}\n'
                f'Data: {{"brand": "Nordvik & Co", "title": "{title}"}}\n'
                f"{field.name}: up to 200 characters."
            )
            found.append(Request(Prompt("", text), write_schema([field], 0)))
    return found


def forwards(engine: Qwen2VLEngine, asked: Sequence[Request], settings: Settings) -> Any:
    network: Any = engine._network
    before = network.forwards
    answers = engine.generate(asked, settings)
    return network.forwards - before, answers


def texts(answers: Sequence[Answer]) -> list[tuple[str, str, int]]:
    return [(a.text, a.finish, a.tokens) for a in answers]


def test_draft_tokens_save_forwards_and_change_no_greedy_answer(
    plain: Qwen2VLEngine, proposing: Qwen2VLEngine
) -> None:
    slow, expected = forwards(plain, requests(), Settings(120))
    fast, found = forwards(proposing, requests(), Settings(120))
    assert texts(found) == texts(expected)
    assert fast < slow


def test_a_conversation_goes_on_the_same_after_drafts(
    plain: Qwen2VLEngine, proposing: Qwen2VLEngine
) -> None:
    said = []
    for engine in (plain, proposing):
        first = engine.generate(requests()[:2], Settings(60))
        again = [
            Request(Prompt("", "Once more."), requests()[1].schema, a.context)
            for a in first
        ]
        said.append(texts(engine.generate(again, Settings(60))))
    assert said[0] == said[1]


def test_sampled_words_come_as_often_with_drafts_as_without(
    plain: Qwen2VLEngine, proposing: Qwen2VLEngine
) -> None:
    """Chi-square of the words of 30 seeds; as the draws are the same, mostly 0."""
    asked = requests()[:1]
    counts: list[Counter[str]] = [Counter(), Counter()]
    for seed in range(30):
        settings = Settings(24, temperature=1.5, seed=seed)
        for engine, count in zip((plain, proposing), counts, strict=True):
            [answer] = engine.generate(asked, settings)
            count.update(answer.text.split())
    assert len(counts[0]) > 20  # it does sample
    frequent = [w for w, n in (counts[0] + counts[1]).items() if n >= 10]
    distance = sum(
        (counts[0][w] - counts[1][w]) ** 2 / (counts[0][w] + counts[1][w]) for w in frequent
    )
    # twice the degrees of freedom is far beyond the 99.9 % quantile of that many words
    assert distance < 2 * max(10, len(frequent))


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 8))
def test_a_draft_is_what_followed_the_last_tokens_before(ids: list[int], most: int) -> None:
    rule = NgramRule()
    draft = NgramProposer(ids).propose(most)
    assert len(draft) <= most
    if draft:
        pair, text = ids[-rule.least_context :], [*map(str, ids)]
        assert "".join([*map(str, pair), *map(str, draft)]) in "".join(text)


@dataclass
class Waiting:
    """A reply that would propose as many tokens as it may."""

    expected_left: int
    proposer: NgramProposer = dataclasses.field(
        default_factory=lambda: NgramProposer([1, 2, *range(3, 30), 1, 2])
    )
    proposed: list[int] = dataclasses.field(default_factory=list)

    def allowed(self, tokens: list[int]) -> list[int]:
        return tokens


def proposed(left: Sequence[int]) -> list[int]:
    rows = [Waiting(count) for count in left]
    propose(rows)
    return [len(row.proposed) for row in rows]


def test_the_longest_reply_proposes_first_and_many_rows_are_not_slowed() -> None:
    rule = NgramRule()
    assert proposed([5]) == [rule.tokens]
    assert proposed([9, 300, 40, 8, 7, 6, 5, 4]) == [0, 6, 2, 0, 0, 0, 0, 0]
    assert proposed([10] * rule.together) == [0] * rule.together
    assert proposed([10] * 10 * rule.together) == [0] * 10 * rule.together
