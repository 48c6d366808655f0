"""Random-weight Qwen2-VL checkpoints in the published on-disk format, for tests.

Tiny shapes, a byte-level BPE trained here in a moment, Qwen's fourteen special tokens.
Every token is about equally likely, so whatever the grammar allows will be written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from tokenizers.trainers import BpeTrainer

SPECIALS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
# Qwen2's own split of text into words, from its published tokenizer.json.
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CORPUS = (
    'A red cotton shirt with short sleeves. {"title":"Blue shoes","category":"shoes",'
    '"attributes":{"colour":"navy","material":"wool"},"bullets":["Soft","Warm"],"n":12}',
    "Describe the product on the photo. Größe, été, 色, 😀, naïve. Brand: Acme; size: 42",
    'system user assistant Picture 1: "description":"The jacket is green and warm."}',
)
PADDING_ROWS = 23  # lm_head has more rows than the tokenizer has tokens, as in Qwen's
HIDDEN, LAYERS, HEADS, KV_HEADS, INTER = 64, 2, 2, 1, 128
VISION, VISION_DEPTH, VISION_HEADS = 32, 3, 2
PREPROCESSOR = {
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


def make(
    folder: Path,
    *,
    layout: Literal["flat", "nested"] = "flat",
    sharded: bool = False,
    tied: bool = False,
    seed: int = 0,
    spread: float = 0.05,
    max_positions: int = 4096,
) -> Path:
    """Write a checkpoint into `folder`. The same arguments give the same bytes.

    `spread` is the standard deviation of the weights. "flat" is the layout of
    transformers 4.41 (config and tensor names as published), "nested" that of 5.
    """
    rows, ids = write_files(folder, PREPROCESSOR)
    config = flat_config(rows, ids, tied=tied, max_positions=max_positions)
    tensors = _tensors(rows, seed, spread, tied=tied)
    if layout == "nested":
        config = nested_config(config)
        tensors = {nested_name(name): tensor for name, tensor in tensors.items()}
    write_json(folder / "config.json", config)
    save_weights(folder, tensors, sharded=sharded)
    return folder


def write_files(folder: Path, preprocessor: dict[str, Any]) -> tuple[int, dict[str, int]]:
    """All files but config and weights; rows of the word table, ids of the specials."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    ids = {text: tokenizer.token_to_id(text) for text in SPECIALS}
    write_json(folder / "preprocessor_config.json", preprocessor)
    write_json(
        folder / "tokenizer_config.json",
        {
            "added_tokens_decoder": {
                str(number): {"content": text, "special": True}
                for text, number in ids.items()
            },
            "chat_template": "{{ cycler.__init__.__globals__ }}",  # must never be read
            "eos_token": "<|im_end|>",
            "model_max_length": 32768,
            "tokenizer_class": "Qwen2Tokenizer",
        },
    )
    write_json(folder / "generation_config.json", {"temperature": 0.01, "top_k": 1})
    return tokenizer.get_vocab_size() + PADDING_ROWS, ids


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=512,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in SPECIALS]
    )
    return tokenizer


def flat_config(
    rows: int, ids: dict[str, int], *, tied: bool, max_positions: int
) -> dict[str, Any]:
    """A config.json as published with Qwen2-VL."""
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
        "hidden_size": HIDDEN,
        "initializer_range": 0.02,
        "intermediate_size": INTER,
        "max_position_embeddings": max_positions,
        "max_window_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_hidden_layers": LAYERS,
        "num_key_value_heads": KV_HEADS,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1_000_000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [4, 6, 6]},
        "sliding_window": 32768,
        "tie_word_embeddings": tied,
        "torch_dtype": "float32",
        "transformers_version": "4.41.2",
        "use_cache": True,
        "use_sliding_window": False,
        "vision_config": {
            "depth": VISION_DEPTH,
            "embed_dim": VISION,
            "mlp_ratio": 4,
            "num_heads": VISION_HEADS,
            "in_chans": 3,
            "hidden_size": HIDDEN,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "spatial_patch_size": 14,
            "temporal_patch_size": 2,
        },
        "vocab_size": rows,
    }


_TOP = (
    "architectures",
    "model_type",
    "vision_start_token_id",
    "vision_end_token_id",
    "vision_token_id",
    "image_token_id",
    "video_token_id",
    "tie_word_embeddings",
    "vision_config",
)


