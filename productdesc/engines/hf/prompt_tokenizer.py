"""Prompt tokenizer: a whole turn in tokens, in which no text can act as a special token.

Special tokens in a text are taken apart first. Then the whole turn is tokenised at once, as
the family's reference does: piece by piece, a tokenizer of Llama's kind would put a stray
"▁" at each seam.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from ...errors import EngineError
from ...special_tokens import split_special_tokens
from ...text.printable import printable, quoted, words_of
from ..checkpoint.probe import Checkpoint
from ..structured.byte_tokens import single_bytes
from .tokenizer_parts import CLASSES
from .turn_formats import TurnFormat


def load_tokenizer(folder: Path, tokenizer_class: str) -> dict[str, Any]:
    """The tokenizer of a folder as transformers makes it, laid out as tokenizer.json.

    Some classes of transformers 5 build normalizer and pre-tokenizer themselves, whatever
    the file says. Raises `EngineError` for a class that is not known.
    """
    from transformers import AutoTokenizer

    named = tokenizer_class or CLASSES[-1]
    if named.removesuffix("Fast") not in CLASSES:
        raise EngineError(
            f"tokenizer_config.json: refused, tokenizer_class {quoted(named, 'name')}; "
            f"known: {', '.join(CLASSES)}"
        )
    try:
        loaded = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        tokenizer: dict[str, Any] = json.loads(loaded.backend_tokenizer.to_str())
    except BaseException as e:  # a panic of the tokenizers library is no Exception
        if not isinstance(e, Exception) and type(e).__name__ != "PanicException":
            raise
        raise EngineError(f"{folder}: its tokenizer cannot be loaded: {words_of(e)}") from e
    return {**tokenizer, "truncation": None, "padding": None}


class PromptTokenizer:
    """A checkpoint's tokenizer with the turn format of its family.

    `specials` maps every special token's text to its id. Raises `EngineError` where the
    tokenizer cannot carry the format.
    """

    def __init__(self, checkpoint: Checkpoint, turn_format: TurnFormat) -> None:
        tokenizer = checkpoint.tokenizer
        model = tokenizer.get("model")
        if not isinstance(model, dict) or model.get("type") != "BPE":
            raise EngineError("tokenizer.json: its model is not BPE; nothing else is read")
        self.specials: Mapping[str, int] = checkpoint.specials
        self._format = turn_format
        end = self.specials.get(turn_format.reply_end)
        if end is None:
            raise EngineError(
                f"tokenizer.json has no {turn_format.reply_end}, which ends a reply "
                "of this family: not its tokenizer"
            )
        self.reply_end = end
        try:
            self._tokenizer = Tokenizer.from_str(json.dumps(tokenizer))
        except Exception as e:  # what tokenizers raises for every fault
            raise EngineError(f"tokenizer.json: not a tokenizer: {words_of(e)}") from e
        fallback = bool(model.get("byte_fallback"))
        self.bytes = single_bytes(self._tokenizer, byte_fallback=fallback)
        self._texts = {number: text for text, number in self.specials.items()}

    def spell(self, number: int) -> str:
        """The text of a special token; `EngineError` where the tokenizer has none."""
        if number not in self._texts:
            raise EngineError(
                f"config.json names token {number}, which is no special token of the "
                "tokenizer"
            )
        return self._texts[number]

    def first_turn(self, system: str, text: str, photos: Sequence[str]) -> list[int]:
        """Tokens of a first turn, to where the reply begins; photos are placeholders."""
        safe = self._format.first(self._plain(system), self._plain(text), photos)
        bare = self._format.first("." if system else "", ".", photos)
        return self._checked(safe, bare, begins=True)

    def next_turn(
        self, text: str, photos: Sequence[str], *, photos_before: int
    ) -> list[int]:
        """Tokens behind a reply: its end and the next turn, to where its reply begins."""
        safe = self._format.next(self._plain(text), photos, photos_before)
        bare = self._format.next(".", photos, photos_before)
        return self._checked(safe, bare, begins=False)

    def _plain(self, text: str) -> str:
        return split_special_tokens(text, self.specials)

    def _checked(self, whole: str, bare: str, *, begins: bool) -> list[int]:
        """The tokens of `whole`, which has no more special tokens than `bare`."""
        ids = self._encode(whole, begins)
        wanted, found = (self._special(some) for some in (self._encode(bare, begins), ids))
        if found != wanted:
            spelled = next(iter((found - wanted) | (wanted - found)))
            shown = printable(self._texts[spelled], "name")
            raise EngineError(
                f"tokenizer.json spells {shown} in plain text; it is not safe"
            )
        return ids

    def _special(self, ids: Sequence[int]) -> Counter[int]:
        return Counter(token for token in ids if token in self._texts)

    def _encode(self, text: str, begins: bool) -> list[int]:
        """Tokens of a text; with those that begin every prompt, where it begins one."""
        try:
            ids: list[int] = self._tokenizer.encode(text, add_special_tokens=begins).ids
        except BaseException as e:  # a panic of the tokenizers library is no Exception
            if type(e).__name__ != "PanicException":
                raise
            raise EngineError(f"tokenizer.json: the tokenizer failed: {words_of(e)}") from e
        return ids
