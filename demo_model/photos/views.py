"""Random cuts, light, gaps and disorder: what is done to a batch of views of photos."""

import random

import torch
from torch import Tensor
from torch.nn import functional as F

_LUMA = (0.299, 0.587, 0.114)


def random_turns(
    sizes: Tensor, rows: int, columns: int, smallest: float = 0.3, tilt: float = 0.35
) -> Tensor:
    """A random cut for each photo, mostly rows x columns in shape; see `Album.views`."""
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
