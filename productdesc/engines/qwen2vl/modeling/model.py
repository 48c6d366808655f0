"""The Qwen2-VL network: loaded, and run one piece at a time with our own cache.

transformers runs the vision tower; the text layers are our own sums. No state is kept on
the module between calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ....errors import EngineError
from ..attention.kv_cache import Cache
from ..checkpoint.devices import SMALL_PARAMETERS, pick_device, pick_dtype
from ..checkpoint.memory import check_memory, free_ram, needed_bytes
from ..checkpoint.probe import Checkpoint
from ..inputs.image_processor import PixelValues
from ..inputs.tokenizer import IMAGE, VISION_END, VISION_START
from . import int8
from .fused_ops import PLAIN, FusedOps, compiled
from .load_weights import load_module, use_own_attention
from .text_layers import TextLayers, TokenGroup
from .upcast_linear import Float32Linear, can_multiply, upcast

MOST_PATCHES = 1 << 14  # in the vision tower at a time; a token is four of them
MOST_PATCHES_ON_CPU = 1 << 10  # there more would only take more memory


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """New tokens of one row: ids, positions (3, length), photos each (tokens, width)."""

    ids: Sequence[int]
    positions: NDArray[np.int64]
    photos: Sequence[Tensor] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The share of one cache in a forward: new tokens of each row, at least one.

    scored: how many of the last tokens of each row get logits.
    """

    steps: Sequence[Step]
    cache: Cache
    scored: Sequence[int]


class Network:
    """The loaded weights and their three uses: embed a photo, extend rows, score tokens."""

    def __init__(
        self,
        module: Any,
        device: torch.device,
        dtype: torch.dtype,
        *,
        parameters: int = 0,
        pointwise: FusedOps = PLAIN,
    ) -> None:
        """`parameters` are those of the checkpoint: int8 weights are none of torch's."""
        self._module = module
        self.device = device
        self.dtype = dtype
        on_cpu = device.type == "cpu"
        self.most_patches = MOST_PATCHES_ON_CPU if on_cpu else MOST_PATCHES
        self.is_heavy = on_cpu and parameters > SMALL_PARAMETERS
        is_int8 = dtype == torch.int8
        values = torch.float32 if isinstance(module.lm_head, Float32Linear) else dtype
        self._text_dtype = torch.float32 if is_int8 else values
        beside = int8.beside() if is_int8 else values
        self._photo_dtype = beside
        self.image_token: int = module.config.image_token_id
        self.vocab_size: int = module.get_input_embeddings().num_embeddings
        vision = module.config.vision_config
        self.patching = (
            vision.patch_size,
            vision.temporal_patch_size,
            vision.spatial_merge_size,
        )
        self.max_tokens: int = module.config.text_config.max_position_embeddings
        self._layers = TextLayers(module.model.language_model, beside, pointwise)

    def embed_photos(self, photos: Iterable[PixelValues]) -> Tensor | None:
        """Photos as tokens, one after the other; None where there are none.

        (sum of grid_h * grid_w / merge^2, width). Small ones go through the tower together.
        """
        found = [self._seen(some) for some in _together(photos, self.most_patches)]
        return torch.cat(found) if found else None

    def _seen(self, photos: Sequence[PixelValues]) -> Tensor:
        values = torch.from_numpy(np.concatenate([photo.values for photo in photos]))
        grids = [[1, photo.grid_h, photo.grid_w] for photo in photos]
        out: Tensor = self._module.model.visual(
            values.to(self.device, self._photo_dtype),
            grid_thw=torch.tensor(grids, device=self.device),
        ).pooler_output
        return out

    def read(self, step: Step, cache: Cache) -> None:
        """Read one row's new tokens, of which none is the last before a reply."""
        self.forward([Part([step], cache, [0])])

    def extend(
        self,
        steps: Sequence[Step],
        cache: Cache,
        scored: Sequence[int] | None = None,
    ) -> Tensor:
        """One cache's part alone, with logits after the last token of each row or more."""
        [logits] = self.forward([Part(steps, cache, scored or [1] * len(steps))])
        return logits

    def forward(self, parts: Sequence[Part]) -> list[Tensor]:
        """Read the new tokens of all parts; logits of each, (sum of its scored, vocab).

        The weights are read once for all of them.
        """
        groups = [self._group(part) for part in parts]
        hidden = iter(self._layers(groups))
        counts = [sum(part.scored) for part in parts]
        picked = [
            _picked(next(hidden), part)
            for part, count in zip(parts, counts, strict=True)
            if count
        ]
        if not picked:
            return [torch.empty((0, self.vocab_size), device=self.device) for _ in parts]
        together = picked[0] if len(picked) == 1 else torch.cat(picked)
        logits: Tensor = self._module.lm_head(self._layers.normed(together))
        return list(torch.split(logits, counts))

    def _group(self, part: Part) -> TokenGroup:
        ids = torch.tensor([token for step in part.steps for token in step.ids])
        places = np.concatenate([step.positions for step in part.steps], axis=1)
        ids = ids.to(self.device)
        embedded = self._module.model.language_model.embed_tokens(ids)
        embedded = embedded.to(self._text_dtype)
        photos = [photo for step in part.steps for photo in step.photos]
        if photos:
            embedded[ids == self.image_token] = torch.cat(photos).to(embedded.dtype)
        return TokenGroup(
            embedded,
            torch.from_numpy(places.T).to(self.device),
            [len(step.ids) for step in part.steps],
            part.cache,
            any(part.scored),
        )


