"""Training photos in memory, and random views of them, a batch at a time.

Decodes each photo once into a fixed canvas of bytes; crops, turns and recolours whole
batches with torch.  Knows nothing of models.
"""

import math
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from torch import Tensor
from torch.nn import functional as F

from productdesc.finetune.split import Sample

CANVAS = 256  # longest side of a stored photo, pixels
AREA = 192 * 192  # pixels of a stored photo, unless its side would pass CANVAS
MEAN = (0.48145466, 0.4578275, 0.40821073)  # the published Qwen2-VL normalisation
STD = (0.26862954, 0.26130258, 0.27577711)
_LUMA = (0.299, 0.587, 0.114)

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
        return cls(torch.from_numpy(np.stack(canvases)), torch.tensor(sizes))

    @classmethod
    def load(cls, samples: Sequence[Sample], cache: Path) -> "Album":
        """The photos of `samples`, read from `cache` when it holds these very files."""
        names = [str(sample.path) for sample in samples]
        photos = ((opened(sample.path), "") for sample in samples)
        return cls.kept(names, cache, photos)[0]

    @classmethod
    def kept(
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


def random_turns(
    sizes: Tensor, rows: int, columns: int, smallest: float = 0.3, tilt: float = 0.35
) -> Tensor:
    """A random cut for each photo, mostly of the shape rows x columns; see `views`."""
    n = len(sizes)
    height, width = sizes[:, 0].float(), sizes[:, 1].float()
    area = height * width * (smallest + (1 - smallest) * torch.rand(n))
    shape = rows / columns * torch.exp((torch.rand(n) * 2 - 1) * 0.3)
    cut_h, cut_w = (area * shape).sqrt(), (area / shape).sqrt()
    # half of the time the whole photo's shape is kept, as it is when the model is used
    cut_h = torch.minimum(cut_h, height)
    cut_w = torch.minimum(cut_w, width)
    share_h, share_w = cut_h / height, cut_w / width
    cy = share_h / 2 + torch.rand(n) * (1 - share_h)
    cx = share_w / 2 + torch.rand(n) * (1 - share_w)
    angle = torch.randn(n) * tilt * 0.5 * (torch.rand(n) < 0.7)
    mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    return torch.stack([cy, cx, share_h, share_w, angle, mirror], 1)


def recolour(pixels: Tensor, strength: float = 1.0) -> Tensor:
    """Random light, contrast, saturation and tint for each photo; 0 to 1 in and out."""
    n = len(pixels)

    def gain(spread: float) -> Tensor:
        return torch.exp((torch.rand(n, 1, 1, 1) * 2 - 1) * spread * strength)

    luma = torch.tensor(_LUMA).view(1, 3, 1, 1)
    grey = (pixels * luma).sum(1, keepdim=True)
    saturation = gain(0.6)
    saturation[torch.rand(n) < 0.08 * strength] = 0
    pixels = grey + (pixels - grey) * saturation
    centre = pixels.mean((1, 2, 3), keepdim=True)
    pixels = centre + (pixels - centre) * gain(0.35)
    tint = torch.exp((torch.rand(n, 3, 1, 1) * 2 - 1) * 0.15 * strength)
    return (pixels * gain(0.35) * tint).clamp_(0, 1)


def erase(pixels: Tensor, chance: float = 0.3) -> Tensor:
    """Covers a random rectangle of some photos with one colour, in place."""
    n, _, rows, columns = pixels.shape
    for i in torch.nonzero(torch.rand(n) < chance).flatten().tolist():
        h = int(rows * random.uniform(0.15, 0.5))
        w = int(columns * random.uniform(0.15, 0.5))
        y, x = random.randrange(rows - h + 1), random.randrange(columns - w + 1)
        pixels[i, :, y : y + h, x : x + w] = torch.rand(3, 1, 1)
    return pixels


def jigsaw(pixels: Tensor, pieces: int = 4) -> Tensor:
    """The same photos with their pieces x pieces tiles shuffled: no product any more."""
    n, c, rows, columns = pixels.shape
    if not n:
        return pixels
    h, w = rows // pieces, columns // pieces
    cut = pixels[:, :, : h * pieces, : w * pieces]
    tiles = cut.view(n, c, pieces, h, pieces, w).permute(0, 2, 4, 1, 3, 5)
    tiles = tiles.reshape(n, pieces * pieces, c, h, w)
    order = torch.stack([torch.randperm(pieces * pieces) for _ in range(n)])
    tiles = torch.stack([t[o] for t, o in zip(tiles, order, strict=True)])
    tiles = tiles.view(n, pieces, pieces, c, h, w).permute(0, 3, 1, 4, 2, 5)
    tiles = tiles.reshape(n, c, h * pieces, w * pieces)
    return F.interpolate(tiles, (rows, columns)) if tiles.shape != pixels.shape else tiles


def drawn_shapes(count: int, seed: int = 0) -> list[Image.Image]:
    """Pictures of nothing in particular: shapes and lines on plain or rough grounds."""
    rng = random.Random(seed)
    noise = np.random.default_rng(seed)

    def colour() -> tuple[int, int, int]:
        if rng.random() < 0.4:
            grey = rng.randrange(256)
            return grey, grey, grey
        return rng.randrange(256), rng.randrange(256), rng.randrange(256)

    pictures = []
    for _ in range(count):
        width, height = rng.choice([(192, 192), (168, 224), (224, 168), (240, 160)])
        plain = rng.random() < 0.5
        ground = (rng.randrange(225, 256),) * 3 if plain else colour()
        image = Image.new("RGB", (width, height), ground)
        if not plain and rng.random() < 0.6:
            cells = rng.choice([2, 3, 6, 20, 60])
            coarse = noise.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
            rough = Image.fromarray(coarse).resize(
                (width, height), Image.Resampling.BICUBIC
            )
            image = Image.blend(image, rough, rng.uniform(0.2, 0.9))
        draw = ImageDraw.Draw(image)
        for _ in range(rng.choice([0, 1, 1, 2, 3, 6])):
            x, y = rng.uniform(0.1, 0.6) * width, rng.uniform(0.1, 0.6) * height
            w, h = rng.uniform(0.1, 0.7) * width, rng.uniform(0.1, 0.7) * height
            box = (x, y, min(x + w, width * 0.97), min(y + h, height * 0.97))
            edge, wide = colour(), rng.choice([0, 0, 1, 3, 8])
            match rng.randrange(5):
                case 0:
                    draw.ellipse(box, colour(), edge, wide)
                case 1:
                    draw.rounded_rectangle(box, min(w, h) / 6, colour(), edge, wide)
                case 2:
                    draw.rectangle(box, colour(), edge, wide)
                case 3:
                    points = [
                        (x + rng.random() * w, y + rng.random() * h)
                        for _ in range(rng.choice([3, 4, 6]))
                    ]
                    draw.polygon(points, colour(), edge)
                case _:
                    draw.arc(box, rng.randrange(360), rng.randrange(360), edge, 6)
        if rng.random() < 0.5:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2)))
        pictures.append(image)
    return pictures


def smart_grid(
    height: int, width: int, min_pixels: int, max_pixels: int
) -> tuple[int, int]:
    """Rows and columns, pixels, that Qwen2-VL's own resize gives a photo."""
    high, wide = max(28, round(height / 28) * 28), max(28, round(width / 28) * 28)
    if high * wide > max_pixels:
        beta = math.sqrt(height * width / max_pixels)
        high = max(28, math.floor(height / beta / 28) * 28)
        wide = max(28, math.floor(width / beta / 28) * 28)
    elif high * wide < min_pixels:
        beta = math.sqrt(min_pixels / (height * width))
        high, wide = math.ceil(height * beta / 28) * 28, math.ceil(width * beta / 28) * 28
    return high, wide
