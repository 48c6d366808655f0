"""Forms: what a request sent, as texts; anything else is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from .limits import LIMITS

Form = Mapping[str, list[str]]


async def read_form(request: Request) -> Form:
    """The fields of a form, each with all its values; files are refused."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "a form is sent as application/x-www-form-urlencoded")
    given = await request.form(max_files=0, max_fields=LIMITS.form_fields)
    form: dict[str, list[str]] = {}
    for name, value in given.multi_items():
        form.setdefault(name, []).append(str(value))
    return form


def one(form: Form, name: str, default: str | None = None) -> str:
    """The only value of a field; 400 where it is missing."""
    values = form.get(name, [])
    if len(values) == 1:
        return values[0]
    if not values and default is not None:
        return default
    raise HTTPException(400, f"the form has {len(values)} values of {name!r}, not one")


def number(form: Form, name: str) -> int:
    """A field that is a whole number; 400 where it is none."""
    text = one(form, name)
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise HTTPException(400, f"{name!r} is no whole number")
    if len(text) > 18:
        raise HTTPException(400, f"{name!r} is too large a number")
    return int(text)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Text = Annotated[str, Field(max_length=LIMITS.text_chars)]
Texts = Annotated[list[Text], Field(max_length=LIMITS.form_fields)]


class DecideBody(_Body):
    """A decision about one draft as it was seen."""

    product_id: str
    digest: str
    verb: str
    reason: str = Field(default="", max_length=LIMITS.note_chars)
    edits: dict[str, Text | Texts] | None = None


class SentenceBody(_Body):
    """One sentence to be taken out. `place`: in a list, or -1; `start`: in characters."""

    product_id: str
    digest: str
    field: str
    place: int = -1
    start: int = Field(ge=0)


class AskBody(_Body):
    """A wish for another draft; the note goes into the prompt as data."""

    product_id: str
    digest: str
    fields: list[str] = []
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    note: str = Field(default="", max_length=LIMITS.note_chars)


class CheckBody(_Body):
    """Texts that a person is typing."""

    product_id: str
    edits: dict[str, Text | Texts]


class ApproveAllBody(_Body):
    """A bulk approval of what a filter holds of; `count`: how many that are."""

    where: str = ""
    count: int = Field(ge=0)


class TakeBackBody(_Body):
    """A decision, or a bulk of them, to be undone."""

    number: int = Field(ge=1, lt=2**63)
    is_bulk: bool = False


async def read_json(request: Request, shape: type[BaseModel]) -> Any:
    """The body of an API request, of this shape; 400 or 415 where it is not."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "a body is sent as application/json")
    try:
        return shape.model_validate(json.loads(await request.body()))
    except ValidationError as e:
        first = e.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        raise HTTPException(400, f"{place}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is no JSON") from None