def nested_config(flat: dict[str, Any]) -> dict[str, Any]:
    """The layout that transformers 5 saves: text settings in `text_config`."""
    text = {k: v for k, v in flat.items() if k not in (*_TOP, "torch_dtype")}
    scaling, theta = text.pop("rope_scaling"), text.pop("rope_theta")
    text["rope_parameters"] = {
        "rope_type": "default",
        "mrope_section": scaling["mrope_section"],
        "rope_theta": theta,
    }
    text["model_type"] = f"{flat['model_type']}_text"
    vision = {**flat["vision_config"], "model_type": f"{flat['model_type']}_vision"}
    top = {**{k: v for k, v in flat.items() if k in _TOP}, "vision_config": vision}
    return {**top, "dtype": "float32", "text_config": text, "transformers_version": "5.0.0"}


def nested_name(name: str) -> str:
    """A tensor's name as transformers 5 saves it."""
    if name.startswith("visual."):
        return f"model.{name}"
    return name.replace("model.", "model.language_model.", 1)


def _tensors(rows: int, seed: int, spread: float, *, tied: bool) -> dict[str, torch.Tensor]:
    random = randoms(seed, spread)
    wide = 4 * VISION
    tensors = {
        "model.embed_tokens.weight": random(rows, HIDDEN) * 10,
        "model.norm.weight": torch.ones(HIDDEN),
        "visual.patch_embed.proj.weight": random(VISION, 3, 2, 14, 14),
        "visual.merger.ln_q.weight": torch.ones(VISION),
        "visual.merger.ln_q.bias": random(VISION),
        "visual.merger.mlp.0.weight": random(wide, wide),
        "visual.merger.mlp.0.bias": random(wide),
        "visual.merger.mlp.2.weight": random(HIDDEN, wide) * 10,
        "visual.merger.mlp.2.bias": random(HIDDEN),
    }
    for i in range(LAYERS):
        tensors |= text_layer(f"model.layers.{i}.", random)
    for i in range(VISION_DEPTH):
        block = f"visual.blocks.{i}."
        tensors |= {
            f"{block}norm1.weight": torch.ones(VISION),
            f"{block}norm1.bias": random(VISION),
            f"{block}norm2.weight": torch.ones(VISION),
            f"{block}norm2.bias": random(VISION),
            f"{block}attn.qkv.weight": random(3 * VISION, VISION) * 4,
            f"{block}attn.qkv.bias": random(3 * VISION),
            f"{block}attn.proj.weight": random(VISION, VISION) * 4,
            f"{block}attn.proj.bias": random(VISION),
            f"{block}mlp.fc1.weight": random(wide, VISION),
            f"{block}mlp.fc1.bias": random(wide),
            f"{block}mlp.fc2.weight": random(VISION, wide),
            f"{block}mlp.fc2.bias": random(VISION),
        }
    if not tied:
        tensors["lm_head.weight"] = random(rows, HIDDEN) * 4
    return tensors


Randoms = Callable[..., torch.Tensor]


def randoms(seed: int, spread: float) -> Randoms:
    """Draws tensors of any shape, one after the other."""
    generator = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(*shape, generator=generator) * spread


def text_layer(layer: str, random: Randoms) -> dict[str, torch.Tensor]:
    """The tensors of one text layer of Qwen2-VL and Qwen2.5-VL."""
    kv = HIDDEN // HEADS * KV_HEADS
    return {
        f"{layer}input_layernorm.weight": torch.ones(HIDDEN),
        f"{layer}post_attention_layernorm.weight": torch.ones(HIDDEN),
        f"{layer}self_attn.q_proj.weight": random(HIDDEN, HIDDEN) * 4,
        f"{layer}self_attn.q_proj.bias": random(HIDDEN),
        f"{layer}self_attn.k_proj.weight": random(kv, HIDDEN) * 4,
        f"{layer}self_attn.k_proj.bias": random(kv),
        f"{layer}self_attn.v_proj.weight": random(kv, HIDDEN) * 4,
        f"{layer}self_attn.v_proj.bias": random(kv),
        f"{layer}self_attn.o_proj.weight": random(HIDDEN, HIDDEN) * 4,
        f"{layer}mlp.gate_proj.weight": random(INTER, HIDDEN) * 4,
        f"{layer}mlp.up_proj.weight": random(INTER, HIDDEN) * 4,
        f"{layer}mlp.down_proj.weight": random(HIDDEN, INTER) * 4,
    }


def save_weights(folder: Path, tensors: dict[str, torch.Tensor], *, sharded: bool) -> None:
    metadata = {"format": "pt"}
    if not sharded:
        save_file(tensors, folder / "model.safetensors", metadata)
        return
    names = sorted(tensors)
    middle = len(names) // 2
    places: dict[str, str] = {}
    for number, part in enumerate((names[:middle], names[middle:]), start=1):
        file = f"model-{number:05}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / file, metadata)
        places |= dict.fromkeys(part, file)
    size = sum(tensor.numel() * 4 for tensor in tensors.values())
    write_json(
        folder / "model.safetensors.index.json",
        {"metadata": {"total_size": size}, "weight_map": places},
    )


def write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
