"""An adapter that vLLM serves by its name: heavy, and only where vLLM is.

    pytest -n0 -m heavy tests/finetune/test_adapter_in_vllm.py      # minutes

See docs/server.md for vLLM's environment.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from doubles.adapters.peft_adapters import make_adapter
from doubles.model_servers import vllm_server
from doubles.tuning.small_shop import COLOURS, options, photo, product

import productdesc
from productdesc import EngineError, ServerEngine
from productdesc.cli import main
from productdesc.engines import Engine, QwenOptions, ServerOptions, load_engine
from productdesc.engines.known_models import DEMO
from productdesc.finetune import (
    BaseModel,
    TrainOptions,
    make_data,
    published_lesson,
    train,
)
from productdesc.finetune.training.lora import LANGUAGE_LAYERS
from productdesc.records import Present

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

NAME = "shop"
SHORT = TrainOptions(
    device="cpu", batch_size=4, epochs=100, max_steps=7, every=7, learning_rate=3e-3,
    rank=8,
)  # fmt: skip
TITLES: Any = {"channel": "plain", "fields": ["title"]}
AS_SEEN = 0.005
"""Of a probability: float32 sums in another order, told to three decimals."""


class Served(NamedTuple):
    """A server's URL, the adapter that it serves beside the demo model, and its list."""

    url: str
    adapter: Path
    kinds: tuple[str, ...]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo model, and an adapter that was taught that drawn shapes are gadgets."""
    vllm_server.interpreter()
    folder = tmp_path_factory.mktemp("served")
    gadget = Present(category="Gadgets")
    lessons = (published_lesson(product(n, present=gadget), ()) for n in range(24))
    base, adapter = BaseModel.find(), folder / "adapter"
    made = make_data(lessons, base, folder / "data", options(describe=TITLES))
    train(folder / "data", base, adapter, SHORT, say=lambda _: None)
    serving = vllm_server.serving(DEMO, folder, rows=8, adapters={NAME: adapter})
    with serving as url:
        yield Served(url, adapter, made.about.categories)


class Seen(NamedTuple):
    """What an engine says of a photo, and how sure it is."""

    category: str
    sure: float


def seen(engine: Engine, kinds: tuple[str, ...], shown: list[Path | bytes]) -> list[Seen]:
    found = []
    for one in shown:
        made = productdesc.describe(one, engine, categories=kinds, **TITLES)
        [evidence] = made.evidence["category"]
        assert evidence.confidence is not None
        found.append(Seen(made.category, evidence.confidence))
    return found


@pytest.fixture(scope="module")
def shown(root: Path) -> list[Path | bytes]:
    """Photos of `examples/`, then drawn ones that no training saw."""
    real = [root / "examples" / f"{name}.jpg" for name in ("striped-shoe", "fruits")]
    drawn = [photo(50 + n, colour) for n, colour in enumerate(COLOURS.values())]
    return [*real, *drawn]


def alike(some: list[Seen], others: list[Seen]) -> bool:
    return all(
        one.category == other.category and abs(one.sure - other.sure) <= AS_SEEN
        for one, other in zip(some, others, strict=True)
    )


def by_our_engine(
    served: Served, adapter: Path | None, shown: list[Path | bytes]
) -> list[Seen]:
    options = QwenOptions(device="cpu", dtype="float32", adapter=adapter)
    return seen(load_engine("demo", options), served.kinds, shown)


def by_vllm(served: Served, name: str, shown: list[Path | bytes]) -> list[Seen]:
    """With the pixels that our engine sees."""
    options = ServerOptions(
        model=name, max_pixels=23_520, photo_format="PNG", top_logprobs=20
    )
    with ServerEngine(served.url, options) as engine:
        return seen(engine, served.kinds, shown)


def test_each_name_answers_as_our_engine_does(
    served: Served, shown: list[Path | bytes]
) -> None:
    base = by_our_engine(served, None, shown)
    tuned = by_our_engine(served, served.adapter, shown)
    there = {name: by_vllm(served, name, shown) for name in ("demo", NAME)}
    print(base, tuned, there)
    assert alike(there["demo"], base) and alike(there[NAME], tuned)
    assert not alike(base, tuned)
    assert {one.category for one in tuned[2:]} == {"gadget"}
    assert "gadget" not in {one.category for one in base}


def test_both_names_may_be_asked_at_once(served: Served, shown: list[Path | bytes]) -> None:
    alone = {name: by_vllm(served, name, shown) for name in ("demo", NAME)}
    names = [*alone] * 2
    with ThreadPoolExecutor(len(names)) as threads:
        made = threads.map(lambda name: by_vllm(served, name, shown * 2), names)
    for name, found in zip(names, made, strict=True):
        assert alike(found, alone[name] * 2), name


def test_a_name_has_to_be_said_where_two_are_served(served: Served) -> None:
    with (
        ServerEngine(served.url) as engine,
        pytest.raises(EngineError, match="say which model; the server lists: demo, shop"),
    ):
        _ = engine.info


def test_the_command_line_asks_for_it_by_the_url(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = tmp_path / "drawn.png"
    drawn.write_bytes(photo(50, COLOURS["red"]))
    words = ["describe", drawn, "--model", f"{served.url}#{NAME}", "--max-pixels", 23_520]
    assert main([*map(str, [*words, "--adapter", served.adapter, "--json"])]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["category"] == "gadget"
    assert made["provenance"]["model"] == NAME


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "DoRA": ({"use_dora": True}, "does not yet support DoRA"),
    "a bias of its own": ({"lora_bias": True}, "does not support LoRA bias"),
    "the base's biases": ({"bias": "all"}, "Adapter bias is not supported"),
    "a rank over 16": ({"r": 32}, "LoRA rank 32 is greater than max_lora_rank 16"),
    "whole modules": ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
    "the last layer": ({"target_modules": ["lm_head"]}, "expected target modules"),
    "embeddings": ({"target_modules": ["embed_tokens"]}, "expected target modules"),
}
"""What of peft's adapters vLLM does not load; docs/fine-tuning.md lists it."""


@pytest.mark.parametrize("case", REFUSED)
def test_other_adapters_of_peft_are_refused_by_vllm(
    case: str, served: Served, tmp_path: Path
) -> None:
    settings, why = REFUSED[case]
    made = make_adapter(
        DEMO, tmp_path / case, **{"target_modules": LANGUAGE_LAYERS} | settings
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        load(served, case, made)
    assert why in refused.value.read().decode("utf-8")


def test_an_adapter_of_the_photo_tower_is_taken_and_without_effect(
    served: Served, shown: list[Path | bytes], tmp_path: Path
) -> None:
    tower = make_adapter(DEMO, tmp_path / "tower", target_modules=r".*visual.*\.(fc1|fc2)")
    assert not alike(
        by_our_engine(served, tower, shown), by_our_engine(served, None, shown)
    )
    load(served, "tower", tower)
    assert alike(by_vllm(served, "tower", shown), by_vllm(served, "demo", shown))


def load(served: Served, name: str, adapter: Path) -> None:
    """Ask the server to serve one more adapter."""
    body = {"lora_name": name, "lora_path": str(adapter)}
    asked = urllib.request.Request(
        f"{served.url}/load_lora_adapter",
        json.dumps(body).encode("utf-8"),
        {"content-type": "application/json"},
    )
    urllib.request.urlopen(asked, timeout=120).close()
