"""The state of a Vendure shop, and what a GraphQL request does to it, as seen with 3.7.3.

Executes a part of Vendure's own schema with graphql-core, so a field that does not exist
fails. Written on its own: it shares no code with the client that it tests.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from doubles.graphql_api.documents import against, parsed
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute_sync,
)

MAX_TAKE = 1000
MAX_BODY = 100 * 1024  # of express.json, as long as nobody raises it

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


@dataclass
class Fault:
    """The next `times` requests of this name ("" any) go wrong.

    how: "reset" (nothing done), "apply-then-drop", "apply-later" (done by `catch_up`),
    "half" (done, half an answer), "hang" (done, no answer in time), or a whole HTTP answer
    (status, headers, body) that is given instead of doing anything. With applies=True the
    request is carried out before that answer.
    """

    on: str
    how: str | Answer
    times: int = 1
    applies: bool = False


@dataclass(frozen=True)
class Sent:
    """One request as it came in."""

    name: str
    variables: Mapping[str, Any]
    headers: Mapping[str, str] = field(repr=False)
    language: str = ""


class Shop:
    """The state of a shop. `changes` has every update of a product, in order.

    fields: custom fields of a product, by name: their type.
    """

    def __init__(
        self,
        token: str,
        *,
        api_key: str = "",
        languages: tuple[str, ...] = ("en", "de"),
        fields: Mapping[str, str] | None = None,
        may_write: bool = True,
    ) -> None:
        self.token, self.api_key, self.languages = token, api_key, languages
        self.fields = dict(fields or {})
        self.may_write = may_write
        self.password = "correct horse"
        self.products: dict[str, dict[str, Any]] = {}
        self.changes: list[tuple[str, Any]] = []
        self.audit: list[tuple[str, str]] = []  # "change", or "rewrite" of the same
        self.requests: list[Sent] = []
        self.faults: list[Fault] = []
        self.pending: list[Callable[[], Any]] = []
        self.before: Callable[[Sent], object] = lambda sent: None
        self.after_save: Callable[[dict[str, Any]], object] = lambda product: None
        self.broken: Callable[[str], str] = lambda key: ""
        self.schema = _schema(tuple(self.fields.items()))

    def add(self, key: str, **fields: Any) -> dict[str, Any]:
        """A product; `texts` are its languages: {"en": {"name": ...}}."""
        texts = fields.pop("texts", {"en": {"name": f"Product {key}"}})
        made = {
            "id": key,
            "featuredAsset": None,
            "assets": [],
            "facetValues": [],
            "collections": [],
            "optionGroups": [],
            "variants": [],
            "customFields": {},
            **fields,
            "translations": [
                {
                    "languageCode": language,
                    "slug": f"product-{key}".lower(),
                    "name": "",
                    "description": "",
                    "customFields": {},
                    **own,
                }
                for language, own in texts.items()
            ],
        }
        self.products[key] = made
        return made

    def texts(self, key: str, language: str = "en") -> dict[str, Any]:
        """The translation of a product, to look at or to change."""
        rows = self.products[key]["translations"]
        found: dict[str, Any] = next(r for r in rows if r["languageCode"] == language)
        return found

    def count(self, name: str) -> int:
        return sum(sent.name == name for sent in self.requests)

    def catch_up(self) -> None:
        """What the shop still does when nobody listens any more."""
        for work in self.pending:
            work()
        self.pending.clear()

    def is_known(self, headers: Mapping[str, str]) -> bool:
        bearer = headers.get("authorization", "") == f"Bearer {self.token}"
        key = self.api_key and headers.get("vendure-api-key", "") == self.api_key
        return bearer or bool(key)

    def answer(
        self, text: str, variables: Mapping[str, Any], *, known: bool
    ) -> tuple[int, dict[str, Any]]:
        """The status and the body of an answer."""
        if wrong := against(self.schema, text):
            code = {"code": "GRAPHQL_VALIDATION_FAILED"}
            return 400, {
                "errors": [{"message": e.message, "extensions": code} for e in wrong]
            }
        done = execute_sync(
            self.schema,
            parsed(text),
            Root(self, known),
            variable_values=dict(variables),
        )
        return 200, self.body(done)

    def body(self, done: ExecutionResult) -> dict[str, Any]:
        errors = [
            {
                "message": e.message,
                "path": e.path,
                "extensions": e.extensions or {"code": "INTERNAL_SERVER_ERROR"},
            }
            for e in done.errors or ()
        ]
        return {"errors": errors, "data": done.data} if errors else {"data": done.data}

    def update(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """One product, as `updateProduct` does it: texts of other languages stay."""
        key = str(given["id"])
        if key not in self.products:
            raise _error(
                "ENTITY_NOT_FOUND", f'No Product with the id "{key}" could be found'
            )
        if why := self.broken(key):
            raise _error(why, f"error.of-product-{key}")
        made = copy.deepcopy(self.products[key])
        made["customFields"] |= given.get("customFields", {})
        for row in given.get("translations", ()):
            present = [
                t for t in made["translations"] if t["languageCode"] == row["languageCode"]
            ]
            if not present:
                if not {"name", "slug", "description"} <= row.keys():
                    raise _error(
                        "ENTITY_NOT_FOUND", "No Product with the id could be found"
                    )
                present = [{"customFields": {}}]
                made["translations"] += present
            own = dict(row)
            present[0]["customFields"] |= own.pop("customFields", {})
            if own.get("slug"):
                own["slug"] = self.free_slug(own["slug"], own["languageCode"], key)
            present[0].update(own)
        self.after_save(made)
        is_new = made != self.products[key]
        self.audit.append((key, "change" if is_new else "rewrite"))
        if is_new:
            self.changes.append((key, given))
        self.products[key] = made
        return made

    def free_slug(self, slug: str, language: str, key: str) -> str:
        """A slug that is sent is made one of letters, and one that no other product has."""
        slug = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")
        taken = {
            t["slug"]
            for p in self.products.values()
            for t in p["translations"]
            if p["id"] != key and t["languageCode"] == language
        }
        number, free = 1, slug
        while free in taken:
            number += 1
            free = f"{slug}-{number}"
        return free


class Root:
    """The fields of the schema's roots."""

    def __init__(self, shop: Shop, known: bool) -> None:
        self.shop, self.known = shop, known

    def allowed(self, change: bool = False) -> None:
        if not self.known or (change and not self.shop.may_write):
            raise _error(
                "FORBIDDEN", "You are not currently authorized to perform this action"
            )

    def activeChannel(self, info: Any) -> Any:
        self.allowed()
        languages = self.shop.languages
        return {
            "code": "__default_channel__",
            "defaultLanguageCode": languages[0],
            "availableLanguageCodes": list(languages),
        }

    def globalSettings(self, info: Any) -> Any:
        self.allowed()
        fields = [
            {
                "__typename": _CONFIGS[kind],
                "name": name,
                "type": kind,
                "list": False,
                "readonly": False,
                "nullable": None,  # as Vendure says of those that may be null
                "length": None,
            }
            for name, kind in self.shop.fields.items()
        ]
        entities = [{"entityName": "Product", "customFields": fields}]
        return {
            "availableLanguages": list(self.shop.languages),
            "serverConfig": {"entityCustomFields": entities},
        }

    def products(self, info: Any, options: Any) -> Any:
        self.allowed()
        if options["take"] > MAX_TAKE:
            raise _error("USER_INPUT_ERROR", f"Cannot take more than {MAX_TAKE} results")
        assert options["sort"] == {"id": "ASC"}
        ids = sorted(self.shop.products, key=lambda k: (len(k), k))
        if "filter" in options:
            wanted = options["filter"]["id"]["in"]
            ids = [key for key in ids if key in wanted]
        start = options.get("skip", 0)
        page = ids[start : start + options["take"]]
        return {
            "totalItems": len(ids),
            "items": [copy.deepcopy(self.shop.products[key]) for key in page],
        }

    def updateProduct(self, info: Any, input: Any) -> Any:
        self.allowed(change=True)
        return self.shop.update(input)

    def login(self, info: Any, username: str, password: str) -> Any:
        if (username, password) == ("superadmin", self.shop.password):
            return {"__typename": "CurrentUser", "id": "1"}
        return {
            "__typename": "InvalidCredentialsError",
            "errorCode": "INVALID_CREDENTIALS_ERROR",
            "message": "The provided credentials are invalid",
        }


