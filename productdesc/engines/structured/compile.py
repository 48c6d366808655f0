"""A JSON schema compiled by llguidance, for the tokens of any vocabulary."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from llguidance import LLMatcher, LLParserLimits, LLTokenizer

from ...errors import PromptError
from .choices import choice, grammar
from .schema import key, prepare


def schema_name(schema: Mapping[str, Any]) -> Hashable:
    """What it is kept under; raises `PromptError` for what is no schema."""
    try:
        return key(schema)
    except (TypeError, RecursionError):
        return prepare(schema)  # says what is wrong


def compile_schema(
    schema: Mapping[str, Any], tokenizer: LLTokenizer, options: Mapping[str, Any]
) -> tuple[str, LLMatcher]:
    """The prepared schema's text, and its matcher at the start of a reply.

    Raises `PromptError` where it cannot be enforced.
    """
    text = prepare(schema)
    many = choice(schema)
    try:
        if many:
            found = LLMatcher.grammar_from_lark(grammar(*many))
        else:
            found = LLMatcher.grammar_from_json_schema(text, overrides=dict(options))
    except ValueError as e:
        raise PromptError(f"schema: {e}") from e
    limits = LLParserLimits(verbose_errors=False)
    matcher = LLMatcher(tokenizer, found, log_level=0, limits=limits)
    if matcher.is_error():
        raise PromptError(f"schema cannot be enforced: {matcher.get_error()[:500]}")
    return text, matcher
