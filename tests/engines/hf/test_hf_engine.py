"""The transformers engine: limits, cancelling, contexts, batches and confidence."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.families.tiny_families import make
from factories import OBSERVE, WRITE, fits, photo

import productdesc
from productdesc import Product
from productdesc.cancel import CancelToken
from productdesc.engines import Arrival, HfOptions, Prompt, Request, Settings
from productdesc.engines.hf import engine as limits
from productdesc.engines.hf.engine import HfEngine
from productdesc.engines.hf.generation import HfNetwork
from productdesc.engines.hf.load_engine import load_hf
from productdesc.engines.serving import ask_once
from productdesc.engines.structured.token_mask import GrammarCache, StructuredReply
from productdesc.errors import CancelError, EngineError, OutputError, PhotoError

SHORT = Settings(max_tokens=40)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> HfEngine:
    torch.set_num_threads(1)
    return load_hf(make("smolvlm", tmp_path_factory.mktemp("hf")), HfOptions(device="cpu"))


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> HfEngine:
    return load_hf(make("llava", tmp_path_factory.mktemp("llava")), HfOptions(device="cpu"))


def ask(text: str = "What is it?", *photos: Any, **more: Any) -> Request:
    return Request(Prompt("You see products.", text, photos), OBSERVE, **more)


def test_a_photo_is_read_once_for_all_that_follows(engine: HfEngine) -> None:
    """The second turn reads its own tokens and the end of the first, nothing else."""
    read: list[tuple[int, bool]] = []
    network = engine._network
    counted = Counting(network, lambda new, pixels: read.append((new, bool(pixels))))
    watched = HfEngine(engine.info, engine._reader, counted, engine._grammars)
    [seen] = watched.generate([ask("What?", photo("red"))], SHORT)
    request = Request(Prompt("", "Now write."), WRITE, seen.context)
    watched.generate([request, request], SHORT)
    assert [pixels for _, pixels in read] == [True, False, False]
    assert read[1] == read[2]
    assert read[1][0] < read[0][0] < seen.context.tokens


class Counting(HfNetwork):
    """A network that tells how many tokens each reading had, and whether any pixels."""

    def __init__(self, network: HfNetwork, tell: Callable[[int, Any], None]) -> None:
        self.__dict__.update(network.__dict__)
        self._tell = tell

    def read(self, before: Any, ids: Any, pixels: Any) -> Any:
        self._tell(len(ids) - 1 - before.tokens, pixels)
        return super().read(before, ids, pixels)


def test_what_ends_keeps_no_cache_and_cannot_go_on(engine: HfEngine) -> None:
    [answer] = engine.generate([ask(ends=True)], SHORT)
    assert answer.context.kept.layers == ()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="was to end with its last reply"):
        engine.generate([Request(Prompt("", "x"), WRITE, answer.context)])


@pytest.fixture(scope="module")
def short_engine(tmp_path_factory: pytest.TempPathFactory) -> HfEngine:
    """A model that reads 160 tokens."""
    folder = make("smolvlm", tmp_path_factory.mktemp("short"))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["text_config"]["max_position_embeddings"] = 160
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return load_hf(folder, HfOptions(device="cpu"))


def test_a_prompt_over_the_models_length_is_refused_with_the_numbers(
    short_engine: HfEngine,
) -> None:
    with pytest.raises(OutputError, match=r"tokens long \(\d+ of them photos\).*160"):
        short_engine.generate([ask("long words " * 60, photo("red"))])


def test_the_reply_is_capped_by_the_room_that_is_left(short_engine: HfEngine) -> None:
    def length(text: str) -> int:
        return len(short_engine._reader.read(Prompt("You see products.", text))[0])

    text, most = "", 160 - limits.LEAST_ROOM
    while length(text + " b") <= most:
        text += " b"
    [answer] = short_engine.generate([ask(text)], Settings(max_tokens=4000))
    assert fits(answer.text, OBSERVE)
    assert answer.finish == "complete" or answer.tokens >= limits.LEAST_ROOM
    assert answer.context.tokens < 160 + 40  # what closes it comes on top


def test_one_photo_more_than_the_family_reads_is_a_photo_error(llava: HfEngine) -> None:
    two = (photo("red"), photo("navy"))
    with pytest.raises(PhotoError, match=r"2 photos .* LLaVA 1\.5 reads 1: send the first"):
        llava.generate([ask("What?", *two)])
    [seen] = llava.generate([ask("What?", two[0])], SHORT)
    follow = Request(Prompt("", "And this?", two[1:]), WRITE, seen.context)
    with pytest.raises(PhotoError, match="2 photos"):
        llava.generate([follow])


def test_of_a_product_with_more_photos_the_first_is_used_and_said(
    llava: HfEngine, root: Path
) -> None:
    files = [root / "examples" / f"{name}.jpg" for name in ("white-shoes", "striped-shoe")]
    product = Product(title="Shoes", photos=files)
    shown = productdesc.describe(product, llava, settings=Settings(max_tokens=8))
    [finding] = [one for one in shown.findings if one.code == "photos-many"]
    assert finding.message == "2 photos given, the first is used: the model reads no more"
    assert len(shown.provenance.photos) == 1


def test_more_rows_than_a_batch_holds_answer_as_alone(engine: HfEngine) -> None:
    texts = [f"Product {number}, {'and so on, ' * (number % 5)}" for number in range(19)]
    assert len(texts) > limits.MOST_ROWS
    short = Settings(max_tokens=6)
    together = engine.generate([ask(text) for text in texts], short)
    alone = [engine.generate([ask(text)], short)[0] for text in texts]
    assert [a.text for a in together] == [a.text for a in alone]


class OneRow(HfNetwork):
    """A network whose memory holds one row; `tries` are the rows of each attempt."""

    def __init__(self, network: HfNetwork, most: int = 1) -> None:
        self.__dict__.update(network.__dict__)
        self.tries: list[int] = []
        self._most = most

    def decode(self, rows: Any, prompts: Any) -> Any:
        self.tries.append(len(rows))
        if len(rows) > self._most:
            raise torch.OutOfMemoryError("no memory")
        return super().decode(rows, prompts)


def test_where_memory_does_not_hold_a_batch_its_halves_are_decoded(
    engine: HfEngine,
) -> None:
    network = OneRow(engine._network)
    tight = HfEngine(engine.info, engine._reader, network, engine._grammars)
    requests = [ask(text) for text in ("One", "Two", "Three")]
    expected = [answer.text for answer in engine.generate(requests, SHORT)]
    assert [answer.text for answer in tight.generate(requests, SHORT)] == expected
    assert network.tries == [3, 1, 2, 1, 1]
    none = HfEngine(
        engine.info, engine._reader, OneRow(engine._network, most=0), engine._grammars
    )
    with pytest.raises(EngineError, match="out of memory on cpu with one request"):
        none.generate([ask()])


class Arriving:
    """Conversations that each ask once, with their cancellation tokens."""

    def __init__(self, asked: list[tuple[Request, CancelToken]]) -> None:
        self.changed = threading.Event()
        self._arrivals = [
            Arrival(number, ask_once([request]), Settings(max_tokens=900), token)
            for number, (request, token) in enumerate(asked)
        ]

    @property
    def is_over(self) -> bool:
        return not self._arrivals

    def take(self) -> Any:
        return self._arrivals.pop(0) if self._arrivals else None


class Impatient(CancelToken):
    """Is cancelled when it has been looked at so many times."""

    def __init__(self, looks: int) -> None:
        self.looks, self._most = 0, looks
        super().__init__()

    @property
    def error(self) -> Any:
        self.looks += 1
        return CancelError("cancelled") if self.looks > self._most else None

    @error.setter
    def error(self, error: Any) -> None:
        pass


LONG = {
    "type": "object",
    "properties": {"a": {"type": "string", "minLength": 800, "maxLength": 900}},
    "required": ["a"],
    "additionalProperties": False,
}


def test_what_is_cancelled_leaves_its_batch_and_the_others_go_on(engine: HfEngine) -> None:
    """A row looks at its token at every step; once it is cancelled there are few more."""
    token = Impatient(looks=40)
    writing = Request(Prompt("", "Write on and on."), LONG)
    [alone] = engine.serve(Arriving([(writing, token)]), at_once=2)
    assert isinstance(alone.error, CancelError)
    assert token.looks < 60
    both = [(writing, Impatient(looks=40)), (ask(), CancelToken())]
    ends = {one.key: one for one in engine.serve(Arriving(both), at_once=2)}
    assert isinstance(ends[0].error, CancelError)
    [answer] = ends[1].result()
    assert answer.text == engine.generate([ask()], Settings(max_tokens=900))[0].text


def test_a_deadline_ends_a_description_under_way(engine: HfEngine, root: Path) -> None:
    product = Product(title="Shoes", photos=[root / "examples" / "white-shoes.jpg"])
    with pytest.raises(productdesc.DeadlineError):
        productdesc.describe(product, engine, schema=None, deadline=0.2)


def test_a_choice_is_as_likely_as_the_networks_own_softmax_says(engine: HfEngine) -> None:
    """Of two values that differ in their first letter one token decides."""
    schema = {
        "type": "object",
        "properties": {"a": {"enum": ["x", "y"]}},
        "required": ["a"],
        "additionalProperties": False,
    }
    request = Request(Prompt("", "x or y?"), schema, scored=("/a",))
    [answer] = engine.generate([request], SHORT)
    chosen = answer.probabilities["/a"]
    assert chosen is not None
    ids, _ = engine._reader.read(request.prompt)
    reply = engine._grammars.start(schema).fresh()
    reply.begin()
    with torch.inference_mode():
        whole = torch.tensor([[*ids, *reply.ids]])
        logits = engine._network._module(input_ids=whole, use_cache=False).logits[0, -1]
    shares = {"x": 0.0, "y": 0.0}
    for token, share in reply.likelihoods(logits):
        shares[token.decode()[0]] += share
    assert chosen.probability == pytest.approx(shares[chosen.value], abs=1e-4)
    assert chosen.runner_up_probability == pytest.approx(shares[chosen.runner_up], abs=1e-4)


class Unclosable(StructuredReply):
    """A reply for which there is no end."""

    def fresh(self) -> StructuredReply:
        made = super().fresh()
        made.__class__ = Unclosable
        return made

    def close(self) -> None:
        raise OutputError("the reply could not be closed")


class SomeUnclosable(GrammarCache):
    """Replies to WRITE cannot be closed."""

    def __init__(self, grammars: GrammarCache) -> None:
        self.__dict__.update(grammars.__dict__)

    def start(self, schema: Any) -> StructuredReply:
        reply = super().start(schema)
        if schema is WRITE:
            reply.__class__ = Unclosable
        return reply


def test_a_reply_that_cannot_be_closed_fails_its_own_conversation_only(
    engine: HfEngine,
) -> None:
    grammars = SomeUnclosable(engine._grammars)
    watched = HfEngine(engine.info, engine._reader, engine._network, grammars)
    bad, short = Request(Prompt("", "x"), WRITE), Settings(max_tokens=5)
    arrivals = Arriving([(bad, CancelToken()), (ask(), CancelToken())])
    arrivals._arrivals = [replace(one, settings=short) for one in arrivals._arrivals]
    ends = {one.key: one for one in watched.serve(arrivals, at_once=2)}
    assert isinstance(ends[0].error, OutputError)
    assert fits(ends[1].result()[0].text, OBSERVE)


def test_it_is_one_identity_by_engine_and_dtype(engine: HfEngine, llava: HfEngine) -> None:
    assert engine.info.options == {"engine": "hf", "dtype": "float32"}
    assert engine.info.max_photos is None and llava.info.max_photos == 1
    assert not engine.info.branches and engine.info.writes
    assert "<image>" in engine.info.special_tokens
    assert replace(llava.info, max_photos=None) != llava.info
