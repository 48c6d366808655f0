"""Batches: examples of unlike length as tensors, padded on the left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..data.base_model import BaseModel
from ..data.data_folder import Example
from .example_tokens import IGNORED, Tokens, tokens_of

Batch = dict[str, Tensor]


KEPT_BYTES = 512_000_000
"""Of examples kept in memory between epochs: to read a photo takes longer than a small
model takes to learn from it."""


class Examples(Dataset[Tokens]):
    """One side of a data folder; what is beyond `kept_bytes` is read anew each time."""

    def __init__(
        self,
        examples: Sequence[Example],
        folder: Path,
        base: BaseModel,
        *,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self._examples, self._folder, self._base = examples, folder, base
        self._kept: dict[int, Tokens] = {}
        self._room = kept_bytes

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, place: int) -> Tokens:
        if (kept := self._kept.get(place)) is not None:
            return kept
        made = tokens_of(self._examples[place], self._folder, self._base)
        size = made.ids.nbytes * 8 + sum(image.levels.nbytes for image in made.images)
        if size <= self._room:
            self._kept[place] = made
            self._room -= size
        return made


def collate(rows: Sequence[Tokens]) -> Batch:
    """Rows as one batch; they end together, so that their answers lie near each other.

    input_ids, labels (rows, longest); attention_mask (rows, 1, longest, longest), True
    where a token reads another; position_ids (3, rows, longest); pixel_values (patches,
    values) and image_grid_thw (images, 3) of all photos; weights, keeps (rows,).
    """
    count, longest = len(rows), max(row.length for row in rows)
    ids = np.zeros((count, longest), np.int64)
    labels = np.full((count, longest), IGNORED, np.int64)
    places = np.zeros((3, count, longest), np.int64)
    reads = np.zeros((count, 1, longest, longest), np.bool_)
    reads[:, 0, np.arange(longest), np.arange(longest)] = True  # padding reads itself
    for number, row in enumerate(rows):
        at = longest - row.length
        ids[number, at:], labels[number, at:] = row.ids, row.labels
        places[:, number, at:] = row.positions
        reads[number, 0, at:, at:] = row.attention()
    images = [image for row in rows for image in row.images]
    pixels = np.concatenate([image.pixel_values().values for image in images])
    grids = [[1, image.grid_h, image.grid_w] for image in images]
    return {
        "input_ids": torch.from_numpy(ids),
        "labels": torch.from_numpy(labels),
        "attention_mask": torch.from_numpy(reads),
        "position_ids": torch.from_numpy(places),
        "pixel_values": torch.from_numpy(pixels),
        "image_grid_thw": torch.tensor(grids),
        "weights": torch.tensor([row.weight for row in rows]),
        "keeps": torch.tensor([row.keeps for row in rows]),
    }
