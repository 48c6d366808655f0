"""LoRA adapters of peft: a folder looked through before anything is loaded.

Two files of it are read, `adapter_config.json` and `adapter_model.safetensors`: here the
JSON and the header. `lora_merge.py` adds what they hold to a model's weights. A third,
`productdesc.json`, is of `productdesc finetune`: a category list, and which weights.

What is refused, and why, is in the tables below: PLAIN_STARTS, CHANGES_MORE, DTYPES. An
option of peft that stands in no table is refused as soon as it is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...errors import EngineError
from ...text.log_lines import package_logger
from ...text.printable import printable, quoted, words_of
from ..options import HfOptions, QwenOptions
from .hub import locate_adapter
from .model_folder import read_json, real_path
from .probe import REFUSED_SUFFIXES, Checkpoint, refuse_keys, texts_of
from .weight_files import TensorEntry, digest_of, file_sums, read_header

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
ABOUT = "productdesc.json"
MAX_CONFIG_BYTES = 2**20  # one that names every module of Qwen2-VL 72B has a tenth
DTYPES = ("F32", "BF16", "F16", "F64")  # of its tensors; others are quantised
PLAIN_STARTS = (True, False, "gaussian", "eva", "orthogonal", "mica")
"""Values of `init_lora_weights` that leave the base's weights as they are."""
CHANGES_MORE = {
    "alora_invocation_tokens": "it acts on some tokens only, and weights act on all",
    "arrow_config": "it chooses an adapter for each token",
    "kasa_config": "it changes the base's weights too",
    "layer_replication": "it repeats layers",
    "megatron_config": "it needs the code of Megatron",
    "monteclora_config": "it samples its matrices",
    "target_parameters": "it changes parameters that are no module's weight",
    "trainable_token_indices": "it retrains single rows of the embeddings",
    "use_bdlora": "its matrices are blocks of larger ones",
    "use_qalora": "it averages what goes into a layer",
}
"""Options of peft, and why weights cannot hold what they do."""
WITHOUT_EFFECT = frozenset(
    {
        *("auto_mapping", "inference_mode", "peft_type", "peft_version", "revision"),
        *("task_type", "runtime_config", "megatron_core", "qalora_group_size"),
        *("lora_dropout", "loftq_config", "eva_config"),
        *("corda_config", "lora_ga_config"),
        "fan_in_fan_out",  # peft goes by the module's kind, and so do we
    }
)
"""Options of peft that say nothing of what a finished adapter computes."""

Rank = Annotated[int, Field(ge=1)]
Alpha = Annotated[float, Field(ge=-1e6, le=1e6)]  # a rank or two in practice


class LoraConfig(BaseModel):
    """What `adapter_config.json` says of the sums; names and meanings are peft's."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)

    r: Rank = 8
    lora_alpha: Alpha = 8
    use_rslora: bool = False
    use_dora: bool = False
    lora_bias: bool = False
    bias: Literal["none", "all", "lora_only"] = "none"
    rank_pattern: dict[str, Rank] | None = None
    alpha_pattern: dict[str, Alpha] | None = None
    target_modules: list[str] | str | None = None
    exclude_modules: list[str] | str | None = None
    layers_to_transform: list[int] | int | None = None
    layers_pattern: list[str] | str | None = None
    modules_to_save: list[str] | None = None
    ensure_weight_tying: bool = False
    init_lora_weights: bool | str | None = True
    base_model_name_or_path: str | None = None


class AdapterKey(NamedTuple):
    """A tensor's place: the module as the adapter spells it, and which part of it."""

    module: str
    part: str


