"""LoRA adapters that are refused: before anything is loaded, by name, with what to do.

To add a reason: a row of FOLDERS for what the folder alone tells, else of FITS.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.adapters.peft_adapters import (
    load_base,
    make_adapter,
    rewrite,
    tiny_base,
    with_adapter,
)
from peft import IA3Config, get_peft_model
from safetensors.torch import load_file, save_file

from productdesc import EngineError, QwenOptions, load_engine
from productdesc.engines.checkpoint.adapter import (
    CHANGES_MORE,
    CONFIG,
    MAX_CONFIG_BYTES,
    WEIGHTS,
    LoraConfig,
    inspect_adapter,
)
from productdesc.engines.checkpoint.name_patterns import MATCH_SECONDS, targeted
from productdesc.engines.qwen2vl.modeling.model import load_network

LAYER = "model.language_model.layers.0.self_attn"
Q = f"base_model.model.{LAYER}.q_proj"
Change = Callable[[Path], Any]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="module")
def whole(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter in order, to be spoilt."""
    folder = tmp_path_factory.mktemp("adapter") / "shoes-lora"
    return make_adapter(base, folder, target_modules=["q_proj", "v_proj"])


@pytest.fixture
def adapter(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / whole.name)


def settings(**values: Any) -> Change:
    return lambda folder: rewrite(folder, **values)


def text(name: str, content: str | bytes) -> Change:
    data = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / name).write_bytes(data)


def gone(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


def moved_out(folder: Path) -> None:
    outside = folder.parent / "outside.safetensors"
    shutil.move(folder / WEIGHTS, outside)
    (folder / WEIGHTS).symlink_to(outside)


def pickled(folder: Path) -> None:
    torch.save(load_file(folder / WEIGHTS), folder / "adapter_model.bin")
    (folder / WEIGHTS).unlink()


def cut_off(folder: Path) -> None:
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data[:-9])


def header_of(shapes: Mapping[str, tuple[int, ...]], left_out: int = 0) -> bytes:
    """The beginning of a file of such tensors; its bytes end so much too early."""
    entries, at = {}, 0
    for name, shape in shapes.items():
        end = at + 4 * math.prod(shape) - left_out
        entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, end]}
        at = end
    header = json.dumps(entries).encode()
    return len(header).to_bytes(8, "little") + header


def dtype(kind: torch.dtype) -> Change:
    made = {f"{Q}.lora_A.weight": torch.ones(4, 64).to(kind)}
    return lambda folder: rewrite(folder, tensors=lambda found: found.update(made))


FOLDERS: Mapping[str, tuple[Change, str]] = {
    "no settings": (gone(CONFIG), f"holds no {CONFIG}, so it is no LoRA adapter"),
    "no tensors' file": (gone(WEIGHTS), f"holds no {WEIGHTS}, so it is no LoRA adapter"),
    "a pickle": (
        pickled,
        "adapter_model.bin: refused, a pickle. Save the adapter",
    ),
    "a pickle beside": (
        text("adapter_model.bin", b"\x80"),
        "adapter_model.bin: refused, a pickle",
    ),
    "a link out of the folder": (moved_out, "a link that leaves the model's folder"),
    "a file that was cut off": (cut_off, "bytes where its header says"),
    "a file of another format": (
        text(WEIGHTS, "version https://git-lfs"),
        "not a safe",
    ),
    "no tensors": (lambda f: save_file({}, f / WEIGHTS), f"{WEIGHTS}: holds no tensors"),
    "settings that are no JSON": (text(CONFIG, "{"), "not readable as JSON"),
    "settings that are a list": (text(CONFIG, "[]"), "holds list, not an object"),
    "settings without end": (
        text(CONFIG, " " * (MAX_CONFIG_BYTES + 1)),
        "refused, 1,048,577 bytes; at most 1,048,576",
    ),
    "another kind of peft": (
        settings(peft_type="LOHA"),
        "peft_type is 'LOHA'; only LORA is merged",
    ),
    "no kind": (settings(peft_type=None), "peft_type is 'None'"),
    "code": (settings(auto_map={"AutoModel": "x.Y"}), "it names code to run"),
    "a base that is quantised": (
        settings(quantization_config={"bits": 4}),
        "quantised weights are not read",
    ),
    **{
        f"{name} is set": (settings(**{name: {"on": 1}}), f"it sets '{name}': {why}")
        for name, why in CHANGES_MORE.items()
    },
    "what a later peft has": (
        settings(use_magic=True),
        "it sets 'use_magic': what ",
    ),
    "a start that changes the base": (
        settings(init_lora_weights="pissa_niter_4"),
        "init_lora_weights is 'pissa_niter_4', which changes the base's weights too",
    ),
    "a start of a quantised base": (settings(init_lora_weights="loftq"), "is 'loftq'"),
    "a rank of none": (settings(r=0), f"{CONFIG}: r: Input should be greater"),
    "a rank that is a text": (settings(r="8"), f"{CONFIG}: r: Input should be a valid int"),
    "an alpha without end": (
        text(CONFIG, '{"peft_type": "LORA", "lora_alpha": Infinity}'),
        f"{CONFIG}: lora_alpha: Input should be a finite number",
    ),
    "a rank of a name": (settings(rank_pattern={"q_proj": -1}), "rank_pattern.q_proj: "),
    "a bias of no kind": (settings(bias="some"), f"{CONFIG}: bias: Input should be 'none'"),
    "dora with biases": (
        settings(use_dora=True, lora_bias=True),
        "use_dora and lora_bias go not together",
    ),
    "whole numbers": (dtype(torch.int8), f"refused, {Q}.lora_A.weight is I8; known: F32"),
    "eight bits": (dtype(torch.float8_e4m3fn), "lora_A.weight is F8_E4M3; known"),
}


