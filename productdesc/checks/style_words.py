"""Style words: what of a shop's own words is missing, and what it calls otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..records import Finding
from ..style import Style
from ..text.printable import printable
from ..words.tokens import Token, forms_of, same_at, tokenize

__all__ = ["style_findings"]

Text = str | tuple[str, ...]


def style_findings(texts: Mapping[str, Text], style: Style) -> list[Finding]:
    """A warning for each word of `use` that stands nowhere, and each of the glossary's."""
    words = [(field, text, tokenize(text)) for field, text in _all(texts)]
    findings = [_missing(word) for word in style.use if not _places(words, word)]
    for word, better in style.glossary.items():
        for field in dict.fromkeys(_places(words, word)):
            shown, instead = printable(word, "value"), printable(better, "value")
            message = f'says "{shown}"; the shop says "{instead}"'
            findings.append(
                Finding(code="style-glossary", field=field, message=message, value=word)
            )
    return findings


def _all(texts: Mapping[str, Text]) -> Iterator[tuple[str, str]]:
    for field, value in texts.items():
        for text in (value,) if isinstance(value, str) else value:
            yield field, text


def _places(words: list[tuple[str, str, list[Token]]], phrase: str) -> list[str]:
    """The fields in which a phrase stands."""
    forms = forms_of(phrase)
    return [
        field
        for field, text, found in words
        if any(same_at(text, found, at, forms) for at in range(len(found)))
    ]


def _missing(word: str) -> Finding:
    message = f'the shop\'s style asks for "{printable(word, "value")}"; it stands nowhere'
    return Finding(code="style-use", field="description", message=message, value=word)
