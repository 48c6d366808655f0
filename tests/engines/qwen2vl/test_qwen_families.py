"""What differs between the families of the fast engine, and what of it is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.tiny_qwen.families import FAMILIES, QWEN2_VL, QWEN3_VL, TinyFamily
from doubles.tiny_qwen.published_shapes import PUBLISHED
from doubles.tiny_qwen.reference_logits import drawn, grid, read, small_photos
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers.models.qwen3_vl.modeling_qwen3_vl import Qwen3VLTextRotaryEmbedding

from productdesc.engines import Prompt, QwenOptions, Request, known_models, load_engine
from productdesc.engines.checkpoint.memory import GB, needed_bytes
from productdesc.engines.checkpoint.probe import ARCHITECTURES, inspect
from productdesc.engines.known_models import PINNED
from productdesc.engines.qwen2vl.inputs.image_processor import image_processor_config
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.engines.qwen2vl.modeling import qwen_families
from productdesc.engines.qwen2vl.modeling.model import load_network
from productdesc.engines.qwen2vl.scheduler.batch_limits import DEFAULT_LIMITS
from productdesc.engines.qwen2vl.scheduler.context import Qwen2VLContext
from productdesc.engines.smart_resize import DEFAULT_MAX_PIXELS
from productdesc.errors import EngineError, OutputError
from productdesc.records import Photo

CPU = QwenOptions(device="cpu")
every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def edit(folder: Path, changes: dict[str, Any], part: str | None = None) -> None:
    """Change config.json, or one part of it."""
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    target = config[part] if part else config
    target |= changes
    path.write_text(json.dumps(config), "utf-8")


def test_each_architecture_that_is_known_has_a_row_and_its_class() -> None:
    classes = {kind: row.classes()[1] for kind, row in qwen_families.FAMILIES.items()}
    assert {kind: found.__name__ for kind, found in classes.items()} == ARCHITECTURES


@pytest.mark.parametrize("section", [(24, 20, 20), (10, 8, 6), (2, 5, 1), (1, 1, 6)])
def test_interleaved_axes_are_those_of_transformers(section: tuple[int, ...]) -> None:
    layout = Qwen3VLTextRotaryEmbedding.recomposition_frequencies

    class Rotary:
        mrope_section = section

    axes = torch.arange(3)[:, None, None].expand(3, 1, sum(section)).clone()
    theirs = layout(Rotary(), axes)[0, : sum(section)]
    assert qwen_families.interleaved_axes(section) == theirs.tolist()


# ---- what is refused ---------------------------------------------------------------------


@every_family
@pytest.mark.parametrize("missing", ["mlp.up_proj.weight", "attn.qkv.bias", "merger."])
def test_a_missing_tensor_of_text_or_tower_is_named(
    tmp_path: Path, family: TinyFamily, missing: str
) -> None:
    folder = family.make(tmp_path / "model")
    path = folder / "model.safetensors"
    tensors = load_file(path)
    name = next(name for name in sorted(tensors) if missing in name)
    del tensors[name]
    save_file(tensors, path, {"format": "pt"})
    last = re.escape(".".join(name.split(".")[-2:]))
    with pytest.raises(EngineError, match=f"1 missing keys .*{last}") as caught:
        load_engine(folder, CPU)
    assert str(caught.value).endswith(f"not a complete {family.title} checkpoint")


def test_a_missing_tensor_of_deepstack_is_named(tmp_path: Path) -> None:
    folder = QWEN3_VL.make(tmp_path / "model")
    edit(folder, {"deepstack_visual_indexes": [1]}, "vision_config")
    with pytest.raises(EngineError, match=r"6 unexpected keys .*deepstack_merger_list\.1"):
        load_engine(folder, CPU)


@every_family
def test_a_tensor_of_another_shape_is_named(tmp_path: Path, family: TinyFamily) -> None:
    folder = family.make(tmp_path / "model")
    path = folder / "model.safetensors"
    tensors = load_file(path)
    name = next(name for name in sorted(tensors) if name.endswith("attn.qkv.weight"))
    tensors[name] = tensors[name][:-1].clone()
    save_file(tensors, path, {"format": "pt"})
    with pytest.raises(EngineError, match=r"1 mismatched keys .*attn\.qkv"):
        load_engine(folder, CPU)


@every_family
def test_the_class_of_another_family_is_refused(tmp_path: Path, family: TinyFamily) -> None:
    folder = family.make(tmp_path / "model")
    others = [name for name in ARCHITECTURES.values() if name != family.reference.__name__]
    for other in (*others, "Qwen3VLMoeForConditionalGeneration"):
        edit(folder, {"architectures": [other]})
        with pytest.raises(EngineError, match=r"config\.json: refused, model_type"):
            load_engine(folder, CPU)


@pytest.mark.parametrize("kind", ["qwen3_vl_moe", "qwen3_5", "qwen2_5_omni", "qwen2"])
def test_other_models_of_the_same_house_are_refused(tmp_path: Path, kind: str) -> None:
    folder = QWEN3_VL.make(tmp_path / "model")
    edit(folder, {"model_type": kind, "architectures": None})
    with pytest.raises(EngineError, match=f"refused, model_type '{kind}'.*qwen3_vl "):
        load_engine(folder, CPU)


def test_weights_of_another_family_are_refused(tmp_path: Path) -> None:
    folder = QWEN2_VL.make(tmp_path / "model")
    edit(folder, {"model_type": "qwen2_5_vl", "architectures": None})
    with pytest.raises(EngineError, match=r"keys in the weights.*complete Qwen2\.5-VL"):
        load_engine(folder, CPU)


BLOCKS = "numbers of the 3 blocks, each once and in order"
QWEN3_CONFIGS: list[tuple[str, dict[str, Any], str]] = [
    ("vision_config", {"deepstack_visual_indexes": [0, 7]}, BLOCKS),
    ("vision_config", {"deepstack_visual_indexes": [-1, 0]}, BLOCKS),
    ("vision_config", {"deepstack_visual_indexes": [2, 0]}, BLOCKS),
    ("vision_config", {"deepstack_visual_indexes": [1, 1]}, BLOCKS),
    ("vision_config", {"deepstack_visual_indexes": [0, 1, 2]}, "there must be fewer"),
    ("vision_config", {"in_channels": 4}, "in_channels is 4; a photo has 3"),
    ("vision_config", {"num_position_embeddings": 0}, "num_position_embeddings is below"),
    ("vision_config", {"num_position_embeddings": 10**9}, "at most 1000000"),
    ("vision_config", {"out_hidden_size": 10**6}, "at most 65536"),
    ("vision_config", {"patch_size": 14}, "keys in the weights|cuts photos"),
    ("vision_config", {"spatial_merge_size": 3}, "keys in the weights|cuts photos"),
    ("text_config", {"head_dim": 32}, r"does not add up to 16"),
    ("text_config", {"head_dim": 10**9}, "head_dim is 1000000000; at most 65536"),
    ("text_config", {"hidden_act": "gelu"}, "hidden_act is 'gelu'"),
    ("text_config", {"layer_types": ["sliding_attention"] * 3}, "sliding-window"),
    (
        "text_config",
        {"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}},
        "rope type 'dynamic'",
    ),
    ("text_config", {"num_key_value_heads": 3}, "keys in the weights|cannot be loaded"),
]


@pytest.mark.parametrize(
    ("part", "changes", "reason"), QWEN3_CONFIGS, ids=[str(c[1]) for c in QWEN3_CONFIGS]
)
def test_a_config_of_qwen3_vl_that_cannot_work_is_refused(
    tmp_path: Path, part: str, changes: dict[str, Any], reason: str
) -> None:
    folder = QWEN3_VL.make(tmp_path / "model")
    edit(folder, changes, part)
    with pytest.raises(EngineError, match=reason):
        load_engine(folder, CPU)


@pytest.mark.parametrize("side", [0, 27, -56])
def test_windows_smaller_than_a_token_are_refused(tmp_path: Path, side: int) -> None:
    folder = FAMILIES["Qwen2.5-VL"].make(tmp_path / "model")
    edit(folder, {"window_size": side}, "vision_config")
    with pytest.raises(EngineError, match=f"window_size is {side} px; a token has 28"):
        load_engine(folder, CPU)


# ---- photos ------------------------------------------------------------------------------


def photo(width: int, height: int) -> Photo:
    image = Image.new("RGB", (width, height), "navy")
    return Photo(image, "test", "0" * 64, "PNG", width, height)


@every_family
def test_max_pixels_below_one_token_are_wrong_use(
    tmp_path: Path, family: TinyFamily
) -> None:
    folder, side = family.make(tmp_path / "model"), 2 * family.patch_size
    load_engine(folder, QwenOptions(device="cpu", max_pixels=side**2))
    with pytest.raises(ValueError, match=r"max_pixels is .*one token.* takes"):
        load_engine(folder, QwenOptions(device="cpu", max_pixels=side**2 - 1))


def test_a_token_of_qwen3_vl_is_32_px_wide(tmp_path: Path) -> None:
    folder = QWEN3_VL.make(tmp_path / "model", max_positions=100)
    rule = image_processor_config(inspect(folder).preprocessor)
    assert (rule.factor, rule.min_pixels, rule.mean) == (32, 65_536, (0.5,) * 3)
    with pytest.raises(ValueError, match=r"is 1,000; .* takes 1,024 \(32 x 32 px\)"):
        load_engine(folder, QwenOptions(device="cpu", max_pixels=1_000))
    schema = {"type": "string", "maxLength": 9}
    request = Request(Prompt("", "What?", (photo(320, 320),)), schema)
    with pytest.raises(OutputError, match=r"\(100 of them photos\)"):
        load_engine(folder, CPU).generate([request])
    few = load_engine(folder, QwenOptions(device="cpu", max_pixels=32 * 32 * 25))
    assert few.generate([request])[0].context.tokens > 25


# ---- memory and sizes --------------------------------------------------------------------


@every_family
def test_the_memory_of_a_token_is_what_its_keys_and_values_take(
    tmp_path: Path, family: TinyFamily
) -> None:
    checkpoint = inspect(family.make(tmp_path / "model"))
    network = load_network(checkpoint, device="cpu")
    words = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    shown = drawn(small_photos(image_processor_config(checkpoint.preprocessor)), 1, 90, 90)
    turn = words.turn("", "What is this?", [grid(shown)])
    with torch.inference_mode():
        prefix = read(network, Qwen2VLContext(network), turn, [shown]).prefix
    held = sum(k.nbytes + v.nbytes for k, v in map(prefix.layer, range(prefix.depth)))
    assert held == prefix.length * network.kv_bytes


def test_fewer_tokens_are_under_way_where_each_takes_more_memory() -> None:
    tokens = DEFAULT_LIMITS.tokens
    of_2b, of_7b, of_qwen3_4b = 28_672, 57_344, 147_456  # bytes, in bfloat16
    assert DEFAULT_LIMITS.for_model(of_2b) == DEFAULT_LIMITS
    assert DEFAULT_LIMITS.for_model(of_7b) == DEFAULT_LIMITS
    found = DEFAULT_LIMITS.for_model(of_qwen3_4b).tokens
    assert found < tokens and found * of_qwen3_4b <= 3 * GB < (found + 1) * of_qwen3_4b


@pytest.fixture(scope="module")
def parameters() -> dict[str, int]:
    """How many weights each published model has, counted on the meta device."""
    counts = {}
    for name, shapes in PUBLISHED.items():
        config_class, model_class = qwen_families.FAMILIES[shapes["model_type"]].classes()
        with torch.device("meta"):
            model = model_class(config_class.from_dict(shapes))
        counts[name] = sum(weight.numel() for weight in model.parameters())
    return counts


def test_published_shapes_have_as_many_weights_as_the_published_files(
    parameters: dict[str, int],
) -> None:
    # as the models' pages, and lists of the tensors in the files, give them
    assert parameters["Qwen/Qwen2.5-VL-3B-Instruct"] == 3_754_622_976
    assert parameters["Qwen/Qwen2.5-VL-7B-Instruct"] == 8_292_166_656
    assert parameters["Qwen/Qwen3-VL-2B-Instruct"] == 2_127_532_032
    assert parameters["Qwen/Qwen3-VL-4B-Instruct"] == 4_437_815_808
    assert parameters["Qwen/Qwen3-VL-8B-Instruct"] == 8_767_123_696


def test_known_models_are_pinned_and_say_their_size(parameters: dict[str, int]) -> None:
    rows = {row.name: row for row in known_models() if row.name.startswith("Qwen/")}
    assert set(rows) == set(PINNED) == set(parameters)
    for name, row in rows.items():
        assert re.fullmatch("[0-9a-f]{40}", PINNED[name])
        assert row.get == f"hf download {name} --revision {PINNED[name]}"
        assert row.note.startswith(f"{2 * parameters[name] / GB:.1f} GB, "), row.note


def test_the_page_of_models_gives_the_memory_that_the_loader_asks_for(
    root: Path, parameters: dict[str, int]
) -> None:
    page = (root / "docs" / "models.md").read_text("utf-8")
    for name, count in parameters.items():
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        _, _, weights, memory, *_ = (cell.strip() for cell in row.split("|"))
        assert weights == f"{2 * count / GB:.1f} GB"
        sizes = (needed_bytes(count, size) / GB for size in (2, 1, 4))
        wanted = "about {:.1f} GB in bfloat16, {:.1f} GB in int8, {:.1f} GB in float32"
        assert memory == wanted.format(*sizes)


def test_the_page_of_models_gives_what_a_token_takes(root: Path) -> None:
    page = (root / "docs" / "models.md").read_text("utf-8")
    sizes: dict[str, set[int]] = {}
    for shapes in PUBLISHED.values():
        kind = shapes["model_type"]
        config = qwen_families.FAMILIES[kind].classes()[0].from_dict(shapes).text_config
        heads = config.num_attention_heads
        head_dim = getattr(config, "head_dim", None) or config.hidden_size // heads
        values = 2 * config.num_hidden_layers * config.num_key_value_heads * head_dim
        sizes.setdefault(kind, set()).add(round(2 * values / 1000))
    of_qwen3, of_qwen2 = sizes["qwen3_vl"], sizes["qwen2_vl"]
    assert f"{min(of_qwen3)} to {max(of_qwen3)} KB of keys and values" in page
    assert f"one of Qwen2-VL takes {min(of_qwen2)} to {max(of_qwen2)}" in page
    assert f"(1,280 tokens, with Qwen3-VL {DEFAULT_MAX_PIXELS // 32**2})" in page
