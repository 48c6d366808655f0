"""The models this library is made for, and whether they are on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

DEMO = Path(__file__).resolve().parent.parent / "demo"
"""The demo model's folder, inside the package."""


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
)


def known_models() -> list[KnownModel]:
    """The demo model and the Qwen2-VL models, in order of size. Asks no network."""
    rows = [
        KnownModel(
            "demo",
            "ships with productdesc; fifteen kinds of product, English",
            (DEMO / "model.safetensors").is_file(),
            "reinstall productdesc",
        )
    ]
    for name, note in _ON_THE_HUB:
        rows.append(KnownModel(name, note, _is_cached(name), f"hf download {name}"))
    return rows


def _is_cached(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache  # slow to import

    return isinstance(try_to_load_from_cache(name, "config.json"), str)