PARTS = {
    "lora_A.weight": "lora_A",
    "lora_B.weight": "lora_B",
    "lora_B.bias": "lora_B bias",
    "lora_embedding_A": "lora_A",
    "lora_embedding_B": "lora_B",
    "lora_magnitude_vector": "lora_magnitude_vector",
    "lora_magnitude_vector.weight": "lora_magnitude_vector",
    "base_layer.weight": "weight",
    "base_layer.bias": "bias",
}
"""How a tensor's name ends -> which part of its module it is; else its last word."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter that passed inspection: its settings, and its tensors by name.

    Of what `finetune train` made: `categories`, the closed list that it was trained on;
    `base_digest`, of the weights that it was trained on; `max_pixels`, of its photos.
    Empty, "" and 0 where it does not say.
    """

    folder: Path
    name: str
    revision: str
    config: LoraConfig
    tensors: Mapping[str, TensorEntry]
    categories: tuple[str, ...] = ()
    base_digest: str = ""
    max_pixels: int = 0

    @property
    def files(self) -> tuple[Path, Path]:
        """Both files: what is merged follows from both."""
        return self.folder / CONFIG, self.folder / WEIGHTS

    @property
    def options(self) -> dict[str, str]:
        """Name and hub commit, as options of an `EngineInfo`."""
        revision = {"adapter_revision": self.revision} if self.revision else {}
        return {"adapter": self.name, **revision}

    @property
    def merge_bytes(self) -> int:
        """Main memory that merging takes: its tensors, and one weight twice, in float32."""
        by_place = {adapter_key(key): entry for key, entry in self.tensors.items()}
        merged = [
            entry.shape[0] * prod(a.shape[1:])
            for place, entry in by_place.items()
            if place.part == "lora_B" and entry.shape
            if (a := by_place.get(AdapterKey(place.module, "lora_A"))) is not None
        ]
        own = sum(entry.values for entry in self.tensors.values())
        return 4 * (own + 2 * max(merged, default=0))

    @property
    def digest(self) -> str:
        """Of both files, as `digest_of` has it."""
        return digest_of(file_sums(self.files))

    def warn_of_other_pixels(self, pixels: int | None) -> None:
        """Log a warning where photos are read larger or smaller than it was trained on."""
        if self.max_pixels and pixels and pixels != self.max_pixels:
            trained, read = f"{self.max_pixels:,}", f"{pixels:,}"
            _log.warning("adapter %s was trained on photos of at most %s pixels, and %s "
                         "are read; give max_pixels", self.name, trained, read)  # fmt: skip

    def check_base(self, model: str, digest: str) -> None:
        """`EngineError` where it says that it was trained on weights of another digest."""
        if self.base_digest and self.base_digest != digest:
            raise EngineError(
                f"adapter {self.name}: refused, it was trained on weights "
                f"{printable(self.base_digest[:12], 'code')} (SHA-256), and {model} has "
                f"{digest[:12]}; name the model, and the revision, that it was trained on"
            )

    def warn_of_another_base(self, model: str) -> None:
        """Log a warning where it names another base model than this one.

        Only the last part of a path counts, as folders lie elsewhere on each machine.
        """
        base = self.config.base_model_name_or_path or ""
        last = base.replace("\\", "/").rstrip("/").rpartition("/")[2]
        if last and last.lower() != model.rpartition("/")[2].lower():
            _log.warning(
                "adapter %s was trained on %s, and is merged into %s",
                self.name,
                base,
                model,
            )


_log = package_logger("engines")


def adapter_key(key: str) -> AdapterKey:
    """Take a tensor's name apart; what no row of PARTS ends is a weight or a bias."""
    whole = key.removeprefix("base_model.model.")
    for end, part in PARTS.items():
        if whole.endswith(f".{end}"):
            return AdapterKey(whole.removesuffix(f".{end}"), part)
    module, _, part = whole.rpartition(".")
    return AdapterKey(module, part)


def with_adapter(checkpoint: Checkpoint, adapter: Adapter | None) -> Checkpoint:
    """The checkpoint with its adapter, whose category list takes the place of its own."""
    if adapter is None:
        return checkpoint
    categories = adapter.categories or checkpoint.categories
    return replace(checkpoint, adapter=adapter, categories=categories)


def weights_digest(checkpoint: Checkpoint) -> str:
    """Digest of what the network is made of: the weights', then the adapter's files.

    Raises `EngineError` where the adapter was trained on weights of another digest.
    """
    sums = file_sums(sorted(checkpoint.files))
    if (adapter := checkpoint.adapter) is not None:
        adapter.check_base(checkpoint.name, digest_of(sums))
        sums += file_sums(adapter.files)
    return digest_of(sums)


