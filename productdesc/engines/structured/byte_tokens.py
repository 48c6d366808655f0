"""Single-byte tokens: which token of a vocabulary spells each of the 256 bytes.

With these a reply can always be ended. Two spellings are known: the letters of a byte-level
BPE, and `<0xNN>` of a BPE with byte fallback (Llama, Gemma).
"""

from __future__ import annotations

from tokenizers import Tokenizer

from ...errors import EngineError

NEVER_IN_UTF8 = {0xC0, 0xC1, *range(0xF5, 0x100)}
"""Bytes that may be absent: no text has them."""


def single_bytes(tokenizer: Tokenizer, *, byte_fallback: bool = False) -> tuple[int, ...]:
    """The token id of each of the 256 bytes, -1 where there is none.

    Raises `EngineError` where the tokenizer lacks a byte that a text can have.
    """
    names = [f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else byte_letters()
    ids = [tokenizer.token_to_id(name) for name in names]
    absent = [byte for byte, token in enumerate(ids) if token is None]
    if set(absent) - NEVER_IN_UTF8:
        raise EngineError(
            f"tokenizer.json lacks a token for {len(absent)} of 256 bytes (first: "
            f"0x{absent[0]:02x}); only byte-level tokenizers and those with byte fallback "
            "are read"
        )
    return tuple(-1 if token is None else token for token in ids)


def byte_letters() -> list[str]:
    """The letter that stands for each byte in a byte-level BPE (as GPT-2 defined it)."""
    shown = {*range(33, 127), *range(161, 173), *range(174, 256)}
    hidden = [byte for byte in range(256) if byte not in shown]
    return [
        chr(byte) if byte in shown else chr(256 + hidden.index(byte)) for byte in range(256)
    ]
