"""Photos on their way into the model: cut in threads, then seen, small ones together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import torch
from torch import Tensor

from ..inputs.image_processor import ImagePatches, PixelValues
from ..modeling.model import Network


@dataclass(slots=True, eq=False)
class Photos:
    """The photos of one request: `cuts` in the making, of `size` patches in all.

    `seen`: their tokens, (sum of tokens, width), where they were seen ahead of time.
    """

    images: Sequence[Future[ImagePatches]]
    size: int
    encoded: Tensor | None = None

    def __len__(self) -> int:
        return len(self.images)

    def pixel_values(self) -> Iterator[PixelValues]:
        # 24 MB for a photo of 1 MP: made when needed, dropped when seen
        return (cut.result().pixel_values() for cut in self.images)


def encode_images(
    network: Network, photos: Photos, coming: Iterable[Photos]
) -> Tensor | None:
    """Photos as tokens, one after the other; None where there are none.

    Those of `coming` for which the vision tower has room beside them are seen along, and
    kept until it is their turn: which ones depends on nothing but their order and sizes.
    """
    if photos.encoded is None and photos.images:
        together, room = [photos], network.most_patches - photos.size
        for one in coming:
            if one.size > room:
                break
            if one.images and one.encoded is None:
                together.append(one)
                room -= one.size
        found = network.embed_photos(
            some for one in together for some in one.pixel_values()
        )
        assert found is not None
        merged = network.patching[2] ** 2
        parts = torch.split(found, [one.size // merged for one in together])
        for one, tokens in zip(together, parts, strict=True):
            one.encoded = tokens
    # a request that has to be read anew is seen anew
    seen, photos.encoded = photos.encoded, None
    return seen
