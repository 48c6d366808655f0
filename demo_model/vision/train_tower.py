"""Teaches the vision tower the kinds, beside a teacher that knows more of the world.

It runs for the minutes it is given, saves itself as it goes, and continues where it
stopped.
"""

import math
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..photos.album import normalise
from ..photos.exam import Exam, by_kind
from ..photos.lessons import Lesson, mix
from ..photos.views import recolour
from ..runs import Clock, Run, Say, fast_sums, until
from ..split import KINDS, OTHER_INDEX
from . import tower as towers
from .teacher import Teacher


class Sorter(nn.Module):
    """The tower with a linear layer on the mean of its tokens: the kinds.

    Two more only teach it: classes finer than kinds, and what the teacher sees where.
    """

    def __init__(
        self, tower: towers.Tower, kinds: int, taught: int = 256, classes: int = 0
    ) -> None:
        super().__init__()
        width = tower.merger.mlp[2].out_features
        self.tower: Any = tower
        self.head = nn.Linear(width, kinds)
        self.classes = nn.Linear(width, classes or kinds)
        self.echo = nn.Linear(width, taught)  # each token retells the teacher's features
        self.drop = 0.0

    def tokens(self, pixels: Tensor) -> Tensor:
        """(photos, tokens, width); see `tower.merged`."""
        drop = self.drop if self.training else 0.0
        return towers.merged(self.tower, pixels, drop)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.head(self.tokens(pixels).mean(1))  # type: ignore[no-any-return]


# rows and columns in pixels of the grids that photos of usual shapes get
Sizes = tuple[tuple[int, int], ...]
SMALL: Sizes = ((112, 112), (140, 112), (112, 112), (112, 140), (112, 84), (112, 112))
TAUGHT_AT = 160  # pixels a side, of a square photo, at which the teacher looks
VIEWS = 2  # that the tower sees of each view that the teacher judges, tinted anew
LARGE: Sizes = ((140, 140), (168, 112), (168, 140), (140, 168), (168, 140), (168, 112))


def _same_features(echo: Tensor, features: Tensor, rows: int, columns: int) -> Tensor:
    """How far the tokens are from the teacher's map, each channel brought to unit size."""
    told = F.interpolate(features, (rows, columns), mode="bilinear", align_corners=False)
    told = told.flatten(2).transpose(1, 2)
    mean = told.mean((0, 1), keepdim=True)
    spread = told.std((0, 1), keepdim=True) + 0.05
    return F.smooth_l1_loss(echo, (told - mean) / spread)


def soft_targets(beliefs: Tensor, target: Tensor) -> Tensor:
    """What the teacher believes, or the truth where it takes a known product for none.

    It saw known kinds at home and unknown ones in studios, and judges by the ground.
    """
    mistaken = (beliefs.argmax(1) == OTHER_INDEX) & (target[:, OTHER_INDEX] < 0.5)
    return torch.where(mistaken[:, None], target, beliefs.softmax(1))


@dataclass(frozen=True, slots=True)
class TowerOptions:
    """How long the tower is trained beside the teacher, how fast, and on which batches."""

    path: Path  # of the progress: saved here, continued from here
    minutes: float
    max_pixels: int  # of a photo in the exam
    batch: int = 64
    small: float = 0.5  # share of the time in which photos are small
    rate: float = 6e-4
    gentle: float = 0.35  # share of batches with photos nearly as they are
    clock: Clock = time.monotonic


def train_tower(
    model: Sorter,
    teacher: Teacher,
    lesson: Lesson,
    exam: Exam | None,
    options: TowerOptions,
    say: Say,
) -> Sorter:
    """The tower after its minutes of training beside the teacher, as its running mean.

    It learns the kinds, the teacher's doubts about them, and what the teacher sees where.
    """
    model.drop = 0.05
    run = Run(model, options.path, rate=options.rate, decay=0.05)

    def step(progress: float) -> tuple[float, int]:
        model.train()
        rows, columns = random.choice(SMALL if progress < options.small else LARGE)
        gentle = random.random() < options.gentle
        # the teacher looks closer than the tower: it knows more at that size
        scale = max(1.0, TAUGHT_AT / math.sqrt(rows * columns))
        near = round(rows * scale), round(columns * scale)
        size = options.batch // VIEWS
        pixels, labels = lesson.batch(size, *near, others=0.15, gentle=gentle)
        exact = F.one_hot(labels, len(lesson.owner)).float()
        if random.random() < 0.6 * (1 - options.gentle):
            pixels, exact = mix(pixels, exact)
        beliefs, features = teacher.look(pixels)
        if near != (rows, columns):
            pixels = F.interpolate(pixels, (rows, columns), mode="bilinear", antialias=True)
        tinted = recolour(pixels, 0.5).flip(3) if random.random() < 0.5 else pixels.flip(3)
        seen = normalise(torch.cat([pixels, tinted.clamp(0, 1)]))
        beliefs, exact = beliefs.repeat(VIEWS, 1), exact.repeat(VIEWS, 1)
        features = torch.cat([features, features.flip(3)])
        target = exact @ F.one_hot(lesson.owner, len(KINDS)).float()
        with fast_sums():
            tokens = model.tokens(seen)
        beliefs, features, tokens = beliefs.float(), features.float(), tokens.float()
        means = tokens.mean(1)
        logits, finer = model.head(means), model.classes(means)
        loss = 0.4 * F.cross_entropy(logits, target)
        soft = soft_targets(by_kind(beliefs, lesson.owner), target)
        loss = loss + 0.6 * F.cross_entropy(logits, soft)
        soft = (soft_targets(beliefs, exact) + exact) / 2
        loss = loss + 0.5 * F.cross_entropy(finer, soft)
        loss = loss + _same_features(
            model.echo(tokens), features.contiguous(), rows // 28, columns // 28
        )
        run.step(loss, progress)
        return loss.item(), len(pixels)

    def report() -> str:
        return exam.score(exam.answers(run.mean, options.max_pixels)) if exam else ""

    until(run, options.minutes, step, report, say, clock=options.clock)
    return run.mean  # type: ignore[return-value]
