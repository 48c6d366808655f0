"""Google's product taxonomy: `taxonomy-with-ids.LANGUAGE.txt`, one "id - path" a line."""

from __future__ import annotations

import re

from .tree import SEPARATOR, Category, Taxonomy

HEAD = "# Google_Product_Taxonomy_Version:"
_LINE = re.compile(r"(\d+) - (\S.*)")


def from_text(text: str) -> Taxonomy:
    """The taxonomy of the file; Google's categories have no attributes."""
    version = next((s[len(HEAD) :] for s in text.splitlines() if s.startswith(HEAD)), "")
    pairs = [(m[1], m[2].strip()) for m in map(_LINE.match, text.splitlines()) if m]
    ids = {path: number for number, path in pairs}
    categories = [
        Category(number, path, ids.get(path.rpartition(SEPARATOR)[0], ""))
        for number, path in pairs
    ]
    return Taxonomy("google", version.strip(), categories)
