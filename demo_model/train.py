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

from . import checkpoint
from .language import language, vocabulary
from .language.catalogue import CATEGORIES
from .language.conversations import Author, View
from .photos import lessons
from .photos.album import normalise
from .photos.exam import Exam, believed
from .runs import together
from .split import KINDS, Part, samples
from .vision import further, tower
from .vision import train_tower as vision

NAME = "productdesc-demo"
# chosen on the photos to tune on: a diffuse belief counts as none
DOUBT = 0.3  # below this certainty a photo is called "other product"
GENTLE = 0.65  # share of the views that the language half learns from
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
    seed: int
    processes: int


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
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
        asked.photos,
        asked.renders,
        asked.start,
        asked.out,
        asked.work or asked.out.with_name(asked.out.name + ".work"),
        MINUTES if asked.teacher_minutes is None else asked.teacher_minutes,
        asked.vision_minutes,
        MINUTES if asked.finish_minutes is None else asked.finish_minutes,
        asked.language_minutes,
        asked.views,
        asked.seed,
        max(1, asked.processes),
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
        scale(sorter)
        firsts = [tokenizer.encode(category).ids[0] for category in CATEGORIES]
        spell(sorter, language.words(model, work)[firsts])
    model.model.visual.load_state_dict(sorter.tower.state_dict())
    pictures = gallery(sorter, all_photos, photos=plan.views // plan.processes)
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
    size = checkpoint.MAX_PIXELS
    path = plan.work / "tower.pt"
    sorter = vision.train_tower(
        sorter, taught, lesson, exam, path, plan.vision, say, size, batch=share
    )
    path = plan.work / "finish.pt"
    return vision.train_tower(
        sorter.train().requires_grad_(True),
        taught,
        all_photos,
        None,
        path,
        plan.finish,
        say,
        size,
        batch=share,
        small=0.3,
        rate=1e-3,
        gentle=0.5,
    )


def _on(
    plan: Plan, model: Qwen2VLForConditionalGeneration, lesson: lessons.Lesson, exam: Exam
) -> vision.Sorter:
    """The tower of a finished model, taught on."""
    sorter = further.sorter_of(model.model.visual, lesson, plan.work / "head.pt")
    path, size = plan.work / "further.pt", checkpoint.MAX_PIXELS
    share = 96 // plan.processes
    return further.train_on(sorter, lesson, exam, path, plan.vision, say, size, batch=share)


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


@torch.no_grad()
def scale(sorter: vision.Sorter, norm: float = 2.0) -> None:
    """Brings photo tokens to `norm` times the size of word embeddings; kinds are kept."""
    pixels = torch.rand(8, 3, 140, 140, generator=torch.Generator().manual_seed(0))
    factor = norm / float(sorter.tokens(normalise(pixels)).norm(dim=-1).mean())
    last = sorter.tower.merger.mlp[2]
    last.weight.mul_(factor)
    last.bias.mul_(factor)
    sorter.head.weight.div_(factor)


@torch.no_grad()
def spell(sorter: vision.Sorter, words: torch.Tensor, strength: float = 0.6) -> None:
    """Adds to each photo token the words of the kinds it speaks for; beliefs are kept.

    words (kinds, width): the word embedding that begins each kind's name.  The language
    half then finds the kind in its own words, where it would have to learn a foreign
    code from few photos.
    """
    last, head = sorter.tower.merger.mlp[2], sorter.head
    words = words / words.norm(dim=1, keepdim=True)
    reads = head.weight - head.weight.mean(0)
    shift = strength * words.T @ (head.bias - head.bias.mean())
    turn = torch.eye(len(last.bias)) + strength * words.T @ reads
    last.weight.copy_(turn @ last.weight)
    last.bias.copy_(turn @ last.bias + shift)
    back = head.weight @ torch.linalg.inv(turn)
    head.bias.sub_(back @ shift)
    head.weight.copy_(back)


@torch.no_grad()
def gallery(sorter: vision.Sorter, lesson: lessons.Lesson, photos: int) -> language.Gallery:
    """Photo tokens of so many views of training photos and of unknown things."""
    sorter.eval()
    tokens: list[torch.Tensor] = []
    views: list[View] = []
    kinds: list[str] = []
    while len(tokens) < photos:
        rows, columns = random.choice(vision.LARGE)
        # not all gentle: the language half must see beliefs at their edges
        gentle = random.random() < GENTLE
        pixels, truth = lesson.batch(64, rows, columns, others=0.18, gentle=gentle)
        seen = sorter.tokens(normalise(pixels))
        truth = lesson.owner[truth]
        belief = believed(sorter.head(seen.mean(1)), DOUBT)
        grid = Grid(rows // 28, columns // 28)
        for photo, kind, true in zip(seen, belief.tolist(), truth.tolist(), strict=True):
            views.append(View(len(tokens), grid, CATEGORIES[kind]))
            kinds.append(CATEGORIES[true])
            tokens.append(photo.half())
    return language.Gallery(tokens, views, kinds)


if __name__ == "__main__":
    raise SystemExit(main())
