"""Answer parts: the base of Pydantic models for what a shop's API answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator


class AnswerPart(BaseModel):
    """Base model for a part of an answer: plugins add to it, and leave out of it.

    Only what is used is read; null and false are a field's default.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    @field_validator("*", mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any, info: Any) -> Any:
        parts = value.values() if isinstance(value, dict) else value
        for text in parts if isinstance(value, list | dict) else (value,):
            if isinstance(text, str):
                text.encode()  # Pydantic lets half a character through
        field = cls.model_fields[info.field_name]
        if field.is_required() or (value is not None and value is not False):
            return value
        return field.get_default(call_default_factory=True)


def in_one_line(error: ValidationError, shop: str) -> str:
    """What is wrong with an answer, as a problem says it. shop: whose API it is."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "it"
    return f"{where} is not as {shop}'s API gives it: {first['msg']}"
