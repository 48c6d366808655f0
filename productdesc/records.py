"""The values that travel along the pipeline: all frozen, none does I/O.

    Product -> Photo -> Facts -> Description

Records (Pydantic) came from outside and were checked; dataclasses were made by us.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SerializeAsAny,
    field_validator,
)

from .render.page import description_html

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    PhotoSource: TypeAlias = "Path | bytes | str | Image | Photo"
else:
    PhotoSource = Any  # a wrong one is that photo's error, not the product's
"""A `Path`, `bytes`, a `PIL.Image.Image`, a `Photo`, or an https URL as `str`.

A `str` is only ever a URL: strings come from catalogues, and a stranger's string must
never open a local file.
"""


class Record(BaseModel):
    """A frozen value that was checked on the way in; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Present(Record):
    """The merchant's present copy beside title and description, named as in `Description`.

    Empty where the merchant wrote nothing, or where the catalogue has no such field.
    `alt_texts` has one text a photo, in the photos' order, "" where there is none.
    """

    category: str = ""
    bullets: tuple[str, ...] = ()
    seo_title: str = ""
    seo_description: str = ""
    alt_texts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Product(Record):
    """What is known about one product before anything is generated.

    `attributes` are the merchant's own and win over the model; every value is text once
    it is in here: scalars are spelt out, lists joined with ", ". `title` and
    `description` are the merchant's present copy as plain text; `present` is the rest of
    it, which a model is never shown: it tells a sink what is empty. `id` is what the
    catalogue knows the product by.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: str = ""
    title: str = ""
    photos: Sequence[PhotoSource] = ()
    attributes: Mapping[str, Any] = Field(default_factory=dict)
    description: str = ""
    present: Present = Field(default_factory=Present)

    @field_validator("photos", mode="before")
    @classmethod
    def _one_photo_is_a_list_of_one(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list | tuple) else (value,)

    @field_validator("attributes", mode="before")
    @classmethod
    def _attributes_as_text(cls, value: Any) -> Any:
        if not isinstance(value, dict | Mapping):  # to ask a dict is quicker
            return value
        texts: dict[str, str] = {}
        for key, one in value.items():
            name = str(key).strip()
            text = one.strip() if isinstance(one, str) else _as_text(one)
            if name and text:
                texts[name] = text
        return texts


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(t for t in map(_as_text, value) if t)
    return str(value).strip()


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One decoded photo: upright, sRGB, three channels, alpha composed on white.

    `image` may be smaller than the original (`original_width` x `original_height`, px,
    after the EXIF turn). `sha256` is of the bytes as received, or of the pixels when an
    image object was given. `name` says where it came from and never holds a secret.
    """

    image: Image
    name: str
    sha256: str
    format: str
    original_width: int
    original_height: int

    @property
    def rgb(self) -> Image:
        """`image`, in three channels also where somebody made a photo with others."""
        # to convert what is RGB already would copy it
        return self.image if self.image.mode == "RGB" else self.image.convert("RGB")

    def __repr__(self) -> str:
        size = f"{self.original_width}x{self.original_height}"
        return f"Photo({self.name!r}, {self.format}, {size}, sha256={self.sha256[:12]})"


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour measured from the product's pixels; `share` is of the product, 0 to 1."""

    name: str
    hex: str
    share: float


class Finding(Record):
    """Something a person should know about one value.

    `severity`: "note" (for information), "warning" (look at this), "removed" (the value
    was taken out of the text).
    """

    code: str
    field: str
    message: str
    value: str = ""
    severity: Literal["note", "warning", "removed"] = "warning"


class Evidence(Record):
    """Where one value comes from: photo n (from 1), a merchant attribute, or inferred.

    `name` is the attribute's name where the field is `attributes`, else empty.
    """

    value: str
    source: Literal["photo", "attribute", "inferred"]
    photo: int | None = None
    attribute: str | None = None
    name: str = ""

    def __str__(self) -> str:
        match self.source:
            case "photo":
                return f"photo {self.photo}"
            case "attribute":
                return f"attribute {self.attribute}"
            case _:
                return "inferred"


class Seen(Record):
    """One attribute the model saw, and on which photo (from 1)."""

    value: str
    photo: int = 1


class Facts(Record):
    """What the observe stage found: the input of the write stage, beside the attributes.

    `text` is what is printed on the product, quoted as seen and never taken as a claim.
    """

    category: str
    attributes: dict[str, Seen] = Field(default_factory=dict)
    text: tuple[str, ...] = ()


class Provenance(Record):
    """Which model, templates, schemas, settings and library made a description.

    Hashes are SHA-256 in hex. Everything but `time` is the same when the same product
    is described again by the same engine.
    """

    model: str
    revision: str
    weights_digest: str
    templates: dict[str, str]
    schemas: dict[str, str]
    photos: tuple[str, ...]
    library: str
    settings: dict[str, str | int | float | bool | None]
    time: datetime


COPY_FIELDS = (
    "title",
    "category",
    "attributes",
    "bullets",
    "description",
    "seo_title",
    "seo_description",
    "alt_texts",
    "tags",
)
"""The fields of a description that are copy, as a person reads them."""


class Description(Record):
    """One finished description; fields that the channel has not are empty.

    `category_id` is the publisher's id of `category` where a taxonomy was given.
    `custom` holds an object of the user's own model when `schema=` was given.
    """

    product_id: str = ""
    channel: str
    language: str = "en"
    title: str = ""
    category: str = ""
    category_id: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)
    bullets: tuple[str, ...] = ()
    description: str = ""
    seo_title: str = ""
    seo_description: str = ""
    alt_texts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    custom: SerializeAsAny[BaseModel] | None = None
    evidence: dict[str, tuple[Evidence, ...]] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    provenance: Provenance

    _thumbnails: tuple[bytes, ...] = PrivateAttr(default=())

    def with_thumbnails(self, jpegs: Sequence[bytes]) -> Description:
        """The same description, showing these JPEGs beside its text in a notebook."""
        copy = self.model_copy()
        copy._thumbnails = tuple(jpegs)
        return copy

    def _repr_html_(self) -> str:
        """Photos on the left, text on the right; everything is escaped."""
        fields = (*COPY_FIELDS, "custom")
        return description_html(self, fields, self._thumbnails)


__all__ = [
    "Colour",
    "Description",
    "Evidence",
    "Facts",
    "Finding",
    "Photo",
    "PhotoSource",
    "Present",
    "Product",
    "Provenance",
    "Record",
    "Seen",
]
