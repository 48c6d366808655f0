"""Fetching a published taxonomy, once, when asked: nothing else here uses the network.

To move to a newer release: `SHOPIFY` below, or `url=` for any other file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import CatalogError, FetchError
from ..output_file import AtomicFile
from ..text.suggest import did_you_mean
from .load_taxonomy import parse_mapping, parse_taxonomy, unpacked

if TYPE_CHECKING:
    from ..net import Http

SHOPIFY = "2026-08"
"""The release that is fetched; Shopify makes one every three months."""

_RELEASE = f"https://github.com/Shopify/product-taxonomy/releases/download/v{SHOPIFY}"
SOURCES: Mapping[str, str] = {
    "shopify": f"{_RELEASE}/taxonomy.en.json.gz",
    "google": "https://www.google.com/basepages/producttype/taxonomy-with-ids.en-US.txt",
    "shopify-to-google": (
        f"{_RELEASE}/integrations.google.shopify_{SHOPIFY}_to_google_2021-09-21.en.json.gz"
    ),
}
"""What can be fetched, and from where."""

MAX_BYTES = 60 * 2**20  # as sent; Shopify's packed file is a few MB


def download(
    which: str,
    folder: Path,
    http: Http,
    *,
    file: Path | None = None,
    url: str | None = None,
    replace: bool = False,
) -> Path:
    """Fetch a taxonomy (a key of SOURCES) into a folder; the path of its file.

    file: where to put it instead; one that exists is replaced only with `replace`. url: a
    mirror or another release. The bytes are kept as sent, after they were read once: what
    is no taxonomy never takes a file's place.
    Raises `CatalogError` with the server's answer, `ValueError` for an unknown name.
    """
    if which not in SOURCES:
        hint = did_you_mean(which, SOURCES)
        raise ValueError(f"no taxonomy {which!r}; there are: {', '.join(SOURCES)}{hint}")
    source = url or SOURCES[which]
    path = file or folder / PurePosixPath(urlsplit(source).path).name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise CatalogError(f"{path}: cannot be written: {e.strerror or e}") from e
    new = AtomicFile(path, replace=replace or file is None)
    try:
        new.file.write(_fetched(which, source, http))
        new.keep()
    except OSError as e:
        raise CatalogError(f"{path}: cannot be written: {e.strerror or e}") from e
    finally:
        new.drop()
    return path


def _fetched(which: str, source: str, http: Http) -> bytes:
    """The bytes of a taxonomy, after they were read once."""
    try:
        body = http.get(source, max_bytes=MAX_BYTES).body
    except FetchError as e:
        raise CatalogError(f"{which} taxonomy: cannot be fetched: {e}") from e
    data = unpacked(body, source)
    if which == "shopify-to-google":
        parse_mapping(data, source)
    else:
        found = parse_taxonomy(data, source)
        if found.name != which:
            raise CatalogError(f"{source}: is the {found.name} taxonomy, not {which}'s")
    return body


def cache_folder(environment: Mapping[str, str], platform: str, home: Path) -> Path:
    """Where this user's fetched taxonomies are kept, by the rules of the platform.

    `environment` is `os.environ`, `platform` `sys.platform`. Makes nothing.
    """
    if platform == "win32":
        base = _absolute(environment.get("LOCALAPPDATA")) or home / "AppData" / "Local"
        return base / "productdesc" / "Cache" / "taxonomy"
    if platform == "darwin":
        return home / "Library" / "Caches" / "productdesc" / "taxonomy"
    base = _absolute(environment.get("XDG_CACHE_HOME")) or home / ".cache"
    return base / "productdesc" / "taxonomy"


def _absolute(text: str | None) -> Path | None:
    """The XDG rules say that a relative path there is to be ignored."""
    path = Path(text) if text else None
    return path if path and path.is_absolute() else None
