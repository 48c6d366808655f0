"""Options of opening a catalogue, and the types of the functions that do it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ...net.network_access import NO_ACCESS, NetworkAccess
from ...secret import Secret
from ..protocol import Sink, Source

if TYPE_CHECKING:
    from ..woocommerce.built_in import Role


class Delimited(TypedDict):
    """Options of every source of delimited text."""

    delimiter: str | None
    encoding: str | None
    photos_folder: Path | None
    network: NetworkAccess


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """Options of `open_source` and `open_sink`; most formats need none.

    photos_folder, media_url: where the relative paths of a source's photos lead to.
    columns: a plain table's columns by role, where they are not understood by their names.
    delimiter, encoding: of a delimited file that is read, and of one that is made from it.
    overwrite: the fields that a sink may replace. replace: a file that exists may be
    replaced by the new one. apply: write to a live shop, not only say what. source_path:
    the file that a rewritten file is made from. category_id: finds the id of a category's
    path, for a shop that files products by id. secrets: a shop's token, or its key and
    secret. role, accept_cleaning: of a WooCommerce key or import, see `WooCommerceSink`.
    seo: the SEO plugin of a WooCommerce shop, "yoast" or "rank-math", or "custom-fields"
    of a Vendure shop. language: whose texts of a Vendure shop are read, and those of a
    Vendure or Shopify shop written; "": the default one. languages: in which products of
    such a shop are read, the first for the product itself. network: hosts that a shop or
    its photos may be at although they are not public, see `NetworkAccess`.
    """

    photos_folder: Path | None = None
    media_url: str | None = None
    columns: Mapping[str, Sequence[str]] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    overwrite: Collection[str] = ()
    replace: bool = False
    apply: bool = False
    source_path: Path | None = None
    category_id: Callable[[str], str | None] | None = None
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    role: Role = "shop_manager"
    accept_cleaning: bool = False
    seo: str = ""
    language: str = ""
    languages: Sequence[str] = ()
    network: NetworkAccess = NO_ACCESS

    def delimited(self) -> Delimited:
        return Delimited(
            delimiter=self.delimiter,
            encoding=self.encoding,
            photos_folder=self.photos_folder,
            network=self.network,
        )

    def rewritten_path(self) -> Path:
        """The file to rewrite; raises `ValueError` where none is given."""
        if self.source_path is None:
            raise ValueError(
                "such a file is made from the file that was read; give it as source_path"
            )
        return self.source_path


OpenSource = Callable[[str, OpenOptions], Source]
"""Opens the source at a path or address."""
OpenSink = Callable[[str, OpenOptions], Sink]
"""Opens a sink at a path or address."""