def with_products(shop: Shop, keys: Iterable[int]) -> Shop:
    """The shop with one small product for each id."""
    for key in keys:
        shop.add(str(key))
    return shop


def _error(code: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})


_CONFIGS = {
    "string": "StringCustomFieldConfig",
    "localeString": "LocaleStringCustomFieldConfig",
    "text": "TextCustomFieldConfig",
    "localeText": "LocaleTextCustomFieldConfig",
    "int": "IntCustomFieldConfig",
}


@functools.cache
def _schema(fields: tuple[tuple[str, str], ...]) -> GraphQLSchema:
    """Vendure's schema with a shop's custom fields, which are fields of it."""
    plain = [name for name, kind in fields if not kind.startswith("locale")]
    local = [name for name, kind in fields if kind.startswith("locale")]
    text = SCHEMA
    for kind, names, word in (
        ("ProductCustomFields", [*plain, *local], "type"),
        ("ProductTranslationCustomFields", local, "type"),
        ("UpdateProductCustomFieldsInput", plain, "input"),
        ("ProductTranslationInputCustomFields", local, "input"),
    ):
        if names:
            rows = " ".join(f"{name}: String" for name in names)
            text += f"\n{word} {kind} {{ {rows} }}"
        else:
            text = text.replace(f"customFields: {kind}", "customFields: JSON")
    return build_schema(text, assume_valid=True, no_location=True)


