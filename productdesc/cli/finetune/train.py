"""`productdesc finetune train`: a LoRA adapter from training data."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ...text.printable import quoted
from .. import arguments
from ..terminal import say, show, show_json
from .data import add_base, base_of


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "train",
        help="train an adapter; the same command goes on with a run that was stopped",
        description="Train a LoRA adapter of the language layers on what `finetune data` "
        "made. It needs the extra productdesc[finetune].",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("data", type=Path, metavar="FOLDER", help="what `finetune data` made")
    add("-o", "--out", type=Path, required=True, metavar="ADAPTER",
        help="where the adapter goes")  # fmt: skip
    add("--force", action="store_true",
        help="replace ADAPTER if it exists, and begin anew")  # fmt: skip
    add("--epochs", type=float, default=3.0, metavar="N",
        help="at most; it stops when held-out loss falls no more (default: 3)")  # fmt: skip
    add("--max-steps", type=arguments.count, metavar="N", help="stop after N steps")
    add("--learning-rate", type=float, default=2e-4, metavar="RATE", help="default: 2e-4")
    add("--batch-size", type=arguments.count, default=8, metavar="N",
        help="examples a step (default: 8)")  # fmt: skip
    add("--at-once", type=arguments.count, metavar="N",
        help="of these in one forward (default: all of a small model, else 1)")  # fmt: skip
    add("--rank", type=arguments.count, default=16, metavar="N", help="default: 16")
    add("--alpha", type=arguments.count, default=32, metavar="N", help="default: 32")
    add("--every", type=arguments.count, metavar="N",
        help="steps between evaluations and checkpoints (default: a tenth)")  # fmt: skip
    add("--patience", type=arguments.count, default=3, metavar="N",
        help="stop after N evaluations without a better loss (default: 3)")  # fmt: skip
    add("--checkpointing", action=argparse.BooleanOptionalAction, default=None,
        help="compute each layer twice to save memory (default: where the model is "
        "large)")  # fmt: skip
    add("--kept", type=float, default=0.8, metavar="SHARE",
        help="of the loss of what is replayed: hold to the former answers, the rest is by "
        "the label (default: 0.8)")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="default: 0")
    add("--device", help="cpu, cuda, cuda:0, mps (default: the best there is)")
    add("--dtype", choices=["float32", "bfloat16"], help="default: by size of the model")
    add("--json", action="store_true", help="print card.json")
    add_base(
        parser,
        "folder or hub id of the model to tune (default: the one that the "
        "data is for, where that is the demo model)",
    )
    parser.set_defaults(run=run)


OPTIONS = ("epochs", "max_steps", "learning_rate", "batch_size", "at_once", "rank", "alpha",
           "every", "patience", "checkpointing", "kept", "seed", "device",
           "dtype")  # fmt: skip
"""Options of the command that are `TrainOptions`."""


def run(chosen: argparse.Namespace) -> int:
    from ...finetune import BaseModel, TrainOptions, read_data, train

    options = TrainOptions(**{name: getattr(chosen, name) for name in OPTIONS})
    base, data = base_of(chosen), read_data(chosen.data)
    if base is None and data.about.model == "demo":
        base = BaseModel.find("demo")
    if base is None:
        made_for = data.about.model
        raise ValueError(f"--model: name the model to tune; the data is for {made_for}")
    done = train(data, base, chosen.out, options, force=chosen.force, say=say)
    if chosen.json:
        show_json(dict(done.card), indent=2)
        return 0
    best, ran = done.card["best"], done.card["run"]
    show(
        f"{quoted(str(done.folder), 'path')}: best held-out loss "
        f"{best['held_out_loss']:.4f} at step {best['step']} of "
        f"{ran['steps']}; use it with --adapter"
    )
    return 0
