"""Batches to learn from: random views of photos, blends, and strange things."""

import itertools
import math
import random
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from ..split import CLOTHING, GROCERY, KINDS, OTHER, OTHER_INDEX, Part, Sample, sorts
from .album import Album
from .renders import cloth_album, render_album
from .shapes import drawn_shapes
from .studio import studio_album
from .views import erase, jigsaw, random_turns, recolour

SHOPS = ("retail-demo-store", "sylius")
SHOP_OFTEN = 10.0  # so that the few shop photos of known kinds outweigh those of others
STUDIO_OFTEN = 1.3
RENDER_OFTEN = 0.5
CUT = 300  # outlines filled with pieces of clothing photos


@dataclass
class Lesson:
    """Training photos with what they show, and pictures of nothing known.

    labels: the class of each photo; the first classes are the kinds themselves, then come
    sorts of them, and owner says of which kind each class is.
    ends: where each group of `others` ends (real photos, renders, drawn shapes and so on);
    every group is shown as often as the next, however many pictures it has.
    """

    album: Album
    labels: Tensor
    others: Album
    ends: tuple[int, ...]
    often: Tensor | None = None  # how much more often than others each photo is shown
    owner: Tensor = field(default_factory=lambda: torch.arange(len(KINDS)))
    kinds: Tensor = field(init=False)
    clothing: Tensor = field(init=False)
    weights: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = self.owner[self.labels]
        clothes = torch.tensor([KINDS.index(k) for k in CLOTHING])
        self.clothing = torch.nonzero(torch.isin(self.kinds, clothes)).flatten()
        # rare kinds a little more often
        count = torch.bincount(self.kinds, minlength=len(KINDS)).float()
        self.weights = count.clamp_min(1).pow(-0.3)[self.kinds]
        if self.often is not None:
            self.weights = self.weights * self.often
        # the kinds of groceries as often as each other: what was never seen is not guessed
        # to be a fruit because most are
        shares = torch.bincount(self.kinds, self.weights, len(KINDS))
        groceries = torch.tensor([KINDS.index(k) for k in GROCERY])
        factor = torch.ones(len(KINDS))
        shown = groceries[shares[groceries] > 0]
        factor[shown] = shares[shown].mean() / shares[shown]
        self.weights = self.weights * factor[self.kinds]

    def batch(
        self,
        size: int,
        rows: int,
        columns: int,
        others: float = 0.1,
        gentle: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Random views and their classes: (size, 3, rows, columns) 0 to 1, (size,).

        gentle: nearly whole photos in nearly their own colours.
        """
        strange = round(size * others)
        known = torch.multinomial(self.weights, size - strange, replacement=True)
        parts = [self._views(self.album, known, rows, columns, 0.7 if gentle else 0.35)]
        # as many of each group of other things, and of spoilt clothing photos
        few = strange // (len(self.ends) + 1)
        some = [few] * len(self.ends)
        some[0] += strange - few * (len(self.ends) + 1)
        index = [
            torch.randint(first, end, (count,))
            for first, end, count in zip((0, *self.ends), self.ends, some, strict=False)
        ]
        parts.append(self._views(self.others, torch.cat(index), rows, columns))
        spoilt = self.clothing[torch.randint(len(self.clothing), (few,))]
        if len(spoilt):
            if random.random() < 0.5:
                pixels = self._views(self.album, spoilt, rows, columns)
                pixels = jigsaw(pixels, random.choice([3, 4, 5]))
            else:
                pixels = self._corners(spoilt, rows, columns)
            parts.append(pixels)
        pixels = recolour(torch.cat(parts), 0.4 if gentle else 1.0)
        if not gentle:
            pixels = erase(pixels)
        labels = torch.full((len(pixels),), OTHER_INDEX)
        labels[: len(known)] = self.labels[known]
        return pixels, labels

    def _views(
        self, album: Album, index: Tensor, rows: int, columns: int, smallest: float = 0.35
    ) -> Tensor:
        turn = random_turns(album.sizes[index], rows, columns, smallest)
        return album.views(index, rows, columns, turn)

    def _corners(self, index: Tensor, rows: int, columns: int) -> Tensor:
        """A small corner of each photo: floor, bed or wall, rarely the product."""
        n = len(index)
        turn = torch.zeros(n, 6)
        share = 0.12 + 0.1 * torch.rand(n, 1)
        turn[:, 2:4] = share
        side = (torch.rand(n, 2) < 0.5).float()
        turn[:, :2] = side * (1 - share) + (1 - side) * share
        turn[:, 5] = 1
        return self.album.views(index, rows, columns, turn)


def lesson(
    samples: list[Sample],
    cache: Path,
    parts: tuple[Part, ...] = ("train",),
    renders: Path | None = None,
) -> Lesson:
    """The photos of `parts` as a lesson; decoded once, then read from `cache`.

    renders: see `demo_model.photos.renders`.
    """
    if not {"train", "validation"} >= set(parts):
        raise ValueError(f"parts is {parts}; test photos are never trained on")
    train = [s for s in samples if s.part in parts]
    others = [s for s in train if s.kind == OTHER]
    known = [s for s in train if s.kind != OTHER]
    name = "-".join(parts)
    album = Album.load(known, cache / f"{name}.pt")
    real = Album.load(others, cache / f"{name}-others.pt")
    plain, which = studio_album(known, cache / f"{name}-studio.pt")
    finer = sorts(samples)
    owner = torch.tensor([*range(len(KINDS)), *(KINDS.index(kind) for kind, _ in finer)])
    classes = {key: len(KINDS) + n for n, key in enumerate(finer)}
    truth = torch.tensor(
        [classes.get((s.kind, s.sort), KINDS.index(s.kind)) for s in known]
    )
    often = torch.tensor([SHOP_OFTEN if s.source in SHOPS else 1.0 for s in known])
    albums, labels = [album, plain], [truth, truth[which]]
    weights = [often, torch.full((len(plain),), STUDIO_OFTEN)]
    strangers = [real] if len(real) else []
    if renders is not None:
        rendered, names = render_album(renders, cache / "renders.pt")
        stands = torch.tensor([KINDS.index(name) for name in names])
        familiar = torch.nonzero(stands != OTHER_INDEX).flatten()
        albums.append(rendered.only(familiar))
        labels.append(stands[familiar])
        weights.append(torch.full((len(familiar),), RENDER_OFTEN))
        strangers.append(rendered.only(torch.nonzero(stands == OTHER_INDEX).flatten()))
        strangers.append(cloth_album(renders, known, CUT, cache / f"{name}-cloth.pt"))
    strangers.append(Album.of(drawn_shapes(400)))
    ends = tuple(itertools.accumulate(map(len, strangers)))
    return Lesson(
        Album.joined(albums),
        torch.cat(labels),
        Album.joined(strangers),
        ends,
        torch.cat(weights),
        owner,
    )


def mix(pixels: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Blends each photo with another, or pastes a piece of another into it."""
    order = torch.randperm(len(pixels))
    if random.random() < 0.5:
        share = random.betavariate(0.8, 0.8)
        share = max(share, 1 - share)
        pixels = share * pixels + (1 - share) * pixels[order]
    else:
        rows, columns = pixels.shape[-2:]
        cut = math.sqrt(random.uniform(0.05, 0.5))
        h, w = int(rows * cut), int(columns * cut)
        y, x = random.randrange(rows - h + 1), random.randrange(columns - w + 1)
        pixels = pixels.clone()
        pixels[:, :, y : y + h, x : x + w] = pixels[order][:, :, y : y + h, x : x + w]
        share = 1 - h * w / (rows * columns)
    return pixels, share * target + (1 - share) * target[order]
