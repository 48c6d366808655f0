"""Weight loading: a checkpoint's tensors into transformers' Qwen2-VL module, or as int8.

The only door to transformers. It is not asked to read int8: it would hold all weights in
their full size first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ....errors import EngineError
from ....text.printable import printable, words_of
from ...checkpoint.lora_merge import NO_MERGE, LoraMerge, merge_into
from ...checkpoint.lora_plan import plan_merge
from ...checkpoint.probe import Checkpoint
from ..attention.attention import attend_patches
from .cpu_features import CpuFeatures
from .int8 import Int8Linear, unquantized_dtype

STATELESS_ROPE = ("default", "linear", "yarn", "llama3")  # others change with use
OWN_ATTENTION = "productdesc"  # its name in transformers' table
VISION = "model.visual."
HEAD, TABLE = "lm_head.weight", "model.language_model.embed_tokens.weight"
MODULE_PREFIXES = (  # how a published name begins, and where transformers has it
    ("model.language_model.", "model.language_model."),
    (VISION, VISION),
    ("visual.", VISION),
    ("model.", "model.language_model."),
)


def load_module(checkpoint: Checkpoint, dtype: torch.dtype, cpu: CpuFeatures) -> Any:
    """transformers' module with the weights; raises `EngineError` where it cannot be."""
    from transformers.models.qwen2_vl.configuration_qwen2_vl import Qwen2VLConfig

    try:
        config = Qwen2VLConfig.from_dict(checkpoint.config)
        _check_attention(config.text_config)
        merge = _plan(checkpoint, config)
        if dtype == torch.int8:
            module, problems = _load_int8(checkpoint, config, cpu, merge)
        else:
            module, problems = _load(checkpoint, config, dtype)
    except EngineError:  # of the adapter: it says all
        raise
    except Exception as e:  # each layer below raises its own kind; all mean the same
        raise EngineError(f"{checkpoint.folder}: cannot be loaded: {words_of(e)}") from e
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        # Without this a missing tensor would be filled with random values in silence.
        if keys := sorted(map(str, problems[problem])):
            first = printable(keys[0], "name")
            raise EngineError(
                f"{checkpoint.folder}: {len(keys)} {problem.replace('_', ' ')} in the "
                f"weights, first {first}; not a complete Qwen2-VL checkpoint"
            )
    if dtype != torch.int8:
        merge_into(module, merge, _base_weights(checkpoint, module))
    return module.eval().requires_grad_(False)


def use_own_attention(module: Any) -> None:
    """Register `attend_patches` with transformers as the vision tower's attention."""
    from transformers import AttentionInterface

    AttentionInterface.register(OWN_ATTENTION, attend_patches)
    module.model.visual.config._attn_implementation = OWN_ATTENTION


