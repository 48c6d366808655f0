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
)


def known_models() -> list[KnownModel]:
    """The demo model and the Qwen2-VL models, in order of size. Asks no network."""
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
    return rows


def _is_cached(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache  # slow to import

    path = try_to_load_from_cache(name, "config.json", revision=PINNED[name])
    return isinstance(path, str)
