"""Descriptions: facts, the copy that is made of them, and where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    FieldSerializationInfo,
    PrivateAttr,
    SerializeAsAny,
    field_serializer,
    field_validator,
    model_validator,
)
from typing_extensions import TypeVar

from ..render.page import description_html
from ..text.printable import message_line
from .products import Record


class Finding(Record):
    """Something a person should know about one value.

    `severity`: "note" (for information), "warning" (look at this), "removed" (the value
    was taken out of the text). `message` is printable; `value` is as it came.
    """

    code: str
    field: str
    message: Annotated[str, AfterValidator(message_line)]
    value: str = ""
    severity: Literal["note", "warning", "removed"] = "warning"


class Evidence(Record):
    """Where a value, a sentence or a claim comes from, and who vouches for it.

    `source`: photo n (from 1), a merchant's attribute, a person who wrote or approved it,
    or inferred: nobody. `status`: "vouched" by the source; "opinion", which claims nothing
    that could be checked; "inferred", which the model alone says.

    A text has an entry for each of its sentences and one for each claim in them (`kind`).
    `value` is `text[start:end]` of the text as it stands in the description, in code
    points; the sentences cover the text from its first character to its last. `item` is
    the place (from 0) of a bullet, tag or alt text in its list. Values of attributes and
    the category have neither kind nor place; `name` is the attribute's name. Of a claim
    about one variant `name` is its value of the option that `attribute` names.

    `confidence`: how sure the model was of what a photo vouches for, 0 to 1, by its own
    tokens and not calibrated; None where it did not choose (data, measured pixels), or
    nothing is known of it.
    """

    value: str
    source: Literal["photo", "attribute", "person", "inferred"]
    photo: int | None = None
    attribute: str | None = None
    name: str = ""
    kind: Literal["sentence", "claim"] | None = None
    status: Literal["vouched", "opinion", "inferred"] = "inferred"
    item: int | None = None
    start: int | None = None
    end: int | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def _with_status(cls, given: Any) -> Any:
        """Files of former versions have no status: whoever has a source was vouched for."""
        if isinstance(given, Mapping) and "status" not in given:
            is_vouched = given.get("source") != "inferred"
            return {**given, "status": "vouched" if is_vouched else "inferred"}
        return given

    def __str__(self) -> str:
        match self.source:
            case "photo":
                return f"photo {self.photo}"
            case "attribute":
                return f"attribute {self.attribute}"
            case "person":
                return "person"
            case _:
                return self.status

    @property
    def shown(self) -> str:
        """The same with the confidence, if any, for a person who reads a page or file."""
        return str(self) if self.confidence is None else f"{self}, {self.confidence:.2f}"


class Seen(Record):
    """One attribute the model saw, on which photo (from 1), and how sure it was."""

    value: str
    photo: int = 1
    confidence: float | None = None


Share = Annotated[float, Field(ge=0, le=1)]


class ReadText(Record):
    """One line of text that was read on a photo (from 1), and how sure the reader was.

    `box`: its place, (left, top, right, bottom), each 0 to 1 of the photo's side.
    """

    text: str
    score: Share
    box: tuple[Share, Share, Share, Share]
    photo: int = 1

    @property
    def place(self) -> str:
        """Its place in words, as "top left"; "" in the middle."""
        left, top, right, bottom = self.box
        across = _third((left + right) / 2, "left", "right")
        return " ".join(filter(None, (_third((top + bottom) / 2, "top", "bottom"), across)))


def _third(at: float, first: str, last: str) -> str:
    return first if at < 1 / 3 else last if at > 2 / 3 else ""


class Facts(Record):
    """What the observe stage found: the input of the write stage, beside the attributes.

    `text` is what the model read on the product, `read` what a text reader did: quoted as
    seen, and never taken as a claim. `confidence` is that of the category.
    """

    category: str
    attributes: dict[str, Seen] = Field(default_factory=dict)
    text: tuple[str, ...] = ()
    confidence: float | None = None
    read: tuple[ReadText, ...] = ()

    @property
    def read_by_photo(self) -> dict[str, list[str]]:
        """The texts of `read` by photo ("photo 1"), in their order."""
        texts: dict[str, list[str]] = {}
        for line in self.read:
            texts.setdefault(f"photo {line.photo}", []).append(line.text)
        return texts


class Provenance(Record):
    """Which model, templates, schemas, settings and library made a description.

    Hashes are SHA-256 in hex. Everything but `time` is the same when the same product
    is described again by the same engine. `written_by`: "rules" where the model only looked
    and the copy was composed from what it saw and the merchant's data.
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
    written_by: Literal["model", "rules"] = "model"


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

TEXT_FIELDS = tuple(name for name in COPY_FIELDS if name not in ("category", "attributes"))
"""Those of them that are texts; category and attributes come from data."""


CustomT = TypeVar("CustomT", bound=BaseModel, default=BaseModel, covariant=True)
"""A user's own model, given as `schema=`."""


class Description(Record, Generic[CustomT]):
    """One finished description; fields that the channel has not are empty.

    `category_id` is the publisher's id of `category` where a taxonomy was given.
    `custom` holds an object of the user's own model when `schema=` was given. Every
    description that this library makes is of this plain class. Its JSON is read back by
    `Description[Label].model_validate_json` where it has such an object, for a schema
    `Label`, and by `Description` where it has none. Thumbnails are in no JSON, and no
    part of what two descriptions are compared by.
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
    custom: SerializeAsAny[CustomT] | None = None
    evidence: dict[str, tuple[Evidence, ...]] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    provenance: Provenance

    _thumbnails: tuple[bytes, ...] = PrivateAttr(default=())

    @field_validator("custom", mode="before")
    @classmethod
    def _custom_of_its_model(cls, value: Any) -> Any:
        """Raises where the model is not known: its values would be lost without a word."""
        is_plain = cls.__pydantic_generic_metadata__["args"] in ((), (BaseModel,))
        if is_plain and value is not None and not isinstance(value, BaseModel):
            raise ValueError(
                "custom holds an object of a schema of your own, and which one is not "
                "known here; read it with Description[YourModel].model_validate_json(...)"
            )
        return value

    @field_serializer("custom", when_used="json")
    def _custom_as_it_is_read(
        self, value: BaseModel | None, info: FieldSerializationInfo
    ) -> Any:
        """By the names that its model reads; without computed fields, which it may not."""
        if value is None:
            return None
        return value.model_dump(
            mode="json",
            by_alias=True,
            exclude_none=info.exclude_none,
            round_trip=True,
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Description):
            other = other.with_thumbnails(self._thumbnails)
        return super().__eq__(other)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled by its schema: `Description[Label]` is no attribute of any module."""
        generic = self.__pydantic_generic_metadata__
        made_of = (generic["origin"] or type(self), generic["args"])
        return _new_description, made_of, self.__getstate__()

    def with_thumbnails(self, jpegs: Sequence[bytes]) -> Self:
        """The same description, showing these JPEGs beside its text in a notebook."""
        copy = self.model_copy()
        copy._thumbnails = tuple(jpegs)
        return copy

    @property
    def thumbnails(self) -> tuple[bytes, ...]:
        """The JPEGs beside its text, in the order of the photos; in no JSON."""
        return self._thumbnails

    def _repr_html_(self) -> str:
        """Photos on the left, text on the right; everything is escaped."""
        fields = (*COPY_FIELDS, "custom")
        return description_html(self, fields, self._thumbnails)


def _new_description(model: Any, schemas: tuple[Any, ...]) -> Any:
    """An empty one, which pickle gives its state."""
    made_of = model[schemas] if schemas else model
    return made_of.__new__(made_of)
