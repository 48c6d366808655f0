"""Checkpoint folders: what is refused before anything is loaded, and what is found."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
from doubles.messages.hostile_texts import HOSTILE, check
from doubles.tiny_qwen2vl import make

from productdesc.engines import QwenOptions, load_engine
from productdesc.engines.checkpoint.hub import PINNED, locate
from productdesc.engines.checkpoint.memory import (
    check_memory,
    free_ram,
    needed_bytes,
)
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.checkpoint.weight_files import digest
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.errors import EngineError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("good") / "model")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "model"))


def edit(path: Path, **changes: Any) -> None:
    value = json.loads(path.read_text("utf-8"))
    value |= changes
    path.write_text(json.dumps(value), "utf-8")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pytorch_model.bin", "a pickle"),
        ("model.pt", "a pickle"),
        ("optimizer.PTH", "a pickle"),
        ("state.pkl", "a pickle"),
        ("last.ckpt", "a pickle"),
        ("modeling_qwen.py", "code"),
        ("kernel.so", "code"),
        ("deeper/still/training_args.bin", "a pickle"),
        ("adapter_config.json", "an adapter"),
    ],
)
def test_a_file_that_could_run_code_is_refused_by_name(
    folder: Path, name: str, reason: str
) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"x")
    with pytest.raises(EngineError, match=f"{Path(name).name}: refused, {reason}"):
        load_engine(folder)


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_auto_map_is_refused_at_any_depth(folder: Path, file: str) -> None:
    auto_map = {"AutoModel": "modeling.Evil"}
    edit(folder / file, vision_config={"list": [{"auto_map": auto_map}]})
    with pytest.raises(EngineError, match=rf"{file}.*refused.*'auto_map'.*names code"):
        load_engine(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "llava"},
        {"model_type": None},
        {"model_type": ["qwen2_vl"]},
        {"architectures": ["EvilForCausalLM"]},
        {"architectures": ["Qwen2VLForConditionalGeneration", "Evil"]},
        {"quantization_config": {"quant_method": "gptq"}},
        {"attn_implementation": "someone/kernel"},
    ],
    ids=str,
)
def test_a_config_we_do_not_know_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    edit(folder / "config.json", **changes)
    with pytest.raises(EngineError, match=r"config\.json: refused"):
        load_engine(folder)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_a_link_that_leaves_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    (folder / "config.json").rename(outside)
    (folder / "config.json").symlink_to(outside)
    with pytest.raises(EngineError, match="a link that leaves"):
        load_engine(folder)


@pytest.mark.parametrize(
    "name", ["../model.safetensors", "/etc/passwd", "model.bin", "", 7, "sub/m.safetensors"]
)
def test_a_weight_index_may_only_name_files_beside_it(folder: Path, name: Any) -> None:
    index = {"weight_map": {"a": name, "b": name}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")
    with pytest.raises(EngineError, match="weight index names"):
        load_engine(folder)


@pytest.mark.parametrize(
    "missing",
    ["config.json", "tokenizer.json", "preprocessor_config.json", "model.safetensors"],
)
def test_a_missing_file_is_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(EngineError, match=missing):
        load_engine(folder)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04pickle",
        struct.pack("<Q", 2**60) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 10) + b'{"a":{"x"}',
        struct.pack("<Q", 50)
        + b'{"a":{"data_offsets":[0,9],"shape":[9],"dtype":"F32"}}'[:50],
    ],
    ids=range(6),
)
def test_a_broken_weight_file_is_refused(folder: Path, data: bytes) -> None:
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(EngineError, match="safetensors"):
        load_engine(folder)


def test_a_cut_off_weight_file_is_refused_with_both_sizes(folder: Path) -> None:
    weights = folder / "model.safetensors"
    data = weights.read_bytes()
    weights.write_bytes(data[:-1000])
    with pytest.raises(
        EngineError, match=f"{len(data) - 1000:,} bytes where .* {len(data):,}"
    ):
        load_engine(folder)


def test_a_missing_tensor_is_an_error_and_never_random(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.0.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match=r"1 missing keys .*up_proj"):
        load_engine(folder)


@pytest.mark.parametrize("kind", ["clears the screen", "right to left", "a megabyte"])
def test_a_tensors_name_is_told_printable(folder: Path, kind: str) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    tensors[HOSTILE[kind]] = tensors["model.layers.0.mlp.up_proj.weight"].clone()
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match="1 unexpected keys in the weights") as caught:
        load_engine(folder)
    check(str(caught.value), longest=500)
    assert str(caught.value).endswith("not a complete Qwen2-VL checkpoint")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": NaN', "[" * 100_000])
def test_broken_json_is_refused(folder: Path, text: str) -> None:
    (folder / "tokenizer.json").write_text(text, "utf-8")
    with pytest.raises(EngineError, match=r"tokenizer\.json"):
        load_engine(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"added_tokens": 3},
        {"added_tokens": [{"id": "x", "content": "<a>"}]},
        {"added_tokens": [{}]},
        {"model": None},
        {"model": {"type": "WordLevel"}},
        {"model": {"type": "BPE", "vocab": 7, "merges": []}},
        {"pre_tokenizer": {"type": "Evil"}},
        {"version": "9.9"},
    ],
    ids=str,
)
def test_a_broken_tokenizer_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    edit(folder / "tokenizer.json", **changes)
    with pytest.raises(EngineError, match=r"tokenizer\.json|tokenizer: "):
        load_engine(folder, QwenOptions(device="cpu"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000; at most 1000"),
        ({"vision_config": {"depth": 10**6}}, "depth is 1000000"),
        ({"use_sliding_window": True, "max_window_layers": 0}, "sliding-window"),
        ({"rope_scaling": {"type": "dynamic", "factor": 2.0}}, "rope type 'dynamic'"),
        ({"rope_scaling": {"type": "mrope", "mrope_section": [1, 2, 3]}}, "add up to 16"),
        ({"hidden_size": 96}, "cannot be loaded|mismatched|add up"),
        ({"num_attention_heads": 7}, "cannot be loaded|add up"),
        ({"vision_config": "none"}, "cannot be loaded"),
    ],
    ids=str,
)
def test_a_config_that_cannot_work_is_refused(
    folder: Path, changes: dict[str, Any], reason: str
) -> None:
    edit(folder / "config.json", **changes)
    with pytest.raises(EngineError, match=reason):
        load_engine(folder, QwenOptions(device="cpu"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"patch_size": 16}, r"cuts photos by \(16, 2, 2\) .* by \(14, 2, 2\)"),
        ({"size": 5, "min_pixels": None}, "preprocessor_config"),
        ({"min_pixels": "many"}, "preprocessor_config"),
    ],
    ids=str,
)
def test_a_preprocessor_that_is_not_the_models_is_refused(
    folder: Path, changes: dict[str, Any], reason: str
) -> None:
    edit(folder / "preprocessor_config.json", **changes)
    with pytest.raises(EngineError, match=reason):
        load_engine(folder, QwenOptions(device="cpu"))


def test_a_tokenizer_that_is_not_the_models_is_refused(folder: Path) -> None:
    edit(folder / "config.json", image_token_id=3)
    with pytest.raises(EngineError, match=r"image_pad\|> is 3 in config.json and \d+"):
        load_engine(folder)


def test_a_tokenizer_without_the_chat_tokens_is_refused(folder: Path) -> None:
    edit(folder / "tokenizer.json", added_tokens=[])
    edit(folder / "tokenizer_config.json", added_tokens_decoder={})
    with pytest.raises(EngineError, match="not a Qwen2-VL tokenizer"):
        load_engine(folder)


def test_a_tokenizer_that_spells_a_special_token_in_text_is_refused(folder: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    tokenizer["model"]["ignore_merges"] = True
    tokenizer["pre_tokenizer"] = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": False,
    }
    ids = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    tokenizer["model"]["vocab"] |= {"<|im_end|>": ids["<|im_end|>"]}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    checkpoint = inspect(folder)
    with pytest.raises(EngineError, match="im_end"):
        ChatTokenizer(checkpoint.tokenizer, checkpoint.specials).encode("<|im_end|>")


@pytest.mark.parametrize("token", [" w", "w ", "a b", " ", "\t", "a\u00a0b"])
def test_a_special_token_with_white_space_is_refused(folder: Path, token: str) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    tokenizer["added_tokens"].append({"content": token, "id": 99_999})
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    with pytest.raises(EngineError, match="holds white space"):
        inspect(folder)


GROWS = {"type": "Replace", "pattern": {"String": "e"}, "content": "e" * 50}
SLOW = {
    "type": "Split",
    "pattern": {"Regex": r"(\w+\s?)+$"},
    "behavior": "Isolated",
    "invert": False,
}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("normalizer", {"type": "Sequence", "normalizers": [GROWS] * 5}),
        ("normalizer", GROWS),
        ("normalizer", {"type": "NFKC"}),
        ("normalizer", "NFC"),
        ("pre_tokenizer", {"type": "Sequence", "pretokenizers": [SLOW, BYTES]}),
        ("pre_tokenizer", SLOW),
        ("pre_tokenizer", {"type": "Metaspace"}),
        ("pre_tokenizer", None),
        ("pre_tokenizer", 5),
    ],
    ids=str,
)
def test_a_part_of_a_tokenizer_that_is_not_known_is_refused(
    folder: Path, part: str, value: Any
) -> None:
    edit(folder / "tokenizer.json", **{part: value})
    with pytest.raises(EngineError, match=f"refused, its {part}"):
        inspect(folder)


DEEP = json.loads("[" * 400 + "]" * 400)


@pytest.mark.parametrize(
    "entry",
    [
        {"shape": [1e308, 1e308], "data_offsets": [0, 4]},
        {"shape": [float("nan")], "data_offsets": [0, 4]},
        {"shape": [1] * 400_000, "data_offsets": [0, 4]},
        {"shape": [10**4000], "data_offsets": [0, 4]},
        {"shape": [-1], "data_offsets": [0, 4]},
        {"shape": [True], "data_offsets": [0, 4]},
        {"shape": "4", "data_offsets": [0, 4]},
        {"shape": [1], "data_offsets": [0, "4"]},
        {"shape": [1], "data_offsets": [0, [4]]},
        {"shape": [1], "data_offsets": [0, None]},
        {"shape": [1], "data_offsets": None},
        {"shape": [1], "data_offsets": [4]},
        {"shape": [1]},
        {"shape": DEEP, "data_offsets": [0, 4]},
        [],
        None,
    ],
    ids=lambda entry: str(entry)[:40],
)
def test_a_hostile_weight_header_is_refused_at_once(folder: Path, entry: Any) -> None:
    header = json.dumps(
        {"a": {"dtype": "F32", **entry} if isinstance(entry, dict) else entry}
    )
    data = header.encode()
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(data)) + data + bytes(4))
    with pytest.raises(EngineError, match="safetensors header is broken"):
        inspect(folder)


def test_a_weight_header_of_any_depth_is_refused(folder: Path) -> None:
    data = ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}").encode()
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(data)) + data)
    with pytest.raises(EngineError, match="safetensors header is broken"):
        inspect(folder)


@pytest.mark.parametrize("key", ["categories", "languages"])
@pytest.mark.parametrize("value", [5, None, "shoes", [5], {"a": 1}], ids=str)
def test_what_a_model_says_of_itself_is_lists_of_texts(
    folder: Path, key: str, value: Any
) -> None:
    (folder / "productdesc.json").write_text(json.dumps({key: value}), "utf-8")
    with pytest.raises(EngineError, match=f"productdesc.json: {key} is no list of texts"):
        inspect(folder)


@pytest.mark.parametrize("value", [True, False, None])
def test_a_model_says_whether_it_writes(folder: Path, value: bool | None) -> None:
    about = {} if value is None else {"writes": value}
    (folder / "productdesc.json").write_text(json.dumps(about), "utf-8")
    assert inspect(folder).writes is (value is not False)


@pytest.mark.parametrize("value", [0, "no", None, []], ids=str)
def test_whether_a_model_writes_is_yes_or_no(folder: Path, value: Any) -> None:
    (folder / "productdesc.json").write_text(json.dumps({"writes": value}), "utf-8")
    with pytest.raises(EngineError, match=r"writes is .*; it is true or false"):
        inspect(folder)


def test_links_in_a_circle_and_deep_folders_are_refused(folder: Path) -> None:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    with pytest.raises(EngineError, match=r"not readable|leaves the model's folder"):
        inspect(folder)
    (folder / "a").unlink()
    (folder / "b").unlink()
    (folder / Path(*["d"] * 900)).mkdir(parents=True)  # to walk it all takes seconds
    with pytest.raises(EngineError, match="over 8 folders deep") as caught:
        inspect(folder)
    assert len(str(caught.value)) < len(str(folder)) + 100


@pytest.mark.parametrize("name", ["image_mean", "image_std"])
@pytest.mark.parametrize(
    "value",
    [["x"] * 3, [0.5, 0.5], [0.5, 0.5, float("inf")], [1, 1, 10**400], 5, {"a": 1}],
)
def test_colour_statistics_that_cannot_work_are_refused_at_load(
    folder: Path, name: str, value: Any
) -> None:
    edit(folder / "preprocessor_config.json", **{name: value})
    with pytest.raises(EngineError, match="preprocessor_config"):
        load_engine(folder, QwenOptions(device="cpu"))


@pytest.mark.parametrize(
    "name", ["min_pixels", "max_pixels", "patch_size", "temporal_patch_size", "merge_size"]
)
@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**400, -1, "14", [14]])
def test_sizes_that_cannot_be_are_refused_at_load(
    folder: Path, name: str, value: Any
) -> None:
    edit(folder / "preprocessor_config.json", **{name: value})
    with pytest.raises(EngineError, match=f"preprocessor_config.json: {name} is"):
        load_engine(folder, QwenOptions(device="cpu"))


def test_a_hostile_chat_template_is_never_read(good: Path) -> None:
    template = json.loads((good / "tokenizer_config.json").read_text("utf-8"))
    assert "__globals__" in template["chat_template"]
    assert load_engine(good, QwenOptions(device="cpu")).info.model == "model"


def test_the_digest_is_what_sha256sum_prints(good: Path, tmp_path: Path) -> None:
    weights = (good / "model.safetensors").read_bytes()
    assert digest(inspect(good).files) == hashlib.sha256(weights).hexdigest()
    sharded = inspect(make(tmp_path / "sharded", sharded=True)).files
    lines = "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sharded
    )
    assert len(sharded) == 2
    assert digest(sharded) == hashlib.sha256(lines.encode()).hexdigest()


def test_parameters_are_counted_from_the_headers(good: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    tensors = load_file(good / "model.safetensors")
    expected = sum(tensor.numel() for tensor in tensors.values())
    assert inspect(good).parameters == expected
    assert inspect(make(tmp_path / "s", sharded=True)).parameters == expected


# Where a model comes from


@pytest.fixture
def cache(good: Path, tmp_path: Path) -> Path:
    """A hub cache as huggingface_hub lays it out: snapshots of links to blobs."""
    model = tmp_path / "cache" / "models--someone--shoes-vl"
    snapshot = model / "snapshots" / COMMIT
    for folder in (snapshot, model / "blobs", model / "refs"):
        folder.mkdir(parents=True)
    (model / "refs" / "main").write_text(COMMIT, "utf-8")
    for path in good.iterdir():
        blob = model / "blobs" / hashlib.sha256(path.read_bytes()).hexdigest()
        shutil.copy(path, blob)
        (snapshot / path.name).symlink_to(Path("../../blobs") / blob.name)
    return tmp_path / "cache"


@pytest.mark.parametrize("revision", [None, "main", COMMIT])
def test_a_cached_hub_model_loads_offline_at_its_commit(
    cache: Path, revision: str | None
) -> None:
    found = locate("someone/shoes-vl", revision=revision, offline=True, cache=cache)
    assert (found.name, found.revision) == ("someone/shoes-vl", COMMIT)
    checkpoint = inspect(found.folder, name=found.name, revision=found.revision)
    assert checkpoint.revision == COMMIT
    assert load_engine(found.folder, QwenOptions(device="cpu")).info.weights_digest


def test_a_revision_that_is_not_cached_says_how_to_get_it(cache: Path) -> None:
    other = "f" * 40
    with pytest.raises(
        EngineError, match=f"hf download someone/shoes-vl --revision {other}"
    ):
        locate("someone/shoes-vl", revision=other, offline=True, cache=cache)


def test_a_half_downloaded_model_says_so(cache: Path) -> None:
    model = cache / "models--someone--shoes-vl" / "snapshots" / COMMIT
    (model / "model.safetensors").unlink()
    with pytest.raises(EngineError, match="only partly in"):
        locate("someone/shoes-vl", offline=True, cache=cache)


@pytest.mark.parametrize("index", ["", "[" * 9000, "[]", '{"weight_map": 5}', "{}"])
def test_an_index_that_cannot_be_read_is_a_half_downloaded_model(
    cache: Path, index: str
) -> None:
    model = cache / "models--someone--shoes-vl" / "snapshots" / COMMIT
    (model / "model.safetensors.index.json").write_text(index, "utf-8")
    with pytest.raises(EngineError, match="only partly in"):
        locate("someone/shoes-vl", offline=True, cache=cache)


def test_a_missing_model_says_how_to_get_it_at_the_pinned_commit(tmp_path: Path) -> None:
    name = "Qwen/Qwen2-VL-2B-Instruct"
    with pytest.raises(EngineError, match=f"hf download {name} --revision {PINNED[name]}"):
        locate(name, offline=True, cache=tmp_path)


@pytest.mark.parametrize(
    "name", ["nonsense", "a/b/c", "../x/..", "ftp://evil/x", "", "-x/y"]
)
def test_a_name_that_is_neither_folder_nor_hub_id_is_refused(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match="neither a folder nor a hub id"):
        load_engine(name, QwenOptions(offline=True))


def test_a_folder_that_is_not_there_or_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no such folder"):
        load_engine(tmp_path / "absent")
    with pytest.raises(EngineError, match=r"holds no config\.json"):
        load_engine(tmp_path)
    with pytest.raises(ValueError, match="revision= counts only for the hub"):
        load_engine(tmp_path, QwenOptions(revision="main"))


# Memory


def test_a_model_too_large_for_the_memory_is_refused_with_both_numbers() -> None:
    needed = needed_bytes(2_208_985_600, 4)
    with pytest.raises(
        EngineError, match=r"needs about 11\.0 GB of main memory and 4\.0 GB"
    ):
        check_memory("Qwen2-VL-2B", needed, 4_000_000_000, "main")
    check_memory("Qwen2-VL-2B", needed, 12_000_000_000, "main")
    check_memory("Qwen2-VL-2B", needed, None, "main")
    check_memory("demo", needed_bytes(9_000_000, 4), 1_000, "main")


def test_free_memory_is_measured_here() -> None:
    free = free_ram()
    assert free is None or 2**20 < free < 2**50
