"""What the language half reads in photo tokens: the kind, in its own words.

The language half stays as it is. The tower's last layer is set so that each token holds
the word of the kind it speaks for, then fitted by what the language half answers.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import Qwen2VLForConditionalGeneration

from productdesc.engines import EngineInfo
from productdesc.engines.qwen2vl.inputs.mrope import Grid, positions
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.pipeline.options import resolve
from productdesc.prompts import Templates
from productdesc.records import Colour, Product

from .photos.album import normalise
from .photos.exam import believed
from .photos.lessons import Lesson
from .runs import Clock, Run, Say, until
from .split import CATEGORIES
from .vision.tower import merged
from .vision.train_tower import LARGE, Sorter

DOUBT = 0.3  # below this certainty a photo is called "other product"
_BEFORE = '{"category":"'
_COLOURS = ("black", "grey", "white", "brown", "red", "green", "blue", "navy", "pink")


class Question(NamedTuple):
    """The first turn up to the value of `category`, for photos of one grid."""

    ids: Tensor
    """(length,) token ids."""
    places: Tensor
    """(3, length) M-RoPE positions."""


def question(vocabulary: ChatTokenizer, grid: Grid) -> Question:
    """The library's own first turn about one photo, with random measured colours."""
    templates, options = Templates(), resolve(EngineInfo("", "", ""), {})
    lists: dict[str, Any] = {"categories": CATEGORIES, "visible": options.visible}
    names = random.sample(_COLOURS, random.randrange(1, 4))
    measured = [tuple(Colour(name, "#000000", 0.9 / len(names)) for name in names)]
    system = templates.system(**lists).text
    text = templates.observe(Product(), photos=1, measured=measured, **lists).text
    turn = vocabulary.turn(system, text, [grid])
    answer = vocabulary.encode(_BEFORE)
    places, _ = positions([*turn.pieces, len(answer)], 0)
    return Question(torch.tensor([*turn.ids, *answer]), torch.from_numpy(places))


def answers(
    model: Qwen2VLForConditionalGeneration, asked: Question, tokens: Tensor, firsts: Tensor
) -> Tensor:
    """Logits of the kinds that the language half may answer, (photos, kinds).

    tokens (photos, tokens, width); firsts (kinds,): the token that begins each kind.
    """
    text = model.model.language_model
    ids = asked.ids.expand(len(tokens), -1)
    words = text.embed_tokens(ids).clone()
    words[ids == model.config.image_token_id] = tokens.flatten(0, 1)
    places = asked.places[:, None].expand(-1, len(tokens), -1)
    last = text(inputs_embeds=words, position_ids=places, use_cache=False)
    state = last.last_hidden_state[:, -1]
    return state @ text.embed_tokens.weight[firsts].T  # type: ignore[no-any-return]


class _Last(nn.Module):
    """The tower's last layer alone."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def forward(self, inner: Tensor) -> Tensor:
        return F.linear(inner, self.weight, self.bias)


@torch.no_grad()
def spelt(sorter: Sorter, words: Tensor, middle: Tensor, strength: float) -> _Last:
    """The last layer that writes the words of the kinds that `sorter.head` believes in.

    words (kinds, width): what begins each kind's name; middle (width,): the mean of the
    tokens that the language half knows.
    """
    last, head = sorter.tower.merger.mlp[2], sorter.head
    words = words / words.norm(dim=1, keepdim=True)
    reads = head.weight - head.weight.mean(0)
    held = head.bias - head.bias.mean()
    weight = strength * words.T @ (reads @ last.weight)
    bias = strength * words.T @ (reads @ last.bias + held) + middle
    return _Last(weight, bias)


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """How long the last layer is fitted, and on how many views."""

    path: Path  # of the progress: saved here, continued from here
    minutes: float
    views: int
    clock: Clock = time.monotonic


def fit(
    model: Qwen2VLForConditionalGeneration,
    sorter: Sorter,
    vocabulary: ChatTokenizer,
    lesson: Lesson,
    options: ReaderOptions,
    say: Say,
) -> None:
    """Sets the last layer of `sorter.tower` so that `model` answers what it believes."""
    model.requires_grad_(False).eval()
    firsts = torch.tensor([vocabulary.encode(name)[0] for name in CATEGORIES])
    seen = list(_views(sorter, lesson, options.views))
    old = model.model.visual
    middle = _middle(old, lesson)
    words = model.model.language_model.embed_tokens.weight[firsts]
    last = spelt(sorter, words, middle, 0.6)
    run = Run(last, options.path, rate=5e-4, decay=0.0)

    def step(progress: float) -> tuple[float, int]:
        grid, inner, target = random.choice(seen)
        asked = question(vocabulary, grid)
        logits = answers(model, asked, last(inner.float()), firsts)
        loss = F.cross_entropy(logits, target)
        run.step(loss, progress)
        return loss.item(), len(inner)

    def report() -> str:
        right = total = 0
        for grid, inner, target in seen[:16]:
            with torch.no_grad():
                logits = answers(
                    model, question(vocabulary, grid), run.mean(inner.float()), firsts
                )
            right += int((logits.argmax(1) == target.argmax(1)).sum())
            total += len(target)
        return f"reads {100 * right / total:.1f} % of beliefs"

    until(run, options.minutes, step, report, say, clock=options.clock)
    with torch.no_grad():
        sorter.tower.merger.mlp[2].weight.copy_(run.mean.weight)
        sorter.tower.merger.mlp[2].bias.copy_(run.mean.bias)


@torch.no_grad()
def _views(
    sorter: Sorter, lesson: Lesson, views: int, batch: int = 16
) -> Iterator[tuple[Grid, Tensor, Tensor]]:
    """Grids, what goes into the last layer, and what is to be answered, a batch each."""
    sorter.eval()
    held: list[Tensor] = []
    hook = sorter.tower.merger.mlp[2].register_forward_pre_hook(
        lambda module, inputs: held.append(inputs[0])
    )
    for _ in range(0, views, batch):
        rows, columns = random.choice(LARGE)
        gentle = random.random() < 0.65
        pixels, _ = lesson.batch(batch, rows, columns, others=0.18, gentle=gentle)
        tokens = sorter.tokens(normalise(pixels))
        beliefs = sorter.head(tokens.mean(1))
        sure = beliefs.softmax(1)
        doubted = believed(beliefs, DOUBT) != beliefs.argmax(1)
        other = F.one_hot(torch.tensor(len(CATEGORIES) - 1), len(CATEGORIES)).float()
        target = torch.where(doubted[:, None], (sure + other) / 2, sure)
        inner = held.pop().view(len(pixels), -1, inner_width(sorter)).half()
        yield Grid(rows // 28, columns // 28), inner, target
    hook.remove()


def inner_width(sorter: Sorter) -> int:
    """Channels that go into the tower's last layer."""
    return int(sorter.tower.merger.mlp[2].in_features)


@torch.no_grad()
def _middle(tower: object, lesson: Lesson) -> Tensor:
    """The mean token of the tower that the language half learned with."""
    pixels, _ = lesson.batch(64, 140, 140, gentle=True)
    return merged(tower, normalise(pixels)).mean((0, 1))
