"""Special tokens in text, split so that no model reads them as structure: the one rule.

Used for the data in prompts and for every text that is sent to a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

BRACKETS = ("<|", "|>", "<｜", "｜>")
"""Around the special tokens of most models, known or not; DeepSeek's bars are wide."""


def split_special_tokens(text: str, special_tokens: Iterable[str] = ()) -> str:
    """The text with every special token split by a space after its first character.

    Anything of the form `<|...|>` or `<｜...｜>` counts, since prompts are written before
    the model is chosen, and each of `special_tokens` that `is_splittable`. All other text
    stays as it is. One pass: the text grows by one space at each token, so it never gets
    longer than twice its length.
    """
    tokens = (*BRACKETS, *filter(is_splittable, special_tokens))
    if not any(token in text for token in tokens):
        return text
    return _starts(frozenset(tokens)).sub(r"\g<0> ", text)


def is_splittable(token: str) -> bool:
    """Whether a space within the token takes it apart for good.

    Not a single character; nor one with white space, which a space could put together.
    """
    return len(token) > 1 and not any(character.isspace() for character in token)


@lru_cache(maxsize=8)
def _starts(tokens: frozenset[str]) -> re.Pattern[str]:
    """The first character of every token, also of tokens that begin within another.

    A token holds no space. So one that stands in the new text stood in the old one too,
    and its first character has a space behind it now: none is left.
    """
    any_token = "|".join(map(re.escape, sorted(tokens)))
    return re.compile(rf"(?=(?:{any_token})).", re.DOTALL)
