"""The options of `describe`: typed once, resolved once for all products of a run.

    DescribeOptions (what a caller gives) -> resolve -> Options (frozen, picklable)

To add an option: one field with its text in `DescribeOptions`, its default in DEFAULTS, and
what it comes to in `Options`, which `Options.digest` must cover.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from pickle import PicklingError
from typing import Any, TypedDict

from pydantic import BaseModel

from .._version import OUTPUT_VERSION
from ..channels import Channel, Field, find_channel, write_schema
from ..channels.user_schema import bare, custom_schema
from ..checks.facts.old_text import texts_to_rewrite
from ..checks.policy import Inferred, Policy
from ..digest import json_digest
from ..engines import EngineInfo, Settings
from ..prompts import Templates
from ..records import Product
from ..style import NO_STYLE, Style
from ..taxonomy import Taxonomy, product_types
from ..taxonomy.closed_lists import closed_list
from ..templating.template_files import TemplateTexts
from ..text.languages import LANGUAGES, meant_language
from ..text.suggest import nearest
from ..words import word_tables
from .custom_schema import refuse_free_text
from .draft import schema_digest
from .inputs.option_kinds import check_kinds
from .inputs.read_texts import reads_as
from .inputs.visible_lists import visible_lists


class CopyOptions(TypedDict, total=False):
    """Options of `describe`, but for the schema: what it is, the type of the result is."""

    channel: str | Channel
    fields: Sequence[str] | None
    language: str
    template: str | Path | None
    templates: Path | None
    categories: Sequence[str] | None
    taxonomy: Taxonomy | None
    visible: Mapping[str, Sequence[str]] | None
    settings: Settings | None
    inferred: Inferred | None
    approved_claims: Sequence[str] | None
    style: Style | None
    rewrite: bool
    ocr: bool
    second_look: bool


class DescribeOptions(CopyOptions, total=False):
    """
    channel: which fields, limits and template; a name or a `Channel`.
    fields: generate only these fields; the others stay empty.
    language: ISO 639-1 code of the copy; the keys stay English.
    schema: a Pydantic model to fill instead of the channel's fields.
    template: the template of the write turn: a name, or a `Path` to any Jinja file.
    templates: a folder whose templates go before the shipped ones of the same name.
    categories: the closed list of kinds; else the engine's own, else the library's.
    taxonomy: a shop's categories (`load_taxonomy`): the category is then one of its paths,
        and what that category has of visible attributes is asked for too.
    visible: attributes to look for, and the values of each; beside the colour.
    settings: how to decode: tokens at most, temperature, seed.
    inferred: what happens to a sentence that nobody vouches for: "all" stay and are marked,
        "opinions" (which claim nothing) stay, "none" stay. Where nobody chose, they stay
        and are marked, and a shop is given opinions only.
    approved_claims: what a person approved may be said, in these words.
    style: the shop's own tone, words and examples (`Style`): the model is shown the tone
        and the examples, and every text is checked for the words.
    rewrite: the merchant's own text is rewritten; a fact of it that is lost is a finding.
    ocr: text on the photos is read by a text reader (extra `ocr`), and quoted as facts.
    second_look: the photos are read and asked about once more, smaller; what the two looks
        say differently cannot be told. Costs as much as the first look.
    """

    schema: type[BaseModel] | None


DEFAULTS: DescribeOptions = {
    "channel": "shopify",
    "fields": None,
    "language": "en",
    "schema": None,
    "template": None,
    "templates": None,
    "categories": None,
    "taxonomy": None,
    "visible": None,
    "settings": None,
    "inferred": None,
    "approved_claims": None,
    "style": None,
    "rewrite": False,
    "ocr": False,
    "second_look": False,
}


@dataclass(frozen=True)
class Options:
    """The options of one run, resolved: plain data that every worker can be sent.

    Pickled, it needs a `schema` that the other process can import. `digest` is the same in
    every process, and another whenever an output may be another. `note` is of one product.
    `ocr`: what reads text on the photos, "" where nothing does.
    """

    engine: EngineInfo
    channel: Channel
    fields: tuple[Field, ...]
    language: str
    schema: type[BaseModel] | None
    schema_json: Mapping[str, Any] | None
    template: str | Path
    templates: TemplateTexts
    categories: tuple[str, ...]
    visible: Mapping[str, tuple[str, ...]]
    taxonomy: Taxonomy | None
    settings: Settings
    inferred: Inferred | None
    policy: Policy
    words: str
    output_version: int = OUTPUT_VERSION
    note: str = ""
    rewrite: bool = False
    ocr: str = ""
    second_look: bool = False

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of everything here that shapes an output."""
        return json_digest(self._parts)

    @cached_property
    def part_digests(self) -> Mapping[str, str]:
        """The same of each part, by what it is: the model, the templates and so on."""
        return {name: json_digest(part) for name, part in self._parts.items()}

    @property
    def _parts(self) -> dict[str, Any]:
        style = self.policy.style
        name = self.schema and f"{self.schema.__module__}.{self.schema.__qualname__}"
        return {
            "model": self.engine.identity,
            "channel": self.channel.as_data,
            "fields": [field.name for field in self.fields],
            "language": self.language,
            # the order of its keys is the order in which a model writes
            "schema": [name, self.schema_json and schema_digest(self.schema_json)],
            "template": self.templates.entry(self.template),
            "templates": self.templates.texts,
            "categories": self.categories,
            "visible": self.visible,
            "taxonomy": self.taxonomy and [self.taxonomy.name, self.taxonomy.digest],
            "settings": asdict(self.settings),
            "policy": [self.inferred, self.policy.approved_claims, _NO_WORDS],
            **({"style": style.model_dump(mode="json")} if style != NO_STYLE else {}),
            "words": self.words,
            "output_version": self.output_version,
            **({"note": self.note} if self.note else {}),
            **({"rewrite": True} if self.rewrite else {}),
            **({"ocr": self.ocr} if self.ocr else {}),
            **({"second_look": True} if self.second_look else {}),
        }

    @property
    def shown(self) -> str:
        """Channel, language and fields in a few words, for a log."""
        schema = self.schema.__qualname__ if self.schema else ""
        fields = schema or ", ".join(field.name for field in self.fields)
        return f"{self.channel.name} in {self.language} ({fields})"

    @cached_property
    def category_schema(self) -> Mapping[str, Any]:
        """The JSON schema of one path of the taxonomy."""
        return {
            "type": "object",
            "properties": {"category": {"enum": self.taxonomy.paths}},  # type: ignore[union-attr]
            "required": ["category"],
            "additionalProperties": False,
        }

    @cached_property
    def category_schema_digest(self) -> str:
        return schema_digest(self.category_schema)

    def fields_for(self, photos: int) -> tuple[Field, ...]:
        """The fields to write for a product with so many photos: none per photo for 0."""
        return tuple(f for f in self.fields if photos or not f.photos)

    def old_texts(self, product: Product, photos: int) -> Mapping[str, str]:
        """The merchant's own texts that are to be rewritten, by field; mostly none."""
        names = None if self.schema else {f.name for f in self.fields_for(photos)}
        return texts_to_rewrite(product, self.language, names) if self.rewrite else {}

    def write_schema(self, fields: Sequence[Field], photos: int) -> Mapping[str, Any]:
        """What the model must write: these fields, or the user's own schema."""
        if self.schema_json is None:
            return write_schema(fields, photos, language=self.language)
        schema: dict[str, Any] = bare(self.schema_json)
        return schema

    def __getstate__(self) -> dict[str, Any]:
        model = self.schema
        if model and (model.__module__ == "__main__" or "<locals>" in model.__qualname__):
            place = "a function" if "<locals>" in model.__qualname__ else "__main__"
            raise PicklingError(
                f"schema {model.__qualname__} is defined in {place}, where another process "
                "cannot import it; move it into a module"
            )
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}


