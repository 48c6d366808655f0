"""Merged LoRA adapters: the logits of peft's own forward, which merges nothing.

To add a kind of adapter: a row of KINDS, with peft's own options.
"""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.adapters.peft_adapters import (
    make_adapter,
    older_key,
    our_logits,
    peft_logits,
    rewrite,
    tiny_base,
    with_adapter,
)
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers.pytorch_utils import Conv1D

from productdesc.engines.checkpoint.adapter import WEIGHTS, inspect_adapter
from productdesc.engines.checkpoint.lora_merge import merge_into
from productdesc.engines.checkpoint.lora_plan import plan_merge
from productdesc.engines.qwen2vl.modeling.model import load_network

CLOSE = 2e-5  # of the largest logit: sums in another order, in float32
TEXT = ["q_proj", "v_proj"]
# as trainers of today write one: either tower, any layer, by several ends
UNSLOTH = (
    r"(?:.*?(?:vision|image|visual|patch|language|text).*?(?:self_attn|attention|attn|mlp)"
    r".*?(?:q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj|proj|fc1|qkv).*?)"
)
KINDS: Mapping[str, Mapping[str, Any]] = {
    "ends of names": {"target_modules": TEXT},
    "a pattern": {"target_modules": UNSLOTH},
    "a pattern that looks ahead": {"target_modules": r"^(?!.*visual).*\.(?:up|down)_proj"},
    "all linear layers": {"target_modules": "all-linear"},
    "all but some": {"target_modules": "all-linear", "exclude_modules": r".*visual.*"},
    "some layers": {"target_modules": TEXT, "layers_to_transform": [1]},
    "layers of a list": {
        "target_modules": ["fc1", "up_proj"],
        "layers_to_transform": 1,
        "layers_pattern": "blocks",
    },
    "rslora": {"target_modules": TEXT, "use_rslora": True, "lora_alpha": 5},
    "ranks and alphas by name": {
        "target_modules": [*TEXT, "up_proj"],
        "rank_pattern": {"layers.1.self_attn.q_proj": 3, "q_proj": 7, "up_proj": 2},
        "alpha_pattern": {"v_proj": 21, r"^model\.language_model\.layers\.0\..*": 3},
        "use_rslora": True,
    },
    "dora": {"target_modules": [*TEXT, "qkv", "fc2"], "use_dora": True},
    "a convolution": {"target_modules": ["proj"]},
    "dora of a convolution": {"target_modules": r".*patch_embed\.proj", "use_dora": True},
    "modules to save": {"target_modules": TEXT, "modules_to_save": ["merger", "norm1"]},
    "all biases": {"target_modules": TEXT, "bias": "all"},
    "biases of its layers": {"target_modules": [*TEXT, "fc1"], "bias": "lora_only"},
    "a bias of its own": {"target_modules": [*TEXT, "fc1"], "lora_bias": True},
    "embeddings": {"target_modules": [*TEXT, "embed_tokens"]},
    "dora of embeddings": {"target_modules": ["embed_tokens"], "use_dora": True},
    "lm_head": {"target_modules": [*TEXT, "lm_head"]},
    "lm_head to save": {"target_modules": TEXT, "modules_to_save": ["lm_head"]},
    "embeddings to save": {"target_modules": TEXT, "modules_to_save": ["embed_tokens"]},
    "both to save": {
        "target_modules": TEXT,
        "modules_to_save": ["embed_tokens", "lm_head"],
    },
    "embeddings, and what is tied to them": {
        "target_modules": [*TEXT, "embed_tokens"],
        "ensure_weight_tying": True,
    },
    "embeddings to save, and what is tied to them": {
        "target_modules": TEXT,
        "modules_to_save": ["embed_tokens"],
        "ensure_weight_tying": True,
    },
    "an orthogonal start": {"target_modules": TEXT, "init_lora_weights": "orthogonal"},
    "a start in the minor components": {
        "target_modules": TEXT,
        "init_lora_weights": "mica",
    },
}
TIED = [
    name for name in KINDS if "embeddings" in name or "lm_head" in name or "both" in name
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # tiny shapes: a second thread only waits
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Tiny checkpoints by their options, each made once."""
    top = tmp_path_factory.mktemp("bases")

    def base(**options: Any) -> Path:
        name = "-".join(f"{key}={value}" for key, value in options.items()) or "plain"
        return tiny_base(top / name, **options)

    return base


def check(base: Path, adapter: Path, theirs: torch.Tensor) -> None:
    checkpoint = with_adapter(base, adapter)
    network = load_network(checkpoint, device="cpu", dtype="float32")
    largest = float(theirs.abs().max())
    unchanged = peft_logits(base, None)
    assert float((theirs - unchanged).abs().max()) > 0.01 * largest, "it changes nothing"
    difference = (our_logits(network, checkpoint) - theirs).abs().max()
    assert float(difference) <= CLOSE * largest


@pytest.mark.parametrize("kind", KINDS)
def test_merged_logits_are_those_of_peft(
    bases: Callable[..., Path], tmp_path: Path, kind: str
) -> None:
    base = bases()
    adapter = make_adapter(base, tmp_path / "adapter", **KINDS[kind])
    check(base, adapter, peft_logits(base, adapter))


@pytest.mark.parametrize("kind", TIED)
def test_tied_embeddings_come_apart_where_peft_takes_them_apart(
    bases: Callable[..., Path], tmp_path: Path, kind: str
) -> None:
    base = bases(tied=True)
    adapter = make_adapter(base, tmp_path / "adapter", **KINDS[kind])
    check(base, adapter, peft_logits(base, adapter))


@pytest.mark.parametrize("kind", ["ends of names", "dora", "modules to save", "all biases"])
@pytest.mark.parametrize("layout", ["flat", "nested"])
def test_names_from_before_transformers_4_52_merge_as_todays(
    bases: Callable[..., Path], tmp_path: Path, kind: str, layout: str
) -> None:
    base = bases(layout=layout, sharded=True)
    adapter = make_adapter(base, tmp_path / "adapter", **KINDS[kind])
    theirs = peft_logits(base, adapter)
    names = set(load_file(adapter / WEIGHTS))
    rewrite(adapter, key=older_key)
    assert not names & set(load_file(adapter / WEIGHTS))
    check(base, adapter, theirs)


def test_settings_from_before_transformers_4_52_are_read_with_their_names(
    bases: Callable[..., Path], tmp_path: Path
) -> None:
    base = bases()
    today = {
        "target_modules": r"model\.(language_model\.layers|visual\.blocks)\..*(q_proj|qkv)",
        "rank_pattern": {"model.visual.blocks.1.attn.qkv": 2},
        "alpha_pattern": {"^model.language_model.layers.0.self_attn.q_proj": 30},
        "modules_to_save": ["model.visual.merger"],
    }
    adapter = make_adapter(base, tmp_path / "adapter", **today)
    theirs = peft_logits(base, adapter)
    older = {
        "target_modules": r"(model\.layers|visual\.blocks)\..*(q_proj|qkv)",
        "rank_pattern": {"visual.blocks.1.attn.qkv": 2},
        "alpha_pattern": {"^model.layers.0.self_attn.q_proj": 30},
        "modules_to_save": ["visual.merger"],
    }
    check(base, rewrite(adapter, key=older_key, **older), theirs)


def test_peft_goes_by_the_kind_of_layer_and_not_by_fan_in_fan_out(
    bases: Callable[..., Path], tmp_path: Path
) -> None:
    base = bases()
    adapter = make_adapter(base, tmp_path / "adapter", target_modules=TEXT)
    rewrite(adapter, fan_in_fan_out=True)
    check(base, adapter, peft_logits(base, adapter))


@pytest.mark.parametrize("use_dora", [False, True])
def test_a_layer_that_holds_inputs_first_is_merged_that_way_round(
    tmp_path: Path, use_dora: bool
) -> None:
    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mix = Conv1D(5, 5)  # square: only its kind tells

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.mix(x)
            return out

    torch.manual_seed(2)
    model, x = Model(), torch.randn(3, 5)
    model.mix.weight.data.normal_()
    config = LoraConfig(r=2, target_modules=["mix"], fan_in_fan_out=True, use_dora=use_dora)
    theirs = get_peft_model(copy.deepcopy(model), config)
    for parameter in theirs.parameters():
        if parameter.requires_grad:
            parameter.data += torch.rand_like(parameter)
    theirs.save_pretrained(tmp_path)
    merge = plan_merge(inspect_adapter(tmp_path), model)
    base = {name: value.clone() for name, value in model.named_parameters()}
    merge_into(model, merge, base.__getitem__)
    with torch.inference_mode():
        torch.testing.assert_close(model(x), theirs.eval()(x))
        assert not torch.allclose(model(x), x @ base["mix.weight"] + base["mix.bias"])


@pytest.mark.parametrize("stored", [torch.bfloat16, torch.float16, torch.float64])
def test_an_adapter_of_another_dtype_is_merged_in_float32(
    bases: Callable[..., Path], tmp_path: Path, stored: torch.dtype
) -> None:
    base = bases()
    adapter = make_adapter(base, tmp_path / "adapter", target_modules=TEXT)
    file = adapter / WEIGHTS
    rounded = {k: v.to(stored) for k, v in load_file(file).items()}
    save_file({k: v.float() for k, v in rounded.items()}, file)
    theirs = peft_logits(base, adapter)
    save_file(rounded, file)
    check(base, adapter, theirs)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_sum_is_rounded_once(
    bases: Callable[..., Path], tmp_path: Path, dtype: str, tied: bool
) -> None:
    base = bases(tied=tied)
    adapter = make_adapter(base, tmp_path / "adapter", target_modules=["fc1", "lm_head"])
    networks = [
        load_network(with_adapter(base, adapter), device="cpu", dtype=kind)
        for kind in ("float32", dtype)
    ]
    exact, rounded = (dict(n._module.named_parameters()) for n in networks)
    assert "lm_head.weight" in exact  # a parameter of its own, also where it was tied
    for name, value in exact.items():
        assert torch.equal(rounded[name], value.to(getattr(torch, dtype))), name


def test_all_else_stays_as_it_was(bases: Callable[..., Path], tmp_path: Path) -> None:
    base = bases()
    adapter = make_adapter(base, tmp_path / "adapter", target_modules=["v_proj"])
    plain, merged = (
        dict(load_network(with_adapter(base, one), device="cpu")._module.named_parameters())
        for one in (None, adapter)
    )
    changed = {
        name for name, value in plain.items() if not torch.equal(value, merged[name])
    }
    assert changed == {
        f"model.language_model.layers.{n}.self_attn.v_proj.weight" for n in range(2)
    }


INT8 = (
    "ends of names",
    "dora",
    "all biases",
    "lm_head",
    "embeddings",
    "dora of embeddings",
)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("kind", INT8)
def test_int8_rounds_what_was_merged(
    bases: Callable[..., Path], tmp_path: Path, kind: str, tied: bool
) -> None:
    """The same as int8 of a checkpoint into which the adapter was merged before."""
    base = bases(tied=tied)
    adapter = make_adapter(base, tmp_path / "adapter", **KINDS[kind])
    exact = load_network(with_adapter(base, adapter), device="cpu", dtype="float32")
    whole = shutil.copytree(base, tmp_path / "whole")
    named = {n: p.contiguous() for n, p in exact._module.named_parameters()}
    save_file(named, whole / "model.safetensors", {"format": "pt"})
    config = json.loads((whole / "config.json").read_text("utf-8"))
    config["tie_word_embeddings"] = "lm_head.weight" not in named
    (whole / "config.json").write_text(json.dumps(config), "utf-8")
    wanted, found = (
        our_logits(load_network(one, device="cpu", dtype="int8"), one)
        for one in (with_adapter(whole, None), with_adapter(base, adapter))
    )
    assert torch.equal(found, wanted)
    plain = with_adapter(base, None)
    without = our_logits(load_network(plain, device="cpu", dtype="int8"), plain)
    assert not torch.equal(found, without)
