"""Special tokens in text, split so that no model reads them as structure: the one rule.

Used for the data in prompts and for every text that is sent to a server.
"""

from __future__ import annotations

from collections.abc import Iterable

BRACKETS = ("<|", "|>", "<｜", "｜>")
"""Around the special tokens of most models, known or not; DeepSeek's bars are wide."""


def split_special_tokens(text: str, special_tokens: Iterable[str] = ()) -> str:
    """The text with every special token split by a space after its first character.

    Anything of the form `<|...|>` or `<｜...｜>` counts, since prompts are written before
    the model is chosen, and each of `special_tokens` that has two characters beside
    spaces; a shorter one cannot be split. All other text stays as it is.
    """
    tokens = {token for token in special_tokens if len(token.replace(" ", "")) > 1}
    apart = {
        token: _apart(token)
        for token in (*BRACKETS, *sorted(tokens, key=lambda token: (-len(token), token)))
    }
    # Splitting one token can spell another ("ab" and "a b"), so until none is left. It
    # ends: each step widens a gap between two characters, and tokens have gaps of their own
    # widths only.
    while any(token in text for token in apart):
        for token, split in apart.items():
            while token in text:
                text = text.replace(token, split)
    return text


def _apart(token: str) -> str:
    first = len(token) - len(token.lstrip(" ")) + 1
    return f"{token[:first]} {token[first:]}"
