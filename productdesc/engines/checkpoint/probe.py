"""Inspect a checkpoint folder before loading: refuse whatever could run code.

Everything here reads JSON and file headers only. What is refused, and why, is in the
tables below: REFUSED_SUFFIXES, REFUSED_FILES, REFUSED_KEYS, LARGEST.

One architecture is known; another one is another engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import EngineError
from ...text.printable import printable, words_of
from .model_folder import read_json, real_path
from .weight_files import INDEX, count_parameters, weight_files

if TYPE_CHECKING:
    from .adapter import Adapter

ARCHITECTURES = {"qwen2_vl": "Qwen2VLForConditionalGeneration"}

REFUSED_SUFFIXES = {
    **dict.fromkeys((".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"), "a pickle"),
    **dict.fromkeys((".py", ".pyc", ".so", ".dll", ".dylib"), "code"),
    **dict.fromkeys((".h5", ".msgpack", ".joblib", ".npz"), "not safetensors"),
}
REFUSED_FILES = {
    "adapter_config.json": "an adapter; name its base model, and this folder as adapter=",
}
REFUSED_KEYS = {  # anywhere in config.json; transformers acts on each of them
    "auto_map": "it names code to run",
    "custom_pipelines": "it names code to run",
    "attn_implementation": "it can name a kernel to download",
    "_attn_implementation": "it can name a kernel to download",
    "quantization_config": "quantised weights are not read",
    "trust_remote_code": "it asks for code to run",
}
LARGEST = {  # in config.json; far above any Qwen2-VL, below what exhausts a machine
    "num_hidden_layers": 1_000,
    "depth": 1_000,
    "hidden_size": 65_536,
    "embed_dim": 65_536,
    "intermediate_size": 1_000_000,
    "vocab_size": 2_000_000,
}
_QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
NORMALIZERS: tuple[Any, ...] = (None, {"type": "NFC"})
"""Normalizers of a tokenizer.json; others can make a text a million times as long."""
PRE_TOKENIZERS: tuple[Any, ...] = (
    {
        "type": "Sequence",
        "pretokenizers": [
            {
                "type": "Split",
                "pattern": {"Regex": _QWEN2_WORDS},
                "behavior": "Isolated",
                "invert": False,
            },
            {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False},
        ],
    },
    {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False},
    {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
)
"""Pre-tokenizers of a tokenizer.json, without `trim_offsets`, which says nothing of text.

A pattern of a stranger's can run for ever. Another family of models adds its own.
"""
MAX_DEPTH = 8  # folders within a model folder
MAX_FILES = 1_000  # a model folder has about ten; a home folder has more


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint folder that passed inspection: its configuration files and weight files.

    `parameters` counts the values in the weight files. `adapter` is merged into the weights
    while they are loaded.
    """

    folder: Path
    name: str
    revision: str
    config: dict[str, Any]
    preprocessor: dict[str, Any]
    tokenizer: dict[str, Any]
    specials: dict[str, int]
    files: tuple[Path, ...]
    parameters: int
    categories: tuple[str, ...]
    languages: tuple[str, ...]
    writes: bool
    adapter: Adapter | None = None


def inspect(folder: Path, *, name: str = "", revision: str = "") -> Checkpoint:
    """Inspect a checkpoint folder; `EngineError` names the file that is refused."""
    try:
        return _inspect(folder, name, revision)
    except (OSError, RuntimeError) as e:  # RuntimeError: links that go in a circle
        raise EngineError(f"{folder}: not readable: {e}") from e


def _inspect(folder: Path, name: str, revision: str) -> Checkpoint:
    if not folder.is_dir():
        raise EngineError(f"{folder}: not a folder")
    if not (folder / "config.json").is_file():
        raise EngineError(f"{folder}: holds no config.json, so it is not a model folder")
    _refuse_files(folder)
    config = read_json(folder, "config.json")
    refuse_keys(config, "config.json")
    _refuse_architecture(config)
    tokenizer = read_json(folder, "tokenizer.json")
    tokenizer_config = read_json(folder, "tokenizer_config.json", required=False)
    refuse_keys(tokenizer_config, "tokenizer_config.json")
    preprocessor = read_json(folder, "preprocessor_config.json")
    refuse_keys(preprocessor, "preprocessor_config.json")
    _refuse_tokenizer_parts(tokenizer)
    about = read_json(folder, "productdesc.json", required=False)
    files = weight_files(folder, read_json(folder, INDEX, required=False))
    return Checkpoint(
        folder=folder,
        name=name or str(about.get("name") or folder.resolve().name),
        revision=revision,
        config=config,
        preprocessor=preprocessor,
        tokenizer=tokenizer,
        specials=_specials(tokenizer, tokenizer_config),
        files=files,
        parameters=sum(map(count_parameters, files)),
        categories=texts_of(about, "categories"),
        languages=texts_of(about, "languages"),
        writes=_flag(about, "writes"),
    )


