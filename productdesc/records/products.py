"""Products and photos: what is known before anything is generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
)

from ..text.blank import shown
from ..text.plain_values import plain_texts
from .variants import Variant

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


WORDLESS = "[pictures or videos without words]"
"""`Product.description` of a body that shows something and says nothing. It is the
merchant's, so that no sink fills it; it is never shown to a model and never written."""


MAX_PHOTOS = 8
"""Photos of one product that a model is shown; shops rarely show more angles."""


ShownText: TypeAlias = Annotated[str, AfterValidator(shown)]
"""A text that is "" where a reader would see nothing of it."""


class Record(BaseModel):
    """A frozen value that was checked on the way in; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Present(Record):
    """The merchant's present copy beside title and description, named as in `Description`.

    Empty where the merchant wrote nothing, or where the catalogue has no such field.
    `alt_texts` has one text a photo, in the photos' order, "" where there is none.
    """

    category: ShownText = ""
    bullets: tuple[str, ...] = ()
    seo_title: ShownText = ""
    seo_description: ShownText = ""
    alt_texts: tuple[ShownText, ...] = ()
    tags: tuple[str, ...] = ()


class Translation(Record):
    """The merchant's copy in a language beside that in which the product was read."""

    title: ShownText = ""
    description: ShownText = ""
    present: Present = Field(default_factory=Present)


class Product(Record):
    """What is known about one product before anything is generated.

    `attributes` are the merchant's own and win over the model; every value is text once
    it is in here: scalars are spelt out, lists joined with ", ", an object is an error.
    `title` and `description` are the merchant's present copy as plain text; `present` is
    the rest of it, which a model is never shown: it tells a sink what is empty. `id` is
    what the catalogue knows the product by. A text that shows nothing is "". `photo_error`
    says why none of the photos that its catalogue lists can be used. `variants`: what it is
    sold in; empty where its catalogue has none, and then no part of its JSON.
    `translations`: copy of further languages, by their codes, as `present` never shown to a
    model; empty, and no part of its JSON, where none was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: str = ""
    title: ShownText = ""
    photos: Sequence[PhotoSource] = ()
    attributes: Mapping[str, Any] = Field(default_factory=dict)
    description: ShownText = ""
    present: Present = Field(default_factory=Present)
    photo_error: str = ""
    variants: tuple[Variant, ...] = ()
    translations: Mapping[str, Translation] = Field(default_factory=dict)

    if TYPE_CHECKING:  # one photo is taken for a list of one

        def __init__(
            self,
            *,
            id: str = "",
            title: str = "",
            photos: PhotoSource | Sequence[PhotoSource] = (),
            attributes: Mapping[str, Any] = ...,
            description: str = "",
            present: Present = ...,
            photo_error: str = "",
            variants: Sequence[Variant] = (),
            translations: Mapping[str, Translation] = ...,
        ) -> None: ...

    @property
    def words(self) -> str:
        """The description, "" where it has no words."""
        return "" if self.description == WORDLESS else self.description

    def in_language(self, language: str) -> Product:
        """The product with the copy that it has in a language, nothing where it has none.

        Itself where it was read in that language, or nobody asked for another.
        """
        held = self.translations.get(language)
        if held is None:
            return self
        texts = {name: getattr(held, name) for name in type(held).model_fields}
        return self.model_copy(update={**texts, "translations": {}})

    @model_serializer(mode="wrap")
    def _without_what_is_not(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """One without variants or translations is written as before there were any."""
        values: dict[str, Any] = write(self)
        for name in ("variants", "translations"):
            if not getattr(self, name):
                values.pop(name, None)
        return values

    @field_validator("photos", mode="before")
    @classmethod
    def _one_photo_is_a_list_of_one(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list | tuple) else (value,)

    @field_validator("attributes", mode="before")
    @classmethod
    def _attributes_as_text(cls, value: Any) -> Any:
        if not isinstance(value, dict | Mapping):  # to ask a dict is quicker
            return value
        return plain_texts(value, "attribute")


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One decoded photo: upright, sRGB, three channels, alpha composed on white.

    `image` may be smaller than the original (`original_width` x `original_height`, px,
    after the EXIF turn). `sha256` is of the bytes as received, or of the pixels when an
    image object was given. `name` says where it came from and never holds a secret.
    `frame` is the one of an animation that was taken, from 1, where its first is blank;
    0 for every other photo.
    """

    image: Image
    name: str
    sha256: str
    format: str
    original_width: int
    original_height: int
    frame: int = 0

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
