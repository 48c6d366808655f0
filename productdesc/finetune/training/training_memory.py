"""Memory of training: what it takes, said before it starts. Computed, term by term."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...engines.checkpoint.memory import GB, WORKING_BYTES

TRAINED_BYTES = 16
"""Of a number that is trained, in float32: itself, its gradient, and Adam's two means."""
LAYER_WIDTHS, LAYER_INNER = 12, 6
"""Values a token that one layer holds for its backward, in hidden and inner widths: the two
norms, q, k, v, the attention's output, both sums, and what LoRA reads and adds in float32;
gate, up, their product, and the same of each for LoRA."""


@dataclass(frozen=True, slots=True)
class Work:
    """The largest forward: rows, tokens of a row, tokens that are scored, patches."""

    rows: int
    tokens: int
    scored: int
    patches: int


def memory_terms(
    config: Any, parameters: int, trained: int, work: Work, itemsize: int, *, again: bool
) -> Mapping[str, int]:
    """Bytes by what takes them. again: each layer is computed twice (checkpointing).

    config: transformers' of the model; itemsize: bytes of a base weight.
    """
    text, tower = config.text_config, config.vision_config
    tokens = work.rows * work.tokens
    layer = 4 * tokens * (LAYER_WIDTHS * text.hidden_size)
    layer += 4 * tokens * LAYER_INNER * text.intermediate_size
    layers = text.num_hidden_layers
    kept = layers * tokens * text.hidden_size * itemsize
    if hasattr(tower, "embed_dim"):  # Qwen2-VL; the later families name both widths
        patch = tower.embed_dim * (4 + tower.mlp_ratio)
    else:
        patch = 4 * tower.hidden_size + tower.intermediate_size
    return {
        "weights": parameters * itemsize,
        "adapter, gradients and Adam": trained * TRAINED_BYTES,
        "activations": kept + layer if again else layers * layer,
        "logits": work.rows * work.scored * text.vocab_size * (itemsize + 8),
        "photos": int(work.patches * patch * itemsize),
        "attention mask": work.rows * work.tokens**2,
        "work space": WORKING_BYTES if parameters * itemsize > WORKING_BYTES else 0,
    }


def shown(terms: Mapping[str, int]) -> str:
    """The terms in one line, in GB, the largest first."""
    parts = sorted(terms.items(), key=lambda pair: -pair[1])
    named = ", ".join(f"{name} {count / GB:.2f}" for name, count in parts if count)
    return f"{sum(terms.values()) / GB:.2f} GB ({named})"