@pytest.mark.parametrize("why", FOLDERS)
def test_a_folder_that_is_no_whole_lora_adapter_is_refused(adapter: Path, why: str) -> None:
    change, message = FOLDERS[why]
    change(adapter)
    with pytest.raises(EngineError, match=re.escape(message)):
        inspect_adapter(adapter)


def renamed(old: str, new: str) -> Change:
    return lambda folder: rewrite(folder, key=lambda key: key.replace(old, new))


def without(*ends: str) -> Change:
    def drop(tensors: dict[str, Any]) -> None:
        for name in [n for n in tensors if n.endswith(ends)]:
            del tensors[name]

    return lambda folder: rewrite(folder, tensors=drop)


def having(
    tensors: Mapping[str, tuple[int, ...]], *, alone: bool = False, **values: Any
) -> Change:
    """With these tensors, of such shapes, in place of those of the name, or of all."""

    def put(found: dict[str, Any]) -> None:
        if alone:
            found.clear()
        found |= {name: torch.ones(shape) for name, shape in tensors.items()}

    return lambda folder: rewrite(folder, tensors=put, **values)


def spoilt(value: float) -> Change:
    def spoil(tensors: dict[str, Any]) -> None:
        tensors[f"{Q}.lora_B.weight"][3, 1] = value

    return lambda folder: rewrite(folder, tensors=spoil)


def contradicted(folder: Path) -> None:
    """Whole tensors by their shapes, and four bytes too few for each."""
    rewrite(folder, target_modules=["layers.0.self_attn.q_proj"])
    shapes = {f"{Q}.lora_A.weight": (4, 64), f"{Q}.lora_B.weight": (64, 4)}
    (folder / WEIGHTS).write_bytes(header_of(shapes, left_out=4) + bytes(2040))


NORM = "base_model.model.model.visual.blocks.0.norm1"
OF_O_PROJ = {
    f"base_model.model.model.language_model.layers.{n}.self_attn.o_proj.{part}": shape
    for n in range(2)
    for part, shape in (
        ("lora_A.weight", (4, 64)),
        ("lora_B.weight", (64, 4)),
        ("lora_B.bias", (64,)),
    )
}


