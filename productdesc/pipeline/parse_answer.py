"""Parse an answer: what the model itself wrote, without what only closed the JSON."""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

from ..text.trim import without_dangling

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"(:?)|\Z)')


class ClosedText(Protocol):
    """JSON of which the model wrote the first `model_chars` characters; None: all."""

    @property
    def text(self) -> str: ...

    @property
    def model_chars(self) -> int | None: ...


def parse_answer(answer: ClosedText, *, whole: bool = False) -> Any:
    """The answer's JSON value; texts that were only written to close it are empty.

    A text that the cut fell into keeps the whole words said of it, without those that
    announce more; with `whole` it is empty too, as half a choice is none. The value may be
    shorter than its schema demands.
    """
    end = answer.model_chars
    if end is None:
        return json.loads(answer.text)

    def authored(match: re.Match[str]) -> str:
        if match[1] or match.end() <= end:  # a key, or written to its end
            return match[0]
        inside = "" if whole else match[0][1:-1][: max(0, end - match.start() - 1)]
        words: str = json.loads(f'"{_whole_words(inside)}"')
        return json.dumps(without_dangling(words))

    return json.loads(_STRING.sub(authored, answer.text))


def _whole_words(text: str) -> str:
    """Without the last word: who knows how it would have gone on."""
    if text[-1:].isspace():
        return text.rstrip()
    return text.removesuffix((text.split() or [""])[-1]).rstrip()
