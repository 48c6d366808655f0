"""A Qwen2-VL checkpoint as the two files that llama.cpp reads, for tests.

Takes folders in the published format: those of `tiny_qwen2vl` and the demo model. Names
are those of gguf's own table; what the table cannot say is spelt out here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gguf
import numpy as np
from safetensors.numpy import load_file

# The chat format that the library writes; llama.cpp puts the marks around a photo itself.
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class Gguf(NamedTuple):
    model: Path
    vision: Path


def convert(checkpoint: Path, folder: Path) -> Gguf:
    """Write `model.gguf` and `mmproj.gguf` into `folder`, in float32."""
    folder.mkdir(parents=True, exist_ok=True)
    config = _json(checkpoint / "config.json")
    tensors = {
        name: np.ascontiguousarray(tensor, dtype=np.float32)
        for name, tensor in load_file(checkpoint / "model.safetensors").items()
    }
    made = Gguf(folder / "model.gguf", folder / "mmproj.gguf")
    _language(config, _json(checkpoint / "tokenizer.json"), tensors, made.model)
    _vision(config, _json(checkpoint / "preprocessor_config.json"), tensors, made.vision)
    return made


def _language(
    config: dict[str, Any], tokenizer: dict[str, Any], tensors: dict[str, Any], path: Path
) -> None:
    layers = config["num_hidden_layers"]
    writer = gguf.GGUFWriter(path, "qwen2vl")
    writer.add_block_count(layers)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_rope_dimension_sections([*config["rope_scaling"]["mrope_section"], 0])
    words = {i: (w, gguf.TokenType.NORMAL) for w, i in tokenizer["model"]["vocab"].items()}
    for added in tokenizer["added_tokens"]:
        words[added["id"]] = (added["content"], gguf.TokenType.CONTROL)
    rows = [
        words.get(i, (f"[row {i}]", gguf.TokenType.UNUSED))
        for i in range(config["vocab_size"])
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([word for word, _ in rows])
    writer.add_token_types([int(kind) for _, kind in rows])
    merges = tokenizer["model"]["merges"]
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN2VL, layers)
    for name, tensor in tensors.items():
        if not name.startswith("visual."):
            writer.add_tensor(_named(names, name), tensor)
    _finish(writer)


def _vision(
    config: dict[str, Any],
    preprocessor: dict[str, Any],
    tensors: dict[str, Any],
    path: Path,
) -> None:
    vision = config["vision_config"]
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type(gguf.VisionProjectorType.QWEN2VL)
    writer.add_vision_projection_dim(config["hidden_size"])
    writer.add_vision_image_size(560)
    writer.add_vision_patch_size(vision["patch_size"])
    writer.add_vision_embedding_length(vision["embed_dim"])
    writer.add_vision_feed_forward_length(vision["embed_dim"] * vision["mlp_ratio"])
    writer.add_vision_block_count(vision["depth"])
    writer.add_vision_head_count(vision["num_heads"])
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_image_mean(preprocessor["image_mean"])
    writer.add_vision_image_std(preprocessor["image_std"])
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.MMPROJ, vision["depth"])
    for name, tensor in tensors.items():
        if name.startswith("visual."):
            for part, values in _parts(name, tensor):
                writer.add_tensor(_named(names, part), values)
    # a still photo's second frame has weights of its own
    frames = tensors["visual.patch_embed.proj.weight"]
    writer.add_tensor("v.patch_embd.weight.1", np.ascontiguousarray(frames[:, :, 1]))
    _finish(writer)


def _parts(name: str, tensor: Any) -> Iterator[tuple[str, Any]]:
    """The tensors that llama.cpp has in place of one: queries, keys and values apart."""
    if name == "visual.patch_embed.proj.weight":
        yield name, np.ascontiguousarray(tensor[:, :, 0])
    elif ".qkv." in name:
        for letter, part in zip("qkv", np.split(tensor, 3), strict=True):
            yield name.replace(".qkv.", f".{letter}."), part
    else:
        yield name, tensor


def _named(names: gguf.TensorNameMap, name: str) -> str:
    found = names.get_name(name, try_suffixes=(".weight", ".bias"))
    assert found, f"gguf has no name for {name}"
    return found


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
