"""Weights of eight bits: exact products of rounded numbers, the same engine around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.networks import TorchCalls
from doubles.pictures import picture
from doubles.tiny_qwen2vl import make
from safetensors.torch import load_file, save_file
from torch.nn.functional import scaled_dot_product_attention

from productdesc import EngineError, describe, load_engine
from productdesc.engines import QwenOptions
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.known_models import DEMO
from productdesc.engines.qwen2vl.attention.attention import attend_patches
from productdesc.engines.qwen2vl.attention.kv_cache import KVPrefix
from productdesc.engines.qwen2vl.attention.ragged_cache import RaggedCache
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.inputs.mrope import positions
from productdesc.engines.qwen2vl.load_engine import build_engine
from productdesc.engines.qwen2vl.modeling.cpu_features import CpuFeatures
from productdesc.engines.qwen2vl.modeling.int8 import (
    Int8Linear,
    apply_linears,
    quantize_tokens,
)
from productdesc.engines.qwen2vl.modeling.model import Network, Step, load_network

CPU = CpuFeatures.detect()
WITHOUT_VNNI = replace(CPU, int8=False)
needs_vnni = pytest.mark.skipif(not CPU.int8, reason="needs an x86 processor with VNNI")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # tiny shapes: a second thread only waits
    yield
    torch.set_num_threads(threads)


def linear(
    weight: torch.Tensor, bias: torch.Tensor | None = None, cpu: CpuFeatures = CPU
) -> Int8Linear:
    layer = Int8Linear(cpu)
    layer.quantize(weight)
    layer.bias = bias
    return layer


def exact(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """What the rounded numbers multiply to, in float64 and one by one."""
    tokens = x.double() / (x.double().abs().amax(1, keepdim=True) / 127)
    rows = weight.double() / (weight.double().abs().amax(1, keepdim=True) / 127)
    whole = tokens.round() @ rows.round().t()
    scales = x.double().abs().amax(1)[:, None] * weight.double().abs().amax(1) / 127**2
    return whole * scales


@needs_vnni
@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 33])
def test_products_are_exact_sums_of_rounded_numbers(count: int) -> None:
    random = torch.Generator().manual_seed(count)
    x = torch.randn(count, 96, generator=random)
    weight = torch.randn(40, 96, generator=random) * torch.rand(40, 1, generator=random)
    bias = torch.randn(40, generator=random)
    [found] = apply_linears([linear(weight, bias)], x.clone())
    assert found.shape == (count, 40)
    # half a step of float32 may round another way than float64 where it lies between two
    wanted = exact(x, weight) + bias
    torch.testing.assert_close(found.double(), wanted, rtol=1e-3, atol=2e-2)
    truth = x.double() @ weight.double().t() + bias
    assert (found - truth).abs().mean() < 0.02 * truth.abs().mean()


@needs_vnni
def test_the_largest_numbers_are_not_cut_off() -> None:
    # 255 * 127 * 2 is over 16 bits: processors without VNNI stop there
    x = torch.full((5, 512), 3.0)
    [found] = apply_linears([linear(torch.full((8, 512), -2.0))], x)
    torch.testing.assert_close(found, torch.full((5, 8), -2.0 * 3.0 * 512))


@needs_vnni
def test_a_token_is_the_same_to_the_bit_alone_and_beside_others() -> None:
    random = torch.Generator().manual_seed(1)
    x = torch.randn(11, 64, generator=random)
    layers = [linear(torch.randn(n, 64, generator=random)) for n in (16, 24)]
    whole = apply_linears(layers, x.clone())
    for row in range(11):
        alone = apply_linears(layers, x[row : row + 1].clone())
        assert all(torch.equal(a[0], b[row]) for a, b in zip(alone, whole, strict=True))
    blocks = apply_linears(layers, x.clone(), max_tokens=4)
    assert all(torch.equal(a, b) for a, b in zip(blocks, whole, strict=True))


@needs_vnni
def test_a_layer_gives_the_kind_it_is_given_and_zero_for_zero() -> None:
    layer = linear(torch.randn(6, 32))
    found = layer(torch.zeros(2, 3, 32, dtype=torch.bfloat16))
    assert (found.dtype, found.shape) == (torch.bfloat16, (2, 3, 6))
    assert not found.any()
    assert not linear(torch.zeros(6, 32))(torch.randn(4, 32)).any()


def test_rounding_takes_the_largest_of_a_token_to_127() -> None:
    found, scale = quantize_tokens(torch.tensor([[1.0, -0.5, 0.25], [-8.0, 4.0, 0.0]]))
    assert found.tolist() == [[255, 64, 160], [1, 192, 128]]
    torch.testing.assert_close(scale, torch.tensor([[1 / 127], [8 / 127]]))


def test_every_patch_looks_at_all_of_its_photo_as_torch_has_it() -> None:
    query, key, value = torch.randn(3, 1, 5, 12, 16).unbind()
    wanted = scaled_dot_product_attention(query, key, value, scale=0.3).transpose(1, 2)
    # four patches of one head at a time, one head, two, all
    for most, scores in ((50, 48), (144, 144), (300, 288), (1 << 22, 5 * 144)):
        with TorchCalls(torch.Tensor.softmax) as softmax:
            found, _ = attend_patches(None, query, key, value, scaling=0.3, max_scores=most)
        torch.testing.assert_close(found, wanted)
        assert max(x.numel() for x, *_ in softmax.calls) == scores


def test_without_vnni_tokens_are_not_rounded_and_sums_are_of_float32() -> None:
    random = torch.Generator().manual_seed(2)
    weight, bias = torch.randn(40, 96, generator=random), torch.randn(40)
    layer, x = linear(weight, bias, WITHOUT_VNNI), torch.randn(11, 96, generator=random)
    assert layer.weight.dtype == torch.int8 and not layer.is_packed
    scale = weight.double().abs().amax(1, keepdim=True) / 127
    wanted = x.double() @ ((weight.double() / scale).round() * scale).t() + bias
    torch.testing.assert_close(layer(x.clone()).double(), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("inputs, quick", [(96, True), (33, False), (40, False)])
def test_without_vnni_a_few_tokens_meet_the_weights_as_they_are(
    inputs: int, quick: bool
) -> None:
    random = torch.Generator().manual_seed(3)
    weight, bias = torch.randn(40, inputs, generator=random), torch.randn(40)
    layer = linear(weight, bias, WITHOUT_VNNI)
    processor = torch.backends.cpu.get_cpu_capability()
    if processor not in ("AVX2", "AVX512"):
        quick = False
    assert layer.multiplies_few is quick
    scale = weight.double().abs().amax(1, keepdim=True) / 127
    rows = (weight.double() / scale).round() * scale
    x = torch.randn(7, inputs, generator=random)
    together_at_once = layer(x.clone())
    for count in range(1, 8):
        found = layer(x[:count].clone())
        wanted = x[:count].double() @ rows.t() + bias
        most = 1e-2 if quick else 1e-4
        torch.testing.assert_close(
            found.double(), wanted, rtol=most, atol=0.1 * quick + 1e-5
        )
        if quick and processor == "AVX2":  # where it was seen
            assert torch.equal(found, together_at_once[:count])
        assert (found - wanted).abs().mean() < 0.004 * wanted.abs().mean()


def test_where_torch_has_no_such_products_few_tokens_are_like_many() -> None:
    cpu = replace(CPU, int8=False, int8_weights=False)
    layer, x = linear(torch.randn(16, 32), cpu=cpu), torch.randn(12, 32)
    assert not layer.multiplies_few
    torch.testing.assert_close(layer(x[:3].clone()), layer(x.clone())[:3])


# ---- a whole network ---------------------------------------------------------------------


@pytest.fixture(params=["as it is", "without VNNI"])
def processor(request: pytest.FixtureRequest) -> CpuFeatures:
    is_own = request.param == "as it is"
    return CPU if is_own else replace(CPU, int8=False, bfloat16=False)


def load_int8(folder: Path, cpu: CpuFeatures) -> Qwen2VLEngine:
    load = partial(load_network, device="cpu", dtype="int8", cpu=cpu)
    return build_engine(inspect(folder), load)


def logits(network: Network, rows: list[list[int]]) -> torch.Tensor:
    steps = [Step(ids, positions([len(ids)], 0)[0]) for ids in rows]
    with torch.inference_mode():
        return network.extend(steps, RaggedCache([KVPrefix()] * len(rows), network.device))


@pytest.mark.parametrize("layout", ["flat", "nested"])
@pytest.mark.parametrize("sharded", [False, True], ids=["single", "sharded"])
@pytest.mark.parametrize("tied", [False, True], ids=["own head", "tied head"])
def test_every_published_layout_loads_and_scores_nearly_as_in_float32(
    tmp_path: Path, processor: CpuFeatures, layout: Any, sharded: bool, tied: bool
) -> None:
    folder = make(tmp_path, layout=layout, sharded=sharded, tied=tied)
    plain, small = (
        load_network(inspect(folder), device="cpu", dtype=dtype, cpu=processor)
        for dtype in ("float32", "int8")
    )
    assert not [n for n, p in small._module.named_parameters() if p.is_meta]
    assert not [m for m in small._module.modules() if isinstance(m, torch.nn.Linear)]
    rows = [[7, 8, 9, 10], [11, 12]]
    wanted, found = logits(plain, rows), logits(small, rows)
    assert (found - wanted).abs().mean() < 0.05 * wanted.abs().mean()
    assert not torch.equal(found, wanted)
    assert found.dtype == torch.float32


def test_a_whole_conversation_in_int8_fits_its_schema_and_says_so(
    tmp_path: Path, processor: CpuFeatures
) -> None:
    engine = load_int8(make(tmp_path), processor)
    assert engine.info.options["dtype"] == "int8"
    assert "/dtype=int8" in engine.info.name
    photo = picture()
    found = describe(photo, engine, fields=["title"])
    assert found.provenance.settings["dtype"] == "int8"
    again = describe(photo, engine, fields=["title"])
    assert found.title == again.title


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("missing", "1 missing keys in the weights, first"),
        ("surplus", "1 unexpected keys in the weights, first model.layers.0.surplus"),
        ("shape", "1 mismatched keys in the weights, first"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    tmp_path: Path, processor: CpuFeatures, change: str, message: str
) -> None:
    folder = make(tmp_path)
    path = folder / "model.safetensors"
    weights = load_file(path)
    name = next(n for n in weights if n.endswith("layers.0.mlp.up_proj.weight"))
    if change == "missing":
        del weights[name]
    elif change == "surplus":
        weights["model.layers.0.surplus"] = torch.zeros(2)
    else:
        weights[name] = weights[name][:-1].clone()
    save_file(weights, path, {"format": "pt"})
    with pytest.raises(EngineError, match=message):
        load_int8(folder, processor)


def test_other_devices_are_refused(tmp_path: Path) -> None:
    folder = make(tmp_path)
    with pytest.raises(ValueError, match='int8" runs on a CPU, not on cuda'):
        load_engine(folder, QwenOptions(device="cuda", dtype="int8"))


def test_the_demo_model_sees_the_same_in_int8(root: Path, processor: CpuFeatures) -> None:
    photos = sorted((root / "examples").glob("*.jpg"))
    assert photos
    plain, small = (
        load_engine(options=QwenOptions(dtype="float32", device="cpu")),
        load_int8(DEMO, processor),
    )
    for photo in photos:
        wanted, found = describe(photo, plain), describe(photo, small)
        assert found.category == wanted.category
