"""What the model itself said in an answer, without what only closed it."""

from __future__ import annotations

import json
import re
from typing import Any

from ..channels import without_dangling
from ..engines import Answer

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"(:?)')
_UNFINISHED = re.compile(r"\s*\S*$")  # the last word: who knows how it would have gone on


def parse_answer(answer: Answer, *, whole: bool = False) -> Any:
    """The answer's JSON value; texts that were only written to close it are empty.

    A text that the cut fell into keeps the whole words said of it, without those that
    announce more; with `whole` it is empty too, as half a choice is none. The value may be
    shorter than its schema demands.
    """
    own = answer.model_chars
    if own is None:
        return json.loads(answer.text)

    def kept(match: re.Match[str]) -> str:
        if match[1] or match.end() <= own:  # a key, or said to its end
            return match[0]
        inside = "" if whole else match[0][1:-1][: max(0, own - match.start() - 1)]
        words: str = json.loads(f'"{_UNFINISHED.sub("", inside)}"')
        return json.dumps(without_dangling(words))

    return json.loads(_STRING.sub(kept, answer.text))