FITS: Mapping[str, tuple[Change, str]] = {
    "of another model": (
        renamed("language_model.layers", "decoder.blocks"),
        "8 of 8 tensors match no weight of Qwen2VLForConditionalGeneration, first "
        "base_model.model.model.decoder.blocks.0.self_attn.q_proj.lora_A.weight; give the "
        "model that it was trained on, ",
    ),
    "one tensor too many": (
        having({"base_model.model.model.extra.lora_A.weight": (4, 64)}),
        "1 of 9 tensors match no weight of Qwen2VLForConditionalGeneration, first "
        "base_model.model.model.extra.lora_A.weight",
    ),
    "a part that no layer has": (
        having({f"{Q}.lora_C.weight": (4,)}),
        f"1 of 9 tensors match no weight of Qwen2VLForConditionalGeneration, first {Q}"
        ".lora_C.weight",
    ),
    "the name of an adapter in it": (
        renamed("lora_A.weight", "lora_A.default.weight"),
        "4 of 8 tensors match no weight",
    ),
    "a layer more than the settings name": (
        settings(target_modules=["q_proj"]),
        "2 of 4 changed modules are not named by adapter_config.json, first "
        "model.language_model.layers.0.self_attn.v_proj",
    ),
    "a layer less than the settings name": (
        without("1.self_attn.v_proj.lora_A.weight", "1.self_attn.v_proj.lora_B.weight"),
        "1 of 4 modules that adapter_config.json names have no tensors, first "
        "model.language_model.layers.1.self_attn.v_proj; the adapter is not whole; save it",
    ),
    "a layer less than a pattern names": (
        settings(target_modules=r".*_proj"),
        "10 of 14 modules that adapter_config.json names have no tensors",
    ),
    "a matrix less": (
        without("layers.0.self_attn.q_proj.lora_B.weight"),
        "model.language_model.layers.0.self_attn.q_proj lacks lora_B",
    ),
    "no magnitudes": (settings(use_dora=True), "0.self_attn.q_proj lacks lora_magnitude_v"),
    "magnitudes that the settings do not know": (
        having({f"{Q}.lora_magnitude_vector": (64,)}),
        "0.self_attn.q_proj has, against its settings, lora_magnitude_vector",
    ),
    "no bias of its own": (
        settings(lora_bias=True),
        "q_proj lacks lora_B bias",
    ),
    "a rank that the settings do not say": (
        settings(r=5),
        f"{Q}.lora_A.weight is (4, 64) where {LAYER}.q_proj takes (5, 64); the "
        "weights of the model and adapter_config.json (r, rank_pattern)",
    ),
    "a rank by name that is not so": (
        settings(rank_pattern={"v_proj": 3}),
        "v_proj.lora_A.weight is (4, 64) where",
    ),
    "of a wider model": (
        having({f"{Q}.lora_B.weight": (96, 4)}),
        f"{Q}.lora_B.weight is (96, 4) where {LAYER}.q_proj takes (64, 4)",
    ),
    "one value for two": (
        having({f"{Q}.base_layer.bias": (64,), f"{Q}.bias": (64,)}),
        "two tensors are bias of model.language_model.layers.0.self_attn.q_proj",
    ),
    "a vocabulary of another size": (
        having({"base_model.model.lm_head.weight": (500, 64)}),
        "lm_head.weight is (500, 64) where lm_head.weight takes (477, 64)",
    ),
    "modules to save that are not there": (
        settings(modules_to_save=["lm_head"]),
        "1 of 1 tensors of modules_to_save 'lm_head' are missing, first lm_head.weight",
    ),
    "modules to save that no model has": (
        settings(modules_to_save=["classifier"]),
        "0 of 0 tensors of modules_to_save 'classifier' are missing",
    ),
    "a layer that takes no matrices": (
        having(
            {f"{NORM}.lora_A.weight": (4, 32), f"{NORM}.lora_B.weight": (32, 4)},
            target_modules=["q_proj", "v_proj", "norm1"],
        ),
        "1 of 5 changed modules are not named by adapter_config.json, first "
        "model.visual.blocks.0.norm1",
    ),
    "a bias for a layer without one": (
        having(OF_O_PROJ, alone=True, target_modules=["o_proj"], lora_bias=True),
        "0.self_attn.o_proj has no bias that lora_bias could be added to",
    ),
    "a pattern that is none": (
        settings(target_modules="(q_proj"),
        "a pattern in it is none of Python's: missing ), unterminated subpattern",
    ),
    "patterns without end": (
        settings(rank_pattern={f"^{n}": 4 for n in range(1001)}),
        "refused, 1,001 patterns; at most 1,000",
    ),
    "a header against itself": (
        contradicted,
        f"{WEIGHTS}: not readable: ",
    ),
    "what is no number": (
        spoilt(float("nan")),
        f"{Q}.lora_B.weight holds what is",
    ),
    "what is no finite number": (
        spoilt(float("inf")),
        f"{Q}.lora_B.weight holds",
    ),
    "a sum that is none": (
        lambda folder: rewrite(spoilt(3e38)(folder), lora_alpha=1e6),
        "layers.0.self_attn.q_proj.weight holds what is no finite number when merged",
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "int8"])
@pytest.mark.parametrize("why", FITS)
def test_an_adapter_that_does_not_fit_the_model_is_refused(
    base: Path, adapter: Path, why: str, dtype: str
) -> None:
    change, message = FITS[why]
    change(adapter)
    with pytest.raises(EngineError, match=re.escape(message)) as caught:
        load_network(with_adapter(base, adapter), device="cpu", dtype=dtype)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_an_adapter_is_refused_before_any_weight_is_loaded(
    tmp_path: Path, adapter: Path
) -> None:
    """The base lacks a weight, which only loading would tell."""
    base = tiny_base(tmp_path / "model")
    tensors = load_file(base / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, base / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match="1 missing keys in the weights"):
        load_network(with_adapter(base, adapter), device="cpu")
    rewrite(adapter, r=5)
    with pytest.raises(EngineError, match=r"shoes-lora: refused, .* takes"):
        load_network(with_adapter(base, adapter), device="cpu")


