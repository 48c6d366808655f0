"""Place: a file or folder on this machine or in a cloud, by pyarrow's filesystems."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import CatalogError
from ..output_file import lock_file
from ..text.printable import words_of

COPY_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Place:
    """A path in a filesystem. `shown` is what a person called it."""

    filesystem: Any
    path: str
    shown: str

    @classmethod
    def of(cls, text: str | os.PathLike[str]) -> Place:
        """The place that a path or URL names: s3://..., gs://..., or a local path.

        Raises `CatalogError` without pyarrow, and for a URL that it does not know.
        """
        try:
            from pyarrow import fs
        except ImportError as e:
            raise CatalogError(
                'files of many workers need pyarrow: pip install "productdesc[ray]"'
            ) from e
        shown = os.fspath(text)
        if "://" not in shown:
            return cls(fs.LocalFileSystem(), str(Path(shown).absolute()), shown)
        try:
            filesystem, path = fs.FileSystem.from_uri(shown)
        except Exception as e:  # pyarrow raises many kinds
            raise CatalogError(f"{shown}: cannot be opened: {words_of(e)}") from e
        return cls(filesystem, path.rstrip("/"), shown)

    @property
    def is_local(self) -> bool:
        return bool(self.filesystem.type_name == "local")

    def under(self, *names: str) -> Place:
        """A place in this folder."""
        tail = "/".join(names)
        return Place(self.filesystem, f"{self.path}/{tail}", f"{self.shown}/{tail}")

    def kind(self) -> str:
        """ "file", "folder", or "" for nothing."""
        from pyarrow import fs

        with self._told():
            [info] = self.filesystem.get_file_info([self.path])
        return {fs.FileType.File: "file", fs.FileType.Directory: "folder"}.get(
            info.type, ""
        )

    def files(self, *endings: str) -> list[Any]:
        """What pyarrow says of the files of this folder with these endings, by name.

        Those whose names begin with a dot or an underscore are left out.
        """
        from pyarrow import fs

        if self.kind() == "file":
            with self._told():
                return list(self.filesystem.get_file_info([self.path]))
        with self._told():
            found = self.filesystem.get_file_info(
                fs.FileSelector(self.path, allow_not_found=True)
            )
        return sorted(
            (one for one in found if one.is_file and one.path.lower().endswith(endings)
             and not one.base_name.startswith((".", "_"))),
            key=lambda one: one.path,
        )  # fmt: skip

    def folders(self) -> list[str]:
        """The names of the folders in this one."""
        from pyarrow import fs

        with self._told():
            found = self.filesystem.get_file_info(
                fs.FileSelector(self.path, allow_not_found=True)
            )
        return sorted(one.base_name for one in found if one.type == fs.FileType.Directory)

    def make(self) -> None:
        """Make this folder, where it is not there."""
        with self._told():
            self.filesystem.create_dir(self.path, recursive=True)

    def remove(self) -> None:
        """Remove this folder with all that is in it."""
        with self._told():
            if self.kind():
                self.filesystem.delete_dir(self.path)

    def read(self) -> bytes:
        with self._told(), self.filesystem.open_input_stream(self.path) as file:
            return bytes(file.read())

    @contextlib.contextmanager
    def writing(self) -> Iterator[Any]:
        """A file of pyarrow to write to; it stands here only when the block has ended."""
        beside = f"{self.path}.part"
        with self._told():
            with self.filesystem.open_output_stream(beside) as file:
                yield file
            self.filesystem.move(beside, self.path)

    @contextlib.contextmanager
    def held(self, what: str) -> Iterator[None]:
        """Within the block nobody else holds this local folder, which is made.

        Raises `CatalogError` where somebody does; what: who that is. In a cloud nothing is
        held.
        """
        if self.kind() != "file":
            self.make()
        if not self.is_local:
            yield
            return
        with self._told():
            file = (Path(self.path) / "lock").open("ab")
        with file:
            if not lock_file(file):
                raise CatalogError(f"{self.shown}: {what}; wait for it or stop it")
            yield

    @contextlib.contextmanager
    def copied(self, path: str) -> Iterator[Path]:
        """A file of this place's filesystem as a local one: itself, or a copy that goes."""
        if self.is_local:
            yield Path(path)
            return
        with tempfile.TemporaryDirectory(prefix="productdesc-") as folder:
            copy = Path(folder) / path.rpartition("/")[2]
            with (
                self._told(),
                self.filesystem.open_input_stream(path) as source,
                copy.open("wb") as target,
            ):
                shutil.copyfileobj(source, target, COPY_BYTES)
            yield copy

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as e:
            raise CatalogError(f"{self.shown}: {words_of(e)}") from e
