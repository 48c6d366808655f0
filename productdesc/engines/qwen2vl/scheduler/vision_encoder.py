"""Vision encoder: images of several requests through the vision tower in one batch.

Other threads preprocess images (resize, cut into patches) while the model is at work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import torch
from torch import Tensor

from ..inputs.image_processor import ImagePatches, PixelValues
from ..modeling.model import Network


@dataclass(slots=True, eq=False)
class RequestImages:
    """The images of one request: futures of their patches, and how many patches in all.

    `encoded`: their embeddings, (sum of tokens, width), where they were encoded ahead of
    time.
    """

    patches: Sequence[Future[ImagePatches]]
    size: int
    encoded: Tensor | None = None

    def __len__(self) -> int:
        return len(self.patches)

    def pixel_values(self) -> Iterator[PixelValues]:
        # 24 MB for a photo of 1 MP: made when needed, dropped when encoded
        return (future.result().pixel_values() for future in self.patches)


def encode_images(
    network: Network, images: RequestImages, coming: Iterable[RequestImages]
) -> Tensor | None:
    """Image embeddings of a request, one image after the other; None without images.

    Those of `coming` requests for which the vision tower has room in the same batch are
    encoded with them, and held until it is their turn: which ones depends on nothing but
    their order and sizes.
    """
    if images.encoded is None and images.patches:
        batch, room = [images], network.max_patches - images.size
        for one in coming:
            if one.size > room:
                break
            if one.patches and one.encoded is None:
                batch.append(one)
                room -= one.size
        embeddings = network.encode_images(
            image for one in batch for image in one.pixel_values()
        )
        assert embeddings is not None
        merged = network.patching[2] ** 2
        parts = torch.split(embeddings, [one.size // merged for one in batch])
        for one, part in zip(batch, parts, strict=True):
            one.encoded = part
    # not held any longer: a request that is prefilled anew is encoded anew
    encoded, images.encoded = images.encoded, None
    return encoded
