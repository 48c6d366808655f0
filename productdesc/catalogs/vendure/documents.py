"""GraphQL documents of the Admin API of Vendure 3, as text. Pure.

Custom fields are fields of the schema: what a shop has not cannot be asked for, so a
document is made for the names that it has.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

GRAPHQL_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,99}")
"""What may stand in a document as the name of a field."""


class Document(NamedTuple):
    """One request; `name` is what a server's log shows of it."""

    name: str
    text: str


SETTINGS = Document(
    "ProductdescSettings",
    """query ProductdescSettings {
  activeChannel { code defaultLanguageCode availableLanguageCodes }
  globalSettings {
    availableLanguages
    serverConfig { entityCustomFields {
      entityName
      customFields {
        ... on CustomField { name type list readonly nullable }
        ... on StringCustomFieldConfig { length }
        ... on LocaleStringCustomFieldConfig { length }
      }
    } }
  }
}""",
)

LOGIN = Document(
    "ProductdescLogin",
    """mutation ProductdescLogin($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    __typename
    ... on CurrentUser { id }
    ... on ErrorResult { errorCode message }
  }
}""",
)

_ASSET = "id type mimeType source preview"


def products(
    localized: Collection[str], plain: Collection[str], *, variants: bool
) -> Document:
    """The document of a page of products with all that is read of them.

    localized, plain: custom fields of a translation, and of the product itself.
    """
    sold = (
        "variants { id sku featuredAsset { id } options { id name } }" if variants else ""
    )
    more = f"""featuredAsset {{ {_ASSET} }} assets {{ {_ASSET} }}
    facetValues {{ name facet {{ name isPrivate }} }}
    collections {{ name isPrivate breadcrumbs {{ name }} }}
    optionGroups {{ name options {{ id name }} }} {sold}"""
    return _list("ProductdescProducts", localized, plain, more)


def texts(localized: Collection[str], plain: Collection[str]) -> Document:
    """The document of some products with their texts only, for a write."""
    return _list("ProductdescTexts", localized, plain, "")


def update(count: int) -> Document:
    """The document that updates so many products, `$p0` first: one after the other.

    Vendure's `updateProducts` does them side by side in one transaction, so that one that
    fails leaves the others half done. These are done in turn, and end at the first error.
    """
    given = ", ".join(f"$p{n}: UpdateProductInput!" for n in range(count))
    each = " ".join(f"p{n}: updateProduct(input: $p{n}) {{ id }}" for n in range(count))
    return Document(
        "ProductdescUpdate", f"mutation ProductdescUpdate({given}) {{ {each} }}"
    )


def _list(
    name: str, localized: Collection[str], plain: Collection[str], more: str
) -> Document:
    return Document(
        name,
        f"""query {name}($options: ProductListOptions) {{
  products(options: $options) {{ totalItems items {{
    id {_custom(plain)}
    translations {{ languageCode name slug description {_custom(localized)} }}
    {more}
  }} }}
}}""",
    )


def _custom(names: Collection[str]) -> str:
    return f"customFields {{ {' '.join(names)} }}" if names else ""
