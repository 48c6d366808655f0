"""Style: the words that a shop wants in its copy, and those that it does not."""

from __future__ import annotations

from pydantic import Field, field_validator

from .records.products import Record

__all__ = ["NO_STYLE", "Style"]


class Style(Record):
    """A shop's own words, checked in every text that a model writes.

    `use`: each must stand somewhere in the copy; one that does not is a warning. `avoid`:
    a sentence, bullet or tag with one of them goes. `glossary`: a word, and the one that
    the shop says instead; the first is a warning. Case, accents, plural and the spelling
    of British and American English do not matter.
    """

    use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    glossary: dict[str, str] = Field(default_factory=dict)

    @field_validator("use", "avoid", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            raise ValueError("is a list of words, not one text")
        return value

    @field_validator("use", "avoid")
    @classmethod
    def _no_empty(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if not all(word.strip() for word in words):
            raise ValueError("holds an empty word")
        return words


NO_STYLE = Style()
