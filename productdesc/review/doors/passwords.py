"""Password file of reviewers: a line `name:hash` for each, made by `hash_password`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ...text.printable import printable, quoted
from ..limits import LIMITS, Limits

N, R, P = 2**15, 8, 1
"""Cost of scrypt (RFC 7914): 32 MB and about a tenth of a second."""
SALT_BYTES = 16
MEMORY_BYTES = 64 * 2**20
MOST_P = 4  # each takes as long again
MOST_CHARS = 200  # of a password


def hash_password(password: str) -> str:
    """A line's hash: `scrypt$N$r$p$salt$key`, salt and key in base 64."""
    if not 8 <= len(password) <= MOST_CHARS:
        raise ValueError(f"a password has 8 to {MOST_CHARS} characters")
    salt = os.urandom(SALT_BYTES)
    key = _key(password, salt, N, R, P)
    return "$".join(("scrypt", *map(str, (N, R, P)), _text(salt), _text(key)))


class Passwords:
    """The names and hashes of a file. A name with too many wrong ones has to wait.

    Raises `ValueError` for a line that is none. clock: for tests.
    """

    def __init__(
        self,
        hashes: Mapping[str, str],
        limits: Limits = LIMITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hashes = dict(hashes)
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, list[float]] = {}
        self._nobody = hash_password("nobody has this password")

    @classmethod
    def read(cls, path: Path) -> Passwords:
        """The passwords of a file; lines that begin with # are left out."""
        hashes: dict[str, str] = {}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            name, colon, text = line.strip().partition(":")
            place = f"{printable(path, 'path')}, line {number}"
            if not (name and colon and _parts(text)):
                raise ValueError(
                    f"{place}: is no `name:hash`; make one by "
                    "`productdesc review --hash-password`"
                )
            if name in hashes:
                raise ValueError(f"{place}: {quoted(name, 'name')} stands twice")
            hashes[name] = text
        if not hashes:
            raise ValueError(f"{printable(path, 'path')}: holds no `name:hash` line")
        return cls(hashes)

    def is_right(self, name: str, password: str) -> bool:
        """Whether it is the name's password.

        It takes as long for a name that there is not, and for one that has to wait: else
        the time would tell which names there are.
        """
        now = self._clock()
        since = now - self._limits.password_seconds
        waits = False
        if name in self._hashes:  # names that there are not would fill the memory
            with self._lock:
                wrong = [at for at in self._wrong.get(name, ()) if at > since]
                waits = len(wrong) >= self._limits.wrong_passwords
                # counted as wrong before it is tried: a hundred at once are a hundred
                self._wrong[name] = wrong if waits else [*wrong, now]
        parts = _parts(self._hashes.get(name, self._nobody))
        assert parts
        n, r, p, salt, wanted = parts
        key = _key(password[: MOST_CHARS + 1], salt, n, r, p)
        is_right = hmac.compare_digest(key, wanted) and name in self._hashes and not waits
        if is_right:
            with self._lock:
                self._wrong.pop(name, None)
        return is_right


def _parts(text: str) -> tuple[int, int, int, bytes, bytes] | None:
    """What a hash is made of; None where it is none, or costs more than it may."""
    kind, *rest = text.split("$")
    try:
        n, r, p = map(int, rest[:3])
        salt, key = (base64.b64decode(part, validate=True) for part in rest[3:])
    except ValueError:
        return None
    is_good = kind == "scrypt" and n > 1 and n & (n - 1) == 0 and len(key) == 32
    is_cheap = r > 0 and 0 < p <= MOST_P and 128 * n * r < MEMORY_BYTES
    return (n, r, p, salt, key) if is_good and is_cheap else None


def _key(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt, n=n, r=r, p=p, maxmem=2 * MEMORY_BYTES, dklen=32,
    )  # fmt: skip


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
