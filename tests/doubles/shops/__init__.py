"""One file a catalogue: how the contract tests set it up and look into it.

To add one: a module here with `SHOP`, a subclass of `Shop`. It must not use the code under
test to look into the catalogue where another way exists.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from productdesc.catalogs.protocol import Saved, Sink, Source
from productdesc.records import Description, Product

CANARY = "canary-5e3c1e7-secret"
"""What every live shop's token or key contains in the tests; it must never be seen."""


@dataclasses.dataclass(frozen=True)
class Seed:
    """A product as the merchant left it; `id` as the source will give it back.

    Each shop stores what it has fields for. `photos` are https URLs that nobody fetches.
    """

    id: str
    title: str = ""
    description: str = ""
    seo_title: str = ""
    seo_description: str = ""
    alt_texts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()


def stamp(path: Path) -> tuple[int, int]:
    """Differs when the file was written again."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


class Shop(ABC):
    """One catalogue in a folder or on a loopback server, holding `seeds`.

    Leave the `with` block and its server is gone.
    """

    name: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    """Fields of a description that its sink writes (those in Seed are looked at)."""
    live: ClassVar[bool] = False
    """A live shop's sink writes only with `apply=True`."""
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_copy: ClassVar[bool] = True
    """Whether it holds words at all; a folder of photos does not."""

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        self.folder = folder
        self.seeds = seeds

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    @abstractmethod
    def source(self) -> Source:
        """A new source over what the catalogue holds now."""

    def sink(self, *, overwrite: Collection[str] = (), apply: bool = True) -> Sink:
        """A new sink into the same catalogue; `apply` is for live shops only.

        A file sink's result becomes what `source` reads next (the shop arranges that).
        """
        raise NotImplementedError

    def save_all(
        self, pairs: Sequence[tuple[Product, Description]], **options: Any
    ) -> list[Saved]:
        """Thousands of products saved, in the way the catalogue is meant for many."""
        with self.sink(**options) as sink:
            return [sink.save(product, ours) for product, ours in pairs]

    def held(self) -> dict[str, Mapping[str, Any]]:
        """What the catalogue holds now, by product id: raw values as stored, by field.

        Values are only compared with each other, before and after.
        """
        raise NotImplementedError

    def plain(self, product_id: str, field: str) -> Any:
        """One value of `held` as the plain text or tuple that a reader would see."""
        raise NotImplementedError

    def changes(self) -> int:
        """Requests that changed something so far (live shops)."""
        raise NotImplementedError
