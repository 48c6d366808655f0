"""A trained adapter in the engines: peft's own logits, the list of kinds, the base."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.adapters.peft_adapters import (
    older_key,
    our_logits,
    peft_logits,
    rewrite,
    with_adapter,
)
from doubles.model_servers.chat_server import ChatServer, fitting, schema
from doubles.tiny_qwen.families import FAMILIES
from doubles.tuning.small_shop import lessons, options, tiny_base

from productdesc.cli import main
from productdesc.engines import Engine, HfOptions, QwenOptions, load_engine
from productdesc.engines.qwen2vl.modeling.model import load_network
from productdesc.errors import EngineError
from productdesc.finetune import (
    BaseModel,
    TrainOptions,
    TuningData,
    make_data,
    read_data,
    train,
)

CLOSE = 2e-5  # of the largest logit: sums in another order, in float32
TITLES: Any = {"channel": "plain", "fields": ["title"]}
SHORT = TrainOptions(
    device="cpu", batch_size=4, max_steps=6, every=6, learning_rate=5e-3, rank=8,
)  # fmt: skip
ENGINES: dict[str, Callable[..., Any]] = {"qwen2vl": QwenOptions, "hf": HfOptions}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TuningData:
    """Of eight products, for any general model."""
    out = tmp_path_factory.mktemp("made") / "data"
    make_data(lessons(8), None, out, options(describe=TITLES))
    return read_data(out)


@pytest.fixture(scope="module", params=FAMILIES)
def trained(
    request: pytest.FixtureRequest,
    data: TuningData,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[BaseModel, Path]:
    """Each family's tiny model, and an adapter of a few steps."""
    top = tmp_path_factory.mktemp(request.param)
    base = tiny_base(top / "base", FAMILIES[request.param], general=True, spread=0.2)
    train(data, base, top / "adapter", SHORT, say=lambda _: None)
    return base, top / "adapter"


def test_the_logits_of_the_fast_engine_are_those_of_pefts_forward(
    trained: tuple[BaseModel, Path],
) -> None:
    base, adapter = trained
    folder = base.checkpoint.folder
    checkpoint = with_adapter(folder, adapter)
    network = load_network(checkpoint, device=torch.device("cpu"), dtype="float32")
    ours, theirs = our_logits(network, checkpoint), peft_logits(folder, adapter)
    alone, largest = peft_logits(folder, None), float(theirs.abs().max())
    assert float((ours - theirs).abs().max()) <= CLOSE * largest
    assert float((theirs - alone).abs().max()) > 1e-2 * largest


@pytest.fixture(scope="module")
def qwen2vl(
    data: TuningData, tmp_path_factory: pytest.TempPathFactory
) -> tuple[BaseModel, Path]:
    top = tmp_path_factory.mktemp("one")
    base = tiny_base(top / "base", general=True)
    train(data, base, top / "adapter", replace(SHORT, max_steps=2), say=lambda _: None)
    return base, top / "adapter"


def loaded(kind: str, base: BaseModel, adapter: Path | None, **more: Any) -> Engine:
    given = {"max_pixels": base.max_pixels, **more}
    return load_engine(base.checkpoint.folder, ENGINES[kind](adapter=adapter, **given))


@pytest.mark.parametrize("kind", ENGINES)
def test_the_adapter_gives_an_engine_its_list_and_a_digest_of_its_own(
    kind: str, qwen2vl: tuple[BaseModel, Path], data: TuningData
) -> None:
    base, adapter = qwen2vl
    plain, tuned = loaded(kind, base, None).info, loaded(kind, base, adapter).info
    assert "gadget" in tuned.categories and tuned.categories == data.about.categories
    assert plain.categories == ()
    assert tuned.weights_digest != plain.weights_digest
    assert tuned.options["adapter"] == "adapter"


@pytest.mark.parametrize("kind", ENGINES)
def test_an_adapter_of_other_weights_is_refused(
    kind: str, qwen2vl: tuple[BaseModel, Path], tmp_path: Path
) -> None:
    _, adapter = qwen2vl
    other = tiny_base(tmp_path / "other", general=True, seed=1)
    with pytest.raises(EngineError, match="refused, it was trained on weights"):
        loaded(kind, other, adapter)


@pytest.mark.parametrize("kind", ENGINES)
def test_other_pixels_than_those_of_training_are_a_warning(
    kind: str, qwen2vl: tuple[BaseModel, Path], caplog: pytest.LogCaptureFixture
) -> None:
    base, adapter = qwen2vl
    with caplog.at_level(logging.WARNING, logger="productdesc"):
        loaded(kind, base, adapter)
        assert "pixels" not in caplog.text
        loaded(kind, base, adapter, max_pixels=28 * 28 * 4)
    assert "trained on photos of at most 16,384 pixels, and 3,136 are read" in caplog.text


WRONG_ABOUTS: dict[str, tuple[dict[str, Any], str]] = {
    "a list of numbers": ({"categories": [1]}, "categories is no list of texts"),
    "a base that is none": ({"base": 7}, "base.weights_digest is a text"),
    "a digest that is none": ({"base": {"weights_digest": 7}}, "base.weights_digest is"),
    "pixels": ({"max_pixels": "many"}, "max_pixels a number"),
}


@pytest.mark.parametrize("case", WRONG_ABOUTS)
def test_a_wrong_productdesc_json_is_refused(
    case: str, qwen2vl: tuple[BaseModel, Path], tmp_path: Path
) -> None:
    about, message = WRONG_ABOUTS[case]
    base, adapter = qwen2vl
    broken = shutil.copytree(adapter, tmp_path / "adapter")
    (broken / "productdesc.json").write_text(json.dumps(about), "utf-8")
    with pytest.raises(EngineError, match=message):
        loaded("qwen2vl", base, broken)


def test_an_adapter_with_names_of_before_transformers_4_52_acts_alike(
    qwen2vl: tuple[BaseModel, Path], tmp_path: Path
) -> None:
    base, adapter = qwen2vl
    older = rewrite(
        shutil.copytree(adapter, tmp_path / "adapter"),
        key=older_key,
        target_modules=r"model\.layers\.\d+\..*_proj",
    )
    logits = []
    for one in (adapter, older, None):
        checkpoint = with_adapter(base.checkpoint.folder, one)
        network = load_network(checkpoint, device=torch.device("cpu"), dtype="float32")
        logits.append(our_logits(network, checkpoint))
    assert torch.equal(logits[0], logits[1]) and not torch.equal(logits[0], logits[2])


def test_a_server_that_serves_it_by_name_is_asked_for_its_kinds(
    qwen2vl: tuple[BaseModel, Path], data: TuningData, root: Path
) -> None:
    _, adapter = qwen2vl
    shoe = root / "examples/striped-shoe.jpg"
    with ChatServer(fitting, models=("qwen2-vl", "shop")) as server:
        words = ["describe", shoe, "--model", f"{server.url}#shop", "--adapter", adapter]
        assert main([*map(str, words)]) == 0
        [look, *_] = server.bodies
    assert look["model"] == "shop"
    kinds = schema(look)["properties"]["category"]["enum"]
    assert tuple(kinds) == data.about.categories and "gadget" in kinds
