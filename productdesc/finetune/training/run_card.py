"""Run card: what an adapter was made of, for people (README.md) and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..._version import __version__
from ..data.base_model import BaseModel
from ..data.data_folder import About
from ..options import TrainOptions
from .loss_curve import loss_curve, points

CARD, README, CURVE = "card.json", "README.md", "loss.svg"


def card_values(
    about: About,
    base: BaseModel,
    options: TrainOptions,
    history: Sequence[Mapping[str, Any]],
    run: Mapping[str, Any],
) -> dict[str, Any]:
    """The card as JSON values. run: what the run itself measured."""
    held_out = points(history, "eval_loss")
    best = min(held_out, key=lambda point: (point[1], point[0]))
    return {
        "library": __version__,
        "base": {
            "model": base.checkpoint.name,
            "revision": base.checkpoint.revision,
            "weights_digest": about.base_digest,
        },
        "data": about.model_dump(mode="json"),
        "options": options.shaping,
        "best": {"step": int(best[0]), "held_out_loss": best[1]},
        "first": {"held_out_loss": held_out[0][1], "step": int(held_out[0][0])},
        "run": dict(run),
        "loss": points(history, "loss"),
        "held_out": held_out,
    }


def card_files(
    values: Mapping[str, Any], history: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """The card's files, by name."""
    return {
        CARD: json.dumps(values, indent=2, ensure_ascii=False) + "\n",
        CURVE: loss_curve(history),
        README: _readme(values),
    }


def _readme(card: Mapping[str, Any]) -> str:
    base, data, best, run = card["base"], card["data"], card["best"], card["run"]
    counts, options = data["counts"], card["options"]
    added = ", ".join(data["added"]) or "none"
    rows = {
        "base model": f"`{base['model']}`"
        + (f", commit `{base['revision']}`" if base["revision"] else ""),
        "base weights": f"`{base['weights_digest']}`",
        "data": f"`{data['digest']}`",
        "prompts": f"`{data['prompt_digest']}`, {data['channel']} in {data['language']}",
        "examples": f"{counts['train']} trained on, {counts['validation']} to tune by, "
        f"{counts['test']} kept out",
        "looks and texts": f"{counts['looks']} and {counts['texts']}",
        "replayed": json.dumps(counts["replayed kinds"], ensure_ascii=False),
        "new kinds": added,
        "left out": json.dumps(counts["left out"], ensure_ascii=False),
        "photos": f"at most {data['max_pixels']:,} pixels",
        "LoRA": f"rank {options['rank']}, alpha {options['alpha']}, "
        f"{run['trained']:,} numbers, language layers only",
        "best held-out loss": f"{best['held_out_loss']:.4f} at step {best['step']} "
        f"of {run['steps']}",
        "took": f"{run['seconds']:.0f} s on {run['device']} in {run['dtype']}",
    }
    table = "\n".join(f"| {name} | {_cell(value)} |" for name, value in rows.items())
    return f"""---
library_name: peft
base_model: {json.dumps(base["model"], ensure_ascii=False)}
tags: [lora, productdesc]
---

# An adapter of productdesc

A LoRA adapter, made by `productdesc finetune train` (productdesc {card["library"]}).
`card.json` holds all of this for programs.

| what | |
|---|---|
{table}

![Loss of training and held-out loss by step]({CURVE})

The best checkpoint by held-out loss is what lies here. Held-out loss says that it learned;
`productdesc evaluate catalogue` on the test products says whether it got better.
"""


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")
