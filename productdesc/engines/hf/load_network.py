"""Network loading: a checkpoint's class in transformers, its sizes, its weights."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from ...errors import EngineError
from ...text.printable import printable, quoted, words_of
from ..checkpoint.devices import pick_dtype
from ..checkpoint.lora_merge import NO_MERGE, merge_into
from ..checkpoint.lora_plan import plan_merge
from ..checkpoint.memory import check_memory, free_ram, needed_bytes
from ..checkpoint.probe import Checkpoint
from .generation import HfNetwork
from .prompt_reader import PromptReader

OLDEST = "5.24"  # transformers: before it, `generate` called its cache otherwise


def load_network(
    checkpoint: Checkpoint,
    reader: PromptReader,
    *,
    device: torch.device,
    dtype: str | torch.dtype | None = None,
) -> HfNetwork:
    """Load the weights on a device; `EngineError` where they are too many or not whole."""
    config, made = reader.config, _network_class(reader.config)
    kind = pick_dtype(dtype, device, checkpoint.parameters)
    if kind == torch.int8:
        raise ValueError('dtype="int8" is for the fast engine; use "bfloat16"')
    skeleton = _skeleton(checkpoint, made, config)
    counted = sum(parameter.numel() for parameter in skeleton.parameters())
    parameters = max(checkpoint.parameters, counted)
    adapter, merge, loaded, merging = checkpoint.adapter, NO_MERGE, kind, 0
    if adapter is not None:
        # Added to what the files hold, which is float32 at most, and rounded once.
        loaded, merging = torch.float32, adapter.merge_bytes
        adapter.warn_of_another_base(checkpoint.name)
        merge = plan_merge(adapter, skeleton, reader.family.older_name)
    # Weights pass through main memory on their way to any device.
    needed = needed_bytes(parameters, loaded.itemsize) + merging
    check_memory(checkpoint.name, needed, free_ram(), "main")
    if device.type == "cuda":
        needed = needed_bytes(parameters, kind.itemsize)
        check_memory(checkpoint.name, needed, torch.cuda.mem_get_info(device)[0], "GPU")
    module = _load(checkpoint, made, config, loaded)
    merge_into(module, merge, module.get_parameter)
    module = module.to(device, kind)
    network = HfNetwork(module, device, kind, reader.family)
    _check_tokens(checkpoint, network)
    return network


def _network_class(config: Any) -> Any:
    from transformers import GenerationMixin, __version__
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

    known = inspect.signature(GenerationMixin.prepare_inputs_for_generation).parameters
    if "cache" not in known:
        raise EngineError(
            f"this engine needs transformers {OLDEST} or newer, and {__version__} is "
            "installed: pip install --upgrade transformers"
        )
    return MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING[type(config)]


def _skeleton(checkpoint: Checkpoint, made: Any, config: Any) -> Any:
    """The network without its memory: a small file can name a large one."""
    try:
        with torch.device("meta"):
            return made(config)
    except Exception as e:  # whatever a wrong size raises in torch
        raise EngineError(
            f"{checkpoint.folder}: config.json makes no network: {words_of(e)}"
        ) from e


def _load(checkpoint: Checkpoint, made: Any, config: Any, dtype: torch.dtype) -> Any:
    from transformers.generation.configuration_utils import GenerationConfig
    from transformers.utils import logging

    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        module, problems = made.from_pretrained(
            checkpoint.folder,
            config=config,
            generation_config=GenerationConfig(),  # the file's own is not read
            dtype=dtype,
            attn_implementation="sdpa",
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except Exception as e:  # each layer below raises its own kind; all mean the same
        raise EngineError(f"{checkpoint.folder}: cannot be loaded: {words_of(e)}") from e
    finally:
        if bars:
            logging.enable_progress_bar()
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        # Without this a missing tensor would be filled with random values in silence.
        if keys := sorted(map(str, problems[problem])):
            first = printable(keys[0], "name")
            raise EngineError(
                f"{checkpoint.folder}: {len(keys)} {problem.replace('_', ' ')} in the "
                f"weights, first {first}; not a complete checkpoint of {made.__name__}"
            )
    module.generation_config = GenerationConfig()
    return module.eval().requires_grad_(False)


def _check_tokens(checkpoint: Checkpoint, network: HfNetwork) -> None:
    vocab = checkpoint.tokenizer.get("model", {}).get("vocab", {})
    largest = max((*vocab.values(), *checkpoint.specials.values()), default=0)
    if largest >= network.vocab_size:
        name = next((t for t, n in checkpoint.specials.items() if n == largest), "")
        raise EngineError(
            f"{checkpoint.folder}: the tokenizer has token {largest} {quoted(name, 'name')}"
            f" and the model only {network.vocab_size} rows"
        )
