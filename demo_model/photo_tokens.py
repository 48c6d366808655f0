"""Photo tokens for the language half: brought to size, spelt in its words, collected."""

import random

import torch

from productdesc.engines.qwen2vl.inputs.mrope import Grid

from .language.catalogue import CATEGORIES
from .language.conversations import View
from .language.language import Gallery
from .photos.album import normalise
from .photos.exam import believed
from .photos.lessons import Lesson
from .vision.train_tower import LARGE, Sorter

# chosen on the photos to tune on: a diffuse belief counts as none
DOUBT = 0.3  # below this certainty a photo is called "other product"
GENTLE = 0.65  # share of the views that the language half learns from


@torch.no_grad()
def scale(sorter: Sorter, norm: float = 2.0) -> None:
    """Brings photo tokens to `norm` times the size of word embeddings; kinds are kept."""
    pixels = torch.rand(8, 3, 140, 140, generator=torch.Generator().manual_seed(0))
    factor = norm / float(sorter.tokens(normalise(pixels)).norm(dim=-1).mean())
    last = sorter.tower.merger.mlp[2]
    last.weight.mul_(factor)
    last.bias.mul_(factor)
    sorter.head.weight.div_(factor)


@torch.no_grad()
def spell(sorter: Sorter, words: torch.Tensor, strength: float = 0.6) -> None:
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
def gallery(sorter: Sorter, lesson: Lesson, photos: int) -> Gallery:
    """Photo tokens of so many views of training photos and of unknown things."""
    sorter.eval()
    tokens: list[torch.Tensor] = []
    views: list[View] = []
    kinds: list[str] = []
    while len(tokens) < photos:
        rows, columns = random.choice(LARGE)
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
    return Gallery(tokens, views, kinds)