def _load(checkpoint: Checkpoint, config: Any, dtype: torch.dtype) -> tuple[Any, Any]:
    from transformers.generation.configuration_utils import GenerationConfig
    from transformers.models.qwen2_vl.modeling_qwen2_vl import (
        Qwen2VLForConditionalGeneration,
    )
    from transformers.utils import logging

    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        loaded: tuple[Any, Any] = Qwen2VLForConditionalGeneration.from_pretrained(
            checkpoint.folder,
            config=config,
            generation_config=GenerationConfig(),  # the file's own is not read
            dtype=dtype,
            attn_implementation="sdpa",
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
        return loaded
    finally:
        if bars:
            logging.enable_progress_bar()


def _plan(checkpoint: Checkpoint, config: Any) -> LoraMerge:
    """What the checkpoint's adapter changes, before anything is loaded."""
    if checkpoint.adapter is None:
        return NO_MERGE
    checkpoint.adapter.warn_of_another_base(checkpoint.name)
    return plan_merge(checkpoint.adapter, _skeleton(config), _published_name)


def _base_weights(checkpoint: Checkpoint, module: Any) -> Callable[[str], Tensor]:
    """Parameters of the module by name, as the checkpoint's files have them."""
    places = {_module_name(key): (p, key) for p in checkpoint.files for key in _keys(p)}
    if module.get_parameter(HEAD) is module.get_parameter(TABLE):
        places[HEAD] = places[TABLE]

    def read(name: str) -> Tensor:
        path, key = places[name]
        with safe_open(path, "pt") as file:
            tensor: Tensor = file.get_tensor(key)
        return tensor

    return read


def _skeleton(config: Any) -> Any:
    """transformers' module without memory for its weights."""
    from transformers.models.qwen2_vl.modeling_qwen2_vl import (
        Qwen2VLForConditionalGeneration,
    )

    config._attn_implementation = "sdpa"
    with _MetaTensors():
        return Qwen2VLForConditionalGeneration(config)


def _load_int8(
    checkpoint: Checkpoint, config: Any, cpu: CpuFeatures, merge: LoraMerge
) -> tuple[Any, dict[str, list[str]]]:
    """Tensor by tensor, so that no more than one is held in its full size."""
    module = _skeleton(config)
    shapes = {
        name: tuple(value.shape)
        for name, value in module.named_parameters(remove_duplicate=False)
    }
    is_tied = module.get_parameter(HEAD) is module.get_parameter(TABLE)
    if is_tied:
        del shapes[HEAD]
    _replace_linears(module, cpu)
    sources: dict[str, tuple[Path, str]] = {}
    problems: dict[str, list[str]] = {"unexpected_keys": [], "mismatched_keys": []}
    for path in checkpoint.files:
        for key in _keys(path):
            name = _module_name(key)
            if is_tied and name == HEAD:
                continue
            if name not in shapes:
                problems["unexpected_keys"].append(key)
                continue
            # Opened for each: what was read of a mapped file counts as memory until then.
            with safe_open(path, "pt") as file:
                value = file.get_tensor(key)
                if tuple(value.shape) != shapes[name]:
                    problems["mismatched_keys"].append(key)
                else:
                    _assign(module, name, value, cpu, merge)
                del value
            sources[name] = path, key
    problems["missing_keys"] = [name for name in shapes if name not in sources]
    if is_tied and not any(problems.values()):
        with safe_open(sources[TABLE][0], "pt") as file:
            _assign(module, HEAD, file.get_tensor(sources[TABLE][1]), cpu, merge)
    if words := sources.get(TABLE):  # anew: what was read of it counts no more
        with safe_open(words[0], "pt") as file:
            _assign(module, TABLE, file.get_tensor(words[1]), cpu, merge)
    return module, problems


class _MetaTensors(TorchFunctionMode):
    """Creates weights as meta tensors, without memory; computed buffers are real."""

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if function is torch.empty:
            kwargs["device"] = "meta"
        return function(*args, **kwargs)


def _replace_linears(module: nn.Module, cpu: CpuFeatures) -> None:
    """Put int8 layers in the place of transformers' linear layers."""
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.Linear):
                setattr(parent, name, Int8Linear(cpu))


def _keys(path: Path) -> list[str]:
    with safe_open(path, "pt") as file:
        return list(file.keys())


def _module_name(key: str) -> str:
    """The name in transformers' module of a tensor with this published name."""
    for published, name in MODULE_PREFIXES:
        if key.startswith(published):
            return name + key.removeprefix(published)
    return key


def _published_name(name: str) -> str:
    """The published name of what transformers' module calls so, e.g. in old adapters."""
    for published, own in MODULE_PREFIXES[2:]:
        if name.startswith(own):
            return published + name.removeprefix(own)
    return name


def _assign(
    module: nn.Module, name: str, base: Tensor, cpu: CpuFeatures, merge: LoraMerge
) -> None:
    value = merge.apply(name, base)
    path, _, leaf = name.rpartition(".")
    owner = module.get_submodule(path)
    if isinstance(owner, Int8Linear):
        if leaf == "weight":
            owner.quantize(value)
        else:
            owner.bias = value.float()
        return
    dtype = unquantized_dtype(cpu) if name.startswith(VISION) else torch.float32
    if isinstance(owner, nn.Embedding):
        dtype = base.dtype  # it stays mapped: only the rows of tokens in use are read
    setattr(owner, leaf, nn.Parameter(value.to(dtype), requires_grad=False))


def _check_attention(text: Any) -> None:
    """Raises `ValueError` for what our masks and positions are not made for."""
    if set(text.layer_types) != {"full_attention"}:
        raise ValueError("sliding-window attention is not supported")
    rope = text.rope_parameters["rope_type"]
    if rope not in STATELESS_ROPE:
        raise ValueError(f"rope type {rope!r} is not one of {', '.join(STATELESS_ROPE)}")
    pairs = text.hidden_size // text.num_attention_heads // 2
    section = text.rope_parameters.get("mrope_section", [16, 24, 24])
    if len(section) != 3 or sum(section) != pairs:
        raise ValueError(f"mrope_section {section} does not add up to {pairs}")