SCHEMA = """
scalar JSON
enum LanguageCode { en en_US en_GB de fr es it pt_BR }
enum AssetType { IMAGE VIDEO BINARY }
enum SortOrder { ASC DESC }
enum ErrorCode { INVALID_CREDENTIALS_ERROR NATIVE_AUTH_STRATEGY_ERROR }

type Query {
  activeChannel: Channel!
  globalSettings: GlobalSettings!
  products(options: ProductListOptions): ProductList!
}
type Mutation {
  updateProduct(input: UpdateProductInput!): Product!
  login(username: String!, password: String!): NativeAuthenticationResult!
}

type Channel {
  code: String! defaultLanguageCode: LanguageCode! availableLanguageCodes: [LanguageCode!]
}
type GlobalSettings { availableLanguages: [LanguageCode!]! serverConfig: ServerConfig! }
type ServerConfig { entityCustomFields: [EntityCustomFields!]! }
type EntityCustomFields { entityName: String! customFields: [CustomFieldConfig!]! }
interface CustomField {
  name: String! type: String! list: Boolean! readonly: Boolean nullable: Boolean
}
type StringCustomFieldConfig implements CustomField {
  name: String! type: String! list: Boolean! readonly: Boolean nullable: Boolean length: Int
}
type LocaleStringCustomFieldConfig implements CustomField {
  name: String! type: String! list: Boolean! readonly: Boolean nullable: Boolean length: Int
}
type TextCustomFieldConfig implements CustomField {
  name: String! type: String! list: Boolean! readonly: Boolean nullable: Boolean
}
type LocaleTextCustomFieldConfig implements CustomField {
  name: String! type: String! list: Boolean! readonly: Boolean nullable: Boolean
}
type IntCustomFieldConfig implements CustomField {
  name: String! type: String! list: Boolean! readonly: Boolean nullable: Boolean
}
union CustomFieldConfig = StringCustomFieldConfig | LocaleStringCustomFieldConfig
  | TextCustomFieldConfig | LocaleTextCustomFieldConfig | IntCustomFieldConfig

input ProductListOptions {
  skip: Int take: Int sort: ProductSortParameter filter: ProductFilterParameter
}
input ProductSortParameter { id: SortOrder }
input ProductFilterParameter { id: IDOperators }
input IDOperators { eq: String in: [String!] }
type ProductList { items: [Product!]! totalItems: Int! }
type Product {
  id: ID!
  translations: [ProductTranslation!]!
  featuredAsset: Asset
  assets: [Asset!]!
  facetValues: [FacetValue!]!
  collections: [Collection!]!
  optionGroups: [ProductOptionGroup!]!
  variants: [ProductVariant!]!
  customFields: ProductCustomFields
}
type ProductTranslation {
  id: ID! languageCode: LanguageCode! name: String! slug: String! description: String!
  customFields: ProductTranslationCustomFields
}
type Asset {
  id: ID! type: AssetType! mimeType: String! source: String! preview: String!
}
type FacetValue { id: ID! name: String! facet: Facet! }
type Facet { id: ID! name: String! isPrivate: Boolean! }
type Collection { id: ID! name: String! isPrivate: Boolean! breadcrumbs: [Crumb!]! }
type Crumb { id: ID! name: String! }
type ProductOptionGroup { id: ID! name: String! options: [ProductOption!]! }
type ProductOption { id: ID! name: String! }
type ProductVariant {
  id: ID! sku: String! featuredAsset: Asset options: [ProductOption!]!
}

input UpdateProductInput {
  id: ID!
  translations: [ProductTranslationInput!]
  customFields: UpdateProductCustomFieldsInput
}
input ProductTranslationInput {
  id: ID languageCode: LanguageCode! name: String slug: String description: String
  customFields: ProductTranslationInputCustomFields
}
interface ErrorResult { errorCode: ErrorCode! message: String! }
type CurrentUser { id: ID! }
type InvalidCredentialsError implements ErrorResult {
  errorCode: ErrorCode! message: String!
}
type NativeAuthStrategyError implements ErrorResult {
  errorCode: ErrorCode! message: String!
}
union NativeAuthenticationResult = CurrentUser | InvalidCredentialsError
  | NativeAuthStrategyError
"""
