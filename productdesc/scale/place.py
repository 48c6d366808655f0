"""Place: a file or folder on this machine or in a cloud, by pyarrow's filesystems."""

from __future__ import annotations

import contextlib
import copy
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from ..errors import CatalogError
from ..output_file import lock_file
from ..text.printable import words_of

COPY_BYTES = 2**20

CLOUDS = ("s3", "gs", "gcs")

FIND_SECONDS = 10
"""How long Google's cloud is asked for a bucket; pyarrow tries for 15 minutes where nothing
answers. Amazon's is asked three times, of three seconds each."""

ANY_REGION = "us-east-1"
"""Of Amazon's, each of which knows where a bucket is."""

S3_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
"""Environment variables that name to pyarrow an S3 that is not Amazon's."""

SECRET_WORDS = ("secret", "token", "password", "sig")
"""In names of a URL's query, such as client_secret: what they hold is secret."""

ADVICE: Mapping[str, str] = {
    "configured region is": "give the bucket's region: ...?region=NAME",
    "HTTP status 301": "give the bucket's region: ...?region=NAME",
    "NETWORK_CONNECTION": "is there a network, and are region and endpoint right?",
    "OAuth2 access token": "is there a network, and does GOOGLE_APPLICATION_CREDENTIALS "
    "name the file of credentials?",
    "UNAVAILABLE": "is there a network, and is the endpoint right?",
    "INVALID_ACCESS_KEY_ID": "see AWS_ACCESS_KEY_ID or ~/.aws/credentials",
    "SIGNATURE_DOES_NOT_MATCH": "see AWS_SECRET_ACCESS_KEY or ~/.aws/credentials",
    "ACCESS_DENIED": "the credentials are wrong, or may not list, read and write there",
    "PERMISSION_DENIED": "the credentials may not list, read and write there",
    "UNAUTHENTICATED": "GOOGLE_APPLICATION_CREDENTIALS names the file of credentials",
}
"""A sign in what pyarrow says of a cloud, and what to do; the first one counts."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path in a filesystem. `shown` is what a person called it."""

    filesystem: Any
    path: str
    shown: str

    @classmethod
    def of(cls, text: str | os.PathLike[str]) -> Place:
        """The place that a path or URL names: s3://..., gs://..., or a local path.

        Raises `CatalogError` without pyarrow, for a URL that it does not know, and for a
        bucket that is not there or cannot be asked; `ValueError` for credentials in a URL.
        """
        try:
            from pyarrow import fs
        except ImportError as e:
            raise CatalogError(
                'files of many workers need pyarrow: pip install "productdesc[ray]"'
            ) from e
        url = os.fspath(text)
        if "://" not in url:
            return cls(fs.LocalFileSystem(), str(Path(url).absolute()), url)
        check_no_secret(url)
        shown = shown_place(url).rstrip("/")
        with _explained(f"{shown}: cannot be opened"):
            filesystem, path = _opened(fs, url)
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

        with self.explained():
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
            with self.explained():
                return list(self.filesystem.get_file_info([self.path]))
        with self.explained():
            found = self.filesystem.get_file_info(
                fs.FileSelector(self.path, allow_not_found=True)
            )
        return sorted(
            (one for one in found if one.is_file and one.path.lower().endswith(endings)
             and not one.base_name.startswith((".", "_"))),
            key=lambda one: one.path,
        )  # fmt: skip

    def make(self) -> None:
        """Make this folder, where it is not there."""
        with self.explained():
            self.filesystem.create_dir(self.path, recursive=True)

    def remove(self) -> None:
        """Remove this folder with all that is in it."""
        with self.explained():
            if self.kind():
                self.filesystem.delete_dir(self.path)

    def read(self) -> bytes:
        with self.reading(self.path) as file:
            return bytes(file.read())

    @contextlib.contextmanager
    def reading(self, path: str) -> Iterator[Any]:
        """A file of this place's filesystem, as pyarrow reads it."""
        with self.explained(), self.filesystem.open_input_file(path) as file:
            yield file

    @contextlib.contextmanager
    def writing(self) -> Iterator[Any]:
        """A file of pyarrow to write to; it stands here only when the block has ended."""
        beside = f"{self.path}.part"
        with self.explained():
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
        with self.explained():
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
            copied = Path(folder) / path.rpartition("/")[2]
            with self.reading(path) as source, copied.open("wb") as target:
                shutil.copyfileobj(source, target, COPY_BYTES)
            yield copied

    def explained(self) -> contextlib.AbstractContextManager[None]:
        """Within the block an error of pyarrow is a `CatalogError` of this place."""
        return _explained(self.shown)


