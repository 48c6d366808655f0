"""Trains the demo model from photos to a checkpoint folder, in one resumable command.

    python -m demo_model.train PHOTOS_FOLDER --out FOLDER

A convolutional teacher learns the kinds first, then the vision tower learns from it, then
the language half learns to answer the library's own prompts.  Each lasts the minutes it
is given; a stopped run continues where it was.  With `--start` a finished model is taught
on instead: its tower for the minutes of vision, then its language half.
"""

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
import torch.distributed as dist
from tokenizers import Tokenizer
from transformers import Qwen2VLForConditionalGeneration

from productdesc.channels import CHANNELS
from productdesc.engines.qwen2vl.inputs.mrope import Grid
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.prompts import Templates
from productdesc.records import Colour, Facts, Product

from . import checkpoint, photo_tokens
from .language import language, vocabulary
from .language.catalogue import CATEGORIES
from .language.conversations import Author, View
from .photos import lessons
from .photos.exam import Exam
from .runs import together
from .split import KINDS, Part, samples
from .vision import further, tower
from .vision import train_tower as vision

NAME = "productdesc-demo"
MINUTES = 20.0  # of the teacher, and of the finish
GOES_ON_AT = 2e-4  # rate of a language half that is finished


class Plan(NamedTuple):
    """What one run does; minutes are of each part's own clock, kept over restarts."""

    photos: Path
    renders: Path | None
    start: Path | None
    out: Path
    work: Path
    teacher: float
    vision: float
    finish: float
    language: float
    views: int
    head_views: int
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
        "--renders",
        type=Path,
        help="folder of rendered objects (photos/renders.py)",
    )
    parser.add_argument(
        "--start", type=Path, help="checkpoint folder of a finished model, to teach it on"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--work", type=Path, help="folder for progress; default OUT.work")
    parser.add_argument(
        "--teacher-minutes", type=float, help=f"default {MINUTES:.0f}; not with --start"
    )
    parser.add_argument("--vision-minutes", type=float, default=60, help="default 60")
    parser.add_argument(
        "--finish-minutes", type=float, help=f"default {MINUTES:.0f}; not with --start"
    )
    parser.add_argument("--language-minutes", type=float, default=60, help="default 60")
    parser.add_argument(
        "--views", type=int, default=6000, help="of training photos, for the last part"
    )
    parser.add_argument(
        "--head-views",
        type=int,
        default=further.FITTED_ON,
        help=f"to fit the head of a finished tower on; default {further.FITTED_ON}",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--processes", type=int, default=2, help="that train together, on all cores"
    )
    asked = parser.parse_args(arguments)
    if asked.start and not (asked.start / "model.safetensors").is_file():
        parser.error(f"--start {asked.start}: no model.safetensors is there")
    skipped = {"teacher": asked.teacher_minutes, "finish": asked.finish_minutes}
    for name, minutes in skipped.items():
        if asked.start and minutes is not None:
            parser.error(f"--{name}-minutes: a model taught on (--start) has no such part")
    plan = Plan(
        photos=asked.photos,
        renders=asked.renders,
        start=asked.start,
        out=asked.out,
        work=asked.work or asked.out.with_name(asked.out.name + ".work"),
        teacher=MINUTES if asked.teacher_minutes is None else asked.teacher_minutes,
        vision=asked.vision_minutes,
        finish=MINUTES if asked.finish_minutes is None else asked.finish_minutes,
        language=asked.language_minutes,
        views=asked.views,
        head_views=asked.head_views,
        seed=asked.seed,
        processes=max(1, asked.processes),
    )
    plan.work.mkdir(parents=True, exist_ok=True)
    together(train, plan, plan.processes, plan.work / "meeting")
    return 0


def train(plan: Plan, rank: int) -> None:
    """Everything, from where it stopped last time; progress goes to stderr."""
    work = plan.work
    torch.manual_seed(plan.seed * 100 + rank)
    random.seed(plan.seed * 100 + rank)
    found = samples(plan.photos)
    if rank:
        dist.barrier()  # the first process reads the photos and fills the cache
    lesson = lessons.lesson(found, work / "cache", renders=plan.renders)
    exam = Exam.of(found, work / "cache", plan.renders)
    # nothing is tuned any more at the end: the photos that were kept for that teach as well
    parts: tuple[Part, ...] = ("train", "validation")
    all_photos = lessons.lesson(found, work / "cache", parts, plan.renders)
    tokenizer = _tokenizer(plan)
    if plan.processes > 1 and not rank:
        dist.barrier()
    model = language.new_model(language.configuration(), vocabulary.alike(tokenizer))
    if plan.start:
        checkpoint.load(plan.start, model)
        sorter = _on(plan, model, lesson, exam)
    else:
        sorter = _from_nothing(plan, lesson, exam, all_photos)
        photo_tokens.scale(sorter)
        firsts = [tokenizer.encode(category).ids[0] for category in CATEGORIES]
        photo_tokens.spell(sorter, language.words(model, work)[firsts])
    model.model.visual.load_state_dict(sorter.tower.state_dict())
    photos = plan.views // plan.processes
    pictures = photo_tokens.gallery(sorter, all_photos, photos)
    author = Author(Templates(), library_vocabulary(tokenizer))
    pad = vocabulary.special_ids(tokenizer)["<|endoftext|>"]
    talks = language.Talks(author, pictures, pad, plan.seed * 100 + rank)
    talks.tokens //= plan.processes

    def keep(mean: Qwen2VLForConditionalGeneration) -> None:
        checkpoint.save(mean, tokenizer, plan.out, NAME)

    rate = GOES_ON_AT if plan.start else language.RATE
    mean = language.train(model, talks, work, plan.language, say, keep, rate)
    if not rank:
        keep(mean)


def _from_nothing(
    plan: Plan, lesson: lessons.Lesson, exam: Exam, all_photos: lessons.Lesson
) -> vision.Sorter:
    """The teacher, the tower beside it, and its finish on all photos."""
    share = 96 // plan.processes
    taught = vision.train_teacher(lesson, exam, plan.work, plan.teacher, say, share)
    new = tower.new_tower(language.configuration())
    tower.start(new, local=3, contrast=2.5)
    classes = len(lesson.owner)
    sorter = vision.Sorter(new, len(KINDS), taught.head.in_features, classes)
    options = vision.TowerOptions(
        plan.work / "tower.pt", plan.vision, checkpoint.MAX_PIXELS, batch=share
    )
    sorter = vision.train_tower(sorter, taught, lesson, exam, options, say)
    options = replace(
        options,
        path=plan.work / "finish.pt",
        minutes=plan.finish,
        small=0.3,
        rate=1e-3,
        gentle=0.5,
    )
    sorter = sorter.train().requires_grad_(True)
    return vision.train_tower(sorter, taught, all_photos, None, options, say)


def _on(
    plan: Plan, model: Qwen2VLForConditionalGeneration, lesson: lessons.Lesson, exam: Exam
) -> vision.Sorter:
    """The tower of a finished model, taught on."""
    tower, head = model.model.visual, plan.work / "head.pt"
    sorter = further.sorter_of(tower, lesson, head, plan.head_views)
    options = further.FurtherOptions(
        plan.work / "further.pt",
        plan.vision,
        checkpoint.MAX_PIXELS,
        batch=96 // plan.processes,
    )
    return further.train_on(sorter, lesson, exam, options, say)


def _tokenizer(plan: Plan) -> Tokenizer:
    if plan.start:
        return Tokenizer.from_file(str(plan.start / "tokenizer.json"))
    return learn_vocabulary(plan.work / "tokenizer.json")


def say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def learn_vocabulary(path: Path) -> Tokenizer:
    """The tokenizer of 4,000 practice conversations; read from `path` when it is there."""
    if not path.exists():
        rng = random.Random(0)
        bare = vocabulary.learn([], 256 + len(vocabulary.SPECIAL))
        author = Author(Templates(), library_vocabulary(bare))
        texts: list[str] = []
        for _ in range(4000):
            kind = rng.choice(CATEGORIES)
            views = [View(0, Grid(1, 1), kind)] * rng.choice([0, 1, 1, 2])
            talk = author.conversation(rng, kind, views, short=rng.random() < 0.6)
            texts += talk.texts
        vocabulary.learn(texts, language.VOCABULARY, fixed_words()).save(str(path))
    return Tokenizer.from_file(str(path))


def fixed_words() -> set[str]:
    """Words of the instructions and answers that are never copied from anywhere."""
    templates, photo = Templates(), [Colour("x", "#000000", 0.5)]
    nothing = Facts(category="x")
    lists = templates.system(categories=["x"], visible={"colour": ["x"]})
    texts = [lists.text, " is a pair of made by in photo It This"]
    for photos in (0, 1, 2):
        texts.append(
            templates.observe(
                Product(),
                photos=photos,
                measured=[photo] * photos,
                categories=["x"],
                visible={"colour": ["x"]},
            ).text
        )
        for channel in CHANNELS.values():
            texts.append(
                templates.write(
                    channel.template,
                    Product(),
                    nothing,
                    shop=channel.label,
                    language="en",
                    fields=channel.fields,
                    photos=photos,
                ).text
            )
    found = re.findall(r"(?<= )[A-Za-z]{2,}", " ".join(texts))
    return set(found)


def library_vocabulary(tokenizer: Tokenizer) -> ChatTokenizer:
    """The engine's own reading of a tokenizer: practice looks like the real thing."""
    return ChatTokenizer(json.loads(tokenizer.to_str()), vocabulary.special_ids(tokenizer))


if __name__ == "__main__":
    raise SystemExit(main())
