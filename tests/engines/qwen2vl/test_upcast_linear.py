"""Weights of 16 bits where the processor cannot multiply them: summed in float32."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from doubles.pictures import picture
from doubles.tiny_qwen2vl import make
from torch import nn

from productdesc import Described, Product, describe_many, photos
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.qwen2vl.attention.kv_cache import KVPrefix
from productdesc.engines.qwen2vl.attention.ragged_cache import RaggedCache
from productdesc.engines.qwen2vl.inputs.image_processor import (
    image_processor_config,
    pixel_values,
)
from productdesc.engines.qwen2vl.inputs.mrope import positions
from productdesc.engines.qwen2vl.load_engine import build_engine
from productdesc.engines.qwen2vl.modeling.cpu_features import CpuFeatures
from productdesc.engines.qwen2vl.modeling.model import Network, Step, load_network
from productdesc.engines.qwen2vl.modeling.upcast_linear import (
    MAX_UPCAST,
    Float32Linear,
    apply_linears,
)

SLOW_HALVES = replace(CpuFeatures.detect(), bfloat16=False, float16=False)


def upcast_linear(
    inputs: int, outputs: int, *, bias: bool = True, max_upcast: int = MAX_UPCAST
) -> Float32Linear:
    layer = nn.Linear(inputs, outputs, bias=bias).to(torch.bfloat16)
    return Float32Linear(layer.requires_grad_(False), max_upcast)


def exact(layer: Float32Linear, x: torch.Tensor) -> torch.Tensor:
    found = x.double() @ layer.weight.double().t()
    return found if layer.bias is None else found + layer.bias.double()


@pytest.mark.parametrize("count", [1, 3, 15, 16, 17, 300])
@pytest.mark.parametrize("bias", [True, False])
def test_products_are_those_of_float32(count: int, bias: bool) -> None:
    x = torch.randn(count, 96)
    layers = [upcast_linear(96, 40, bias=bias), upcast_linear(96, 7, bias=bias)]
    outputs = apply_linears(layers, x, max_upcast=1000)  # blocks, the last one smaller
    for layer, found in zip(layers, outputs, strict=True):
        assert found.dtype == torch.float32 and found.shape == (count, len(layer.weight))
        torch.testing.assert_close(found.double(), exact(layer, x), rtol=1e-4, atol=1e-5)


def test_a_row_of_weights_may_be_larger_than_a_block() -> None:
    layer, x = upcast_linear(64, 5, max_upcast=10), torch.randn(2, 3, 64)
    found = layer(x)
    assert found.shape == (2, 3, 5)
    torch.testing.assert_close(found.double(), exact(layer, x), rtol=1e-4, atol=1e-5)


def test_a_token_is_the_same_to_the_bit_alone_and_beside_fifteen() -> None:
    layer, x = upcast_linear(64, 48), torch.randn(16, 64)
    [whole] = apply_linears([layer], x)
    for row in range(16):
        assert torch.equal(apply_linears([layer], x[row : row + 1])[0][0], whole[row])


# ---- a whole network ---------------------------------------------------------------------


def rounded_network(folder: Path, dtype: torch.dtype) -> Network:
    """The weights as `dtype` holds them, all in float32."""
    network = load_network(inspect(folder), device="cpu", dtype="float32")
    for value in network._module.parameters():
        value.copy_(value.to(dtype))
    return network


def logits(network: Network) -> torch.Tensor:
    steps = [Step(ids, positions([len(ids)], 0)[0]) for ids in ([7, 8, 9, 10], [11, 12])]
    with torch.inference_mode():
        return network.extend(steps, RaggedCache([KVPrefix()] * 2, network.device))


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
@pytest.mark.parametrize("tied", [True, False], ids=["tied head", "own head"])
def test_a_network_sums_in_float32_over_weights_that_stay_as_small(
    tmp_path: Path, name: str, tied: bool
) -> None:
    folder, kind = make(tmp_path, tied=tied), getattr(torch, name)
    network = load_network(inspect(folder), device="cpu", dtype=name, cpu=SLOW_HALVES)
    assert network.dtype == kind
    assert not [m for m in network._module.modules() if isinstance(m, nn.Linear)]
    large = [p for p in network._module.parameters() if p.ndim == 2]
    assert large and all(p.dtype == kind for p in large)
    plain = rounded_network(folder, kind)
    torch.testing.assert_close(logits(network), logits(plain), rtol=1e-4, atol=1e-4)
    photo = pixel_values(
        photos.load(picture()), image_processor_config({}, max_pixels=56 * 56)
    )
    with torch.inference_mode():
        seen, wanted = network.encode_images([photo]), plain.encode_images([photo])
    assert seen is not None and seen.dtype == torch.float32
    torch.testing.assert_close(seen, wanted, rtol=1e-4, atol=1e-4)


def test_a_batch_says_what_its_products_say_alone(tmp_path: Path) -> None:
    load = partial(load_network, device="cpu", dtype="bfloat16", cpu=SLOW_HALVES)
    engine = build_engine(inspect(make(tmp_path)), load)
    assert "bfloat16" in engine.info.name
    three = [Product(id=str(n), photos=picture(), title=f"No {n}") for n in range(3)]

    def texts(chosen: list[Product]) -> list[str]:
        outcomes = list(describe_many(chosen, engine, fields=["title", "bullets"]))
        assert all(isinstance(one, Described) for one in outcomes)
        return [one.description.title for one in outcomes if isinstance(one, Described)]

    assert texts(three) == [text for one in three for text in texts([one])]


def test_a_processor_with_such_products_multiplies_as_before(
    tmp_path: Path,
) -> None:
    cpu = replace(SLOW_HALVES, bfloat16=True)
    network = load_network(inspect(make(tmp_path)), device="cpu", dtype="bfloat16", cpu=cpu)
    assert [m for m in network._module.modules() if isinstance(m, nn.Linear)]
    assert not [m for m in network._module.modules() if isinstance(m, Float32Linear)]
