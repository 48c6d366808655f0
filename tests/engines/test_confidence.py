"""How sure the fast engine was of each choice: the same alone and in a batch, for free."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from doubles.networks import WrappedNetwork
from transformers import Qwen2VLForConditionalGeneration

from productdesc.engines import Answer, Prompt, Request, Settings
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.known_models import DEMO
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.load_engine import build_engine
from productdesc.engines.qwen2vl.modeling.model import load_network
from productdesc.taxonomy import UNKNOWN
from productdesc.taxonomy.observe_schema import observe_schema

CATEGORIES = ("shoes", "shirt", "shorts", "dress", "fruit", "other product")
VISIBLE = {
    "colour": ("light blue", "light green", "blue", UNKNOWN),
    "fit": ("slim", UNKNOWN),
}
SCORED = ("/category", "/attributes/colour", "/attributes/fit")


class Counted(WrappedNetwork):
    """A network that counts its forwards."""

    forwards = 0

    def forward(self, parts: Any) -> Any:
        self.forwards += 1
        return super().forward(parts)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "prompt look-up"])
def engine(request: pytest.FixtureRequest) -> Qwen2VLEngine:
    def load(checkpoint: Any) -> Any:
        return Counted(load_network(checkpoint, device="cpu"))

    return build_engine(inspect(DEMO), load, prompt_lookup=request.param)


def requests(count: int, scored: tuple[str, ...]) -> list[Request]:
    """First turns about products that only data tells of."""
    chance = random.Random(5)
    words = ("red", "shoe", "apple", "trail", "cotton", "light", "slim", "dress", "blue")
    schema = observe_schema(CATEGORIES, VISIBLE, 1)
    return [
        Request(
            Prompt("You look.", " ".join(chance.choices(words, k=chance.randrange(1, 9)))),
            schema,
            scored=scored,
        )
        for _ in range(count)
    ]


def forwards(engine: Qwen2VLEngine) -> int:
    network: Any = engine._network
    return int(network.forwards)


def asked(engine: Qwen2VLEngine, wanted: Sequence[Request]) -> tuple[list[Answer], int]:
    before = forwards(engine)
    answers = engine.generate(wanted, Settings(max_tokens=60))
    return answers, forwards(engine) - before


def test_200_products_have_the_same_texts_tokens_and_forwards_with_and_without(
    engine: Qwen2VLEngine,
) -> None:
    asked(engine, requests(1, ()))  # the system prompt is read once
    without, least = asked(engine, requests(200, ()))
    scored, count = asked(engine, requests(200, SCORED))
    assert count == least
    assert [(a.text, a.tokens) for a in scored] == [(a.text, a.tokens) for a in without]
    assert not any(answer.probabilities for answer in without)
    for answer in scored:
        assert list(answer.probabilities) == list(SCORED)


def test_a_batch_is_as_sure_as_one_by_one(engine: Qwen2VLEngine) -> None:
    wanted = requests(12, SCORED)
    together, _ = asked(engine, wanted)
    for request, answer in zip(wanted, together, strict=True):
        [alone], _ = asked(engine, [request])
        for pointer in SCORED:
            one, other = alone.probabilities[pointer], answer.probabilities[pointer]
            assert one and other and one.value == other.value
            assert one.probability == pytest.approx(other.probability, abs=1e-5)


def test_it_is_the_sum_over_all_strings_of_tokens(engine: Qwen2VLEngine) -> None:
    """By transformers' own forwards, one a string, where no two values begin alike."""
    [request] = requests(1, ())
    values = ("shoes", "dress", "fruit")
    one = {"category": {"enum": values}}
    schema = {"type": "object", "properties": one, "required": ["category"]}
    scored = dataclasses.replace(request, schema=schema, scored=("/category",))
    [answer], _ = asked(engine, [scored])
    found = answer.probabilities["/category"]
    prompt = engine._tokenizer.turn(request.prompt.system, request.prompt.text, []).ids
    model = Qwen2VLForConditionalGeneration.from_pretrained(str(DEMO), dtype=torch.float32)
    sums = dict.fromkeys(values, 0.0)

    def add(chosen: list[int], share: float) -> None:
        reply = engine._grammars.start(schema)
        reply.begin()
        for token in chosen:
            reply.add(token)  # and what is forced after it
        text = reply.data.partition(b":")[2]
        agreeing = [v for v in values if f'"{v}"'.encode().startswith(text[: len(v) + 2])]
        if len(agreeing) == 1:
            sums[agreeing[0]] += share
            return
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([[*prompt, *reply.ids]])).logits[0, -1]
        allowed = [t for t in range(len(logits)) if reply.allowed([t])]
        parts = torch.softmax(logits[allowed].double(), 0).tolist()
        for token, part in zip(allowed, parts, strict=True):
            add([*chosen, token], share * part)

    add([], 1.0)
    assert found and sum(sums.values()) == pytest.approx(1)
    assert found.probability == pytest.approx(sums[found.value], abs=1e-6)
    assert found.value == max(sums, key=sums.__getitem__)
    assert found.runner_up_probability == pytest.approx(sums[found.runner_up], abs=1e-6)


def test_a_choice_closed_at_the_cap_has_none(engine: Qwen2VLEngine) -> None:
    [answer] = engine.generate(requests(1, SCORED), Settings(max_tokens=1))
    assert answer.finish == "cap"
    assert answer.probabilities["/attributes/fit"] is None
