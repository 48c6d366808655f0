"""LoRA adapters fitted to a module: which tensor changes which parameter, all counted.

Names and shapes only are read, so a module on torch's meta device will do.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from ...errors import EngineError
from ...text.printable import printable, quoted
from .adapter import CONFIG, Adapter, LoraConfig, adapter_key
from .lora_merge import LoraMerge, LowRank, WeightChange
from .name_patterns import by_pattern, targeted

LOW_RANK = ("lora_A", "lora_B", "lora_B bias", "lora_magnitude_vector")
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
OTHERS = (nn.Embedding, *CONVOLUTIONS)


def plan_merge(
    adapter: Adapter, module: Any, older_name: Callable[[str], str] = lambda name: name
) -> LoraMerge:
    """Fit an adapter to a module of transformers; nothing of either is loaded.

    `older_name`: how a name in the module was spelled before transformers 4.52, where
    adapters may be older. Raises `EngineError` unless every tensor of the adapter changes
    a parameter, with the right shape, and every module that the adapter names has its
    tensors.
    """
    return LoraMerge(adapter.files[1], _Plan(adapter, module, older_name).changes())


class _Plan:
    """An adapter's tensors beside a module's parameters, while they are fitted."""

    def __init__(
        self, adapter: Adapter, module: Any, older_name: Callable[[str], str]
    ) -> None:
        self._adapter = adapter
        self._model = type(module).__name__
        self._modules = dict(module.named_modules(remove_duplicate=False))
        self._parameters = dict(module.named_parameters(remove_duplicate=False))
        head = getattr(module, "get_output_embeddings", lambda: None)()
        self._heads = {name for name, one in self._modules.items() if one is head}
        older = {older_name(name): name for name in self._modules}
        self._parts: dict[str, dict[str, str]] = defaultdict(dict)  # module -> part -> key
        is_older = False
        lost = []
        for key in adapter.tensors:
            spelled, part = adapter_key(key)
            known = spelled in self._modules
            name = spelled if known else older.get(spelled, "")
            is_older |= not known and bool(name)
            if not name or not self._fits(name, part):
                lost.append(key)
            elif part in self._parts[name]:
                raise self._refused(f"two tensors are {part} of {name}", key)
            else:
                self._parts[name][part] = key
        if lost:
            base = adapter.config.base_model_name_or_path
            raise self._refused(
                f"{len(lost):,} of {len(adapter.tensors):,} tensors match no weight of "
                f"{self._model}",
                lost[0],
                "give the model that it was trained on"
                + (f", {printable(base, 'name')}" if base else ""),
            )
        self._spell = older_name if is_older else lambda name: name

    def changes(self) -> dict[str, WeightChange]:
        config = self._adapter.config
        low = {n for n, parts in self._parts.items() if any(p in parts for p in LOW_RANK)}
        self._check_targets(low)
        self._check_saved(config)
        values = self._values(config)
        ranks, alphas = (
            self._by_name(config.rank_pattern),
            self._by_name(config.alpha_pattern),
        )
        changes = {name: WeightChange(value=key) for name, key in values.items()}
        for name in sorted(low):
            rank = ranks.get(name, config.r)
            alpha = alphas.get(name, config.lora_alpha)
            scale = alpha / (math.sqrt(rank) if config.use_rslora else rank)
            weight, bias = f"{name}.weight", f"{name}.bias"
            added = self._low_rank(name, rank, scale)
            changes[weight] = WeightChange(values.get(weight), added)
            if key := self._parts[name].get("lora_B bias"):
                changes[bias] = WeightChange(values.get(bias), bias=(key, scale))
        return changes

    def _fits(self, name: str, part: str) -> bool:
        """Whether a part is of a kind that a module of this name has at all."""
        return part in LOW_RANK or f"{name}.{part}" in self._parameters

    def _by_name(self, patterns: Mapping[str, Any] | None) -> dict[str, Any]:
        spelled = {self._spell(name): name for name in self._modules}
        found = by_pattern(patterns, list(spelled))
        return {spelled[name]: value for name, value in found.items()}

    def _check_targets(self, low: set[str]) -> None:
        """Every module that the settings name has tensors, and no other."""
        mergeable = {n: m for n, m in self._modules.items() if isinstance(m, _kinds())}
        spelled = {self._spell(name): name for name in mergeable}
        linears = {
            spelling
            for spelling, name in spelled.items()
            if name not in self._heads and not isinstance(mergeable[name], OTHERS)
        }
        config = self._adapter.config
        named = {spelled[name] for name in targeted(config, list(spelled), linears)}
        if config.target_modules is None:
            named = {name for name in low if name in mergeable}
        if config.ensure_weight_tying:
            shared = {id(mergeable[name].weight) for name in named}
            named |= {name for name, m in mergeable.items() if id(m.weight) in shared}
        for found, of, names in (
            (f"changed modules are not named by {CONFIG}", low, low - named),
            (f"modules that {CONFIG} names have no tensors", named, named - low),
        ):
            if names:
                raise self._refused(
                    f"{len(names):,} of {len(of):,} {found}",
                    min(names),
                    "the adapter is not whole; save it again",
                )

    def _check_saved(self, config: LoraConfig) -> None:
        """Every parameter of the modules to save is there."""
        for entry in config.modules_to_save or ():
            under = self._saved_by(entry)
            lacking = sorted(n for n in under if self._key_of(n) is None)
            if lacking or not under:
                raise self._refused(
                    f"{len(lacking):,} of {len(under):,} tensors of modules_to_save "
                    f"{quoted(entry, 'name')} are missing",
                    min(lacking, default=""),
                    "the adapter is not whole, or of another model",
                )

    def _saved_by(self, entry: str) -> list[str]:
        """The parameters of the modules that an entry of modules_to_save stands for."""
        saved = [f"{n}." for n in self._modules if n and self._spell(n).endswith(entry)]
        return [name for name in self._parameters if name.startswith(tuple(saved))]

    def _key_of(self, parameter: str) -> str | None:
        name, _, part = parameter.rpartition(".")
        return self._parts.get(name, {}).get(part)

    def _values(self, config: LoraConfig) -> dict[str, str]:
        """The parameters that are replaced -> the tensors that replace them."""
        values = {n: key for n in self._parameters if (key := self._key_of(n))}
        for name, key in values.items():
            self._check_shape(key, tuple(self._parameters[name].shape), name)
        # What is no copy in modules_to_save was a tensor of the base, shared or not.
        copies = {
            n for entry in config.modules_to_save or () for n in self._saved_by(entry)
        }
        for name in values.keys() - copies:
            for other, parameter in self._parameters.items():
                if parameter is self._parameters[name] and other not in copies:
                    values.setdefault(other, values[name])
        return values

    def _low_rank(self, name: str, rank: int, scale: float) -> LowRank:
        config, module, parts = self._adapter.config, self._modules[name], self._parts[name]
        needed = {"lora_A", "lora_B"}
        needed |= {"lora_magnitude_vector"} if config.use_dora else set()
        needed |= {"lora_B bias"} if config.lora_bias else set()
        for part in LOW_RANK:
            if (part in parts) != (part in needed):
                verb = "lacks" if part in needed else "has, against its settings,"
                raise self._refused(f"{name} {verb} {part}")
        if getattr(module, "groups", 1) != 1:
            raise self._refused(
                f"{name} is a convolution in groups, which takes no merging"
            )
        shape = tuple(module.weight.shape)
        is_transposed = not isinstance(module, (nn.Linear, *CONVOLUTIONS))
        outputs, inputs = (shape[1], shape[:1]) if is_transposed else (shape[0], shape[1:])
        ones = (1,) * (len(inputs) - 1)
        self._check_shape(parts["lora_A"], (rank, *inputs), name)
        self._check_shape(parts["lora_B"], (outputs, rank, *ones), name)
        magnitude = parts.get("lora_magnitude_vector")
        if magnitude is not None:
            whole = (1, outputs, *ones) if ones else (outputs,)
            self._check_shape(magnitude, whole, name)
        if bias := parts.get("lora_B bias"):
            if getattr(module, "bias", None) is None:
                raise self._refused(f"{name} has no bias that lora_bias could be added to")
            self._check_shape(bias, (outputs,), name)
        return LowRank(parts["lora_A"], parts["lora_B"], scale, magnitude, is_transposed)

    def _check_shape(self, key: str, wanted: tuple[int, ...], name: str) -> None:
        shape = self._adapter.tensors[key].shape
        if shape != wanted:
            raise self._refused(
                f"{printable(key, 'name')} is {shape} where {name} takes {wanted}",
                advice=f"the weights of the model and {CONFIG} (r, rank_pattern) say so",
            )

    def _refused(self, what: str, first: str = "", advice: str = "") -> EngineError:
        name = printable(self._adapter.name, "name")
        named = f", first {printable(first, 'name')}" if first else ""
        behind = f"; {advice}" if advice else ""
        return EngineError(f"adapter {name}: refused, {what}{named}{behind}")


def _kinds() -> tuple[type[nn.Module], ...]:
    """Kinds of modules that peft puts A and B beside; transformers' Conv1D is a linear."""
    from transformers.pytorch_utils import Conv1D

    return (nn.Linear, Conv1D, *OTHERS)
