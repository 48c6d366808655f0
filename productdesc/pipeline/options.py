"""What stays the same for every product of one run: the options, checked and resolved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..channels import Channel, Field, find_channel, write_schema
from ..channels.user_schema import bare, custom_schema
from ..colours import SHADES
from ..engines import Engine, EngineInfo, Settings
from ..prompts import LANGUAGES, Rendered, Templates
from ..taxonomy import KINDS, UNKNOWN, VISIBLE, Taxonomy

MAX_PHOTOS = 8
"""Photos of one product that a model is shown; shops rarely show more angles."""

COLOURS = (*(shade.name for shade in SHADES), "multicolour", UNKNOWN)


@dataclass(frozen=True, slots=True)
class Filing:
    """How the products of one run are filed. `digest` is of `schema`."""

    taxonomy: Taxonomy
    is_asked: bool
    schema: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class Job:
    """One run's options; `plan` makes it."""

    channel: Channel
    fields: tuple[Field, ...]
    language: str
    model: type[BaseModel] | None
    custom: dict[str, Any] | None
    template: str | Path
    templates: Templates
    system: Rendered
    categories: tuple[str, ...]
    visible: Mapping[str, tuple[str, ...]]
    filing: Filing | None
    settings: Settings
    engine: EngineInfo

    def fields_for(self, photos: int) -> tuple[Field, ...]:
        """The fields to write for a product with so many photos: none per photo for 0."""
        return tuple(f for f in self.fields if photos or not f.photos)

    def write_schema(self, photos: int) -> dict[str, Any]:
        """What the model must write for a product with so many photos."""
        if self.custom is not None:
            schema: dict[str, Any] = bare(self.custom)
            return schema
        return write_schema(self.fields_for(photos), photos)


def plan(
    engine: Engine,
    *,
    channel: str | Channel,
    fields: Sequence[str] | None,
    language: str,
    schema: type[BaseModel] | None,
    template: str | Path | None,
    templates: Path | None,
    categories: Sequence[str] | None,
    taxonomy: Taxonomy | None,
    visible: Mapping[str, Sequence[str]] | None,
    settings: Settings | None,
) -> Job:
    """Resolve the options of `describe_many`, which documents them.

    Raises `ValueError` for a wrong one, `PromptError` for a template that cannot be used.
    """
    info = engine.info
    look_for = VISIBLE if visible is None else visible
    where = find_channel(channel)
    if isinstance(fields, str):
        raise ValueError(f"fields is a list of names, not the text {fields!r}")
    if schema is not None and fields is not None:
        raise ValueError("give either schema= or fields=: a schema of your own is whole")
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise ValueError(f"language {language!r} is not known; known are: {known}")
    if info.languages and language not in info.languages:
        spoken = ", ".join(info.languages)
        raise ValueError(f"{info.model} does not write {language!r}; it writes: {spoken}")
    custom = None if schema is None else custom_schema(schema)
    prompts = Templates(templates, special_tokens=info.special_tokens)
    default = where.template if custom is None else "custom.j2"
    chosen = _choices(
        "categories", (info.categories or KINDS) if categories is None else categories
    )
    looked_for = {
        "colour": COLOURS,
        **{name: _choices(name, values) for name, values in look_for.items()},
    }
    return Job(
        channel=where,
        fields=() if schema else where.pick(fields),
        language=language,
        model=schema,
        custom=custom,
        template=template or default,
        templates=prompts,
        system=prompts.system(categories=chosen, visible=looked_for),
        categories=chosen,
        visible=looked_for,
        filing=_plan_filing(taxonomy, info) if taxonomy else None,
        settings=settings or Settings(),
        engine=info,
    )


def _plan_filing(taxonomy: Taxonomy, info: EngineInfo) -> Filing:
    """What stays the same for every product; a model with kinds of its own is not asked."""
    schema = {
        "type": "object",
        "properties": {"category": {"enum": taxonomy.paths}},
        "required": ["category"],
        "additionalProperties": False,
    }
    return Filing(taxonomy, not info.categories, schema, schema_digest(schema))


def _choices(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """A closed list without repeats; attributes of which nothing is known need UNKNOWN."""
    if isinstance(values, str) or not values:
        raise ValueError(f"{name} is a list of at least one text, not {values!r}")
    found = tuple(dict.fromkeys(str(v).strip() for v in values))
    if not all(found):
        raise ValueError(f"{name} holds an empty text")
    return found if name == "categories" or UNKNOWN in found else (*found, UNKNOWN)


def schema_digest(schema: Mapping[str, Any]) -> str:
    """What stands for a schema in provenance."""
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
