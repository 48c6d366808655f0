"""Every GraphQL document that can be sent to a Shopify shop, and nothing else.

Checked against Shopify's own schema of each version in VERSIONS. Products are changed by
`productUpdate` and `fileUpdate` only: `productSet` deletes what is left out of it. Their
texts of further languages are changed by `translationsRegister` and `translationsRemove`.

To add one: a line in DOCUMENTS; tests/catalogs/shopify/test_shopify_queries.py checks it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

VERSIONS = ("2026-10", "2026-07")
"""API versions that the documents are checked against, newest first."""

PAGE_PRODUCTS = 20
PAGE_MEDIA = 10
PAGE_METAFIELDS = 10
PAGE_NESTED = 100  # of one product's media or metafields, when they do not fit above
PAGE_VARIANTS = 100  # of one product that has several
PAGE_TRANSLATED = 100  # products and images whose texts of one language are read
PAGE_TRANSLATABLE = 50  # the same, each with the digests of the texts that are translated
MAX_LOCALES = 20
"""Languages that Shopify lets one shop have, beside its primary one."""
PRODUCT_KEYS = 6
"""Texts of a product that Shopify lets be translated; an image has one."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document; `cost` is the points it may take at most, by Shopify's published
    rules (1 an object, 10 a mutation) and with the page sizes above."""

    name: str
    text: str
    cost: int

    @property
    def changes(self) -> bool:
        """Whether it is a mutation."""
        return self.text.startswith("mutation")


_MEDIA_FIELDS = "id alt mediaContentType ... on MediaImage { fileStatus image { url } }"
_METAFIELD_FIELDS = "id namespace key type value"
_VARIANT_FIELDS = "id sku selectedOptions { name value }"
_OWN_FIELDS = """
  id handle title descriptionHtml vendor productType tags
  seo { title description }
  category { id fullName }
  options { name values }"""
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"
_PRODUCT_FIELDS = f"""{_OWN_FIELDS}
  media(first: {PAGE_MEDIA}) {{ {_PAGE_INFO} nodes {{ {_MEDIA_FIELDS} }} }}
  metafields(first: {PAGE_METAFIELDS}) {{ {_PAGE_INFO} nodes {{ {_METAFIELD_FIELDS} }} }}