def find_adapter(options: QwenOptions | HfOptions) -> Adapter | None:
    """The adapter that the options name, located and looked through."""
    if options.adapter is None:
        return None
    found = locate_adapter(
        options.adapter, revision=options.adapter_revision, offline=options.offline
    )
    return inspect_adapter(found.folder, name=found.name, revision=found.revision)


def inspect_adapter(folder: Path, *, name: str = "", revision: str = "") -> Adapter:
    """Inspect an adapter's folder; `EngineError` names the file that is refused."""
    try:
        return _inspect(folder, name or folder.resolve().name, revision)
    except (OSError, RuntimeError) as e:  # RuntimeError: links that go in a circle
        raise EngineError(f"{folder}: not readable: {words_of(e)}") from e


def _inspect(folder: Path, name: str, revision: str) -> Adapter:
    for path in sorted(folder.glob("adapter_model.*")):
        if reason := REFUSED_SUFFIXES.get(path.suffix.lower()):
            raise EngineError(
                f"{path}: refused, {reason}. Save the adapter with peft's save_pretrained, "
                "which writes safetensors"
            )
    for needed in (CONFIG, WEIGHTS):
        if not (folder / needed).is_file():
            raise EngineError(
                f"{folder}: holds no {needed}, so it is no LoRA adapter that peft saved as "
                "safetensors"
            )
        real_path(folder / needed, folder)
    real_path(folder / ABOUT, folder)
    settings = read_json(folder, CONFIG, at_most=MAX_CONFIG_BYTES)
    refuse_keys(settings, CONFIG)
    config = _config(settings)
    tensors = read_header(folder / WEIGHTS)
    if not tensors:
        raise EngineError(f"{folder / WEIGHTS}: holds no tensors")
    for key, entry in tensors.items():
        if entry.dtype not in DTYPES:
            raise EngineError(
                f"{WEIGHTS}: refused, {printable(key, 'name')} is "
                f"{printable(entry.dtype, 'code')}; known: {', '.join(DTYPES)}"
            )
    about = read_json(folder, ABOUT, required=False, at_most=MAX_CONFIG_BYTES)
    base, pixels = about.get("base", {}), about.get("max_pixels", 0)
    digest = base.get("weights_digest", "") if isinstance(base, dict) else None
    if not isinstance(digest, str) or type(pixels) is not int:
        raise EngineError(f"{ABOUT}: base.weights_digest is a text, max_pixels a number")
    categories = texts_of(about, "categories")
    return Adapter(folder, name, revision, config, tensors, categories, digest, pixels)


def _config(settings: dict[str, Any]) -> LoraConfig:
    kind = settings.get("peft_type")
    if kind != "LORA":
        raise EngineError(
            f"{CONFIG}: refused, peft_type is {quoted(kind, 'name')}; only LORA is merged"
        )
    for key, value in settings.items():
        if value and key not in WITHOUT_EFFECT and key not in LoraConfig.model_fields:
            reason = CHANGES_MORE.get(key, "what it does is not known here")
            raise EngineError(f"{CONFIG}: refused, it sets {quoted(key, 'name')}: {reason}")
    try:
        config = LoraConfig.model_validate(settings)
    except ValidationError as e:
        first = e.errors()[0]
        where = printable(".".join(map(str, first["loc"])), "name")
        raise EngineError(f"{CONFIG}: {where}: {words_of(first['msg'])}") from e
    if config.init_lora_weights not in (None, *PLAIN_STARTS):
        start = quoted(config.init_lora_weights, "name")
        raise EngineError(
            f"{CONFIG}: refused, init_lora_weights is {start}, which changes the base's "
            "weights too; save the adapter with peft's "
            "path_initial_model_for_weight_conversion"
        )
    if config.use_dora and config.lora_bias:
        raise EngineError(f"{CONFIG}: refused, use_dora and lora_bias go not together")
    return config