def shown_place(text: str | os.PathLike[str]) -> str:
    """A path, or a URL without its query, for people."""
    place = os.fspath(text)
    return place.partition("?")[0] if "://" in place else place


def check_no_secret(text: str | os.PathLike[str]) -> None:
    """Raises `ValueError` for credentials in a URL, and shows nothing of them.

    Whoever lists processes sees them, and Ray keeps the command line of each run.
    """
    scheme, is_url, rest = os.fspath(text).partition("://")
    host = rest.partition("/")[0]
    user = host.rpartition("@")[0] or host  # a secret with a "/" in it ends the host early
    is_key = ":" in user or (scheme == "s3" and "@" in host)
    names = parse_qs(rest.partition("?")[2]) if is_url else {}
    in_query = any(word in name.lower() for name in names for word in SECRET_WORDS)
    if in_query or (is_url and "@" in rest and is_key):
        raise ValueError(
            f"{scheme}://...: the URL holds credentials, which a list of processes and "
            "Ray's records show; put them into the environment of every machine: "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "GOOGLE_APPLICATION_CREDENTIALS for the path of a file"
        )


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """An error of pyarrow as a `CatalogError`: what, the reason, and what to do."""
    from pyarrow import ArrowException

    try:
        yield
    except (OSError, ArrowException) as e:
        why = words_of(str(e).partition(" error_info=")[0])
        todo = next((do for sign, do in ADVICE.items() if sign in why), "")
        raise CatalogError(f"{what}: {why}" + (f"; {todo}" if todo else "")) from e


def _opened(fs: Any, url: str) -> tuple[Any, str]:
    """The filesystem of a URL, after its bucket was found, and the path there."""
    scheme, _, rest = url.partition("://")
    place, _, query = rest.partition("?")
    bucket = place.partition("/")[0].rpartition("@")[2]
    names = parse_qs(query)
    if not bucket and scheme in CLOUDS:
        raise FileNotFoundError(f"it names no bucket: {scheme}://BUCKET/PATH")
    if scheme == "s3":
        is_told = names.keys() & {"region", "endpoint_override"}
        if not is_told and not any(map(os.environ.get, S3_ENDPOINTS)):
            # pyarrow asks for the bucket's region, for minutes where nothing answers
            amazon = fs.S3FileSystem(anonymous=True, region=ANY_REGION)
            _find(fs, amazon, bucket, "HTTP status", "DENIED")
        found, path = fs.FileSystem.from_uri(url)
        # as workers have it: that of a URL tries again for another half a minute, and not
        # at all where a server says "slow down"
        filesystem = copy.copy(found)
        _find(fs, filesystem, bucket, "DENIED")
    else:
        filesystem, path = fs.FileSystem.from_uri(url)
        if scheme in CLOUDS:
            limit = f"{'&' if query else '?'}retry_limit_seconds={FIND_SECONDS}"
            quick = url if "retry_limit_seconds" in names else url + limit
            _find(fs, fs.FileSystem.from_uri(quick)[0], bucket, "DENIED")
    return filesystem, path


def _find(fs: Any, filesystem: Any, bucket: str, *signs: str) -> None:
    """Ask for a bucket. signs: of answers that say no more than that it may be there."""
    try:
        [info] = filesystem.get_file_info([bucket])
    except OSError as e:
        if any(sign in str(e) for sign in signs):
            return
        raise
    if info.type == fs.FileType.NotFound:
        raise FileNotFoundError(f"there is no bucket {bucket}; make it, or mend its name")
