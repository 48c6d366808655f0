"""Tokenizers that this engine reads: classes of transformers, parts of a tokenizer.json.

Beyond Qwen2's these are the published tokenizers of Llama 2 and 3, Mistral, SmolLM2 and
Gemma. To add one: its class, its normalizer and its pre-tokenizer, here.
"""

from __future__ import annotations

from typing import Any

from ..checkpoint.accepted import NORMALIZERS, PRE_TOKENIZERS

CLASSES = (
    "GPT2Tokenizer",
    "GemmaTokenizer",
    "LlamaTokenizer",
    "PreTrainedTokenizer",
    "Qwen2Tokenizer",
    "TokenizersBackend",
)
"""Values of `tokenizer_class`, without "Fast"; each reads tokenizer.json alone."""

_SPACE = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
SENTENCEPIECE_NORMALIZERS: tuple[Any, ...] = (
    _SPACE,
    {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, _SPACE]},
)
_LLAMA3_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_BYTES = {"type": "ByteLevel", "add_prefix_space": False}
FAMILY_PRE_TOKENIZERS: tuple[Any, ...] = (
    None,
    {
        "type": "Sequence",
        "pretokenizers": [
            {
                "type": "Split",
                "pattern": {"Regex": _LLAMA3_WORDS},
                "behavior": "Isolated",
                "invert": False,
            },
            {**_BYTES, "use_regex": False},
        ],
    },
    {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {**_BYTES, "use_regex": True},
        ],
    },
    {
        "type": "Split",
        "pattern": {"String": " "},
        "behavior": "MergedWithPrevious",
        "invert": False,
    },
    *(
        {
            "type": "Metaspace",
            "replacement": "▁",
            "prepend_scheme": scheme,
            "split": split,
        }
        for scheme in ("first", "always", "never")
        for split in (False, True)
    ),
)

HF_NORMALIZERS = (*NORMALIZERS, *SENTENCEPIECE_NORMALIZERS)
HF_PRE_TOKENIZERS = (*PRE_TOKENIZERS, *FAMILY_PRE_TOKENIZERS)
