"""Teaches the vision tower the kinds: a convolutional teacher first, then the tower.

Both run for the minutes they are given, save themselves as they go, and continue where
they stopped.
"""

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..photos.album import normalise
from ..photos.exam import Exam, by_kind
from ..photos.lessons import Lesson, mix
from ..runs import Run, Say, fast_sums, until
from ..split import KINDS, OTHER_INDEX
from . import tower as towers
from .teacher import Teacher


def train_teacher(
    lesson: Lesson, exam: Exam, folder: Path, minutes: float, say: Say, batch: int = 64
) -> Teacher:
    """The teacher after `minutes` of training, as its running mean."""
    classes = len(lesson.owner)
    model = Teacher(classes).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = Run(model, folder / "teacher.pt", rate=2e-3, decay=0.05)

    def step(progress: float) -> tuple[float, int]:
        model.train()
        side = random.choice([96, 96, 112] if progress < 0.7 else [112, 128, 128])
        pixels, labels = lesson.batch(batch, side, side)
        target = F.one_hot(labels, classes).float()
        if random.random() < 0.6:
            pixels, target = mix(pixels, target)
        seen = normalise(pixels).contiguous(memory_format=torch.channels_last)
        with fast_sums():
            logits = model(seen)
        loss = F.cross_entropy(logits.float(), target, label_smoothing=0.1)
        run.step(loss, progress)
        return loss.item(), len(pixels)

    def answer(pixels: Tensor) -> Tensor:
        return by_kind(run.mean(pixels), lesson.owner)

    until(run, minutes, step, lambda: exam.score(exam.answers(answer, 128 * 128)), say)
    return run.mean  # type: ignore[return-value]


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
TAUGHT_AT = 144  # pixels a side at which the teacher is right most often
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
    small: float = 0.6  # share of the time in which photos are small
    rate: float = 1.2e-3
    gentle: float = 0.0  # share of batches with photos nearly as they are, and fewer blends


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
        # the teacher looks closer than the tower in training: it knows more at that size
        scale = max(1.0, TAUGHT_AT / math.sqrt(rows * columns))
        near = round(rows * scale), round(columns * scale)
        pixels, labels = lesson.batch(options.batch, *near, gentle=gentle)
        exact = F.one_hot(labels, len(lesson.owner)).float()
        if random.random() < 0.6 * (1 - options.gentle):
            pixels, exact = mix(pixels, exact)
        target = exact @ F.one_hot(lesson.owner, len(KINDS)).float()
        seen = normalise(pixels)
        with torch.no_grad(), fast_sums():
            beliefs, features = teacher.look(
                seen.contiguous(memory_format=torch.channels_last)
            )
        if near != (rows, columns):
            seen = F.interpolate(seen, (rows, columns), mode="bilinear", antialias=True)
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

    until(run, options.minutes, step, report, say)
    return run.mean  # type: ignore[return-value]
