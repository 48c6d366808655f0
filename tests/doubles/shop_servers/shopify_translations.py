"""Languages of the Shopify stand-in: its locales, and the translations of what it holds.

Written from the documentation: a translation is registered for a text by that text's
digest, an empty text has none, and all of one mutation is done or nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError

PRODUCT = "gid://shopify/Product/"
NAMES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}
LONGEST = {"title": 255, "alt": 512}

Wrong = tuple[Sequence[str], str, str]
"""The place of a `userError`, its message and its code."""


def locale(code: str, *, primary: bool = False, published: bool = True) -> dict[str, Any]:
    name = NAMES.get(code, code)
    return {"locale": code, "name": name, "primary": primary, "published": published}


@dataclass
class Translations:
    """What is translated; `held` by resource, locale and key: the text, and of which."""

    products: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, Mapping[str, Any]]
    changed: Callable[[str, str, str, str], None]
    """Called with the resource, "locale:key", and the text before and after."""
    wrote: Callable[[str, bool], None]
    """Called with each write of a resource, and whether it changed anything."""
    clean: Callable[[str], str]
    locales: list[dict[str, Any]] = field(
        default_factory=lambda: [locale("en", primary=True)]
    )
    held: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)

    def add(self, gid: str, code: str, **texts: str) -> None:
        """Translations that the merchant has made."""
        own = self.own(gid)
        assert own is not None
        for key, text in texts.items():
            self.held[gid, code, key] = text, digest(own[key]) or ""

    def own(self, gid: str) -> dict[str, str | None] | None:
        """The texts of a resource that can be translated; None: there is no such thing."""
        if product := self.products.get(gid):
            return {
                "title": product["title"],
                "body_html": product["descriptionHtml"],
                "handle": product["handle"],
                "product_type": product["productType"],
                "meta_title": product["seo"]["title"],
                "meta_description": product["seo"]["description"],
            }
        file = self.files.get(gid)
        return {"alt": file["alt"]} if file and gid.startswith(IMAGE) else None

    def shown(self, gid: str) -> dict[str, Any] | None:
        """A resource as the API shows it."""
        own = self.own(gid)
        if own is None:
            return None

        def translations(
            info: Any, locale: str, outdated: bool | None = None, marketId: str = ""
        ) -> list[dict[str, Any]]:
            found = []
            for key, text in own.items():
                value, of = self.held.get((gid, locale, key), ("", ""))
                old = of != (digest(text) or "")
                if (gid, locale, key) in self.held and outdated in (None, old):
                    found.append(
                        {"key": key, "value": value, "locale": locale, "outdated": old}
                    )
            return found

        primary = next(one["locale"] for one in self.locales if one["primary"])
        content = [
            {"key": k, "value": v, "digest": digest(v), "locale": primary}
            for k, v in own.items()
        ]
        return {
            "resourceId": gid,
            "translatableContent": lambda info, marketId="": content,
            "translations": translations,
        }

    def register(self, gid: str, given: Sequence[Mapping[str, Any]]) -> list[Wrong]:
        """What is against it; nothing: all of it was done."""
        own = self.own(gid)
        if own is None:
            why = f"Resource {gid} does not exist"
            return [(["resourceId"], why, "RESOURCE_NOT_FOUND")]
        if len(given) > 100:
            why = "Too many translation keys for the resource (maximum is 100)"
            return [(["translations"], why, "TOO_MANY_KEYS_FOR_RESOURCE")]
        wrong: list[Wrong] = []
        for number, one in enumerate(given):
            place = ["translations", str(number)]
            key, value = one["key"], one["value"]
            further = [x["locale"] for x in self.locales if not x["primary"]]
            if one["locale"] not in further:
                why = "Locale is not a valid locale for the shop"
                wrong.append(([*place, "locale"], why, "INVALID_LOCALE_FOR_SHOP"))
            elif key not in own:
                why = f"Key {key} is not a valid translatable field"
                wrong.append(([*place, "key"], why, "INVALID_KEY_FOR_MODEL"))
            elif one["translatableContentDigest"] != digest(own[key]):
                why = "Translatable content hash is invalid"
                where = [*place, "translatableContentDigest"]
                wrong.append((where, why, "INVALID_TRANSLATABLE_CONTENT"))
            elif not value.strip():
                wrong.append(([*place, "value"], "Value can't be blank", "BLANK"))
            elif len(value) > LONGEST.get(key, 10**6):
                why = f"{key} is too long (maximum is {LONGEST[key]} characters)"
                wrong.append(([*place, "value"], why, "FAILS_RESOURCE_VALIDATION"))
        if wrong:
            return wrong
        new = {}
        for one in given:
            is_body = one["key"] == "body_html"
            value = self.clean(one["value"]) if is_body else one["value"]
            of = one["translatableContentDigest"]
            new[gid, one["locale"], one["key"]] = value, of
        self._set(gid, new)
        return []

    def remove(self, gid: str, keys: Sequence[str], codes: Sequence[str]) -> list[Wrong]:
        if self.own(gid) is None:
            why = f"Resource {gid} does not exist"
            return [(["resourceId"], why, "RESOURCE_NOT_FOUND")]
        known = [one["locale"] for one in self.locales]
        if any(code not in known for code in codes):
            why = "Locale is not a valid locale for the shop"
            return [(["locales"], why, "INVALID_LOCALE_FOR_SHOP")]
        self._set(gid, {(gid, code, key): None for code in codes for key in keys})
        return []

    def _set(self, gid: str, new: Mapping[Any, tuple[str, str] | None]) -> None:
        before = {place: self.held.get(place, ("", ""))[0] for place in new}
        after = {place: held[0] if held else "" for place, held in new.items()}
        self.wrote(gid, before != after)
        for place, held in new.items():
            _, code, key = place
            if before[place] != after[place]:
                self.changed(gid, f"{code}:{key}", before[place], after[place])
            if held:
                self.held[place] = held
            else:
                self.held.pop(place, None)


IMAGE = "gid://shopify/MediaImage/"


class TranslationRoot:
    """The fields of the schema's roots that are about languages."""

    TRANSLATION_FIELDS = (
        "shopLocales",
        "translatableResources",
        "translatableResourcesByIds",
        "translationsRegister",
        "translationsRemove",
    )
    shop: Any

    def shopLocales(self, info: Any, published: bool = False) -> Any:
        self._allow("shopLocales", "read_locales")
        return [
            x for x in self.shop.translations.locales if x["published"] or not published
        ]

    def translatableResources(self, info: Any, resourceType: str, **page: Any) -> Any:
        self._allow("translatableResources", "read_translations")
        held = {"PRODUCT": self.shop.products, "MEDIA_IMAGE": self.shop.files}[resourceType]
        gids = [g for g in held if self.shop.translations.own(g) is not None]
        return self._connection(gids, self.shop.translations.shown, page)

    def translatableResourcesByIds(
        self, info: Any, resourceIds: list[str], **page: Any
    ) -> Any:
        self._allow("translatableResourcesByIds", "read_translations")
        gids = [g for g in resourceIds if self.shop.translations.own(g) is not None]
        return self._connection(gids, self.shop.translations.shown, page)

    def translationsRegister(
        self, info: Any, resourceId: str, translations: list[dict[str, Any]]
    ) -> Any:
        self._allow("translationsRegister", "write_translations")
        wrong = self.shop.translations.register(resourceId, translations)
        shown = [{"key": one["key"]} for one in translations]
        return {"translations": None if wrong else shown, "userErrors": _errors(wrong)}

    def translationsRemove(
        self, info: Any, resourceId: str, translationKeys: list[str], locales: list[str]
    ) -> Any:
        self._allow("translationsRemove", "write_translations")
        wrong = self.shop.translations.remove(resourceId, translationKeys, locales)
        shown = [{"key": key} for key in translationKeys]
        return {"translations": None if wrong else shown, "userErrors": _errors(wrong)}

    def _allow(self, name: str, scope: str) -> None:
        """As Shopify says it where an app lacks an access scope."""
        if scope in self.shop.scopes_lacking:
            raise GraphQLError(
                f"Access denied for {name} field. Required access: `{scope}` access scope.",
                extensions={"code": "ACCESS_DENIED"},
            )

    def _connection(self, keys: Any, show: Any, page: Any) -> dict[str, Any]:
        raise NotImplementedError


def digest(text: str | None) -> str | None:
    """The digest of a text; None: it is empty."""
    return hashlib.sha256(text.encode()).hexdigest() if text else None


def _errors(wrong: Sequence[Wrong]) -> list[dict[str, Any]]:
    return [
        {"field": list(where), "message": message, "code": code}
        for where, message, code in wrong
    ]
