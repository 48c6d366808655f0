"""Photos in memory, and views of them, a batch at a time.

Decodes each photo once into a fixed canvas of bytes; cuts and turns whole batches with
torch.  Knows nothing of models.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional as F

from ..split import Sample

CANVAS = 256  # longest side of a stored photo, pixels
AREA = 192 * 192  # pixels of a stored photo, unless its side would pass CANVAS
MEAN = (0.48145466, 0.4578275, 0.40821073)  # the published Qwen2-VL normalisation
STD = (0.26862954, 0.26130258, 0.27577711)

Note = TypeVar("Note", int, str)


class Album:
    """Photos as bytes, (photos, 3, CANVAS, CANVAS), and their true sizes, (photos, 2).

    Each photo lies in the upper left of its canvas; the rest repeats its edge.
    """

    def __init__(self, pixels: Tensor, sizes: Tensor) -> None:
        self.pixels = pixels
        self.sizes = sizes

    def __len__(self) -> int:
        return len(self.pixels)

    @classmethod
    def of(cls, images: Sequence[Image.Image]) -> "Album":
        canvases, sizes = [], []
        for image in images:
            canvas, size = _on_canvas(image)
            canvases.append(canvas)
            sizes.append(size)
        if not canvases:
            none = torch.empty((0, 3, CANVAS, CANVAS), dtype=torch.uint8)
            return cls(none, torch.empty((0, 2), dtype=torch.long))
        return cls(torch.from_numpy(np.stack(canvases)), torch.tensor(sizes))

    @classmethod
    def load(cls, samples: Sequence[Sample], cache: Path) -> "Album":
        """The photos of `samples`, read from `cache` when it holds these very files."""
        names = [str(sample.path) for sample in samples]
        photos = ((opened(sample.path), "") for sample in samples)
        return cls.cached(names, cache, photos)[0]

    @classmethod
    def cached(
        cls, names: list[str], cache: Path, pictures: Iterable[tuple[Image.Image, Note]]
    ) -> tuple["Album", list[Note]]:
        """Pictures and a note of each, read from `cache` when it holds those of `names`.

        `pictures`, best a generator, is gone through only where it does not.
        """
        if cache.exists():
            held = torch.load(cache, weights_only=True)
            if held["names"] == names:
                return cls(held["pixels"], held["sizes"]), held["notes"]
        images, notes = [], []
        for image, note in pictures:
            images.append(image)
            notes.append(note)
        album = cls.of(images)
        cache.parent.mkdir(parents=True, exist_ok=True)
        held = {"names": names, "pixels": album.pixels, "sizes": album.sizes}
        torch.save({**held, "notes": notes}, cache)
        return album, notes

    @classmethod
    def joined(cls, albums: Sequence["Album"]) -> "Album":
        pixels = torch.cat([album.pixels for album in albums])
        return cls(pixels, torch.cat([album.sizes for album in albums]))

    def only(self, index: Tensor) -> "Album":
        return Album(self.pixels[index], self.sizes[index])

    def views(
        self, index: Tensor, rows: int, columns: int, turn: Tensor | None = None
    ) -> Tensor:
        """The photos cut to `turn` and sized to rows x columns pixels, floats 0 to 1.

        turn (photos, 6): centre y and x and height and width as shares of the photo,
        angle in radians, and -1 to mirror.  None: the whole photo, straight.
        """
        pixels = self.pixels[index].float().div_(255)
        size = self.sizes[index].float()
        if turn is None:
            turn = torch.tensor([[0.5, 0.5, 1, 1, 0, 1.0]]).expand(len(index), 6)
        cy, cx = turn[:, 0] * size[:, 0], turn[:, 1] * size[:, 1]
        half_y, half_x = turn[:, 2] * size[:, 0] / 2, turn[:, 3] * size[:, 1] / 2
        sin, cos = turn[:, 4].sin(), turn[:, 4].cos()
        mirror = turn[:, 5]
        # canvas coordinates run from -1 to 1 over CANVAS pixels
        unit = 2 / CANVAS
        theta = torch.stack(
            [
                torch.stack([half_x * cos * mirror, -half_y * sin, cx - CANVAS / 2], 1),
                torch.stack([half_x * sin * mirror, half_y * cos, cy - CANVAS / 2], 1),
            ],
            1,
        )
        grid = F.affine_grid(
            theta * unit, [len(index), 3, rows, columns], align_corners=False
        )
        return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def opened(path: Path) -> Image.Image:
    """A photo, upright, at about twice the size that is kept."""
    with Image.open(path) as image:
        image.draft("RGB", (2 * CANVAS, 2 * CANVAS))
        return ImageOps.exif_transpose(image).convert("RGB")


def _on_canvas(image: Image.Image) -> tuple[np.ndarray, tuple[int, int]]:
    scale = math.sqrt(AREA / (image.width * image.height))
    scale = min(scale, CANVAS / max(image.size))
    width = min(CANVAS, max(1, round(image.width * scale)))
    height = min(CANVAS, max(1, round(image.height * scale)))
    small = image.resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(small, dtype=np.uint8)
    padded = np.pad(pixels, ((0, CANVAS - height), (0, CANVAS - width), (0, 0)), "edge")
    return np.ascontiguousarray(padded.transpose(2, 0, 1)), (height, width)


def normalise(pixels: Tensor) -> Tensor:
    """0 to 1 -> what the model sees."""
    mean = torch.tensor(MEAN).view(3, 1, 1)
    std = torch.tensor(STD).view(3, 1, 1)
    return (pixels - mean) / std


def unnormalised(pixels: Tensor) -> Tensor:
    """What the model sees -> 0 to 1."""
    return pixels * torch.tensor(STD).view(3, 1, 1) + torch.tensor(MEAN).view(3, 1, 1)
