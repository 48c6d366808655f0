"""Digests: SHA-256 over canonical JSON, the same in every process and dict order."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def json_digest(value: Any) -> str:
    """SHA-256, in hex, of a JSON value; the order of its keys does not count.

    Lone surrogates are kept as such. Raises `TypeError` for what is no JSON value.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
