"""JSON lines: products in, one object a line, and descriptions out.

In, the keys of a `Product`, only `id` of them required:

    {"id": "A1", "title": "Canvas shoes", "photos": ["https://..."],
     "attributes": {"colour": "red"}, "description": "", "present": {"tags": ["shoes"]}}

Out, a whole `Description` with its evidence and provenance. Fields that hold the
merchant's own words are empty in it, so a line has only what may be written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from typing_extensions import TypeVar

from ..errors import CatalogError
from ..net.network_access import NO_ACCESS, NetworkAccess
from ..records import Description, Present, Product
from ..records.variants import within_limits
from ..text.printable import printable, quoted, words_of
from .delimited.json_lines import BadLine, json_lines, json_object
from .merge_policy import FIELDS
from .output.new_file_sink import Entry, NewFileSink
from .output.writable_part import writable_part
from .protocol import Closing, Problem, Problems, Saved
from .shop_text.attribute_values import plain_attributes
from .shop_text.image_urls import checked_folder, photo_links
from .shop_text.photo_lists import split_photos
from .shop_text.placeholders import stated, stated_attributes, stated_html, stated_list
from .shop_text.product_ids import IdCheck

SchemaT = TypeVar("SchemaT", bound=BaseModel, default=BaseModel)


class JsonlSource(Closing):
    """One product a line, or an element of a JSON array, in the file's order.

    photos_folder: a folder of yours that relative paths of photos may lead into; without
    it only https URLs are photos. network: hosts whose http URLs are photos too.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        photos_folder: str | os.PathLike[str] | None = None,
        network: NetworkAccess = NO_ACCESS,
    ) -> None:
        self.path = Path(path)
        self.problems = Problems()
        self._folder = checked_folder(photos_folder)
        self._network = network

    def products(self) -> Iterator[Product]:
        """Raises `CatalogError` only for a file that cannot be opened or read."""
        self.problems = Problems()
        with IdCheck(self.problems) as ids:
            for number, line in json_lines(self.path):
                try:
                    product = self._product(line, number)
                except BadLine as e:
                    self.problems.add(Problem(f"line {number}", str(e), number))
                    continue
                if product:
                    ids.look(product.id, number)
                    yield product

    def _product(self, line: bytes, number: int) -> Product | None:
        value = json_object(line)
        if value is None:
            return None
        key = value.get("id")
        if isinstance(key, int) and not isinstance(key, bool):
            key = value["id"] = str(key)
        if not isinstance(key, str) or not key.strip():
            raise BadLine("has no id, so it was left out")
        photos = value.pop("photos", [])
        texts = photos if isinstance(photos, list) else [photos]
        if not all(isinstance(one, str) for one in texts):
            if not all(isinstance(one, str | dict) for one in texts):
                raise BadLine("photos is a list of texts; it holds something else")
            texts = split_photos(photos)
        elif texts is not photos:
            texts = split_photos(photos)
        where = f"line {number}, product {quoted(key, 'name')}"
        if isinstance(attributes := value.get("attributes"), dict):
            value["attributes"] = plain_attributes(attributes, self.problems, where, number)
        try:
            product = Product.model_validate(value)
        except ValidationError as e:
            first = e.errors(include_url=False, include_input=False)[0]
            at = printable(".".join(map(str, first["loc"])), "name")
            why = f"{at}: {words_of(first['msg'])} ({e.error_count()} in all)"
            raise BadLine(why) from e
        usable = photo_links(
            texts,
            self.problems,
            where,
            line=number,
            folder=self._folder,
            network=self._network,
        )
        return product.model_copy(
            update={
                "photos": usable.photos,
                "photo_error": usable.error,
                **_stated(product),
            }
        )


def _stated(product: Product) -> dict[str, Any]:
    """What of a product says something, its id aside."""
    return {
        "title": stated_html(product.title),
        "description": stated_html(product.description),
        "attributes": stated_attributes(product.attributes),
        "present": _stated_present(product.present),
        "variants": within_limits(product.variants),
    }


_NOTHING = Present()


def _stated_present(present: Present) -> Present:
    if present == _NOTHING:
        return present
    texts = ("category", "seo_title", "seo_description")
    lists: dict[str, Any] = {
        "bullets": tuple(filter(stated, present.bullets)),
        "alt_texts": tuple(map(stated, present.alt_texts)),
        "tags": stated_list(present.tags),
    }
    return present.model_copy(
        update=lists | {name: stated(getattr(present, name)) for name in texts}
    )


class JsonlSink(NewFileSink):
    """A new file of descriptions at `path`, one a line, for products that need one.

    overwrite: fields that are written although the merchant has them;
    `merge_policy.FIELDS` writes every description whole. The merchant's own copy
    (`passthrough_copy`) is written whole.
    """

    WRITES = FIELDS
    HOLDS_ALL = False
    PUBLISHES = False

    def _entry(self, product: Product, description: Description) -> Entry | Saved:
        part = writable_part(product, description, self._overwrite)
        if isinstance(part, Saved):
            return part
        return Entry(product.id, part.json.encode() + b"\n", part.saved)


def read_descriptions(
    path: str | os.PathLike[str], schema: type[SchemaT] | None = None
) -> Iterator[Description[SchemaT]]:
    """Read the descriptions of a JSON lines file that `JsonlSink` wrote.

    schema: the model of your own that they were described with. Raises `CatalogError`,
    with the line, for a line that is no such description: the file is ours, so it was
    damaged, or made with another schema.
    """
    model = Description if schema is None else Description[schema]  # type: ignore[valid-type]
    for number, line in json_lines(Path(path)):
        if not line.strip():
            continue
        try:
            yield model.model_validate_json(line)
        except ValidationError as e:
            message = e.errors(include_url=False, include_input=False)[0]["msg"]
            raise CatalogError(
                f"{Path(path)}: line {number} is no description: {words_of(message)}"
            ) from e
