"""Train: a LoRA adapter from a data folder; resumed where a former run was stopped."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..engines.checkpoint.memory import check_memory, free_ram
from ..errors import CatalogError, EngineError
from ..text.log_lines import package_logger
from .data.base_model import BaseModel
from .data.data_folder import TuningData, read_data
from .data.split import TRAIN, VALIDATION
from .data_for_model import data_for
from .options import TrainOptions

PACKAGES = ("peft", "accelerate")
"""Of the extra `finetune`."""
RUN = "run.json"

_log = package_logger("finetune")


@dataclass(frozen=True, slots=True)
class TrainSummary:
    """What came of a training: the adapter's folder, and its card as JSON values."""

    folder: Path
    card: Mapping[str, Any]


def train(
    data: TuningData | Path,
    base: BaseModel,
    out: Path,
    options: TrainOptions | None = None,
    *,
    force: bool = False,
    say: Callable[[str], None] = _log.info,
) -> TrainSummary:
    """Train an adapter into the folder `out`, which appears whole or not at all.

    Checkpoints lie in OUT.training until it is done; the same call goes on with them.
    force: replace an adapter that is there, and begin anew. say: gets a line a step of the
    way. Raises `EngineError` where the model cannot be trained, `CatalogError` for data
    that must not be trained on or was made for another model, `ValueError` for a wrong
    option.
    """
    options = options or TrainOptions()
    check_installed()
    if isinstance(data, Path):
        data = read_data(data)
    if out.exists() and not force:
        raise CatalogError(f"{out}: is there already; name another folder, or --force")
    data = data_for(data, base, say)
    work = out.with_name(f"{out.name}.training")
    from .training.adapter_folder import run_digest, save_adapter
    from .training.run_card import card_files, card_values

    _begin(work, run_digest(data.about, base, options.shaping), force=force)
    began = time.monotonic()
    model, history, run = _trained(data, base, work, options, say)
    run = {**run, "seconds": round(time.monotonic() - began, 1)}
    card = card_values(data.about, base, options, history, run)
    save_adapter(model, out, base, data.about, card_files(card, history))
    shutil.rmtree(work, ignore_errors=True)
    return TrainSummary(out, card)


def check_installed() -> None:
    """Raises `EngineError` where the extra is not installed."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise EngineError(
            f"training needs {' and '.join(missing)}, which are not installed: "
            'pip install "productdesc[finetune]"'
        )


def _begin(work: Path, digest: str, *, force: bool) -> None:
    """Make ready the folder of checkpoints, or go on with that of the same run."""
    path = work / RUN
    if force:
        shutil.rmtree(work, ignore_errors=True)
    if path.is_file() and json.loads(path.read_text("utf-8")).get("digest") != digest:
        raise CatalogError(
            f"{work}: holds the checkpoints of a run with other data, options or model; "
            "give those to go on with it, or --force to begin anew"
        )
    work.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"digest": digest}) + "\n", "utf-8")


def _trained(
    data: TuningData,
    base: BaseModel,
    work: Path,
    options: TrainOptions,
    say: Callable[[str], None],
) -> tuple[Any, list[dict[str, Any]], dict[str, Any]]:
    """The trained model, what was logged, and what the run measured."""
    from dataclasses import replace

    import torch

    from ..engines.checkpoint.devices import SMALL_PARAMETERS
    from .training import trainer as training
    from .training.batches import Examples
    from .training.lora import add_lora, compute_layers_twice, count_trained, load_base
    from .training.training_memory import Work, memory_terms, shown

    taught, held_out = (
        Examples(data.of(side), data.folder, base) for side in (TRAIN, VALIDATION)
    )
    longest = data.about.longest
    is_large = base.checkpoint.parameters > SMALL_PARAMETERS
    at_once = options.at_once or (1 if is_large else options.batch_size)
    options = replace(options, at_once=at_once)
    again = is_large if options.checkpointing is None else options.checkpointing
    module, device = load_base(base, options)
    model = add_lora(module, options)
    if again:
        compute_layers_twice(module)
    dtype = next(module.model.visual.parameters()).dtype
    work_size = Work(
        at_once, longest["tokens"], longest["learned"], longest["patches"] * at_once
    )
    terms = memory_terms(
        module.config,
        base.checkpoint.parameters,
        count_trained(model),
        work_size,
        dtype.itemsize,
        again=again,
    )
    most = f"longest example {longest['tokens']:,} tokens"
    say(f"memory, computed: {shown(terms)}; {most}")
    needed = sum(terms.values()) - (terms["weights"] if device.type == "cpu" else 0)
    free = free_ram() if device.type == "cpu" else torch.cuda.mem_get_info(device)[0]
    check_memory(f"training {base.checkpoint.name}", needed, free, str(device))
    trainer = training.make_trainer(model, taught, held_out, work, options, say)
    history = training.run(trainer, work)
    if not training.is_finite(history):
        raise EngineError(
            "the loss is no finite number any more; lower the learning rate. The "
            f"checkpoints are in {work}; --force begins anew"
        )
    return (
        model,
        history,
        {
            "steps": trainer.state.global_step,
            "trained": count_trained(model),
            "device": str(device),
            "dtype": str(dtype).removeprefix("torch."),
            "at_once": at_once,
            "checkpointing": again,
            "memory_computed": dict(terms),
            "memory_peak": training.peak_bytes(device),
        },
    )
