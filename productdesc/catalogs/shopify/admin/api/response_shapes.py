"""Response shapes of the Admin API: of each document's `data`, of a bulk file's lines.

What a shop answers is a stranger's, so it is checked where it comes in: everything behind
may trust the types. Shopify adds fields; those are let through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict


def _whole(text: str) -> str:
    text.encode()  # half a character is none; Pydantic lets it through
    return text


Text = Annotated[str, AfterValidator(_whole)]
Count = Annotated[int, Field(ge=0)]  # an UnsignedInt64 comes as text


class WrongShape(ValueError):
    """An answer that is not what the API promises; the message says where and why."""


class _Open(TypedDict):
    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]


class PageInfo(_Open):
    hasNextPage: bool
    endCursor: str | None


class Identified(_Open):
    id: Text


class Connection(_Open):
    nodes: list[dict[str, Any]]
    pageInfo: PageInfo


class Products(_Open):
    nodes: list[Any]  # a product that is none is its own problem
    pageInfo: PageInfo


class UserError(_Open):
    field: NotRequired[list[str] | None]
    message: NotRequired[str | None]
    code: NotRequired[str | None]


class Payload(_Open):
    """What every mutation gives."""

    userErrors: NotRequired[list[UserError] | None]


class Locale(_Open):
    locale: Text
    name: Text
    primary: bool
    published: bool


class Content(_Open):
    """A text of the shop's primary language; one that is empty has no digest."""

    key: Text
    value: Text | None
    digest: Text | None


class Translated(_Open):
    key: Text
    value: Text | None
    outdated: NotRequired[bool]


class TranslatedId(_Open):
    """One thing of a bulk file with translated texts; each language has its own alias."""

    resourceId: Text


class TranslatedResource(TranslatedId):
    translations: list[Translated]


class TranslatedResources(_Open):
    nodes: list[TranslatedResource]


class TranslatableResource(TranslatedResource):
    translatableContent: list[Content]


class TranslatableResources(_Open):
    nodes: list[TranslatableResource]


class BulkStarted(Payload):
    bulkOperation: NotRequired[Identified | None]


class UploadParameter(_Open):
    name: str
    value: str


class UploadTarget(_Open):
    url: str
    parameters: list[UploadParameter]


class Uploads(Payload):
    stagedTargets: NotRequired[list[UploadTarget] | None]


class BulkState(_Open):
    status: str
    errorCode: str | None
    rootObjectCount: Count
    fileSize: Count | None
    url: str | None
    partialDataUrl: str | None


class BulkStatus(Identified):
    status: str


class BulkStates(_Open):
    nodes: list[BulkStatus]


class ProductMedia(_Open):
    media: Connection


class ProductMetafields(_Open):
    metafields: Connection


class ProductVariants(_Open):
    variants: Connection


class Seo(_Open):
    title: Text | None
    description: Text | None


class Category(_Open):
    id: NotRequired[Text]
    fullName: NotRequired[Text]


class ProductOption(_Open):
    name: Text
    values: list[Text]


class ProductFields(Identified):
    """A product's own fields, in a page and in a bulk file."""

    handle: Text
    title: Text
    descriptionHtml: Text
    vendor: Text
    productType: Text
    tags: list[Text]
    seo: Seo
    category: Category | None
    options: list[ProductOption]


class ImageUrl(_Open):
    url: Text


class ProductLists(Identified):
    """The first pages of a product's media and metafields, in a page of products."""

    media: Connection
    metafields: Connection


class Medium(Identified):
    alt: Text | None
    mediaContentType: str
    fileStatus: NotRequired[str]
    image: NotRequired[ImageUrl | None]


class MetafieldFields(_Open):
    namespace: Text
    key: Text
    type: str
    value: Text


class SelectedOption(_Open):
    name: Text
    value: Text


class VariantMedia(_Open):
    nodes: list[Identified]


class VariantFields(Identified):
    """One variant; its media are lines of their own in a bulk file."""

    sku: Text | None
    selectedOptions: list[SelectedOption]
    media: NotRequired[VariantMedia]


# in a class, Python would take a name with two underscores for a private one
WriteLine = TypedDict(
    "WriteLine",
    {"data": NotRequired[dict[str, Payload | None] | None], "__lineNumber": int},
)
"""A line of a bulk write's result: the answer to one line of variables."""


def checked(shape: TypeAdapter[Any], value: object, *above: str) -> Any:
    """The value, of that shape; raises `WrongShape`. above: the keys that led to it."""
    try:
        return shape.validate_python(value)
    except ValidationError as e:
        first = e.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, (*above, *first["loc"])))
        raise WrongShape(f"{place[:120] or 'it'}: {first['msg']}") from None


def checked_data(document: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The `data` of a document's answer; raises `WrongShape`."""
    key, shape = DATA[document]
    if key not in data:
        raise WrongShape(f"there is no {key}")
    return {key: checked(shape, data[key], key)}


DATA: Mapping[str, tuple[str, TypeAdapter[Any]]] = {
    "products": ("products", TypeAdapter(Products)),
    "productsById": ("nodes", TypeAdapter(list[Identified | None])),
    "product": ("product", TypeAdapter(Identified | None)),
    "productByHandle": ("productByIdentifier", TypeAdapter(Identified | None)),
    "media": ("product", TypeAdapter(ProductMedia | None)),
    "metafields": ("product", TypeAdapter(ProductMetafields | None)),
    "variants": ("product", TypeAdapter(ProductVariants | None)),
    "shopLocales": ("shopLocales", TypeAdapter(list[Locale])),
    "translated": ("translatableResourcesByIds", TypeAdapter(TranslatedResources)),
    "translatable": ("translatableResourcesByIds", TypeAdapter(TranslatableResources)),
    "translationsRegister": ("translationsRegister", TypeAdapter(Payload | None)),
    "translationsRemove": ("translationsRemove", TypeAdapter(Payload | None)),
    "productUpdate": ("productUpdate", TypeAdapter(Payload | None)),
    "fileUpdate": ("fileUpdate", TypeAdapter(Payload | None)),
    "stagedUpload": ("stagedUploadsCreate", TypeAdapter(Uploads | None)),
    "bulkRead": ("bulkOperationRunQuery", TypeAdapter(BulkStarted | None)),
    "bulkWrite": ("bulkOperationRunMutation", TypeAdapter(BulkStarted | None)),
    "bulkOperation": ("bulkOperation", TypeAdapter(BulkState | None)),
    "bulkWrites": ("bulkOperations", TypeAdapter(BulkStates)),
}
"""By a document's name: the one key of its `data`, and the shape of what is there."""

PRODUCT: TypeAdapter[Any] = TypeAdapter(ProductFields)
LISTS: TypeAdapter[Any] = TypeAdapter(ProductLists)
MEDIA: TypeAdapter[Any] = TypeAdapter(list[Medium])
METAFIELDS: TypeAdapter[Any] = TypeAdapter(list[MetafieldFields])
VARIANTS: TypeAdapter[Any] = TypeAdapter(list[VariantFields])
TRANSLATED_ID: TypeAdapter[Any] = TypeAdapter(TranslatedId)
TRANSLATIONS: TypeAdapter[Any] = TypeAdapter(list[Translated])
WRITE_LINE: TypeAdapter[Any] = TypeAdapter(WriteLine)
