"""Settings of a Vendure shop: its languages, and the custom fields of its products. Pure.

To know one more pair of custom fields for SEO texts: one row in SEO_FIELDS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from pydantic import Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from ...errors import CatalogError
from ...text.printable import listed, quoted
from ..shop_text.answer_part import AnswerPart, in_one_line
from .documents import GRAPHQL_NAME

CUSTOM_FIELDS: Final = "custom-fields"
"""In place of two names: those that the shop has, by SEO_FIELDS."""

Seo = tuple[str, str] | Literal["custom-fields"] | None
"""Custom fields of an SEO title and description."""

SEO_FIELDS: tuple[tuple[str, str], ...] = (
    ("seoTitle", "seoDescription"),
    ("metaTitle", "metaDescription"),
    ("seoTitle", "metaDescription"),
    ("pageTitle", "metaDescription"),
    ("pageTitle", "pageDescription"),
    ("seo_title", "seo_description"),
    ("meta_title", "meta_description"),
)
"""Names by which shops call them; no package of Vendure's own has such fields."""

_TEXTS = {"string": False, "text": False, "localeString": True, "localeText": True}
"""Types of custom fields that hold text, and whether each language has its own."""


class Part(AnswerPart, alias_generator=to_camel):
    """A part of an answer, in the API's spelling."""


class CustomField(Part):
    """A custom field of a product."""

    name: str
    type: str = ""
    list: bool = False
    readonly: bool = False
    length: int = 0  # characters; 0: not stated
    is_required: bool = False  # it takes no null; most do, and say nothing of it

    @model_validator(mode="before")
    @classmethod
    def _with_required(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {**value, "isRequired": value.get("nullable") is False}

    @property
    def localized(self) -> bool:
        return _TEXTS.get(self.type, False)

    @property
    def is_text(self) -> bool:
        named = GRAPHQL_NAME.fullmatch(self.name) is not None
        return named and self.type in _TEXTS and not self.list


class _EntityFields(Part):
    entity_name: str = ""
    custom_fields: tuple[CustomField, ...] = ()


class _ServerConfig(Part):
    entity_custom_fields: tuple[_EntityFields, ...] = ()


class _Global(Part):
    available_languages: tuple[str, ...] = ()
    server_config: _ServerConfig = _ServerConfig()


class _Channel(Part):
    code: str = ""
    default_language_code: str
    available_language_codes: tuple[str, ...] = ()


class _Settings(Part):
    active_channel: _Channel
    global_settings: _Global = Field(default_factory=_Global)


class SeoFields(NamedTuple):
    """The custom fields of the two SEO texts."""

    title: CustomField
    description: CustomField

    def names(self, *, localized: bool) -> tuple[str, ...]:
        """Those of a translation, or those of the product itself."""
        return tuple(dict.fromkeys(f.name for f in self if f.localized is localized))

    @property
    def shared(self) -> frozenset[str]:
        """Which of the two texts all languages share."""
        pairs = {"seo_title": self.title, "seo_description": self.description}
        return frozenset(name for name, field in pairs.items() if not field.localized)


class ShopSettings(NamedTuple):
    """Settings of one channel of a shop; `languages` begins with its default one."""

    languages: tuple[str, ...]
    custom_fields: Mapping[str, CustomField]

    def language(self, code: str) -> str:
        """The shop's code of a language, "" being its default one. Raises `CatalogError`.

        "en" is en_US too, where the shop has no other English.
        """
        if not code:
            return self.languages[0]
        wanted = code.replace("-", "_").casefold()
        exact = [one for one in self.languages if one.casefold() == wanted]
        kinds = [one for one in self.languages if one.casefold().startswith(f"{wanted}_")]
        if exact or len(kinds) == 1:
            return (exact or kinds)[0]
        if kinds:
            raise CatalogError(
                f"language {code!a} may be {listed(kinds)} of this shop; name one of them"
            )
        raise CatalogError(
            f"the shop has no language {quoted(code, 'code')}; it has: "
            f"{listed(self.languages)}"
        )

    def has(self, code: str) -> bool:
        """Whether the shop has a language by this code, or several."""
        wanted = code.replace("-", "_").casefold()
        there = [one.casefold() for one in self.languages]
        return any(one == wanted or one.startswith(f"{wanted}_") for one in there)

    def seo(self, wanted: Seo) -> SeoFields | None:
        """The custom fields of SEO texts. Raises `CatalogError` where there are none."""
        if wanted is None:
            return None
        if isinstance(wanted, tuple):
            return SeoFields(*map(self._text_field, wanted))
        for pair in SEO_FIELDS:
            if all(name in self.custom_fields for name in pair):
                return SeoFields(*map(self._text_field, pair))
        raise CatalogError(
            "no custom fields for SEO texts are known of this shop's products; name them: "
            f'seo=("...", "..."); it has: {listed(list(self.custom_fields)) or "none"}'
        )

    def _text_field(self, name: str) -> CustomField:
        field = self.custom_fields.get(name)
        shown = quoted(name, "name")
        if field is None:
            there = listed(list(self.custom_fields)) or "none"
            raise CatalogError(f"products have no custom field {shown}; they have: {there}")
        if not field.is_text:
            kind = quoted(field.type, "code")
            raise CatalogError(f"custom field {shown} is of type {kind}, which is no text")
        return field


def parse_settings(data: Mapping[str, Any]) -> ShopSettings:
    """The settings of an answer; raises `ValueError` with the reason."""
    try:
        settings = _Settings.model_validate(data)
    except ValidationError as e:
        raise ValueError(in_one_line(e, "Vendure")) from None
    channel, shared = settings.active_channel, settings.global_settings
    others = channel.available_language_codes or shared.available_languages
    fields = {
        field.name: field
        for entity in shared.server_config.entity_custom_fields
        if entity.entity_name == "Product"
        for field in entity.custom_fields
    }
    languages = tuple(dict.fromkeys((channel.default_language_code, *others)))
    return ShopSettings(languages, fields)
