"""Teaches the tower of a finished model on, from what it sees already.

For another lesson (more strange things, other shares of the kinds) without the hours from
nothing. It keeps its beliefs among the known kinds and stays near its own tokens, so that
the language half finds them again.
"""

import copy
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F

from ..photos.album import normalise
from ..photos.exam import Exam
from ..photos.lessons import Lesson, mix
from ..runs import Clock, Run, Say, fast_sums, is_first, until
from ..split import KINDS, OTHER_INDEX
from .tower import Tower
from .train_tower import LARGE, SMALL, Sizes, Sorter

FITTED_ON = 6000  # views, unless another number is asked for


class Rates(NamedTuple):
    """How fast the tower learns on, and what each part of the loss counts."""

    rate: float = 6e-4
    truth: float = 0.7
    beliefs: float = 0.35  # the old ones, among known kinds
    sorts: float = 0.4
    tokens: float = 0.3  # how far they are from the old ones, in units of their variance


@dataclass(frozen=True, slots=True)
class FurtherOptions:
    """How long a finished tower is taught on, how fast, and on photos of which sizes."""

    path: Path  # of the progress: saved here, continued from here
    minutes: float
    max_pixels: int  # of a photo in the exam
    batch: int = 48
    rates: Rates = field(default_factory=Rates)
    small: Sizes = SMALL  # beside the large ones, in the first quarter
    large: Sizes = LARGE
    clock: Clock = time.monotonic


def sorter_of(
    tower: Tower, lesson: Lesson, path: Path, views: int = FITTED_ON, sizes: Sizes = LARGE
) -> Sorter:
    """A tower with a head fitted on its tokens, for a checkpoint holds none.

    The first process fits it, on so many views of these sizes, and leaves it at `path`
    for the others and for later.
    """
    sorter = Sorter(tower, len(KINDS), classes=len(lesson.owner))
    if is_first() and not path.exists():
        _fit(sorter, lesson, views, sizes)
        torch.save(sorter.head.state_dict(), path)
    if dist.is_initialized():
        dist.barrier()
    sorter.head.load_state_dict(torch.load(path, weights_only=True))
    with torch.no_grad():  # a sort begins as its kind
        sorter.classes.weight.copy_(sorter.head.weight[lesson.owner])
        sorter.classes.bias.copy_(sorter.head.bias[lesson.owner])
    return sorter


def _fit(
    sorter: Sorter, lesson: Lesson, views: int, sizes: Sizes, steps: int = 1500
) -> None:
    seen, kinds = [], []
    with torch.no_grad():
        for _ in range(0, views, 64):
            pixels, labels = lesson.batch(64, *random.choice(sizes), 0.25, gentle=True)
            seen.append(sorter.tokens(normalise(pixels)).mean(1))
            kinds.append(lesson.owner[labels])
    means, truth = torch.cat(seen), torch.cat(kinds)
    centre, spread = means.mean(0), means.std(0)
    means = (means - centre) / spread
    head = nn.Linear(means.shape[1], len(KINDS))
    optimiser = torch.optim.AdamW(head.parameters(), lr=1e-2, weight_decay=1e-2)
    for _ in range(steps):
        some = torch.randint(len(means), (512,))
        loss = F.cross_entropy(head(means[some]), truth[some], label_smoothing=0.1)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    with torch.no_grad():
        sorter.head.weight.copy_(head.weight / spread)
        sorter.head.bias.copy_(head.bias - sorter.head.weight @ centre)


def train_on(
    sorter: Sorter, lesson: Lesson, exam: Exam, options: FurtherOptions, say: Say
) -> Sorter:
    """The sorter after its minutes of more training, as its running mean."""
    rates, large = options.rates, options.large
    old = copy.deepcopy(sorter).eval().requires_grad_(False)
    sorter.drop = 0.05
    run = Run(sorter.requires_grad_(True), options.path, rate=rates.rate, decay=0.05)
    owned = F.one_hot(lesson.owner, len(KINDS)).float()

    def step(progress: float) -> tuple[float, int]:
        sorter.train()
        rows, columns = random.choice(large if progress > 0.25 else options.small + large)
        gentle = random.random() < 0.5
        size = options.batch
        pixels, labels = lesson.batch(size, rows, columns, others=0.2, gentle=gentle)
        exact = F.one_hot(labels, len(lesson.owner)).float()
        if random.random() < 0.35:
            pixels, exact = mix(pixels, exact)
        target = exact @ owned
        seen = normalise(pixels)
        with torch.no_grad(), fast_sums():
            before = old.tokens(seen)
        with fast_sums():
            tokens = sorter.tokens(seen)
        before, tokens = before.float(), tokens.float()
        means = tokens.mean(1)
        logits = sorter.head(means)
        known = 1 - target[:, OTHER_INDEX]
        told = _among_known(old.head(before.mean(1))).softmax(1)
        kept = F.cross_entropy(_among_known(logits), told, reduction="none")
        moved = F.smooth_l1_loss(tokens, before, reduction="none").mean((1, 2))
        moved = moved / before.var()
        sorts = sorter.classes(means)
        loss = (
            rates.truth * F.cross_entropy(logits, target, label_smoothing=0.05)
            + rates.beliefs * (kept * known).mean()
            + rates.sorts * F.cross_entropy(sorts, exact, label_smoothing=0.05)
            + rates.tokens * (moved * known).mean()
        )
        run.step(loss, progress)
        return loss.item(), len(pixels)

    def report() -> str:
        return exam.score(exam.answers(run.mean, options.max_pixels))

    until(run, options.minutes, step, report, say, clock=options.clock)
    return run.mean  # type: ignore[return-value]


def _among_known(logits: Tensor) -> Tensor:
    """The logits without a chance for "other product"."""
    return logits.index_fill(1, torch.tensor([OTHER_INDEX]), -1e4)
