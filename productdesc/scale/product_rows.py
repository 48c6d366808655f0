"""Product rows: a `Product` as the columns of a dataset, and back.

    id, title, description   texts
    attributes               a JSON object as text, or a struct or map
    photos                   a list; each an https URL, encoded bytes, or an object with one
                             of "url", "path", "bytes"
    photo_paths              a list of paths of files that every worker can read
    more                     a JSON object with the rest of a `Product`: its variants etc.

Every column but `id` may be missing. A text in `photos` is only ever a URL: what comes
from a catalogue must never open a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..records import PhotoSource, Product
from ..text.printable import quoted, words_of

PRODUCT_COLUMNS = (
    "id", "title", "description", "attributes", "photos", "photo_paths", "more",
)  # fmt: skip
"""Columns that are read as parts of a product; the others go through as they are."""

MORE = {"present", "photo_error", "variants", "translations"}
"""Parts of a product that stand in `more`."""

_KINDS = ("url", "path", "bytes")


def product_of(row: Mapping[str, Any]) -> Product:
    """The product of a row. `ValueError` says what of it is none; no photo is opened."""
    given = row.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int) or given == "":
        raise ValueError("the row has no id")
    try:
        return Product(
            id=str(given),
            title=row.get("title") or "",
            description=row.get("description") or "",
            attributes=_object(row.get("attributes"), "attributes"),
            photos=_photos(row),
            **_more(row.get("more")),
        )
    except ValidationError as e:
        first = e.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, first["loc"]))
        raise ValueError(f"{quoted(at, 'name')}: {words_of(first['msg'])}") from e


def row_of(product: Product) -> dict[str, Any]:
    """A product as a row, whose photos are URLs or paths.

    `ValueError` for a photo that is at hand: only a row made by you holds encoded bytes.
    """
    more = product.model_dump(mode="json", include=MORE, exclude_defaults=True)
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "attributes": json.dumps(dict(product.attributes), ensure_ascii=False),
        "photos": [_place(photo) for photo in product.photos],
        "more": json.dumps(more, ensure_ascii=False) if more else None,
    }


def _place(photo: PhotoSource) -> dict[str, str | None]:
    if isinstance(photo, Path):
        return {"url": None, "path": str(photo)}
    if isinstance(photo, str):
        return {"url": photo, "path": None}
    raise ValueError(f"a photo is a {type(photo).__name__}, not a URL or a path")


def _photos(row: Mapping[str, Any]) -> list[PhotoSource]:
    photos, paths = row.get("photos"), row.get("photo_paths")
    photos, paths = _list(photos, "photos"), _list(paths, "photo_paths")
    if len(photos) and len(paths):
        raise ValueError(
            "photos and photo_paths are both given, so their order is not known; put "
            'paths into photos, each as {"path": ...}'
        )
    if not all(isinstance(path, str) for path in paths):
        raise ValueError("photo_paths holds something other than texts")
    return [*map(Path, paths), *map(_photo, photos)]


def _photo(given: Any) -> PhotoSource:
    if isinstance(given, Mapping):
        held = {kind: given[kind] for kind in _KINDS if given.get(kind) is not None}
        if len(held) != 1:
            raise ValueError(f"a photo is one of {', '.join(_KINDS)}; it has {len(held)}")
        [(kind, value)] = held.items()
        if kind == "path":
            return Path(value)
        given = value
    if not isinstance(given, str | bytes):
        raise ValueError(f"a photo is a {type(given).__name__}, not a URL or bytes")
    return given


def _list(value: Any, column: str) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ValueError(f"{column} is a {type(value).__name__}, not a list")
    return value


def _more(value: Any) -> dict[str, Any]:
    more = _object(value, "more")
    if unknown := more.keys() - MORE:
        raise ValueError(f"more holds {quoted(min(unknown), 'name')}, no part of a product")
    return more


def _object(value: Any, column: str) -> dict[str, Any]:
    """A JSON object, or a struct or map of Arrow (a list of pairs)."""
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as e:
            raise ValueError(f"{column} is no JSON: {words_of(e)}") from e
    elif isinstance(value, list) and all(isinstance(one, tuple) for one in value):
        value = dict(value)
    if not isinstance(value, Mapping):
        raise ValueError(f"{column} is a {type(value).__name__}, not an object")
    # a struct of Arrow has every field in every row
    return {name: one for name, one in value.items() if one is not None}
