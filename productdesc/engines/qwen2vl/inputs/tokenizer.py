"""Tokenizer and chat format: no string in a text can act as a special token.

The format is Qwen-VL's published one, written here; a checkpoint's own chat template is
never read, so it cannot run or change anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from ....errors import EngineError
from ....text.printable import printable, words_of
from ...structured.byte_tokens import single_bytes
from .mrope import Grid, Piece

TURN_START, TURN_END = "<|im_start|>", "<|im_end|>"
VISION_START, VISION_END, IMAGE = "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"
STRUCTURE = (TURN_START, TURN_END, VISION_START, VISION_END, IMAGE)


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One turn of a conversation in tokens; photos are runs of the image token.

    `system` of its first tokens are the system prompt, the same for many requests.
    """

    ids: tuple[int, ...]
    pieces: tuple[Piece, ...]
    system: int = 0

    def without_system(self) -> ChatTurn:
        """The same turn without its system prompt."""
        first, *rest = self.pieces
        assert isinstance(first, int)  # photos come later
        left = first - self.system
        pieces = (left, *rest) if left else tuple(rest)
        return ChatTurn(self.ids[self.system :], pieces)


class ChatTokenizer:
    """A checkpoint's tokenizer, whose special tokens no text can spell.

    `specials` maps every added token's text to its id. Raises `EngineError` where the
    tokenizer cannot carry the chat format.
    """

    def __init__(self, tokenizer: dict[str, Any], specials: dict[str, int]) -> None:
        missing = [text for text in STRUCTURE if text not in specials]
        if missing:
            raise EngineError(
                f"tokenizer.json has no {', '.join(missing)}: not a Qwen-VL tokenizer"
            )
        model = tokenizer.get("model")
        if not isinstance(model, dict) or model.get("type") != "BPE":
            raise EngineError("tokenizer.json: its model is not BPE; nothing else is read")
        self.specials = specials
        plain = {**tokenizer, "added_tokens": [], "truncation": None, "padding": None}
        try:
            self._plain = Tokenizer.from_str(json.dumps(plain))
        except Exception as e:  # what tokenizers raises for every fault
            raise EngineError(f"tokenizer.json: not a tokenizer: {words_of(e)}") from e
        self._special_ids = frozenset(specials.values())
        self.bytes = single_bytes(self._plain)

    def encode(self, text: str) -> list[int]:
        """Token ids of plain text: never an added token, never shortened."""
        return self.encode_spans(text)[0]

    def encode_spans(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The same ids, and the span of each in the text, in characters."""
        try:
            found = self._plain.encode(text, add_special_tokens=False)
            ids: list[int] = found.ids
        except BaseException as e:
            # a panic of the tokenizers library is no Exception
            if type(e).__name__ != "PanicException":
                raise
            raise EngineError(f"tokenizer.json: the tokenizer failed: {words_of(e)}") from e
        if not self._special_ids.isdisjoint(ids):
            special = next(t for t, i in self.specials.items() if i in set(ids))
            shown = printable(special, "name")
            raise EngineError(
                f"tokenizer.json spells {shown} in plain text; it is not safe"
            )
        return ids, found.offsets

    def turn(
        self, system: str, text: str, grids: Sequence[Grid], *, photos_before: int = 0
    ) -> ChatTurn:
        """Tokenize a user turn and the opening of the reply; no system turn for "".

        Two or more photos are labelled "Picture n: ", counted through the conversation.
        """
        turn = _TurnWriter(self)
        if system:
            turn.special(TURN_START)
            turn.text(f"system\n{system}")
            turn.special(TURN_END)
            turn.text("\n")
            turn.system_ends()
        turn.special(TURN_START)
        turn.text("user\n")
        for number, grid in enumerate(grids, start=photos_before + 1):
            if len(grids) + photos_before > 1:
                turn.text(f"Picture {number}: ")
            turn.special(VISION_START)
            turn.photo(grid)
            turn.special(VISION_END)
        turn.text(text)
        turn.special(TURN_END)
        turn.text("\n")
        turn.special(TURN_START)
        turn.text("assistant\n")
        return turn.finished()

    @property
    def reply_end(self) -> int:
        """The token that ends a reply."""
        return self.specials[TURN_END]

    def turn_end(self) -> list[int]:
        """Tokens that end a turn, after a finished reply."""
        return [self.reply_end, *self.encode("\n")]


class _TurnWriter:
    """Writes one turn; texts that touch are tokenised as one, as the model learned them."""

    def __init__(self, tokenizer: ChatTokenizer) -> None:
        self._tokenizer = tokenizer
        self._waiting = ""
        self._ids: list[int] = []
        self._pieces: list[Piece] = []
        self._system = 0

    def text(self, text: str) -> None:
        self._waiting += text

    def special(self, text: str) -> None:
        self._flush()
        self._add([self._tokenizer.specials[text]])

    def photo(self, grid: Grid) -> None:
        self._flush()
        self._ids += [self._tokenizer.specials[IMAGE]] * (grid.rows * grid.columns)
        self._pieces.append(grid)

    def finished(self) -> ChatTurn:
        self._flush()
        return ChatTurn(tuple(self._ids), tuple(self._pieces), self._system)

    def system_ends(self) -> None:
        self._flush()
        self._system = len(self._ids)

    def _flush(self) -> None:
        self._add(self._tokenizer.encode(self._waiting))
        self._waiting = ""

    def _add(self, ids: list[int]) -> None:
        self._ids += ids
        if self._pieces and isinstance(self._pieces[-1], int):
            self._pieces[-1] += len(ids)
        elif ids:
            self._pieces.append(len(ids))
