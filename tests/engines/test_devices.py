"""The device that was asked for: there, absent, or none that there can be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from productdesc import EngineError, QwenOptions, load_engine
from productdesc.engines.checkpoint.devices import absent, pick_device, pick_dtype

ABSENT = [
    kind for kind in ("cuda", "mps", "xpu")
    if not torch.get_device_module(kind).device_count()
]  # fmt: skip


@pytest.mark.parametrize("kind", ABSENT)
@pytest.mark.parametrize("number", ["", ":0", ":7"])
def test_a_device_that_this_machine_has_not_is_named_with_those_it_has(
    kind: str, number: str
) -> None:
    expected = rf"device '{kind}{number}': PyTorch .* finds none on this machine; .*\bcpu\b"
    for device in (f"{kind}{number}", torch.device(f"{kind}{number}")):
        with pytest.raises(EngineError, match=expected):
            pick_device(device)


def test_an_absent_device_costs_no_look_at_the_model(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="device 'cpu:3'"):
        load_engine(tmp_path / "no-such-model", QwenOptions(device="cpu:3"))
    with pytest.raises(ValueError, match="dtype is 'float8'"):
        QwenOptions(dtype="float8")


@pytest.mark.parametrize(
    ("device", "count", "why"),
    [
        ("cuda", 1, ""),
        ("cuda:0", 1, ""),
        ("cuda:7", 8, ""),
        ("cuda:7", 1, "there is no such one; this machine has cuda:0"),
        ("cuda:8", 8, "there is no such one; this machine has cuda:0 to cuda:7"),
        ("cpu:1", 1, "there is no such one; this machine has cpu:0"),
        ("mps", 0, "PyTorch .* finds none on this machine; it finds: .*cpu .*"),
    ],
)
def test_a_number_counts_from_zero(device: str, count: int, why: str) -> None:
    assert re.fullmatch(why, absent(torch.device(device), count))


@pytest.mark.parametrize("kind", ["meta", "vulkan", "lazy"])
def test_a_kind_of_device_that_computes_nothing_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=f"device '{kind}': PyTorch has none"):
        pick_device(torch.device(kind))


@pytest.mark.parametrize(
    ("device", "meant"),
    [
        ("gpu", "cuda"),
        ("GPU:1", "cuda"),
        ("cdua", "cuda"),
        ("rocm", "cuda"),
        ("CUDA", "cuda"),
        ("metal", "mps"),
        ("cpus", "cpu"),
    ],
)
def test_a_misspelt_device_is_told_at_once_with_what_was_meant(
    device: str, meant: str
) -> None:
    with pytest.raises(ValueError, match=f"device '{device}' is not known"):
        QwenOptions(device=device)
    with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
        QwenOptions(device=device)


@pytest.mark.parametrize("device", ["", "cuda:", "cuda:x", "cuda:-1", "tpu", "cuda 0"])
def test_a_name_of_no_device_lists_those_there_are(device: str) -> None:
    with pytest.raises(ValueError, match="known are: cpu, cuda, mps, xpu, with a number"):
        QwenOptions(device=device)


def test_the_processor_is_always_there() -> None:
    assert pick_device("cpu").type == pick_device("cpu:0").type == "cpu"
    assert pick_dtype("int8", pick_device("cpu"), 0) is torch.int8
