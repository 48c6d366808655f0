"""The Qwen2-VL network: vision tower, text layers and lm_head of a loaded checkpoint.

transformers runs the vision tower; the text layers are our own (`text_layers`), with our
own KV caches. No state is kept on the module between calls.
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
from ...checkpoint.devices import SMALL_PARAMETERS, pick_device, pick_dtype
from ...checkpoint.memory import check_memory, free_ram, needed_bytes
from ...checkpoint.probe import Checkpoint
from ..attention.kv_cache import KVCache
from ..inputs.image_processor import PixelValues
from ..inputs.tokenizer import IMAGE, VISION_END, VISION_START
from .cpu_features import CpuFeatures
from .fused_ops import PLAIN, FusedOps, compiled
from .load_weights import load_module, use_own_attention
from .text_layers import TextLayers, TokenGroup
from .upcast_linear import upcast


@dataclass(frozen=True, slots=True)
class NetworkLimits:
    """How much goes through a layer at a time: tokens of the MLP, patches of the tower."""

    mlp_tokens: int  # of Qwen2-VL 2B a token takes 54 KB there in bfloat16
    image_patches: int  # four of them are one token; one larger image is never split


GPU_LIMITS = NetworkLimits(mlp_tokens=2048, image_patches=1 << 14)
# No slower there, and what is used again stays in the processor's cache.
CPU_LIMITS = NetworkLimits(mlp_tokens=256, image_patches=1 << 10)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """New tokens of one row: ids, M-RoPE positions (3, length), and image embeddings.

    images: the encoded images among the tokens, each (tokens, width).
    """

    ids: Sequence[int]
    positions: NDArray[np.int64]
    images: Sequence[Tensor] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The share of one KV cache in a forward: new tokens of each row, at least one.

    scored: how many of the last tokens of each row get logits.
    """

    steps: Sequence[Step]
    cache: KVCache
    scored: Sequence[int]


class Network:
    """A loaded Qwen2-VL: encodes images, and computes logits over KV caches."""

    def __init__(
        self,
        module: Any,
        device: torch.device,
        dtype: torch.dtype,
        *,
        parameters: int = 0,
        fused_ops: FusedOps = PLAIN,
        limits: NetworkLimits | None = None,
    ) -> None:
        """`parameters` are those of the checkpoint: int8 weights are none of torch's."""
        self._module = module
        self.device = device
        self.dtype = dtype
        on_cpu = device.type == "cpu"
        limits = limits or (CPU_LIMITS if on_cpu else GPU_LIMITS)
        self.max_patches = limits.image_patches
        self.is_large_on_cpu = on_cpu and parameters > SMALL_PARAMETERS
        # The vision tower is never int8, and may be upcast: its dtype is that of the KV
        # cache, too.
        self._image_dtype: torch.dtype = module.model.visual.patch_embed.proj.weight.dtype
        is_int8 = dtype == torch.int8
        self._text_dtype = torch.float32 if is_int8 else self._image_dtype
        self.image_token: int = module.config.image_token_id
        self.vocab_size: int = module.get_input_embeddings().num_embeddings
        vision = module.config.vision_config
        self.patching = (
            vision.patch_size,
            vision.temporal_patch_size,
            vision.spatial_merge_size,
        )
        self.max_tokens: int = module.config.text_config.max_position_embeddings
        self._layers = TextLayers(
            module.model.language_model, self._image_dtype, limits.mlp_tokens, fused_ops
        )

    @property
    def is_compiled(self) -> bool:
        """Whether the fused ops of its text layers are compiled."""
        return self._layers.is_compiled

    def encode_images(self, images: Iterable[PixelValues]) -> Tensor | None:
        """Image embeddings, one image after the other; None where there are none.

        (sum of grid_h * grid_w / merge^2, width). Small images go through the vision tower
        together.
        """
        parts = [self._encode(some) for some in _batches(images, self.max_patches)]
        return torch.cat(parts) if parts else None

    def _encode(self, images: Sequence[PixelValues]) -> Tensor:
        values = torch.from_numpy(np.concatenate([image.values for image in images]))
        grids = [[1, image.grid_h, image.grid_w] for image in images]
        output: Tensor = self._module.model.visual(
            values.to(self.device, self._image_dtype),
            grid_thw=torch.tensor(grids, device=self.device),
        ).pooler_output
        return output

    def extend(
        self,
        steps: Sequence[Step],
        cache: KVCache,
        scored: Sequence[int] | None = None,
    ) -> Tensor:
        """A forward of one cache alone; logits of each row's last tokens, 1 or `scored`."""
        [logits] = self.forward([Part(steps, cache, scored or [1] * len(steps))])
        return logits

    def forward(self, parts: Sequence[Part]) -> list[Tensor]:
        """One forward of the new tokens of all parts; logits of each, (scored, vocab).

        The weights are read once for all of them.
        """
        groups = [self._group(part) for part in parts]
        hidden = iter(self._layers(groups))
        counts = [sum(part.scored) for part in parts]
        scored = [
            _scored(next(hidden), part)
            for part, count in zip(parts, counts, strict=True)
            if count
        ]
        if not scored:
            return [torch.empty((0, self.vocab_size), device=self.device) for _ in parts]
        together = scored[0] if len(scored) == 1 else torch.cat(scored)
        logits: Tensor = self._module.lm_head(self._layers.final_norm(together))
        return list(torch.split(logits, counts))

    def _group(self, part: Part) -> TokenGroup:
        ids = torch.tensor([token for step in part.steps for token in step.ids])
        positions = np.concatenate([step.positions for step in part.steps], axis=1)
        ids = ids.to(self.device)
        embeddings = self._module.model.language_model.embed_tokens(ids)
        embeddings = embeddings.to(self._text_dtype)
        images = [image for step in part.steps for image in step.images]
        if images:
            embeddings[ids == self.image_token] = torch.cat(images).to(embeddings.dtype)
        return TokenGroup(
            embeddings,
            torch.from_numpy(positions.T).to(self.device),
            [len(step.ids) for step in part.steps],
            part.cache,
            any(part.scored),
        )


