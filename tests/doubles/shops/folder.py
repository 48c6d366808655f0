"""A folder of photos: only read, and it holds no words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from productdesc.catalogs.folder import FolderSource

from . import Seed, Shop


class Folder(Shop):
    name = "folder"
    fields = ()
    writes = False
    has_copy = False

    def __init__(self, folder: Path, seeds: Sequence[Seed]) -> None:
        super().__init__(folder, seeds)
        for seed in seeds:
            for number, _ in enumerate(seed.photos, start=1):
                (folder / f"{seed.id}_{number}.jpg").write_bytes(b"never opened")

    def source(self) -> FolderSource:
        return FolderSource(self.folder)


SHOP = Folder
