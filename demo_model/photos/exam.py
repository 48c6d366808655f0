"""Photos to tune on, and what is made of an answer about one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from productdesc.engines.qwen2vl.inputs.image_processor import (
    ImageProcessorConfig,
    target_size,
)

from ..split import CLOTHING, KINDS, OTHER_INDEX, Sample
from .album import Album, normalise
from .renders import render_album


@dataclass
class Exam:
    """Photos to tune on, as the finished model will see them."""

    album: Album
    kinds: Tensor

    @classmethod
    def of(cls, samples: list[Sample], cache: Path, renders: Path | None = None) -> "Exam":
        held = [s for s in samples if s.part == "validation"]
        album = Album.load(held, cache / "validation.pt")
        kinds = [KINDS.index(s.kind) for s in held]
        if renders is not None:
            more, _ = render_album(renders, cache / "validation-renders.pt", held=True)
            album = Album.joined([album, more])
            kinds += [OTHER_INDEX] * len(more)
        return cls(album, torch.tensor(kinds))

    @torch.no_grad()
    def answers(self, model: Callable[[Tensor], Tensor], pixels: int) -> Tensor:
        """Log-probabilities, (photos, kinds), for photos of at most so many pixels."""
        out = torch.zeros(len(self.album), len(KINDS))
        rule = ImageProcessorConfig(min_pixels=1, max_pixels=pixels)
        grids: dict[tuple[int, int], list[int]] = {}
        for i, (h, w) in enumerate(self.album.sizes.tolist()):
            columns, rows = target_size(w, h, rule)
            grids.setdefault((rows, columns), []).append(i)
        for (rows, columns), index in grids.items():
            for at in range(0, len(index), 32):
                some = torch.tensor(index[at : at + 32])
                seen = normalise(self.album.views(some, rows, columns))
                out[some] = model(seen).log_softmax(1)
        return out

    def score(self, answers: Tensor) -> str:
        right = answers.argmax(1) == self.kinds
        clothes = self.kinds < len(CLOTHING)
        other = self.kinds == OTHER_INDEX
        loss = F.nll_loss(answers, self.kinds).item()
        return (
            f"clothing {100 * right[clothes].float().mean():.1f} % "
            f"grocery {100 * right[~clothes & ~other].float().mean():.1f} % "
            f"other {int(right[other].sum())}/{int(other.sum())} loss {loss:.3f}"
        )


def by_kind(logits: Tensor, owner: Tensor) -> Tensor:
    """Logits of classes, (photos, classes), as log-probabilities of kinds."""
    belongs = F.one_hot(owner, len(KINDS)).to(logits.dtype)
    return (logits.softmax(1) @ belongs).clamp_min(1e-8).log()


@torch.no_grad()
def believed(logits: Tensor, doubt: float) -> Tensor:
    """The kind that each photo is taken for: "other product" below `doubt` certainty."""
    sure, kind = logits.softmax(1).max(1)
    return torch.where(sure < doubt, OTHER_INDEX, kind)
