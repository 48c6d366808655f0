"""Targets of a checkpoint folder: one of its files is the input.

    config.json
    {"model_type": ...

The first line is the file's name, the rest its content; the other files are in order.
"""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import torch
import transformers
from doubles.tiny_qwen2vl import make
from factories import photo
from fuzz.mutate.binary import safetensors
from fuzz.mutate.grammar import json_value
from fuzz.mutate.plain import plain
from fuzz.target import Target, require

from productdesc.engines import Prompt, QwenOptions, Request, Settings, load_engine
from productdesc.engines.checkpoint.probe import PRE_TOKENIZERS, inspect
from productdesc.engines.qwen2vl.inputs.image_processor import (
    image_processor_config,
    pixel_values,
)
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer, _byte_letters
from productdesc.engines.qwen2vl.load_engine import build_engine
from productdesc.errors import EngineError, OutputError, PhotoError, PromptError

transformers.logging.set_verbosity_error()
WEIGHTS = "model.safetensors"
SCHEMA = {"type": "object", "properties": {"a": {"enum": ["x", "yy"]}}, "required": ["a"],
          "additionalProperties": False}  # fmt: skip
PHOTO = photo("red")


@functools.cache
def good() -> Path:
    """A checkpoint in order, with a tokenizer short enough to be an input."""
    folder = make(Path(tempfile.mkdtemp(prefix="fuzz-model-")) / "model")
    old = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    letters = {letter: number for number, letter in enumerate(_byte_letters())}
    new = {
        "version": "1.0", "truncation": None, "padding": None, "normalizer": None,
        "added_tokens": old["added_tokens"], "pre_tokenizer": PRE_TOKENIZERS[2],
        "post_processor": None, "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "vocab": letters | {"re": 256}, "merges": [["r", "e"]]},
    }  # fmt: skip
    (folder / "tokenizer.json").write_text(json.dumps(new), "utf-8")
    about = {"name": "tiny", "categories": ["shoes"], "languages": ["en"]}
    (folder / "productdesc.json").write_text(json.dumps(about), "utf-8")
    return folder


def _with_file(data: bytes, folder: Path) -> Path:
    """The checkpoint in order but for one file, which the input before changed or not."""
    name, _, content = data.partition(b"\n")
    model = folder / "model"
    if not model.exists():
        shutil.copytree(good(), model)
    if changed := _changed.get(model):
        (model / changed).unlink()
        if (good() / changed).exists():
            shutil.copy(good() / changed, model)
    file = name.decode("ascii", "replace")
    _changed[model] = file if file in NAMES else ""
    if file in NAMES:
        (model / file).write_bytes(content)
    return model


_changed: dict[Path, str] = {}
INDEX = "model.safetensors.index.json"
NAMES = (
    "config.json", "tokenizer.json", "tokenizer_config.json", "preprocessor_config.json",
    "productdesc.json", "generation_config.json", INDEX, WEIGHTS,
)  # fmt: skip


class _Network:
    """As much of a network as building an engine asks for."""

    patching = (14, 2, 2)
    dtype = torch.float32
    is_compiled = is_large_on_cpu = False
    vocab_size = 600
    max_tokens = 4096
    device = torch.device("cpu")


def _checked(error: Exception) -> None:
    text = str(error)
    require(len(text) <= 20_000, f"an error is short: {len(text)} characters, {text[:300]}")


def _probe(data: bytes, folder: Path) -> None:
    network: Any = _Network()
    try:
        checkpoint = inspect(_with_file(data, folder))
        build_engine(checkpoint, lambda given: network)
        tokenizer = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
        tokenizer.encode("Größe 42, red\n\t shoes <|im_end|> 鞋子")
        config = image_processor_config(checkpoint.preprocessor)
        values = pixel_values(PHOTO, config).values
        require(values.dtype == "float32" and values.size, "pixel values")
    except EngineError as e:
        _checked(e)
        raise


def _load(data: bytes, folder: Path) -> None:
    """Loaded as it would be, and asked once about a photo."""
    try:
        engine = load_engine(_with_file(data, folder), QwenOptions(device="cpu"))
        request = Request(Prompt("You see.", "What?", [PHOTO]), SCHEMA)
        [answer] = engine.generate([request], Settings(max_tokens=8))
        require(json.loads(answer.text)["a"] in ("x", "yy"), f"it fits: {answer.text}")
    except EngineError as e:
        _checked(e)
        raise


def _file(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """One file, by its own grammar."""
    name, _, content = data.partition(b"\n")
    way = safetensors if name == WEIGHTS.encode() else json_value
    if chance.random() < 0.05:
        way = plain
    return name + b"\n" + way(content, chance, [])


def _files(*, whole: bool) -> list[bytes]:
    """Every file of the checkpoint; weights as a header and zeros where not whole."""
    folder = good()
    seeds = []
    for name in NAMES:
        path = folder / name
        if path.exists() and name != WEIGHTS:
            seeds.append(name.encode() + b"\n" + path.read_bytes())
    index = {"metadata": {}, "weight_map": {"a": WEIGHTS, "b": WEIGHTS}}
    seeds.append(f"{INDEX}\n{json.dumps(index)}".encode())
    tensors = {"__metadata__": {"format": "pt"},
               "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
               "b": {"dtype": "BF16", "shape": [4], "data_offsets": [24, 32]}}  # fmt: skip
    header = json.dumps(tensors).encode()
    small = len(header).to_bytes(8, "little") + header + bytes(32)
    return [*seeds, *([] if whole else [WEIGHTS.encode() + b"\n" + small] * 3)]


ANY = (EngineError, OutputError, PromptError, PhotoError)

TARGETS = {
    "checkpoint": Target(
        _probe, (EngineError, PhotoError), lambda shared: _files(whole=False), (_file,)
    ),
    "checkpoint-load": Target(_load, ANY, lambda shared: _files(whole=True), (_file,)),
}
