"""Loads the fast engine: a checkpoint found, looked through, and its network built."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ...errors import EngineError
from ...text.printable import words_of
from ..checkpoint.adapter import find_adapter, weights_digest, with_adapter
from ..checkpoint.devices import pick_device
from ..checkpoint.hub import locate
from ..checkpoint.probe import Checkpoint, inspect
from ..options import QwenOptions
from ..protocol import EngineInfo
from ..structured.token_mask import GrammarCache
from .engine import Qwen2VLEngine
from .inputs.image_processor import image_processor_config
from .inputs.tokenizer import ChatTokenizer
from .modeling.model import Network, load_network
from .scheduler.batch_limits import BatchLimits


def load_qwen2vl(
    name: str | Path | None = None,
    options: QwenOptions | None = None,
    *,
    prompt_lookup: bool | None = None,
) -> Qwen2VLEngine:
    """Load the fast engine; `name` as in `productdesc.load_engine`.

    `prompt_lookup` proposes draft tokens and changes no answer; None: not on a CPU.
    """
    options = options or QwenOptions()
    device = pick_device(options.device)  # a wrong one must not cost a download
    adapter = find_adapter(options)  # small, and so before the model too
    source = locate(name, revision=options.revision, offline=options.offline)
    checkpoint = inspect(source.folder, name=source.name, revision=source.revision)
    checkpoint = with_adapter(checkpoint, adapter)
    dtype, compile = options.dtype, options.compile
    load = partial(load_network, device=device, dtype=dtype, compile=compile)
    return build_engine(
        checkpoint, load, max_pixels=options.max_pixels, prompt_lookup=prompt_lookup
    )


def build_engine(
    checkpoint: Checkpoint,
    load: Callable[[Checkpoint], Network] = load_network,
    *,
    max_pixels: int | None = None,
    prompt_lookup: bool | None = None,
    limits: BatchLimits | None = None,
) -> Qwen2VLEngine:
    """Build the fast engine over a checkpoint whose files were looked through.

    `load` loads the network, when all that is quick to check is in order.
    """
    folder, adapter = checkpoint.folder, checkpoint.adapter
    try:
        image_processor = image_processor_config(
            checkpoint.preprocessor, max_pixels=max_pixels
        )
    except (TypeError, ValueError, AttributeError) as e:
        raise EngineError(f"{folder}: its preprocessor_config.json: {words_of(e)}") from e
    side = image_processor.factor
    if max_pixels is not None and max_pixels < side**2:
        raise ValueError(
            f"max_pixels is {max_pixels:,}; one token of {checkpoint.name} takes "
            f"{side**2:,} ({side} x {side} px)"
        )
    tokenizer = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    digest = weights_digest(checkpoint)
    if adapter:
        adapter.warn_of_other_pixels(image_processor.max_pixels)
    network = load(checkpoint)
    patching = image_processor.patching
    if patching != network.patching:
        raise EngineError(
            f"{folder}: preprocessor_config.json cuts photos by {patching} (patch, time, "
            f"merge) and config.json by {network.patching}"
        )
    info = EngineInfo(
        model=checkpoint.name,
        revision=checkpoint.revision,
        weights_digest=digest,
        special_tokens=tuple(sorted(checkpoint.specials)),
        categories=checkpoint.categories,
        languages=checkpoint.languages,
        branches=True,
        options={
            "dtype": str(network.dtype).removeprefix("torch."),
            "max_pixels": image_processor.max_pixels,
            **({"compile": True} if network.is_compiled else {}),
            **(adapter.options if adapter else {}),
        },
        writes=checkpoint.writes,
    )
    grammars = GrammarCache(checkpoint.tokenizer, tokenizer, network.vocab_size)
    return Qwen2VLEngine(
        info,
        network,
        tokenizer,
        grammars,
        image_processor,
        prompt_lookup=prompt_lookup,
        limits=limits,
    )
