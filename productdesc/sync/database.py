"""The journal's SQLite file: opened, checked, brought to this version, held by one writer.

Every connection commits with `synchronous = FULL` in WAL mode: what was committed survives
a killed process, and a power loss as far as SQLite and the disk promise.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import JournalError
from ..text.printable import printable, words_of
from .versions import APPLICATION_ID, VERSIONS, Versions

NETWORK_FILE_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "9p", "ceph", "glusterfs",
    "lustre", "beegfs", "gfs2", "ocfs2", "davfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs",
    "fuse.glusterfs", "fuse.gcsfuse",
})  # fmt: skip
"""Where SQLite's locks and its shared memory do not hold (sqlite.org/wal.html)."""
MOUNTS = Path("/proc/self/mounts")


class Pragmas(NamedTuple):
    """How each connection is set."""

    journal_mode: str = "WAL"
    synchronous: str = "FULL"
    busy_timeout: int = 10_000  # ms to wait for another process's commit
    cache_size: int = -16_000  # KB; the same for a journal of any size
    wal_autocheckpoint: int = 1_000  # pages


PRAGMAS = Pragmas()


class Database:
    """One connection that threads share, one at a time. `path` is made where it is not.

    Raises `JournalError` for a file that is no journal, is of a newer version, or lies on
    a network file system.
    """

    versions: Versions = VERSIONS
    application_id = APPLICATION_ID

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self._lock = threading.RLock()
        if not create and not path.is_file():
            raise JournalError(f"{_shown(path)}: there is no such journal")
        check_file_system(path)
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False
            )
            self._prepare()
        except sqlite3.Error as e:
            raise self._error(e) from e

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One durable commit of all that the block does, or of nothing."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.rollback()
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as e:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.rollback()
                raise self._error(e) from e

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """All rows that a statement finds; for few."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as e:
                raise self._error(e) from e

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Within the block no other process, and nobody else here, holds the job.

        Raises `JournalError` where somebody does. A process that dies lets go.
        """
        # an iterator that is left may be closed by any thread
        lock = sqlite3.connect(
            f"{self.path}.lock", isolation_level=None, timeout=0, check_same_thread=False
        )
        try:
            lock.execute("PRAGMA journal_mode = MEMORY")
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as e:
            lock.close()
            if "locked" in str(e):
                raise JournalError(
                    f"{_shown(self.path)}: another run is at work on this journal; wait "
                    "for it or stop it"
                ) from e
            raise self._error(e) from e
        try:
            yield
        finally:
            lock.close()

    def is_held(self) -> bool:
        """Whether somebody is at work on the job now."""
        if not Path(f"{self.path}.lock").is_file():
            return False
        try:
            with self.held():
                return False
        except JournalError:
            return True

    def _prepare(self) -> None:
        execute = self._connection.execute
        for name, value in PRAGMAS._asdict().items():
            execute(f"PRAGMA {name} = {value}")
        application = execute("PRAGMA application_id").fetchone()[0]
        version = execute("PRAGMA user_version").fetchone()[0]
        is_empty = not execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        newest = len(self.versions)
        if application != self.application_id and not is_empty:
            raise JournalError(f"{_shown(self.path)}: is a database, but no journal")
        if version > newest:
            raise JournalError(
                f"{_shown(self.path)}: was written by a newer productdesc (journal version "
                f"{version}, this one knows {newest}); update productdesc"
            )
        if version == newest:
            return
        with self.transaction() as connection:
            # another process may have done it meanwhile
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            for statements in self.versions[version:]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {self.application_id}")
            connection.execute(f"PRAGMA user_version = {newest}")

    def _error(self, error: sqlite3.Error) -> JournalError:
        reason = words_of(error)
        if "not a database" in reason:
            return JournalError(f"{_shown(self.path)}: is no journal ({reason})")
        return JournalError(f"{_shown(self.path)}: {reason}")


def check_file_system(path: Path, mounts: Path = MOUNTS) -> None:
    """`JournalError` where the file would lie on a network file system."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    kinds = {}
    for line in lines:
        _, place, kind, *_ = [*line.split(" "), "", "", ""]
        kinds[place.replace("\\040", " ")] = kind
    folder = os.path.realpath(path.parent)
    while folder not in kinds and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    if (kind := kinds.get(folder, "")) in NETWORK_FILE_SYSTEMS:
        raise JournalError(
            f"{_shown(path)}: lies on a network file system ({kind}), where a journal can "
            "be lost; put it on a disk of this machine"
        )


def _shown(path: Path) -> str:
    return printable(path, "path")
