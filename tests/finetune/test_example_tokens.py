"""Tokens of training are those of inference: ids, positions, masks, photos, labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles.tiny_qwen.families import FAMILIES
from doubles.tuning.small_shop import (
    FIELDS,
    lessons,
    options,
    photo,
    product,
    tiny_base,
)

from productdesc.engines import Prompt, QwenOptions, Request
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.inputs.image_processor import photo_grid
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl
from productdesc.engines.qwen2vl.scheduler.context import Prefill, Qwen2VLContext
from productdesc.errors import CatalogError
from productdesc.finetune import (
    BaseModel,
    TrainOptions,
    TuningData,
    make_data,
    published_lesson,
    read_data,
)
from productdesc.finetune.data.data_folder import Example
from productdesc.finetune.training.batches import collate
from productdesc.finetune.training.example_tokens import IGNORED, Tokens, tokens_of
from productdesc.finetune.training.lora import load_base
from productdesc.photos import load

COUNT = 50


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    return tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def data(base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> TuningData:
    """Fifty products, every fifth with two photos, every seventh of a silent shop."""

    def some() -> Iterator[Any]:
        for number in range(COUNT):
            more: dict[str, Any] = {}
            if number % 5 == 0:
                more["photos"] = [photo(number, "#1b2a55"), photo(number + 77, "#c01818")]
            if number % 7 == 0:
                more["attributes"] = {}
            yield published_lesson(product(number, **more), FIELDS)

    out = tmp_path_factory.mktemp("made") / "data"
    make_data(some(), base, out, options())
    return read_data(out)


@pytest.fixture(scope="module")
def rows(data: TuningData, base: BaseModel) -> dict[str, Tokens]:
    return {one.id: tokens_of(one, data.folder, base) for one in data.examples}


@pytest.fixture(scope="module")
def engine(base: BaseModel) -> Qwen2VLEngine:
    options = QwenOptions(max_pixels=base.max_pixels)
    return load_qwen2vl(base.checkpoint.folder, options)


def only(value: Any) -> dict[str, Any]:
    """The schema that nothing but this value fits."""
    if isinstance(value, dict):
        return {
            "type": "object",
            "properties": {key: only(inner) for key, inner in value.items()},
            "required": [*value],
            "additionalProperties": False,
        }
    return {"enum": [value]}


def asked(engine: Qwen2VLEngine, example: Example, folder: Path) -> list[Any]:
    """The contexts after each turn, as the engine comes to them; it can say no other."""
    photos = tuple(load(folder / name) for name in example.photos)
    contexts: list[Any] = []
    for turn in example.turns:
        context = None if turn.parent is None else contexts[turn.parent]
        prompt = Prompt(turn.system, turn.text, () if context else photos)
        schema = only(json.loads(turn.completion))
        [answer] = engine.generate([Request(prompt, schema, context)])
        assert answer.text == turn.completion and answer.finish == "complete"
        contexts.append(answer.context)
    return contexts


def test_tokens_of_fifty_examples_are_those_of_the_engine(
    engine: Qwen2VLEngine, data: TuningData, rows: dict[str, Tokens], base: BaseModel
) -> None:
    assert len(data.examples) == COUNT
    for one in data.examples:
        _same_as_the_engine(one, rows[one.id], engine, data, base)


def _same_as_the_engine(
    one: Example, row: Tokens, engine: Qwen2VLEngine, data: TuningData, base: BaseModel
) -> None:
    tokenizer, config = base.tokenizer, base.image_processor
    contexts = asked(engine, one, data.folder)
    for number, (turn, context) in enumerate(zip(one.turns, contexts, strict=True)):
        mine = row.turns == number
        path = np.isin(row.turns, np.flatnonzero(row.sees[number]))
        # the ids of the whole conversation so far, position by position
        spelt = _canonical(context.ids, one, number, base)
        assert row.ids[path].tolist() == spelt
        # the positions of this turn's prompt, as the engine's own prefill has them
        before = contexts[turn.parent] if turn.parent is not None else None
        before = before or Qwen2VLContext(engine._network)
        grids = (
            []
            if number
            else [photo_grid(load(data.folder / name), config) for name in one.photos]
        )
        chat = tokenizer.turn(turn.system, turn.text, grids)
        prefill = Prefill(engine._network, before, [chat])
        waiting = len(before.unread)
        places = prefill._positions[:, waiting:]
        asked_ids = row.ids[mine][: places.shape[1]]
        assert asked_ids.tolist() == [*chat.ids]
        assert (row.positions[:, mine][:, : places.shape[1]] == places).all()


def _canonical(
    ids: tuple[int, ...], one: Example, number: int, base: BaseModel
) -> list[int]:
    """A context's ids, its answers spelt as the tokenizer spells them.

    A random model may write the same text in other tokens; the text is held to be equal.
    """
    chain, at = [], number
    while at is not None:
        chain.insert(0, one.turns[at])
        at = one.turns[at].parent  # type: ignore[assignment]
    opening = [
        base.tokenizer.specials["<|im_start|>"],
        *base.tokenizer.encode("assistant\n"),
    ]
    end, result, start = base.tokenizer.turn_end(), [], 0
    found = list(ids)
    for turn in chain:
        begin = _find(found, opening, start) + len(opening)
        stop = _find(found, end, begin)
        said = b"".join(_bytes(base, token) for token in found[begin:stop])
        assert said.decode() == turn.completion
        result += [*found[start:begin], *base.tokenizer.encode(turn.completion), *end]
        start = stop + len(end)
    assert start == len(found)
    return result


def _find(ids: list[int], part: list[int], start: int) -> int:
    return next(at for at in range(start, len(ids)) if ids[at : at + len(part)] == part)


def _bytes(base: BaseModel, token: int) -> bytes:
    return _spelt(base.checkpoint.folder / "tokenizer.json")[token]


@cache
def _spelt(path: Path) -> dict[int, bytes]:
    """The bytes of each token of a byte-level vocabulary."""
    vocab = json.loads(path.read_text("utf-8"))["model"]["vocab"]
    letters = {chr(n): n for n in (*range(33, 127), *range(161, 173), *range(174, 256))}
    hidden = [n for n in range(256) if n not in letters.values()]
    letters |= {chr(256 + place): n for place, n in enumerate(hidden)}
    return {n: bytes(letters[one] for one in word) for word, n in vocab.items()}


def test_only_known_answers_and_the_end_of_turns_are_learned(
    data: TuningData, rows: dict[str, Tokens], base: BaseModel
) -> None:
    stop = base.tokenizer.specials["<|im_end|>"]
    for one in data.examples:
        row = rows[one.id]
        for number, turn in enumerate(one.turns):
            mine = row.turns == number
            labels, ids = row.labels[mine], row.ids[mine]
            assert ((labels == IGNORED) | (labels == ids)).all()
            reply = [*base.tokenizer.encode(turn.completion), *base.tokenizer.turn_end()]
            asked_tokens = len(ids) - len(reply)
            assert (labels[:asked_tokens] == IGNORED).all()
            assert labels[-2] == stop and labels[-1] == IGNORED  # the line break
            learned = b"".join(_bytes(base, t) for t in labels[:-2] if t != IGNORED)
            dropped = len(turn.completion.encode()) - len(learned)
            masked = sum(end - start for start, end in turn.untaught)
            # a token that reaches into a masked value goes with it
            assert masked <= dropped <= masked + 6 * len(turn.untaught)
            assert dropped or not turn.untaught


def test_a_branch_reads_its_own_turns_and_no_other(rows: dict[str, Tokens]) -> None:
    row = next(iter(rows.values()))
    reads = row.attention()
    assert set(row.turns.tolist()) == {0, 1, 2, 3}
    for number in (1, 2, 3):
        last = np.flatnonzero(row.turns == number)[-1]
        read = set(row.turns[reads[last]].tolist())
        assert read == {0, number}
    assert not np.triu(reads, 1).any()


def test_a_padded_batch_of_branches_gives_the_logits_of_straight_conversations(
    data: TuningData, rows: dict[str, Tokens], base: BaseModel
) -> None:
    """With transformers' own positions and causal mask, each conversation by itself."""
    some = [rows[one.id] for one in (*data.examples[:3], data.examples[5])]
    assert len({row.length for row in some}) > 1
    _same_as_straight(some, base)


