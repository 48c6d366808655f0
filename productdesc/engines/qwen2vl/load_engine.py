"""Loads a Qwen2-VL engine: a checkpoint found, looked through, and its network built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...errors import EngineError
from ...text.printable import words_of
from ..checkpoint.adapter import Adapter, inspect_adapter
from ..checkpoint.devices import pick_device
from ..checkpoint.hub import locate, locate_adapter
from ..checkpoint.probe import Checkpoint, inspect
from ..checkpoint.weight_files import digest_of, file_sums
from ..options import QwenOptions
from ..protocol import EngineInfo
from .engine import Qwen2VLEngine
from .inputs.image_processor import image_processor_config
from .inputs.tokenizer import ChatTokenizer
from .modeling.model import Network, load_network
from .scheduler.batch_limits import BatchLimits
from .scheduler.token_mask import GrammarCache


def load_qwen2vl(
    name: str | Path | None = None,
    options: QwenOptions | None = None,
    *,
    prompt_lookup: bool | None = None,
) -> Qwen2VLEngine:
    """Load a Qwen2-VL engine; `name` as in `productdesc.load_engine`.

    `prompt_lookup` proposes draft tokens and changes no answer; None: not on a CPU.
    """
    options = options or QwenOptions()
    device = pick_device(options.device)  # a wrong one must not cost a download
    adapter = _adapter(options)  # small, and so before the model too
    source = locate(name, revision=options.revision, offline=options.offline)
    checkpoint = inspect(source.folder, name=source.name, revision=source.revision)
    checkpoint = replace(checkpoint, adapter=adapter)
    dtype, compile = options.dtype, options.compile
    load = partial(load_network, device=device, dtype=dtype, compile=compile)
    return build_engine(
        checkpoint, load, max_pixels=options.max_pixels, prompt_lookup=prompt_lookup
    )


def _adapter(options: QwenOptions) -> Adapter | None:
    """The adapter that the options name, located and looked through."""
    if options.adapter is None:
        return None
    found = locate_adapter(
        options.adapter, revision=options.adapter_revision, offline=options.offline
    )
    return inspect_adapter(found.folder, name=found.name, revision=found.revision)


def build_engine(
    checkpoint: Checkpoint,
    load: Callable[[Checkpoint], Network] = load_network,
    *,
    max_pixels: int | None = None,
    prompt_lookup: bool | None = None,
    limits: BatchLimits | None = None,
) -> Qwen2VLEngine:
    """Build a Qwen2-VL engine over a checkpoint whose files were looked through.

    `load` loads the network, when all that is quick to check is in order.
    """
    folder, adapter = checkpoint.folder, checkpoint.adapter
    try:
        image_processor = image_processor_config(
            checkpoint.preprocessor, max_pixels=max_pixels
        )
    except (TypeError, ValueError, AttributeError) as e:
        raise EngineError(f"{folder}: its preprocessor_config.json: {words_of(e)}") from e
    tokenizer = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    sums = file_sums(sorted(checkpoint.files))
    if adapter:
        adapter.check_base(checkpoint.name, digest_of(sums))
        sums += file_sums(adapter.files)
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
        weights_digest=digest_of(sums),
        special_tokens=tuple(sorted(checkpoint.specials)),
        categories=(adapter and adapter.categories) or checkpoint.categories,
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
