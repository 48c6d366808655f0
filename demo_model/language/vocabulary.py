"""The demo model's own byte-level BPE, with Qwen2-VL's special tokens after it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from tokenizers.pre_tokenizers import PreTokenizer

# Qwen2's own way to cut text into words, as published in its tokenizer.json
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>"),
    *("<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>"),
    *("<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>"),
)
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for content in message['content'] %}{% if content['type'] == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% elif 'text' in content %}"
    "{{ content['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


_SPACE = "Ġ"  # how a byte-level vocabulary spells a space


def learn(texts: Iterable[str], size: int, glued: Iterable[str] = ()) -> Tokenizer:
    """A tokenizer of at most `size` tokens, the special ones last; no text is unknown.

    A space is a token of its own, except before the words in `glued`.  So a word has the
    same tokens after a quote and after a space, and copying it is copying tokens.
    """
    words = sorted(set(glued))
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(SPECIAL) - len(words),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bare = Tokenizer(models.BPE())
    bare.normalizer = normalizers.NFC()
    bare.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated", invert=False),
            pre_tokenizers.Split(" ", behavior="isolated", invert=False),
            _bytes(),
        ]
    )
    bare.train_from_iterator(_iterate(texts), trainer)
    model = json.loads(bare.to_str())["model"]
    vocab: dict[str, int] = model["vocab"]
    # older versions of tokenizers write a pair as one text
    pairs = (m.split(" ") if isinstance(m, str) else m for m in model["merges"])
    merges: list[tuple[str, str]] = [(left, right) for left, right in pairs]
    for word in words:
        if word in vocab:
            merges.append((_SPACE, word))
            vocab[_SPACE + word] = len(vocab)
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(WORDS), behavior="isolated", invert=False), _bytes()]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(
        add_prefix_space=False, trim_offsets=False, use_regex=False
    )
    # the special tokens keep the last places, so that the model's shape is known before
    fill = size - len(SPECIAL) - len(vocab)
    tokenizer.add_tokens([AddedToken(f"<|unused_{n}|>", special=True) for n in range(fill)])
    tokenizer.add_special_tokens(
        [AddedToken(t, special=True, normalized=False) for t in SPECIAL]
    )
    return tokenizer


def _bytes() -> PreTokenizer:
    return pre_tokenizers.ByteLevel(
        add_prefix_space=False, trim_offsets=False, use_regex=False
    )


def _iterate(texts: Iterable[str]) -> Iterator[str]:
    yield from texts


def special_ids(tokenizer: Tokenizer) -> dict[str, int]:
    ids = {text: tokenizer.token_to_id(text) for text in SPECIAL}
    return {text: i for text, i in ids.items() if i is not None}


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """tokenizer.json and the files that older readers of Qwen2's tokenizer want."""
    tokenizer.save(str(folder / "tokenizer.json"))
    model = json.loads(tokenizer.to_str())["model"]
    pairs = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    (folder / "vocab.json").write_text(
        json.dumps(model["vocab"], ensure_ascii=False), encoding="utf-8"
    )
    (folder / "merges.txt").write_text(
        "#version: 0.2\n" + "\n".join(pairs) + "\n", encoding="utf-8"
    )
    ids = special_ids(tokenizer)
    config = {
        "add_prefix_space": False,
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "errors": "replace",
        "split_special_tokens": False,
        "model_max_length": 8192,
        "padding_side": "left",
        "tokenizer_class": "Qwen2Tokenizer",
        "additional_special_tokens": list(SPECIAL[1:]),
        "chat_template": CHAT,
        "added_tokens_decoder": {
            str(i): {
                "content": text,
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
                "special": True,
            }
            for text, i in ids.items()
        },
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2), "utf-8")


def alike(tokenizer: Tokenizer) -> list[tuple[int, int]]:
    """Pairs of tokens that are one word: the plain one, and it after a space or capital."""
    vocab = tokenizer.get_vocab(with_added_tokens=False)
    pairs = []
    for text, token in sorted(vocab.items(), key=lambda item: item[1]):
        plain = text.removeprefix(_SPACE).lower()
        if plain != text and plain.isalpha() and plain in vocab:
            pairs.append((vocab[plain], token))
    return pairs