@pytest.mark.parametrize("title", ["Qwen2.5-VL", "Qwen3-VL"])
def test_the_other_families_read_the_same_tokens(title: str, tmp_path: Path) -> None:
    base = tiny_base(tmp_path / "base", FAMILIES[title], general=True)
    make_data(lessons(4), base, tmp_path / "data", options())
    data = read_data(tmp_path / "data")
    engine = load_qwen2vl(base.checkpoint.folder, QwenOptions(max_pixels=base.max_pixels))
    rows = [tokens_of(one, data.folder, base) for one in data.examples]
    for one, row in zip(data.examples, rows, strict=True):
        _same_as_the_engine(one, row, engine, data, base)
    _same_as_straight(rows, base)


def _same_as_straight(some: list[Tokens], base: BaseModel) -> None:
    module, _ = load_base(base, TrainOptions(device="cpu"))
    batch = collate(some)
    given = {k: v for k, v in batch.items() if k not in ("labels", "weights", "keeps")}
    with torch.no_grad():
        logits = module(**given, use_cache=False).logits
        for place, row in enumerate(some):
            start = logits.shape[1] - row.length
            for number in range(row.turns.max() + 1):
                path = np.flatnonzero(np.isin(row.turns, np.flatnonzero(row.sees[number])))
                alone = _straight(module, row, row.ids[path])
                close = 1e-4 * alone.abs().max()
                assert (logits[place, start + path] - alone).abs().max() < close


def _straight(module: Any, row: Tokens, ids: Any) -> torch.Tensor:
    tokens = torch.from_numpy(ids)[None]
    values = np.concatenate([image.pixel_values().values for image in row.images])
    grids = [[1, image.grid_h, image.grid_w] for image in row.images]
    logits: torch.Tensor = module(
        input_ids=tokens,
        mm_token_type_ids=(tokens == module.config.image_token_id).int(),
        pixel_values=torch.from_numpy(values),
        image_grid_thw=torch.tensor(grids),
        use_cache=False,
    ).logits[0]
    return logits


def test_an_example_beyond_the_models_length_is_refused(
    data: TuningData, tmp_path: Path
) -> None:
    short = tiny_base(tmp_path, max_positions=512)
    with pytest.raises(CatalogError, match=r"tokens and the model reads 512"):
        tokens_of(data.examples[0], data.folder, short)
