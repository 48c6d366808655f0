"""Tokenizers in the real format of each family, trained here in a moment.

Llama's and Gemma's kind spells bytes as `<0xNN>` and a space as "▁"; the others are
byte-level. The same call gives the same bytes.
"""

from __future__ import annotations

import json
from typing import Any

from doubles.tiny_qwen2vl import CORPUS
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from tokenizers.trainers import BpeTrainer

SENTENCES = (
    *CORPUS,
    "USER: What is it? ASSISTANT: User: Assistant: System: model [INST] [/INST]",
    "You see products. Describe this product, please. Now write.",
)
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
LLAMA3_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
GRID = tuple(f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7))
_LLAMA_SPACES = normalizers.Sequence(
    [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
)
AROUND = ("<fake_token_around_image>", "<image>", "<global-img>", "<end_of_utterance>")


def llama() -> Tokenizer:
    """Llama 2's kind, trained here."""
    specials = ["<unk>", "<s>", "</s>"]
    trained = _fallback(specials)
    trained.normalizer = _LLAMA_SPACES
    _train(trained, 640, [*specials, *BYTES])
    model = json.loads(trained.to_str())["model"]
    return llama_shell(model["vocab"], [tuple(pair) for pair in model["merges"]])


def llama_shell(vocab: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    """A tokenizer of Llama 2's kind; <image> and <pad> stand behind, as in llava-1.5."""
    bpe = models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(bpe)
    tokenizer.normalizer = _LLAMA_SPACES
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return _with(tokenizer, ["<unk>", "<s>", "</s>"], ["<image>", "<pad>"], "<s>")


def gemma() -> Tokenizer:
    """Gemma 3's: runs of newlines are added tokens that are words of the vocabulary."""
    first = ["<pad>", "<eos>", "<bos>", "<unk>"]
    turns = ["<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<end_of_image>"]
    tokenizer = _fallback(first)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    _train(tokenizer, 640, [*first, *turns, "\n", "\n\n", "▁▁", *BYTES])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    words = ["\n", "\n\n", "▁▁"]
    return _with(tokenizer, [*first, *turns], ["<image_soft_token>"], "<bos>", words)


def smollm() -> Tokenizer:
    """SmolLM2's, with the tokens of SmolVLM."""
    digits = pre_tokenizers.Digits(individual_digits=True)
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    specials = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", *AROUND, *GRID)
    return _byte_level([digits, byte_level], specials)


def llama3() -> Tokenizer:
    """Llama 3's, with the tokens of Idefics3; it begins every prompt with a token."""
    words = pre_tokenizers.Split(Regex(LLAMA3_WORDS), "isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    specials = ("<|begin_of_text|>", "<|eot_id|>", "<|end_of_text|>", *AROUND, *GRID)
    tokenizer = _byte_level([words, byte_level], specials)
    tokenizer.post_processor = _beginning("<|begin_of_text|>", tokenizer)
    return tokenizer


def _fallback(specials: list[str]) -> Tokenizer:
    unk = "<unk>"
    assert unk in specials
    return Tokenizer(models.BPE(unk_token=unk, fuse_unk=True, byte_fallback=True))


def _train(tokenizer: Tokenizer, size: int, first: list[str]) -> None:
    trainer = BpeTrainer(
        vocab_size=size, special_tokens=first, max_token_length=8, show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)


def _with(
    tokenizer: Tokenizer,
    specials: list[str],
    behind: list[str],
    begin: str,
    words: list[str] | None = None,
) -> Tokenizer:
    """The trained tokenizer, with these added tokens and no others."""
    whole: dict[str, Any] = json.loads(tokenizer.to_str())
    vocab = whole["model"]["vocab"]
    added = [(text, vocab[text], True) for text in specials]
    added += [(text, vocab[text], False) for text in words or ()]
    added += [(text, len(vocab) + at, True) for at, text in enumerate(behind)]
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    whole["added_tokens"] = [
        {"id": number, "content": text, **flags, "special": special}
        for text, number, special in sorted(added, key=lambda one: one[1])
    ]
    made = Tokenizer.from_str(json.dumps(whole))
    made.post_processor = _beginning(begin, made)
    return made


def _byte_level(words: list[Any], specials: tuple[str, ...]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(words)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=512,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in specials]
    )
    return tokenizer


def _beginning(token: str, tokenizer: Tokenizer) -> Any:
    """The post-processor that puts a token before every prompt."""
    return processors.TemplateProcessing(
        single=f"{token} $A", special_tokens=[(token, tokenizer.token_to_id(token))]
    )
