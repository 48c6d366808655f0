"""JSON schema to grammar: compiled by llguidance for the tokens of any vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llguidance import LLMatcher, LLParserLimits, LLTokenizer

from ...errors import OutputError, PromptError
from ...text.printable import words_of
from ..protocol import FREE_TEXT
from .close import close
from .schema import prepare

ANY_TEXT = "start: TEXT\nTEXT: /(?s:.*)/"
"""The grammar of `FREE_TEXT`: any characters, and the end at any time."""

BYTES = range(256)
"""The `byte_tokens` of `LLTokenizer("byte")`, in which every byte is a token."""


def compile_schema(
    schema: Mapping[str, Any],
    tokenizer: LLTokenizer,
    byte_tokens: Sequence[int] = BYTES,
    *,
    escapes: str | None = None,
) -> tuple[str, LLMatcher]:
    """The prepared schema's text, and its matcher at the start of a reply; copy it to use.

    The text of `FREE_TEXT` is "".

    `byte_tokens` are the ids of the 256 single bytes, -1 for one that there is not.
    `escapes` are the letters that may follow a backslash in a text; None: all of JSON's.
    Raises `PromptError` where the schema cannot be enforced, or no reply to it be closed.
    """
    is_free = schema == FREE_TEXT
    text = "" if is_free else prepare(schema)
    options: dict[str, Any] = {
        # No space between tokens: models write spaces until the cap where they may.
        "whitespace_flexible": False,
        # A keyword that cannot be enforced is refused, not dropped.
        "lenient": False,
    }
    if escapes is not None:
        options["json_allowed_escapes"] = escapes
    try:
        grammar = (
            LLMatcher.grammar_from_lark(ANY_TEXT)
            if is_free
            else LLMatcher.grammar_from_json_schema(text, overrides=options)
        )
    except ValueError as e:
        raise PromptError(f"schema: {words_of(e)}") from e
    limits = LLParserLimits(verbose_errors=False)
    matcher = LLMatcher(tokenizer, grammar, log_level=0, limits=limits)
    if matcher.is_error():
        raise PromptError(f"schema cannot be enforced: {words_of(matcher.get_error())}")
    try:
        close(matcher.deep_copy(), byte_tokens, tokenizer.decode_bytes, b"")
    except OutputError as e:
        raise PromptError(f"schema cannot be used: {e}") from e
    return text, matcher