def _refuse_files(folder: Path) -> None:
    paths = list(islice(_walk(folder), MAX_FILES + 1))
    if len(paths) > MAX_FILES:
        raise EngineError(f"{folder}: holds over {MAX_FILES} files; not a model folder")
    for path in paths:
        real = real_path(path, folder)
        for suffix in {path.suffix.lower(), real.suffix.lower()}:
            if reason := REFUSED_SUFFIXES.get(suffix):
                raise EngineError(
                    f"{path}: refused, {reason}. Only safetensors weights are loaded; "
                    "remove the file if the folder also holds *.safetensors"
                )
        if reason := REFUSED_FILES.get(path.name):
            raise EngineError(f"{path}: refused, {reason}")


def _walk(folder: Path, depth: int = 0) -> Iterator[Path]:
    if depth > MAX_DEPTH:
        raise EngineError(f"{folder}: refused, over {MAX_DEPTH} folders deep")
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path, depth + 1)


def refuse_keys(config: dict[str, Any], where: str) -> None:
    todo: list[Any] = [config]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif isinstance(value, dict):
            todo += value.values()
            for key, inner in value.items():
                if (reason := REFUSED_KEYS.get(key)) and inner is not None:
                    raise EngineError(f"{where}: refused, it holds {key!r}: {reason}")
                if isinstance(inner, int) and inner > LARGEST.get(key, inner):
                    raise EngineError(
                        f"{where}: refused, {key} is {inner}; at most {LARGEST[key]}"
                    )


def _refuse_architecture(config: dict[str, Any]) -> None:
    kind, classes = config.get("model_type"), config.get("architectures")
    known = ARCHITECTURES.get(kind) if isinstance(kind, str) else None
    if known is None or classes not in (None, [known]):
        said, named = (printable(repr(v), "name") for v in (kind, classes))
        raise EngineError(
            f"config.json: refused, model_type {said} with architectures {named}; "
            f"known: {', '.join(f'{k} ({v})' for k, v in ARCHITECTURES.items())}"
        )


def _refuse_tokenizer_parts(tokenizer: dict[str, Any]) -> None:
    normalizer, words = tokenizer.get("normalizer"), tokenizer.get("pre_tokenizer")
    if normalizer not in NORMALIZERS:
        known = "NFC or none"
        raise EngineError(f"tokenizer.json: refused, its normalizer is not {known}")
    if _without_offsets(words) not in PRE_TOKENIZERS:
        raise EngineError(
            "tokenizer.json: refused, its pre_tokenizer is not one of Qwen2's or byte-level"
        )


def _without_offsets(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_offsets(one) for one in part]
    if isinstance(part, dict):
        return {k: _without_offsets(v) for k, v in part.items() if k != "trim_offsets"}
    return part


def texts_of(about: dict[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts of productdesc.json."""
    values = about.get(key, [])
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise EngineError(f"productdesc.json: {key} is no list of texts")
    return tuple(values)


def _flag(about: dict[str, Any], key: str) -> bool:
    """A yes or no of productdesc.json; yes where it does not say."""
    value = about.get(key, True)
    if not isinstance(value, bool):
        shown = printable(repr(value), "value")
        raise EngineError(f"productdesc.json: {key} is {shown}; it is true or false")
    return value


def _specials(tokenizer: dict[str, Any], config: dict[str, Any]) -> dict[str, int]:
    """Every added token of either file; they must agree."""
    specials: dict[str, int] = {}
    try:
        pairs = [(token["content"], token["id"]) for token in tokenizer["added_tokens"]]
        decoder = config.get("added_tokens_decoder") or {}
        pairs += [(token["content"], int(number)) for number, token in decoder.items()]
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise EngineError(
            f"tokenizer.json: its added tokens are broken: {words_of(repr(e))}"
        ) from e
    for text, number in pairs:
        shown = printable(repr(text), "name")
        if not isinstance(text, str) or not text or not isinstance(number, int):
            said = printable(repr(number), "name")
            raise EngineError(f"tokenizer.json: added token {shown} with id {said}")
        if text != "".join(text.split()):
            raise EngineError(
                f"tokenizer.json: refused, the added token {shown} holds white space, so "
                "it cannot be told from text"
            )
        if specials.setdefault(text, number) != number:
            raise EngineError(
                f"tokenizer: {shown} is {specials[text]} in tokenizer.json and {number} in "
                "tokenizer_config.json"
            )
    return specials
