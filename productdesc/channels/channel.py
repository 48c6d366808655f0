"""A channel: which fields it takes, how long each may be, which template asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ..records import Description
from ..text.suggest import did_you_mean

FieldName = Literal[
    "title",
    "bullets",
    "description",
    "seo_title",
    "seo_description",
    "alt_texts",
    "tags",
]


@dataclass(frozen=True, slots=True)
class CharacterRule:
    """Characters that a place refuses in a text; they are taken out.

    `never` are refused wherever they stand, `once` after their first use; `emoji`: whether
    emoji and other pictures are.
    """

    never: str = ""
    once: str = ""
    emoji: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One generated field of a channel; lengths in characters (Unicode code points).

    `limit` is what the channel accepts, `write` what the model may write (room to be
    good, not to fill); both per text, and per item where `items` is given. `items` is the
    least and most number of items; `joined` caps all items together.
    `photos` marks a list with exactly one item per photo.
    `advised` and `advised_words` are what the channel advises, in characters and in words:
    a text over them is a finding and is never cut. `characters` are those it refuses.
    """

    name: FieldName
    limit: int
    write: int
    items: tuple[int, int] | None = None
    joined: int | None = None
    photos: bool = False
    advised: int | None = None
    advised_words: int | None = None
    characters: CharacterRule | None = None

    @property
    def is_list(self) -> bool:
        return self.items is not None or self.photos

    def count(self, photos: int) -> tuple[int, int]:
        """Least and most number of items for a product with so many photos."""
        return (photos, photos) if self.photos else (self.items or (1, 1))


@dataclass(frozen=True, slots=True)
class Channel:
    """Fields and limits of one place where copy is published, and its write template.

    `attributes` caps single attributes, in characters; any other has `attribute_limit`.
    `optional` fields are written only where they are named.
    """

    name: str
    label: str
    template: str
    fields: tuple[Field, ...]
    attributes: Mapping[str, int] = field(default_factory=dict)
    attribute_limit: int = 255
    optional: tuple[Field, ...] = ()

    @property
    def as_data(self) -> dict[str, Any]:
        """The channel as plain data, for a digest.

        What a field has not is left out where it is younger than the digests of drafts.
        """
        data = asdict(self)
        for one in (*data["fields"], *data["optional"]):
            for name in _YOUNGER:
                if one[name] is None:
                    del one[name]
        return data

    @property
    def names(self) -> list[str]:
        """The names of all fields, the optional ones last."""
        return [f.name for f in (*self.fields, *self.optional)]

    @property
    def limits(self) -> dict[str, int]:
        """Characters that each field takes, per text; the optional ones included."""
        return {f.name: f.limit for f in (*self.fields, *self.optional)}

    def pick(self, names: Sequence[str] | None) -> tuple[Field, ...]:
        """The named fields in the channel's own order; for None all but the optional ones.

        Raises `ValueError` for a name that this channel has not.
        """
        if names is None:
            return self.fields
        for name in names:
            if name not in self.names:
                hint = did_you_mean(name, self.names)
                raise ValueError(
                    f"channel {self.name!r} has no field {name!r}; "
                    f"it has: {', '.join(self.names)}{hint}"
                )
        return tuple(f for f in (*self.fields, *self.optional) if f.name in names)


_YOUNGER = ("advised", "advised_words", "characters")

SHORT_WORDS = ("ja", "ko", "zh")
"""Languages in which one character is a word, and so a tag: 茶 is tea."""


def write_schema(
    fields: Sequence[Field], photos: int, *, language: str = "en"
) -> dict[str, Any]:
    """The JSON schema that the model writes: every text bounded, no list empty by chance.

    Kept inside the subset that every constrained decoder enforces: no `pattern`,
    no `uniqueItems`.
    """
    properties: dict[str, Any] = {}
    for f in fields:
        least_text = 1 if f.name == "tags" and language[:2] in SHORT_WORDS else 2
        text = {"type": "string", "minLength": least_text, "maxLength": f.write}
        least, most = f.count(photos)
        if f.is_list and most == 0:
            continue
        properties[f.name] = (
            {"type": "array", "items": text, "minItems": least, "maxItems": most}
            if f.is_list
            else text
        )
    return _closed(properties)


def description_schema(
    channel: Channel, names: Sequence[str] | None = None
) -> dict[str, Any]:
    """The JSON schema of a finished `Description` for this channel, limits included.

    Fields that are not asked for, or that the channel has not, must be empty.
    """
    schema: dict[str, Any] = Description.model_json_schema(mode="serialization")
    asked = {f.name: f for f in channel.pick(names)}
    for name, shape in schema["properties"].items():
        shape.pop("default", None)
        if name == "channel":
            shape["const"] = channel.name
        elif name == "attributes":
            shape["properties"] = {
                k: {"type": "string", "maxLength": n} for k, n in channel.attributes.items()
            }
            shape["additionalProperties"] = {
                "type": "string",
                "maxLength": channel.attribute_limit,
            }
        elif name in asked:
            f = asked[name]
            text = {"type": "string", "minLength": 1, "maxLength": f.limit}
            if f.photos:
                shape.update(items=text)
            elif f.items:
                shape.update(items=text, minItems=f.items[0], maxItems=f.items[1])
            else:
                shape.update(text)
        elif name in FieldName.__args__:  # type: ignore[attr-defined]
            shape["maxItems" if shape["type"] == "array" else "maxLength"] = 0
    schema["title"] = f"Description for {channel.name}"
    schema["required"] = list(schema["properties"])
    return schema


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