def _batches(images: Iterable[PixelValues], most: int) -> Iterator[list[PixelValues]]:
    """Neighbours with at most so many patches, or one image that alone has more."""
    batch: list[PixelValues] = []
    for image in images:
        if batch and sum(len(one.values) for one in (*batch, image)) > most:
            yield batch
            batch = []
        batch.append(image)
    if batch:
        yield batch


def _scored(hidden: Tensor, part: Part) -> Tensor:
    """The hidden states that get logits, row by row."""
    places: list[int] = []
    end = 0
    for step, count in zip(part.steps, part.scored, strict=True):
        end += len(step.ids)
        places += range(end - count, end)
    if len(places) == len(hidden):
        return hidden
    return hidden[torch.tensor(places, device=hidden.device)]


def load_network(
    checkpoint: Checkpoint,
    *,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    compile: bool = False,
    limits: NetworkLimits | None = None,
    cpu: CpuFeatures | None = None,
) -> Network:
    """Load a checkpoint's weights on a device; `EngineError` where they do not fit.

    `limits` and `cpu` are those of the device and of this processor unless given.
    """
    where = pick_device(device)
    kind = pick_dtype(dtype, where, checkpoint.parameters)
    cpu = cpu or CpuFeatures.detect()
    fused_ops = compiled(where) if compile else PLAIN
    if kind == torch.int8:
        _check_int8(where)
    needed = needed_bytes(checkpoint.parameters, kind.itemsize)
    # Weights pass through main memory on their way to any device, and are merged there.
    name, adapter = checkpoint.name, checkpoint.adapter
    if adapter is not None:
        name = f"{name} with adapter {adapter.name}"
    merging = adapter.merge_bytes if adapter is not None else 0
    check_memory(name, needed + merging, free_ram(), "main")
    if where.type == "cuda":
        check_memory(checkpoint.name, needed, torch.cuda.mem_get_info(where)[0], "GPU")
    module = load_module(checkpoint, kind, cpu).to(where)
    if where.type == "cpu":
        use_own_attention(module)
        if not cpu.multiplies(kind):
            upcast(module)
    network = Network(
        module,
        where,
        kind,
        parameters=checkpoint.parameters,
        fused_ops=fused_ops,
        limits=limits,
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
        token = checkpoint.specials.get(text)
        if token is not None and token != number:
            raise EngineError(
                f"{checkpoint.folder}: {text} is {number} in config.json and {token} in "
                "the tokenizer"
            )
    vocab = checkpoint.tokenizer.get("model", {}).get("vocab", {})
    largest = max((*vocab.values(), *checkpoint.specials.values()), default=0)
    if largest >= network.vocab_size:
        raise EngineError(
            f"{checkpoint.folder}: the tokenizer has token {largest} and the model only "
            f"{network.vocab_size} rows"
        )
