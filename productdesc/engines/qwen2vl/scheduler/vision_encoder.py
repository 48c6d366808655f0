"""Photos on their way into the model: cut in threads, then seen, small ones together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import torch
from torch import Tensor

from ..inputs.image_processor import Cut, Patches
from ..modeling.model import Network


@dataclass(slots=True, eq=False)
class Photos:
    """The photos of one request: `cuts` in the making, of `size` patches in all.

    `seen`: their tokens, (sum of tokens, width), where they were seen ahead of time.
    """

    cuts: Sequence[Future[Cut]]
    size: int
    seen: Tensor | None = None

    def __len__(self) -> int:
        return len(self.cuts)

    def patches(self) -> Iterator[Patches]:
        # 24 MB for a photo of 1 MP: made when needed, dropped when seen
        return (cut.result().patches() for cut in self.cuts)


def see(network: Network, photos: Photos, coming: Iterable[Photos]) -> Tensor | None:
    """Photos as tokens, one after the other; None where there are none.

    Those of `coming` for which the vision tower has room beside them are seen along, and
    kept until it is their turn: which ones depends on nothing but their order and sizes.
    """
    if photos.seen is None and photos.cuts:
        together, room = [photos], network.most_patches - photos.size
        for one in coming:
            if one.size > room:
                break
            if one.cuts and one.seen is None:
                together.append(one)
                room -= one.size
        found = network.embed_photos(some for one in together for some in one.patches())
        assert found is not None
        merged = network.patching[2] ** 2
        parts = torch.split(found, [one.size // merged for one in together])
        for one, tokens in zip(together, parts, strict=True):
            one.seen = tokens
    # a request that has to be read anew is seen anew
    seen, photos.seen = photos.seen, None
    return seen