_NO_WORDS: Mapping[str, Any] = {"use": [], "avoid": [], "glossary": {}}
"""What stands in the policy's part, which is older than the style's."""


def resolve(info: EngineInfo, given: DescribeOptions) -> Options:
    """The options of a run with this engine; what was not given has its default.

    Raises `TypeError` for an option that there is not, `ValueError` for a wrong value,
    `PromptError` for a template that cannot be used, `EngineError` without the extra `ocr`.
    """
    if unknown := set(given) - set(DEFAULTS):
        raise TypeError(_no_such_option(min(unknown)))
    asked: DescribeOptions = {**DEFAULTS, **given}
    check_kinds(asked)
    channel = find_channel(asked["channel"])
    fields, schema, language = asked["fields"], asked["schema"], asked["language"]
    if isinstance(fields, str):
        raise ValueError(f"fields is a list of names, not the text {fields!r}")
    if schema is not None and fields is not None:
        raise ValueError("give either schema= or fields=: a schema of your own is whole")
    if language not in LANGUAGES:
        hint, known = meant_language(language), ", ".join(LANGUAGES)
        raise ValueError(f"language {language!r} is not known; known are: {known}{hint}")
    if not info.writes:
        refuse_free_text(info.model, asked, channel.template)
    elif info.languages and language not in info.languages:
        spoken = ", ".join(info.languages)
        raise ValueError(f"{info.model} does not write {language!r}; it writes: {spoken}")
    templates = Templates(asked["templates"])
    template = asked["template"] or (channel.template if schema is None else "custom.j2")
    categories = asked["categories"]
    if categories is None:
        categories = info.categories or product_types()
    names = ["system.j2", "observe.j2", template]
    if asked["style"] and asked["style"].shapes_prompts:
        names.append("style.j2")
    if asked["rewrite"]:
        names.append("rewrite.j2")
    return Options(
        engine=info,
        channel=channel,
        fields=() if schema else channel.pick(fields),
        language=language,
        schema=schema,
        schema_json=None if schema is None else custom_schema(schema),
        template=template,
        templates=templates.read(*names),
        categories=closed_list("categories", categories),
        visible=visible_lists(asked["visible"]),
        taxonomy=asked["taxonomy"],
        settings=asked["settings"] or Settings(),
        inferred=asked["inferred"],
        policy=Policy.of(asked["inferred"], asked["approved_claims"], asked["style"]),
        words=word_tables.digest(),
        rewrite=bool(asked["rewrite"]),
        ocr=reads_as() if asked["ocr"] else "",
        second_look=bool(asked["second_look"]),
    )


def _no_such_option(name: str) -> str:
    near = nearest(name, DEFAULTS)
    hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(DEFAULTS)}"
    return f"describe has no option {name!r}; {hint}"
