"""Inspect a checkpoint folder before loading: refuse whatever could run code.

Everything here reads JSON and file headers only. What is refused, and why, is in the
tables below: REFUSED_SUFFIXES, REFUSED_FILES, REFUSED_KEYS, LARGEST.

`Accepted` says which architectures and tokenizers an engine reads beyond that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import EngineError
from ...text.printable import printable
from .accepted import Accepted, refuse_tokenizer_parts, special_tokens
from .model_folder import read_json, real_path
from .weight_files import INDEX, count_parameters, weight_files

if TYPE_CHECKING:
    from .adapter import Adapter

ARCHITECTURES = {  # of config.json: model_type, and the one class of `architectures`
    "qwen2_vl": "Qwen2VLForConditionalGeneration",
    "qwen2_5_vl": "Qwen2_5_VLForConditionalGeneration",
    "qwen3_vl": "Qwen3VLForConditionalGeneration",
}

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
LARGEST = {  # in config.json; far above any Qwen-VL, below what exhausts a machine
    "num_hidden_layers": 1_000,
    "depth": 1_000,
    "hidden_size": 65_536,
    "out_hidden_size": 65_536,
    "head_dim": 65_536,
    "embed_dim": 65_536,
    "num_position_embeddings": 1_000_000,
    "intermediate_size": 1_000_000,
    "vocab_size": 2_000_000,
}
MAX_DEPTH = 8  # folders within a model folder
MAX_FILES = 1_000  # a model folder has about ten; a home folder has more


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint folder that passed inspection: its configuration files and weight files.

    `parameters` counts the values in the weight files. `tokenizer_class` is the name of a
    class of transformers, "" where none is given. `adapter` is merged into the weights
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
    tokenizer_class: str = ""
    adapter: Adapter | None = None


FAST = Accepted(ARCHITECTURES)
"""What the fast engine reads."""


def inspect(
    folder: Path, *, name: str = "", revision: str = "", accepted: Accepted = FAST
) -> Checkpoint:
    """Inspect a checkpoint folder; `EngineError` names the file that is refused."""
    try:
        return _inspect(folder, name, revision, accepted)
    except (OSError, RuntimeError) as e:  # RuntimeError: links that go in a circle
        raise EngineError(f"{folder}: not readable: {e}") from e


def _inspect(folder: Path, name: str, revision: str, accepted: Accepted) -> Checkpoint:
    if not folder.is_dir():
        raise EngineError(f"{folder}: not a folder")
    if not (folder / "config.json").is_file():
        raise EngineError(f"{folder}: holds no config.json, so it is not a model folder")
    _refuse_files(folder)
    config = read_json(folder, "config.json")
    refuse_keys(config, "config.json")
    _refuse_architecture(config, accepted.architectures)
    tokenizer = read_json(folder, "tokenizer.json")
    tokenizer_config = read_json(folder, "tokenizer_config.json", required=False)
    refuse_keys(tokenizer_config, "tokenizer_config.json")
    preprocessor = _preprocessor(folder)
    refuse_tokenizer_parts(tokenizer, accepted)
    about = read_json(folder, "productdesc.json", required=False)
    files = weight_files(folder, read_json(folder, INDEX, required=False))
    return Checkpoint(
        folder=folder,
        name=name or str(about.get("name") or folder.resolve().name),
        revision=revision,
        config=config,
        preprocessor=preprocessor,
        tokenizer=tokenizer,
        specials=special_tokens(tokenizer, tokenizer_config, accepted),
        files=files,
        parameters=sum(map(count_parameters, files)),
        categories=texts_of(about, "categories"),
        languages=texts_of(about, "languages"),
        writes=_flag(about, "writes"),
        tokenizer_class=str(tokenizer_config.get("tokenizer_class") or ""),
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


def _refuse_architecture(config: dict[str, Any], wanted: Mapping[str, str]) -> None:
    kind, classes = config.get("model_type"), config.get("architectures")
    known = wanted.get(kind) if isinstance(kind, str) else None
    if known is None or classes not in (None, [known]):
        said, named = (printable(repr(v), "name") for v in (kind, classes))
        raise EngineError(
            f"config.json: refused, model_type {said} with architectures {named}; "
            f"known: {', '.join(f'{k} ({v})' for k, v in wanted.items())}"
        )


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


def _preprocessor(folder: Path) -> dict[str, Any]:
    """The image processor's settings: a file, or as transformers 5 saves it with others."""
    name = "preprocessor_config.json"
    whole = read_json(folder, "processor_config.json", required=False)
    inner = whole.get("image_processor")
    if isinstance(inner, dict) and not (folder / name).is_file():
        refuse_keys(inner, "processor_config.json")
        return inner
    preprocessor = read_json(folder, name)
    refuse_keys(preprocessor, name)
    return preprocessor
