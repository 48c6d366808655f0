"""Writes the demo model in Qwen2-VL's published on-disk layout, and reads it back."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from .language import vocabulary
from .language.catalogue import CATEGORIES
from .photos.album import MEAN, STD

MIN_PIXELS = 16 * 28 * 28
MAX_PIXELS = 30 * 28 * 28
MAX_BYTES = 20_000_000


def _published(name: str) -> str:
    """transformers 5 nests its modules deeper than the published files do."""
    name = name.replace("model.language_model.", "model.")
    return name.replace("model.visual.", "visual.")


def _nested(name: str) -> str:
    if name.startswith("visual."):
        return f"model.{name}"
    return name.replace("model.", "model.language_model.", 1)


def save(
    model: Qwen2VLForConditionalGeneration, tokenizer: Tokenizer, folder: Path, name: str
) -> None:
    """The whole checkpoint folder; raises `ValueError` where the weights pass 20 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary.save(tokenizer, folder)
    weights = {
        _published(key): value.detach().to(torch.float16).contiguous()
        for key, value in model.state_dict().items()
        if key != "lm_head.weight"  # tied to the embedding
    }
    part = folder / "model.safetensors.part"
    save_file(weights, str(part), metadata={"format": "pt"})
    if part.stat().st_size > MAX_BYTES:
        raise ValueError(f"{part}: {part.stat().st_size} bytes, over {MAX_BYTES}")
    part.chmod(0o644)  # safetensors writes for its owner alone
    part.replace(folder / "model.safetensors")
    _write_json(folder / "config.json", _config(model.config))
    ids = vocabulary.special_ids(tokenizer)
    _write_json(
        folder / "generation_config.json",
        {
            "bos_token_id": ids["<|endoftext|>"],
            "pad_token_id": ids["<|endoftext|>"],
            "eos_token_id": [ids["<|im_end|>"], ids["<|endoftext|>"]],
            "do_sample": False,
        },
    )
    _write_json(
        folder / "preprocessor_config.json",
        {
            "min_pixels": MIN_PIXELS,
            "max_pixels": MAX_PIXELS,
            "patch_size": 14,
            "temporal_patch_size": 2,
            "merge_size": 2,
            "image_mean": list(MEAN),
            "image_std": list(STD),
            "image_processor_type": "Qwen2VLImageProcessor",
            "processor_class": "Qwen2VLProcessor",
        },
    )
    _write_json(folder / "chat_template.json", {"chat_template": vocabulary.CHAT})
    _write_json(
        folder / "productdesc.json",
        {"name": name, "categories": list(CATEGORIES), "languages": ["en"]},
    )


def load(folder: Path, model: Qwen2VLForConditionalGeneration) -> None:
    """Fills `model` with the weights in `folder`."""
    held = load_file(str(folder / "model.safetensors"))
    weights = {_nested(key): value.float() for key, value in held.items()}
    weights["lm_head.weight"] = weights["model.language_model.embed_tokens.weight"]
    model.load_state_dict(weights)


def _write_json(path: Path, value: object) -> None:
    path.write_text(
        json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _config(config: Qwen2VLConfig) -> dict[str, object]:
    """The flat layout of transformers 4.41, which every reader of Qwen2-VL knows."""
    text, vision = config.text_config, config.vision_config
    return {
        "architectures": ["Qwen2VLForConditionalGeneration"],
        "model_type": "qwen2_vl",
        "attention_dropout": 0.0,
        "bos_token_id": text.bos_token_id,
        "eos_token_id": text.eos_token_id,
        "vision_start_token_id": config.vision_start_token_id,
        "vision_end_token_id": config.vision_end_token_id,
        "vision_token_id": config.image_token_id - 1,
        "image_token_id": config.image_token_id,
        "video_token_id": config.video_token_id,
        "hidden_act": text.hidden_act,
        "hidden_size": text.hidden_size,
        "initializer_range": 0.02,
        "intermediate_size": text.intermediate_size,
        "max_position_embeddings": text.max_position_embeddings,
        "max_window_layers": text.num_hidden_layers,
        "num_attention_heads": text.num_attention_heads,
        "num_hidden_layers": text.num_hidden_layers,
        "num_key_value_heads": text.num_key_value_heads,
        "rms_norm_eps": text.rms_norm_eps,
        "rope_theta": 1000000.0,
        "sliding_window": text.max_position_embeddings,
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        "transformers_version": "4.41.2",
        "use_cache": True,
        "use_sliding_window": False,
        "vision_config": {
            "depth": vision.depth,
            "embed_dim": vision.embed_dim,
            "mlp_ratio": vision.mlp_ratio,
            "num_heads": vision.num_heads,
            "in_chans": 3,
            "hidden_size": text.hidden_size,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "spatial_patch_size": 14,
            "temporal_patch_size": 2,
        },
        "rope_scaling": {
            "type": "mrope",
            "mrope_section": list(text.rope_parameters["mrope_section"]),
        },
        "vocab_size": text.vocab_size,
    }
