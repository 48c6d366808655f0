"""Loads the transformers engine: a checkpoint found, looked through, its network built."""

from __future__ import annotations

from pathlib import Path

from ..checkpoint.adapter import find_adapter, weights_digest, with_adapter
from ..checkpoint.devices import pick_device
from ..checkpoint.hub import locate
from ..checkpoint.probe import inspect
from ..options import HfOptions
from ..protocol import EngineInfo
from ..structured.token_mask import GrammarCache
from .engine import HfEngine
from .load_network import load_network
from .prompt_reader import ACCEPTED, load_prompt_reader


def load_hf(name: str | Path | None = None, options: HfOptions | None = None) -> HfEngine:
    """Load a model by transformers; `name` as in `productdesc.load_engine`."""
    options = options or HfOptions()
    device = pick_device(options.device)  # a wrong one must not cost a download
    adapter = find_adapter(options)  # small, and so before the model too
    source = locate(name, revision=options.revision, offline=options.offline)
    checkpoint = inspect(
        source.folder, name=source.name, revision=source.revision, accepted=ACCEPTED
    )
    checkpoint = with_adapter(checkpoint, adapter)
    reader, checkpoint = load_prompt_reader(checkpoint, max_pixels=options.max_pixels)
    digest = weights_digest(checkpoint)
    network = load_network(checkpoint, reader, device=device, dtype=options.dtype)
    pixels = reader.images.max_pixels
    if adapter:
        adapter.warn_of_other_pixels(pixels)
    info = EngineInfo(
        model=checkpoint.name,
        revision=checkpoint.revision,
        weights_digest=digest,
        special_tokens=tuple(sorted(checkpoint.specials)),
        categories=checkpoint.categories,
        languages=checkpoint.languages,
        options={
            "engine": "hf",
            "dtype": str(network.dtype).removeprefix("torch."),
            **({} if pixels is None else {"max_pixels": pixels}),
            **(adapter.options if adapter else {}),
        },
        writes=checkpoint.writes,
        max_photos=reader.family.max_photos,
    )
    grammars = GrammarCache(checkpoint.tokenizer, reader.tokenizer, network.vocab_size)
    return HfEngine(info, reader, network, grammars)
