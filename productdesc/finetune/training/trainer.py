"""Trainer: transformers' own, with our batches and a loss on the answers alone."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_utils import get_last_checkpoint

from ..options import TrainOptions
from .batches import Examples, collate
from .example_tokens import IGNORED

Say = Callable[[str], None]

WARM_UP = 0.05
"""Share of the steps in which the learning rate rises; then it falls as a cosine."""
EVALUATIONS = 10  # of a run, unless `every` says otherwise
CHECKPOINTS = 2  # kept: the last, and the best so far


class AnswerTrainer(Trainer):  # type: ignore[misc]  # transformers ships no usable types
    """Cross-entropy of the answers' tokens, each weighed by its example.

    Of what is replayed, `kept` of it is the divergence from the base model's own answer.
    """

    kept = 0.0

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        given = dict(inputs)
        labels, weights = given.pop("labels")[:, 1:], given.pop("weights")
        keeps = given.pop("keeps")
        learned = labels != IGNORED
        # logits where some row has an answer: of 150,000 words they take the most memory
        columns = learned.any(0).nonzero().squeeze(1)
        outputs = model(**given, logits_to_keep=columns, use_cache=False)
        labels, learned = labels[:, columns], learned[:, columns]
        losses = F.cross_entropy(
            outputs.logits[learned].float(), labels[learned], reduction="none"
        )
        if self.kept and keeps.any():
            kept = keeps[:, None].expand_as(labels)[learned]
            before = self._before(model, given, columns)[learned]
            apart = F.kl_div(
                outputs.logits[learned].float().log_softmax(-1),
                before.float().log_softmax(-1),
                reduction="none",
                log_target=True,
            ).sum(-1)
            losses = torch.where(kept, self.kept * apart + (1 - self.kept) * losses, losses)
        each = weights[:, None].expand_as(labels)[learned]
        count = learned.sum() if num_items_in_batch is None else num_items_in_batch
        loss = (losses * each).sum() / count
        return (loss, outputs) if return_outputs else loss

    def _before(self, model: Any, given: dict[str, Tensor], columns: Tensor) -> Tensor:
        """Logits of the base model, without what was learned."""
        with torch.no_grad(), self.accelerator.unwrap_model(model).disable_adapter():
            logits: Tensor = model(**given, logits_to_keep=columns, use_cache=False).logits
        return logits


class Watch(TrainerCallback):  # type: ignore[misc]
    """Says each evaluation in a line, and times the steps."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._began = self._at = 0.0
        self._first = 0
        self._loss = math.nan

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._began = self._at = time.monotonic()
        self._first = state.global_step

    def on_log(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        logs = given.get("logs") or {}
        self._loss = float(logs.get("loss", self._loss))

    def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        held_out = (given.get("metrics") or {}).get("eval_loss", math.nan)
        done = max(1, state.global_step - self._first)
        seconds = (time.monotonic() - self._began) / done
        self._say(
            f"step {state.global_step} of {state.max_steps}: loss {self._loss:.4f}, "
            f"held out {held_out:.4f}, {seconds:.2f} s a step"
        )


def make_trainer(
    model: Any,
    train: Examples,
    validation: Examples,
    work: Path,
    options: TrainOptions,
    say: Say,
) -> AnswerTrainer:
    """A trainer that keeps its checkpoints below `work`."""
    at_once = options.at_once or 1
    steps = math.ceil(len(train) / options.batch_size) * options.epochs
    total = options.max_steps or max(1, math.ceil(steps))
    every = options.every or max(1, total // EVALUATIONS)
    device = next(model.parameters()).device
    arguments = TrainingArguments(
        output_dir=str(work),
        max_steps=options.max_steps or -1,
        num_train_epochs=options.epochs,
        per_device_train_batch_size=at_once,
        per_device_eval_batch_size=at_once,
        gradient_accumulation_steps=options.batch_size // at_once,
        learning_rate=options.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=math.ceil(WARM_UP * total),
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=CHECKPOINTS,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        restore_callback_states_from_checkpoint=True,
        logging_steps=1,
        logging_nan_inf_filter=False,
        prediction_loss_only=True,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=device.type == "cuda",
        disable_tqdm=True,
        report_to=[],
        seed=options.seed,
        data_seed=options.seed,
        use_cpu=device.type == "cpu",
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # one device: a batch's photos lie in a row
    trainer = AnswerTrainer(
        model=model,
        args=arguments,
        data_collator=collate,
        train_dataset=train,
        eval_dataset=validation,
        callbacks=[Watch(say), EarlyStoppingCallback(options.patience)],
    )
    trainer.kept = options.kept
    for printing in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(printing)
    return trainer


def run(trainer: AnswerTrainer, work: Path) -> list[dict[str, Any]]:
    """Train, from the last checkpoint where there is one; what was logged, in order."""
    quiet = logging.getLogger("transformers.trainer")
    level = quiet.level
    quiet.setLevel(logging.ERROR)
    try:
        last = get_last_checkpoint(str(work)) if work.is_dir() else None
        trainer.train(resume_from_checkpoint=last)
    finally:
        quiet.setLevel(level)
    history: list[dict[str, Any]] = trainer.state.log_history
    return history


def is_finite(history: list[dict[str, Any]]) -> bool:
    """Whether every loss that was logged is a number."""
    losses = (one[key] for one in history for key in ("loss", "eval_loss") if key in one)
    return all(math.isfinite(loss) for loss in losses)


def peak_bytes(device: torch.device) -> int | None:
    """The most memory that training took on a GPU; None on a CPU."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
