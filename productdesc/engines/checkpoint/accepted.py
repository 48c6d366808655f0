"""What an engine reads beside weights: architectures, and parts of a tokenizer.json.

A tokenizer.json is a small program. Only the parts that are listed here, or that an engine
lists in its `Accepted`, are let through: a pattern of a stranger's can run for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import EngineError
from ...text.printable import printable, words_of

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

Another family of models adds its own.
"""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an engine reads: architectures by `model_type`, and parts of a tokenizer.json.

    `adds_words`: an added token that is not special and stands in the vocabulary is a word
    like others, as Gemma's runs of newlines are.
    """

    architectures: Mapping[str, str]
    normalizers: Sequence[Any] = NORMALIZERS
    pre_tokenizers: Sequence[Any] = PRE_TOKENIZERS
    adds_words: bool = False


def refuse_tokenizer_parts(tokenizer: dict[str, Any], accepted: Accepted) -> None:
    """`EngineError` for a normalizer or pre-tokenizer that is not known."""
    normalizer, words = tokenizer.get("normalizer"), tokenizer.get("pre_tokenizer")
    if normalizer not in accepted.normalizers:
        raise EngineError(
            "tokenizer.json: refused, its normalizer is not one of: "
            f"{_kinds(accepted.normalizers)}"
        )
    if _without_offsets(words) not in accepted.pre_tokenizers:
        raise EngineError(
            "tokenizer.json: refused, its pre_tokenizer is not a known one; known kinds: "
            f"{_kinds(accepted.pre_tokenizers)}"
        )


def _kinds(parts: Sequence[Any]) -> str:
    kinds = (part["type"] if part else "none" for part in parts)
    return ", ".join(dict.fromkeys(kinds))


def _without_offsets(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_offsets(one) for one in part]
    if isinstance(part, dict):
        return {k: _without_offsets(v) for k, v in part.items() if k != "trim_offsets"}
    return part


def special_tokens(
    tokenizer: dict[str, Any], config: dict[str, Any], accepted: Accepted
) -> dict[str, int]:
    """Every added token of either file that is no word; the files must agree."""
    specials: dict[str, int] = {}
    try:
        words: Collection[str] = tokenizer["model"]["vocab"] if accepted.adds_words else ()
        decoder = config.get("added_tokens_decoder") or {}
        added = [(token, token["id"]) for token in tokenizer["added_tokens"]]
        added += [(token, int(number)) for number, token in decoder.items()]
        pairs = [
            (token["content"], number)
            for token, number in added
            if token.get("special") or token["content"] not in words
        ]
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