"""

# itself, SEO, category, three options; a connection and its page info; an image in a media
_PRODUCT_COST = 6 + (2 + 2 * PAGE_MEDIA) + (2 + PAGE_METAFIELDS)
_MUTATION_COST = 10

PRODUCTS = Document(
    "products",
    f"""query products($after: String, $query: String) {{
  products(first: {PAGE_PRODUCTS}, after: $after, query: $query, sortKey: ID) {{
    {_PAGE_INFO} nodes {{ {_PRODUCT_FIELDS} }}
  }}
}}""",
    2 + PAGE_PRODUCTS * _PRODUCT_COST,
)
PRODUCTS_BY_ID = Document(
    "productsById",
    f"""query productsById($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Product {{ {_PRODUCT_FIELDS} }} }}
}}""",
    PAGE_PRODUCTS * _PRODUCT_COST,
)
PRODUCT = Document(
    "product",
    f"query product($id: ID!) {{ product(id: $id) {{ {_PRODUCT_FIELDS} }} }}",
    _PRODUCT_COST,
)
PRODUCT_BY_HANDLE = Document(
    "productByHandle",
    """query productByHandle($handle: String!) {
  productByIdentifier(identifier: { handle: $handle }) { id }
}""",
    1,
)
MEDIA = Document(
    "media",
    f"""query media($id: ID!, $after: String) {{
  product(id: $id) {{
    media(first: {PAGE_NESTED}, after: $after) {{
      {_PAGE_INFO} nodes {{ {_MEDIA_FIELDS} }}
    }}
  }}
}}""",
    3 + 2 * PAGE_NESTED,
)
METAFIELDS = Document(
    "metafields",
    f"""query metafields($id: ID!, $after: String) {{
  product(id: $id) {{
    metafields(first: {PAGE_NESTED}, after: $after) {{
      {_PAGE_INFO} nodes {{ {_METAFIELD_FIELDS} }}
    }}
  }}
}}""",
    3 + PAGE_NESTED,
)
VARIANTS = Document(
    "variants",
    f"""query variants($id: ID!, $after: String) {{
  product(id: $id) {{
    variants(first: {PAGE_VARIANTS}, after: $after) {{
      {_PAGE_INFO}
      nodes {{ {_VARIANT_FIELDS} media(first: 1) {{ nodes {{ id }} }} }}
    }}
  }}
}}""",
    # the connection and its page info; a variant, three options, its media and one of them
    3 + PAGE_VARIANTS * (1 + 3 + 2),
)
SHOP_LOCALES = Document(
    "shopLocales",
    "query shopLocales { shopLocales { locale name primary published } }",
    MAX_LOCALES + 1,
)
# `translations` of a product itself has published languages only; that of its resource all
TRANSLATED = Document(
    "translated",
    f"""query translated($ids: [ID!]!, $locale: String!) {{
  translatableResourcesByIds(first: {PAGE_TRANSLATED}, resourceIds: $ids) {{
    nodes {{ resourceId translations(locale: $locale) {{ key value }} }}
  }}
}}""",
    1 + PAGE_TRANSLATED * (1 + PRODUCT_KEYS),
)
TRANSLATABLE = Document(
    "translatable",
    f"""query translatable($ids: [ID!]!, $locale: String!) {{
  translatableResourcesByIds(first: {PAGE_TRANSLATABLE}, resourceIds: $ids) {{
    nodes {{
      resourceId
      translatableContent {{ key value digest }}
      translations(locale: $locale) {{ key value outdated }}
    }}
  }}
}}""",
    1 + PAGE_TRANSLATABLE * (1 + 2 * PRODUCT_KEYS),
)
TRANSLATIONS_REGISTER = Document(
    "translationsRegister",
    """mutation translationsRegister($id: ID!, $translations: [TranslationInput!]!) {
  translationsRegister(resourceId: $id, translations: $translations) {
    translations { key } userErrors { field message code }
  }
}""",
    _MUTATION_COST,
)
TRANSLATIONS_REMOVE = Document(
    "translationsRemove",
    """mutation translationsRemove($id: ID!, $keys: [String!]!, $locales: [String!]!) {
  translationsRemove(resourceId: $id, translationKeys: $keys, locales: $locales) {
    translations { key } userErrors { field message code }
  }
}""",
    _MUTATION_COST,
)
PRODUCT_UPDATE = Document(
    "productUpdate",
    """mutation productUpdate($product: ProductUpdateInput!) {
  productUpdate(product: $product) { product { id } userErrors { field message } }
}""",
    _MUTATION_COST,
)
FILE_UPDATE = Document(
    "fileUpdate",
    """mutation fileUpdate($files: [FileUpdateInput!]!) {
  fileUpdate(files: $files) { files { id } userErrors { field message } }
}""",
    _MUTATION_COST,
)
STAGED_UPLOAD = Document(
    "stagedUpload",
    """mutation stagedUpload($input: [StagedUploadInput!]!) {
  stagedUploadsCreate(input: $input) {
    stagedTargets { url parameters { name value } } userErrors { field message }
  }
}""",
    _MUTATION_COST,
)
BULK_READ = Document(
    "bulkRead",
    """mutation bulkRead($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id } userErrors { field message }
  }
}""",
    _MUTATION_COST,
)
BULK_WRITE = Document(
    "bulkWrite",
    """mutation bulkWrite($mutation: String!, $path: String!) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path) {
    bulkOperation { id } userErrors { field message }
  }
}""",
    _MUTATION_COST,
)
BULK_OPERATION = Document(
    "bulkOperation",
    """query bulkOperation($id: ID!) {
  bulkOperation(id: $id) {
    status errorCode rootObjectCount fileSize url partialDataUrl
  }
}""",
    1,
)
BULK_WRITES = Document(
    "bulkWrites",
    """query bulkWrites {
  bulkOperations(
    first: 10, sortKey: CREATED_AT, reverse: true,
    query: "operation_type:mutation (status:created OR status:running OR status:canceling)"
  ) { nodes { id status } }
}""",
    12,
)

DOCUMENTS = (
    PRODUCTS,
    PRODUCTS_BY_ID,
    PRODUCT,
    PRODUCT_BY_HANDLE,
    MEDIA,
    METAFIELDS,
    VARIANTS,
    SHOP_LOCALES,
    TRANSLATED,
    TRANSLATABLE,
    TRANSLATIONS_REGISTER,
    TRANSLATIONS_REMOVE,
    PRODUCT_UPDATE,
    FILE_UPDATE,
    STAGED_UPLOAD,
    BULK_READ,
    BULK_WRITE,
    BULK_OPERATION,
    BULK_WRITES,
)


def bulk_products(query: str = "") -> str:
    """The document of all products for BULK_READ, which takes no variables.

    query: Shopify's search syntax; "": every product.
    """
    # a JSON string is a GraphQL string
    chosen = f"(query: {json.dumps(query)})" if query else ""
    return f"""{{
  products{chosen} {{ edges {{ node {{ {_OWN_FIELDS}
    media {{ edges {{ node {{ {_MEDIA_FIELDS} }} }} }}
    metafields {{ edges {{ node {{ {_METAFIELD_FIELDS} }} }} }}
    variants {{ edges {{ node {{ {_VARIANT_FIELDS}
      media {{ edges {{ node {{ id }} }} }}
    }} }} }}
  }} }} }}
}}"""


def bulk_translations(kind: str, locales: Sequence[str]) -> str:
    """The document of all texts of some languages for BULK_READ.

    kind: "PRODUCT" or "MEDIA_IMAGE". locales: each under the alias `l` and its number.
    """
    texts = "\n".join(
        f"    l{n}: translations(locale: {json.dumps(locale)}) {{ key value }}"
        for n, locale in enumerate(locales)
    )
    return f"""{{
  translatableResources(resourceType: {kind}) {{ edges {{ node {{ resourceId
{texts}
  }} }} }}
}}"""
