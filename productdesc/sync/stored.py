"""Stored products: as text in the journal, and back; the same product, the same text."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from ..records import Description, Product

# in ASCII, since SQLite takes no lone surrogates
_DUMP = json.JSONEncoder(separators=(",", ":")).encode

ALL = "*"
"""Stored for a product that needs every field."""


class NotStorableError(ValueError):
    """A product that a journal cannot hold."""


class Wish(NamedTuple):
    """What a person asks of a row's next draft; `note` is data, and vouches for nothing.

    `fields`: to be written anew, empty: all. `draft`: the former one, whose other fields
    stay; `key`: its row's when it was asked.
    """

    id: int
    fields: frozenset[str]
    seed: int
    note: str
    draft: int
    key: str


class Row(NamedTuple):
    """One product that is to be described. `fields` is what it needs; None: all.

    `key` is that of its draft: of the options, the fields, the product as it was read, and
    the wish that it answers, if any. `row_key` is the same without the wish.
    """

    id: int
    product: Product
    fields: frozenset[str] | None
    product_digest: str
    key: str
    row_key: str
    wish: Wish | None = None

    @property
    def completes(self) -> Wish | None:
        """The wish, where the other fields of the former draft stay as they are.

        A draft that is stale besides is made anew as a whole.
        """
        wish = self.wish
        return wish if wish and wish.fields and wish.key == self.row_key else None


class Scope(NamedTuple):
    """What one run describes: the copy of one channel in one language, by its options.

    `number` is the run's in the journal; `options_digest` is of all that shapes its output.
    """

    channel: str
    language: str
    number: int
    options_digest: str


class Entry(NamedTuple):
    """One product as it was read, and what it needs; None: all.

    `versions`: of each of its photos that changed since it was first seen.
    """

    product: Product
    fields: frozenset[str] | None = None
    versions: tuple[str, ...] = ()


class Cost(NamedTuple):
    """What one draft took: seconds, and tokens that a server would bill.

    Of drafts in several languages from one look the first has the look's, and all seconds.
    """

    seconds: float = 0.0
    read_tokens: int = 0
    written_tokens: int = 0

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(
            self.seconds + other.seconds,
            self.read_tokens + other.read_tokens,
            self.written_tokens + other.written_tokens,
        )


class Stored(NamedTuple):
    """One row as it stands; the description is there where a draft stands."""

    product: Product
    state: str
    reason: str
    description: Description[Any] | None


def row_of(
    scope: Scope, number: Any, product: Any, fields: Any, digest: Any, wish: Any = None
) -> Row:
    """A row as it stands in the journal, with the wish that its next draft answers."""
    needed = None if fields == ALL else frozenset(fields.split())
    key = key_of(scope, fields, digest)
    row = Row(int(number), product_of(product), needed, digest, key, key, wish)
    if wish is None:
        return row
    fields = row.completes.fields if row.completes else needed
    return row._replace(key=wish_key(key, wish), fields=fields)


WAITING: Mapping[str, str] = {
    "new": "state = 'new'",
    "dead": "state = 'dead' AND run <> {run}",
    "wished": "state = 'new' AND wish <> 0",
}
"""Which rows a call describes: all that wait, those that failed before it, those asked for
again."""


def key_of(scope: Scope, fields: str, product_digest: str) -> str:
    """The key of a draft: the same only where the engine would be asked the same."""
    return digest(scope.options_digest, fields, product_digest)


def wish_key(key: str, wish: Wish) -> str:
    """The key of a draft that answers a wish, beside all that shapes any draft."""
    asked = (" ".join(sorted(wish.fields)), str(wish.seed), wish.note, str(wish.draft))
    return digest(key, "wish", *asked)


def product_text(product: Product) -> str:
    """A product as JSON; `NotStorableError` for a photo that is no file and no URL."""
    present = product.present
    value: dict[str, Any] = {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "attributes": dict(product.attributes),
        "photos": [_photo(photo) for photo in product.photos],
    }
    if product.photo_error:
        value["photo_error"] = product.photo_error
    if any(present.__dict__.values()):  # by far quicker than to compare the two
        value["present"] = present.model_dump(mode="json", exclude_defaults=True)
    if product.translations:
        value["translations"] = {
            language: one.model_dump(mode="json", exclude_defaults=True)
            for language, one in sorted(product.translations.items())
        }
    if product.variants:
        value["variants"] = [
            one.model_dump(mode="json", exclude_defaults=True) for one in product.variants
        ]
    return _DUMP(value)


def product_of(text: str) -> Product:
    """The product of `product_text`."""
    value = json.loads(text)
    photos = value.pop("photos")
    return Product(
        **value, photos=[Path(p["file"]) if isinstance(p, dict) else p for p in photos]
    )


def description_text(description: Description[Any]) -> str:
    """A description as JSON, in ASCII where it holds lone surrogates."""
    try:
        return description.model_dump_json()
    except PydanticSerializationError:
        return _DUMP(description.model_dump(mode="json"))


def description_of(text: str, model: Any = Description) -> Description[Any]:
    """The description of `description_text`."""
    try:
        description: Description[Any] = model.model_validate_json(text)
    except ValidationError:  # which a lone surrogate is, too
        description = model.model_validate(json.loads(text))
    return description


def id_text(product_id: str) -> str:
    """The id as SQLite can hold it: as it is, but for lone surrogates."""
    try:
        product_id.encode("utf-8")
    except UnicodeEncodeError:
        return _DUMP(product_id)
    return product_id


def storable(text: str) -> str:
    """A text as SQLite can hold it, for a person: a lone surrogate is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def digest(*parts: str) -> str:
    """SHA-256, in hex, of texts in their order; lone surrogates are kept as such."""
    data = [part.encode("utf-8", "surrogatepass") for part in parts]
    return hashlib.sha256(
        b"".join([b"%d:%b" % (len(one), one) for one in data])
    ).hexdigest()


def staleness(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Which of the options make rows stale, by their digests."""
    parts = sorted(n for n in {*old, *new} if old.get(n) != new.get(n))
    return f"stale: {', '.join(parts) or 'other options'}"


def _photo(photo: Any) -> Any:
    if isinstance(photo, str):
        return photo
    if isinstance(photo, Path):
        # the job may go on in another folder
        return {"file": os.path.abspath(photo)}
    raise NotStorableError(
        f"a photo is a {type(photo).__name__}, which a journal cannot hold; "
        "give a Path or an https URL"
    )
