"""Loading a taxonomy, or a map between two, from a file the user names; gzip or not.

What a file is, is read from its content; its name does not count.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import Any, TypeVar

from ..errors import CatalogError
from ..text.printable import quoted, words_of
from . import google_format, google_mapping, shopify_format
from .google_mapping import CategoryMap
from .tree import Taxonomy

T = TypeVar("T")

MAX_BYTES = 400 * 2**20
"""Of an unpacked file; Shopify's largest, taxonomy.json, is about 100 MB."""

_WRONG_SHAPE = (KeyError, TypeError, AttributeError, IndexError, StopIteration)


def load_taxonomy(path: Path, *, attributes: Path | None = None) -> Taxonomy:
    """The taxonomy in a file of Shopify's or Google's.

    attributes: the file of attributes and their values, where it is another one.
    Raises `CatalogError` for a file that cannot be read or is something else.
    """
    second = None if attributes is None else read(attributes)
    return parse_taxonomy(read(path), str(path), second)


def load_mapping(path: Path) -> CategoryMap:
    """The map from Shopify's categories to Google's, as YAML or JSON.

    Raises `CatalogError` for a file that cannot be read or is something else.
    """
    return parse_mapping(read(path), str(path))


def parse_taxonomy(data: bytes, name: str, attributes: bytes | None = None) -> Taxonomy:
    """The taxonomy in a file's unpacked bytes; `name` is what errors call it."""
    text = _text(data, name)
    if text.lstrip()[:1] in ("{", "["):
        second = None if attributes is None else _json(_text(attributes, name), name)
        return _shaped(lambda: shopify_format.from_json(_json(text, name), second), name)
    if text.startswith(google_format.HEAD):
        return google_format.from_text(text)
    if "gid://shopify/TaxonomyCategory/" in text[:2000]:
        return shopify_format.from_text(text)
    raise CatalogError(
        f"{name}: is no taxonomy: it begins with {quoted(text, 'value')}; known are "
        "Shopify's taxonomy.json, categories.json and categories.txt, and Google's "
        "taxonomy-with-ids.txt"
    )


def parse_mapping(data: bytes, name: str) -> CategoryMap:
    """The map in a file's unpacked bytes; `name` is what errors call it."""
    text = _text(data, name)
    loaded = _json(text, name) if text.lstrip()[:1] == "{" else _yaml(text, name)
    return _shaped(lambda: google_mapping.from_data(loaded), name)


def read(path: Path) -> bytes:
    """A file's bytes, unpacked where they are gzip; raises `CatalogError`."""
    try:
        if path.exists() and not path.is_file():
            raise CatalogError(f"{path}: is no regular file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as e:
        raise CatalogError(f"{path}: cannot be read: {e.strerror or e}") from e
    return unpacked(data, str(path))


def unpacked(data: bytes, name: str) -> bytes:
    """The bytes, unpacked where they are gzip; raises `CatalogError` over MAX_BYTES."""
    if data.startswith(b"\x1f\x8b"):
        try:
            with GzipFile(fileobj=io.BytesIO(data)) as file:
                data = file.read(MAX_BYTES + 1)
        except (BadGzipFile, EOFError, zlib.error) as e:
            raise CatalogError(f"{name}: is broken gzip: {e}") from e
    if len(data) > MAX_BYTES:
        raise CatalogError(f"{name}: more than {MAX_BYTES:,} bytes, the limit")
    return data


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise CatalogError(f"{name}: is not UTF-8 at byte {e.start:,}") from e


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as e:
        raise CatalogError(f"{name}: is broken JSON: {words_of(e)}") from e


def _yaml(text: str, name: str) -> Any:
    import yaml  # 20 ms that only this format pays

    # Every scalar is a text: ids may look like numbers or dates. C is ten times faster.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(text, Loader=loader)
    except (yaml.YAMLError, RecursionError) as e:
        raise CatalogError(f"{name}: is broken YAML: {words_of(e)}") from e


def _shaped(made: Callable[[], T], name: str) -> T:
    try:
        return made()
    except _WRONG_SHAPE as e:
        raise CatalogError(
            f"{name}: has another shape than the published files ({words_of(repr(e))})"
        ) from e