def test_an_adapter_of_another_kind_that_peft_made_is_refused(
    base: Path, tmp_path: Path
) -> None:
    config = IA3Config(target_modules=["q_proj"], feedforward_modules=[])
    get_peft_model(load_base(base), config).save_pretrained(tmp_path)
    with pytest.raises(EngineError, match="peft_type is 'IA3'; only LORA is merged"):
        inspect_adapter(tmp_path)


def test_an_adapter_that_moved_its_base_is_refused_until_peft_converts_it(
    base: Path, tmp_path: Path
) -> None:
    make_adapter(base, tmp_path, target_modules=["q_proj"], init_lora_weights="pissa")
    with pytest.raises(EngineError, match="path_initial_model_for_weight_conversion"):
        inspect_adapter(tmp_path)


def test_a_model_and_an_adapter_in_each_others_place_say_so(
    base: Path, adapter: Path
) -> None:
    message = "an adapter; name its base model, and this folder as adapter="
    with pytest.raises(EngineError, match=r"holds no config\.json"):
        load_engine(adapter)
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(base / name, adapter / name)
    with pytest.raises(EngineError, match=message):
        load_engine(adapter)
    with pytest.raises(EngineError, match=f"holds no {CONFIG}, so it is no LoRA"):
        load_engine(base, QwenOptions(adapter=base))


def test_an_adapter_too_large_for_the_memory_is_refused_with_both_numbers(
    base: Path, adapter: Path
) -> None:
    """Its file is empty but for the header: a terabyte that no disk holds."""
    rows = 2**36
    end = 4 * (4 * rows + 64 * 4)
    shapes = {f"{Q}.lora_A.weight": (4, rows), f"{Q}.lora_B.weight": (64, 4)}
    with (adapter / WEIGHTS).open("wb") as file:
        try:
            file.truncate(file.write(header_of(shapes)) + end)
        except OSError as e:
            pytest.skip(f"no file of {end:,} bytes can be made here: {e}")
    whole = 4 * (4 * rows + 64 * 4 + 2 * 64 * rows)
    assert inspect_adapter(adapter).merge_bytes == whole
    size = f"{(whole + 10**9) / 10**9:.1f}"
    told = rf"model with adapter shoes-lora needs about {size} GB of main memory"
    with pytest.raises(EngineError, match=told):
        load_network(with_adapter(base, adapter), device="cpu")


@pytest.mark.parametrize("option", ["target_modules", "exclude_modules"])
def test_a_pattern_that_would_run_for_ever_is_ended(option: str) -> None:
    endless = r"(?:[\w.]+)+!"
    config = LoraConfig.model_validate({"target_modules": ["q_proj"], option: endless})
    name = "model.language_model.layers.0.self_attn.q_proj"
    began = time.monotonic()
    with pytest.raises(EngineError, match=r"its patterns took over 0\.5 s on the names"):
        targeted(config, [name], [], seconds=0.5)
    assert time.monotonic() - began < 30


def test_the_page_on_models_has_the_seconds_of_patterns(root: Path) -> None:
    assert f"over {MATCH_SECONDS:g} s |" in (root / "docs/models.md").read_text("utf-8")
