"""Known models: pinned commits of the hub, and whether they are on this machine.

To pin another model's commit: one line in PINNED.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

DEMO = Path(__file__).resolve().parent.parent / "demo"
"""The demo model's folder, inside the package."""


PINNED = {
    "Qwen/Qwen2-VL-2B-Instruct": "895c3a49bc3fa70a340399125c650a463535e71c",
    "Qwen/Qwen2-VL-7B-Instruct": "eed13092ef92e448dd6875b2a00151bd3f7db0ac",
    "Qwen/Qwen2.5-VL-3B-Instruct": "66285546d2b821cf421d4f5eb2576359d3770cd3",
    "Qwen/Qwen2.5-VL-7B-Instruct": "cc594898137f460bfe9f0759e9844b3ce807cfb5",
    "Qwen/Qwen3-VL-2B-Instruct": "89644892e4d85e24eaac8bacfd4f463576704203",
    "Qwen/Qwen3-VL-4B-Instruct": "ebb281ec70b05090aa6165b016eac8ec08e71b17",
    "Qwen/Qwen3-VL-8B-Instruct": "0c351dd01ed87e9c1b53cbc748cba10e6187ff3b",
}
"""The commit of each known model that is loaded where no revision is asked for."""


class KnownModel(NamedTuple):
    """One row of `productdesc models`; `get` is the command that fetches it."""

    name: str
    note: str
    present: bool
    get: str


# Sizes are of the published bfloat16 weights; memory is more (docs/models.md).
_ON_THE_HUB = (
    ("Qwen/Qwen2-VL-2B-Instruct", "4.4 GB, Apache-2.0, the one to start with"),
    ("Qwen/Qwen2-VL-7B-Instruct", "16.6 GB, Apache-2.0, for a GPU of 24 GB"),
    ("Qwen/Qwen2.5-VL-3B-Instruct", "7.5 GB, Qwen Research: no commercial use"),
    ("Qwen/Qwen2.5-VL-7B-Instruct", "16.6 GB, Apache-2.0, for a GPU of 24 GB"),
    ("Qwen/Qwen3-VL-2B-Instruct", "4.3 GB, Apache-2.0"),
    ("Qwen/Qwen3-VL-4B-Instruct", "8.9 GB, Apache-2.0, for a GPU of 16 GB"),
    ("Qwen/Qwen3-VL-8B-Instruct", "17.5 GB, Apache-2.0, for a GPU of 24 GB"),
)

# Run by transformers. No commit is pinned: none of these could be loaded here.
_BY_TRANSFORMERS = (
    ("llava-hf/llava-1.5-7b-hf", "LLaVA 1.5; terms of Llama 2; one photo a product"),
    ("llava-hf/llava-v1.6-mistral-7b-hf", "LLaVA-NeXT; Apache-2.0; one photo a product"),
    ("HuggingFaceTB/SmolVLM-Instruct", "SmolVLM; Apache-2.0"),
    ("HuggingFaceM4/Idefics3-8B-Llama3", "Idefics3; Apache-2.0 over Llama 3's terms"),
    ("google/gemma-3-4b-it", "Gemma 3; Gemma's terms, which the hub asks you to accept"),
)


def known_models() -> list[KnownModel]:
    """The demo model, the Qwen family, and what transformers runs. Asks no network."""
    rows = [
        KnownModel(
            "demo",
            "ships with productdesc; sees fifteen kinds of product, and rules write",
            (DEMO / "model.safetensors").is_file(),
            "reinstall productdesc",
        )
    ]
    for name, note in _ON_THE_HUB:
        get = f"hf download {name} --revision {PINNED[name]}"
        rows.append(KnownModel(name, note, _is_cached(name), get))
    for name, note in _BY_TRANSFORMERS:
        note = f"{note}; by transformers"
        rows.append(KnownModel(name, note, _is_cached(name), f"hf download {name}"))
    return rows


def _is_cached(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache  # slow to import

    path = try_to_load_from_cache(name, "config.json", revision=PINNED.get(name))
    return isinstance(path, str)
