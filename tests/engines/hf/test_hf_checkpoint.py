"""Which checkpoints the transformers engine refuses, and what it says of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.families.family_tokenizers import llama, smollm
from doubles.families.tiny_families import make
from safetensors.torch import load_file, save_file

from productdesc.engines import HfOptions
from productdesc.engines.checkpoint.weight_files import digest
from productdesc.engines.hf.load_engine import load_hf
from productdesc.errors import EngineError

CPU = HfOptions(device="cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make("llava", tmp_path / "model")


def changed(folder: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads((folder / name).read_text("utf-8"))
    change(value)
    (folder / name).write_text(json.dumps(value), "utf-8")


def setting(*path: str, to: Any) -> Callable[[dict[str, Any]], object]:
    def change(value: dict[str, Any]) -> None:
        for name in path[:-1]:
            value = value[name]
        value[path[-1]] = to

    return change


def test_a_good_folder_loads_and_its_weights_are_digested(folder: Path) -> None:
    engine = load_hf(folder, CPU)
    assert engine.info.model == "model"
    assert engine.info.weights_digest == digest((folder / "model.safetensors",))


REFUSED = {
    "code": ("config.json", setting("auto_map", to={"AutoModel": "x.Y"}), "code to run"),
    "kernel": ("config.json", setting("attn_implementation", to="a/b"), "a kernel"),
    "kind": ("config.json", setting("model_type", to="unheard"), "model_type 'unheard'"),
    "class": ("config.json", setting("architectures", to=["A"]), r"\['A'\]"),
    "deep": ("config.json", setting("text_config", "num_hidden_layers", to=9999), "9999"),
    "tokenizer class": (
        "tokenizer_config.json",
        setting("tokenizer_class", to="TransfoXLTokenizer"),
        "tokenizer_class 'TransfoXLTokenizer'; known: GPT2Tokenizer",
    ),
    "tokenizer code": (
        "tokenizer_config.json",
        setting("auto_map", to={"AutoTokenizer": ["x.Y", None]}),
        "code to run",
    ),
    "normalizer": (
        "tokenizer.json",
        setting("normalizer", to={"type": "Prepend", "prepend": "x"}),
        "its normalizer is not one of: none, NFC, Replace, Sequence",
    ),
    "pattern": (
        "tokenizer.json",
        setting(
            "pre_tokenizer",
            to={
                "type": "Split",
                "pattern": {"Regex": "(a+)+"},
                "behavior": "Isolated",
                "invert": False,
            },
        ),
        "its pre_tokenizer is not a known one",
    ),
    "processor": (
        "preprocessor_config.json",
        setting("image_processor_type", to="FuyuImageProcessor"),
        "LLaVA 1.5 has one of: CLIPImageProcessor",
    ),
    "size": (
        "preprocessor_config.json",
        setting("size", to={"shortest_edge": 10**9}),
        "size is 1000000000; it is from 1 to 4,096",
    ),
    "no size": (
        "preprocessor_config.json",
        setting("crop_size", to={"height": 0, "width": 336}),
        "crop_size is 0",
    ),
    "image token": (
        "config.json",
        setting("image_token_index", to=5),
        "token 5, which is no special token",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_before_the_weights_are_read(folder: Path, case: str) -> None:
    name, change, words = REFUSED[case]
    changed(folder, name, change)
    (folder / "model.safetensors").write_bytes(
        (folder / "model.safetensors").read_bytes()[:-8] + b"\xff" * 8
    )
    with pytest.raises(EngineError, match=words):
        load_hf(folder, CPU)


def test_a_pickle_beside_the_weights_is_refused(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(EngineError, match="a pickle"):
        load_hf(folder, CPU)


def test_a_small_file_that_names_a_large_network_is_refused_by_the_memory_it_needs(
    folder: Path,
) -> None:
    """The network is counted without its memory, so nothing is allocated."""
    changed(folder, "config.json", setting("text_config", "hidden_size", to=65_536))
    changed(folder, "config.json", setting("text_config", "intermediate_size", to=999_999))
    changed(folder, "config.json", setting("text_config", "num_hidden_layers", to=20))
    with pytest.raises(EngineError, match=r"needs about .* GB of main memory"):
        load_hf(folder, CPU)


def test_weights_that_are_not_the_networks_are_refused(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    name = sorted(weights)[0]
    tensor = weights.pop(name)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match="1 missing keys in the weights"):
        load_hf(folder, CPU)
    weights |= {name: tensor, "surplus.weight": torch.zeros(3)}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match="1 unexpected keys in the weights"):
        load_hf(folder, CPU)
    del weights["surplus.weight"]
    weights[name] = torch.zeros(*tensor.shape, 2)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match=r"cannot be loaded|mismatched keys"):
        load_hf(folder, CPU)


def test_a_tokenizer_of_another_family_is_refused(folder: Path) -> None:
    smollm().save(str(folder / "tokenizer.json"))
    with pytest.raises(EngineError, match=r"has no </s>|which is no special token"):
        load_hf(folder, CPU)


def test_a_tokenizer_without_its_bytes_is_refused(folder: Path) -> None:
    def unspell(value: dict[str, Any]) -> None:
        vocab = value["model"]["vocab"]
        vocab["<0x41>."] = vocab.pop("<0x41>")

    changed(folder, "tokenizer.json", unspell)
    with pytest.raises(EngineError, match="lacks a token for 1 of 256 bytes"):
        load_hf(folder, CPU)


def test_max_pixels_is_for_photos_of_any_size(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"max_pixels: LLaVA 1\.5 reads every photo at"):
        load_hf(folder, HfOptions(device="cpu", max_pixels=100_000))
    qwen = make("qwen2_vl", tmp_path / "qwen")
    engine = load_hf(qwen, HfOptions(device="cpu", max_pixels=100_000))
    assert engine.info.options["max_pixels"] == 100_000
    assert load_hf(qwen, CPU).info.options["max_pixels"] == 28 * 28 * 1280


def test_options_are_checked_when_they_are_made() -> None:
    with pytest.raises(ValueError, match="dtype is 'int8'; use one of float32"):
        HfOptions(dtype="int8")
    with pytest.raises(ValueError, match="device 'gpu' is not known"):
        HfOptions(device="gpu")


def test_settings_of_the_image_processor_may_stand_in_processor_config(
    folder: Path,
) -> None:
    """As transformers 5 saves a whole processor."""
    inner = json.loads((folder / "preprocessor_config.json").read_text("utf-8"))
    (folder / "preprocessor_config.json").unlink()
    whole = {"image_processor": inner, "processor_class": "LlavaProcessor"}
    (folder / "processor_config.json").write_text(json.dumps(whole), "utf-8")
    assert load_hf(folder, CPU).info.max_photos == 1


def test_a_token_that_files_and_transformers_number_otherwise_is_refused(
    folder: Path,
) -> None:
    number = llama().token_to_id("<pad>") + 5
    changed(
        folder,
        "tokenizer_config.json",
        setting(
            "added_tokens_decoder", to={str(number): {"content": "<more>", "special": True}}
        ),
    )
    with pytest.raises(EngineError, match=r"<more>.* the id|the model only"):
        load_hf(folder, CPU)
