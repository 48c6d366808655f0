"""Image URLs of a stranger's file: an https URL is a photo, and nothing local.

A folder that the caller named himself opens its own files, and nothing outside it; a host
that he let through may be asked over plain http too. How
several stand in one text: see `photo_lists`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from ...errors import CatalogError
from ...net.network_access import NO_ACCESS, NetworkAccess
from ...net.url_policy import scrub
from ...records import PhotoSource
from ...text.printable import printable, quoted
from ..protocol import Problem, Problems
from .photo_lists import MAX_URL_CHARS, PLAIN_URL, URL_KEYS, split_urls
from .placeholders import stated

MAX_PHOTOS = 250
"""Photos of one product that are kept; Shopify allows 250, other shops fewer."""

_SPACE = re.compile(r"[^\S\x00-\x1f\x7f-\x9f]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


class NoPhoto(ValueError):
    """A text that names no photo that may be used; the message is the reason."""


class PhotoLinks(NamedTuple):
    """The photos that a product has. error: why there is none of those that were listed."""

    photos: tuple[PhotoSource, ...]
    error: str = ""


def checked_folder(folder: str | os.PathLike[str] | None) -> Path | None:
    """The folder of photos that a caller named; `CatalogError` where there is none."""
    if folder is None:
        return None
    if not os.path.isdir(folder):
        what = "is no folder" if os.path.exists(folder) else "there is no such folder"
        shown = printable(folder, "path")
        raise CatalogError(f"{shown}: {what}; it was named as the folder of photos")
    return Path(folder)


def photo_links(
    texts: Iterable[str],
    problems: Problems,
    where: str,
    *,
    line: int = 0,
    folder: Path | None = None,
    network: NetworkAccess = NO_ACCESS,
) -> PhotoLinks:
    """The photos that `texts` name, each once, in order; every other text is a problem.

    A text may list several URLs. folder: where relative paths may lead, named by the
    caller; None: nowhere. network: the hosts whose http URLs are photos too.
    """
    found: dict[PhotoSource, None] = {}
    first = ""
    count = 0
    for text in texts:
        if PLAIN_URL.fullmatch(text):
            found[text] = None
            continue
        for one in split_urls(text):
            try:
                found[photo_link(one, folder, network)] = None
            except NoPhoto as e:
                shown = quoted(scrub(one.strip()), "url")
                why = f"photo {shown} was left out: it {e}"
                problems.add(Problem(where, why, line))
                if stated(one):  # "none" lists no photo
                    first = first or why
                    count += 1
    if len(found) > MAX_PHOTOS:
        message = f"has {len(found)} photos; only the first {MAX_PHOTOS} were read"
        problems.add(Problem(where, message, line))
    if found or not first:
        return PhotoLinks(tuple(found)[:MAX_PHOTOS])
    others = f", and {count - 1} others" if count > 1 else ""
    return PhotoLinks((), f"no photo can be used: {first}{others}")


def photo_link(
    text: str, folder: Path | None = None, network: NetworkAccess = NO_ACCESS
) -> PhotoSource:
    """The URL that `text` is, or a `Path` below `folder`; raises `NoPhoto`.

    The URL is https, or at a host of `network`. Says nothing of where it leads: that is
    judged when it is fetched.
    """
    text = text.strip()
    scheme = _SCHEME.match(text)
    if text[:8].lower() == "https://" or network.allows(text):
        text = _SPACE.sub(lambda space: quote(space[0]), text)  # as browsers do
        if len(text) > MAX_URL_CHARS:
            raise NoPhoto(f"is {len(text)} characters long; {MAX_URL_CHARS} is the limit")
        return text
    if scheme:
        said = printable(scheme[1].lower(), "code")
        why = f"is {said}:, and only https URLs are fetched"
        ours = "; of a host of your own also http, with --allow-host"
        raise NoPhoto(why + ours if scheme[1].lower() == "http" else why)
    if text.startswith(("//", "\\\\")):
        raise NoPhoto("names a machine without https:")
    if text[:1] in ("[", "{", "<"):
        raise NoPhoto(f"is no URL, nor a list in JSON of URLs or of {', '.join(URL_KEYS)}")
    if folder is None:
        raise NoPhoto(
            "is a path, and a file's own words open no local file unless you name the "
            "folder that it lies in: --photos-folder (photos_folder= in Python)"
        )
    return _below(text, folder)


def _below(text: str, folder: Path) -> Path:
    top = os.path.realpath(folder)
    try:
        path = os.path.realpath(os.path.join(top, text.replace("\\", "/")))
        inside = os.path.commonpath([top, path]) == top
        mode = os.stat(path).st_mode if inside else 0
    except (OSError, ValueError) as e:
        raise NoPhoto(f"cannot be opened below {folder}") from e
    if not inside:
        raise NoPhoto(f"leads out of {folder}")
    if not stat.S_ISREG(mode):
        raise NoPhoto("is no regular file")
    return Path(path)
