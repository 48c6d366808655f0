"""Teaches the demo model to look, from photos to a checkpoint folder, in one command.

    python -m demo_model.train PHOTOS_FOLDER --out FOLDER

The vision tower of the model at `--start` learns on, beside a teacher that was taught on
ImageNet; then its last layer learns to be read by the language half, which stays as it is.
Each lasts the minutes of processor time it is given; a stopped run continues where it was.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.distributed as dist

from . import checkpoint, reader
from .photos import lessons
from .photos.album import unnormalised
from .photos.exam import Exam, by_kind
from .runs import together
from .split import KINDS, samples
from .vision import teacher as teachers
from .vision import train_tower as vision

TEACHER_PIXELS = 192 * 192  # of a photo in the teacher's exam
START = Path(__file__).parents[1] / "productdesc" / "demo"


class Plan(NamedTuple):
    """What one run does; minutes are of processor time, kept over restarts."""

    photos: Path
    renders: Path | None
    start: Path
    out: Path
    work: Path
    vision: float
    reader: float
    teacher_views: int
    reader_views: int
    seed: int
    processes: int


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo_model.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", type=Path, help="folder with clothing-small and grocery")
    parser.add_argument(
        "--renders", type=Path, help="folder of rendered objects (photos/renders.py)"
    )
    parser.add_argument(
        "--start",
        type=Path,
        default=START,
        help="checkpoint folder; default: the shipped one",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--work", type=Path, help="folder for progress; default OUT.work")
    parser.add_argument("--vision-minutes", type=float, default=70, help="default 70")
    parser.add_argument("--reader-minutes", type=float, default=8, help="default 8")
    parser.add_argument(
        "--teacher-views", type=int, default=16_000, help="to fit its head; default 16000"
    )
    parser.add_argument(
        "--reader-views", type=int, default=6_000, help="for the last layer; default 6000"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--processes", type=int, default=2, help="that train together, on all cores"
    )
    asked = parser.parse_args(arguments)
    if not (asked.start / checkpoint.WEIGHTS).is_file():
        parser.error(f"--start {asked.start}: no {checkpoint.WEIGHTS} is there")
    plan = Plan(
        photos=asked.photos,
        renders=asked.renders,
        start=asked.start,
        out=asked.out,
        work=asked.work or asked.out.with_name(asked.out.name + ".work"),
        vision=asked.vision_minutes,
        reader=asked.reader_minutes,
        teacher_views=asked.teacher_views,
        reader_views=asked.reader_views,
        seed=asked.seed,
        processes=max(1, asked.processes),
    )
    plan.work.mkdir(parents=True, exist_ok=True)
    together(train, plan, plan.processes, plan.work / "meeting")
    return 0


def train(plan: Plan, rank: int) -> None:
    """Everything, from where it stopped last time; progress goes to stderr."""
    work, cache = plan.work, plan.work / "cache"
    torch.manual_seed(plan.seed * 100 + rank)
    random.seed(plan.seed * 100 + rank)
    found = samples(plan.photos)
    if rank:
        dist.barrier()  # the first process reads the photos and fits the teacher
    lesson = lessons.lesson(found, cache, renders=plan.renders)
    exam = Exam.of(found, cache, plan.renders)
    teacher = teachers.taught(lesson, work / "teacher.pt", plan.teacher_views, say)
    if plan.processes > 1 and not rank:
        dist.barrier()
    if not rank:

        def judged(pixels: torch.Tensor) -> torch.Tensor:
            return by_kind(teacher(unnormalised(pixels)), lesson.owner)

        say(f"teacher {exam.score(exam.answers(judged, TEACHER_PIXELS))}")
    model = checkpoint.load(plan.start)
    sorter = vision.Sorter(
        model.model.visual, len(KINDS), teachers.WIDTH, len(lesson.owner)
    )
    options = vision.TowerOptions(
        work / "tower.pt",
        plan.vision,
        checkpoint.MAX_PIXELS,
        batch=96 // plan.processes,
        clock=time.process_time,
    )
    sorter = vision.train_tower(sorter, teacher, lesson, exam, options, say)
    reading = reader.ReaderOptions(
        work / "reader.pt",
        plan.reader,
        plan.reader_views // plan.processes,
        time.process_time,
    )
    model, vocabulary = checkpoint.load(plan.start), checkpoint.vocabulary(plan.start)
    reader.fit(model, sorter, vocabulary, lesson, reading, say)
    if not rank:
        checkpoint.save(plan.start, sorter.tower, plan.out)


def say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