def _together(photos: Iterable[PixelValues], most: int) -> Iterator[list[PixelValues]]:
    """Neighbours with at most so many patches, or one that alone has more."""
    some: list[PixelValues] = []
    for photo in photos:
        if some and sum(len(one.values) for one in (*some, photo)) > most:
            yield some
            some = []
        some.append(photo)
    if some:
        yield some


def _picked(hidden: Tensor, part: Part) -> Tensor:
    """The hidden states that are scored, row by row."""
    where: list[int] = []
    end = 0
    for step, count in zip(part.steps, part.scored, strict=True):
        end += len(step.ids)
        where += range(end - count, end)
    if len(where) == len(hidden):
        return hidden
    return hidden[torch.tensor(where, device=hidden.device)]


def load_network(
    checkpoint: Checkpoint,
    *,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    compile: bool = False,
) -> Network:
    """The checkpoint's weights on a device; raises `EngineError` where they do not fit."""
    where = pick_device(device)
    kind = pick_dtype(dtype, where, checkpoint.parameters)
    between = compiled(where) if compile else PLAIN
    if kind == torch.int8:
        _check_int8(where)
    needed = needed_bytes(checkpoint.parameters, kind.itemsize)
    # Weights pass through main memory on their way to any device.
    check_memory(checkpoint.name, needed, free_ram(), "main")
    if where.type == "cuda":
        check_memory(checkpoint.name, needed, torch.cuda.mem_get_info(where)[0], "GPU")
    module = load_module(checkpoint, kind).to(where)
    if where.type == "cpu":
        use_own_attention(module)
        if not can_multiply(kind):
            upcast(module)
    network = Network(
        module, where, kind, parameters=checkpoint.parameters, pointwise=between
    )
    _check_tokens(checkpoint, module.config, network)
    return network


def _check_int8(device: torch.device) -> None:
    if device.type != "cpu":
        raise ValueError(f'dtype="int8" runs on a CPU, not on {device}; use "bfloat16"')


def _check_tokens(checkpoint: Checkpoint, config: Any, network: Network) -> None:
    pairs = (
        (IMAGE, config.image_token_id),
        (VISION_START, config.vision_start_token_id),
        (VISION_END, config.vision_end_token_id),
    )
    for text, number in pairs:
        found = checkpoint.specials.get(text)
        if found is not None and found != number:
            raise EngineError(
                f"{checkpoint.folder}: {text} is {number} in config.json and {found} in "
                "the tokenizer"
            )
    vocabulary = checkpoint.tokenizer.get("model", {}).get("vocab", {})
    largest = max((*vocabulary.values(), *checkpoint.specials.values()), default=0)
    if largest >= network.vocab_size:
        raise EngineError(
            f"{checkpoint.folder}: the tokenizer has token {largest} and the model only "
            f"{network.vocab_size} rows"
        )
