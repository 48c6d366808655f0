"""Join of a bulk operation's lines to products, in a database on the disk.

Shopify gives a product's media and metafields lines of their own, anywhere after its own.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from .....text.printable import printable
from ....protocol import Problem
from ..api.response_shapes import WrongShape
from .product_node import ProductNode, numeric_id, parse

_TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
create table root (id text, node text);
create table child (parent text, line integer, node text);
"""


class BulkJoin:
    """Join of lines to products, in a file that is gone when the `with` block is left."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="productdesc-")
        self._base = sqlite3.connect(
            Path(self._folder.name) / "lines.sqlite", check_same_thread=False
        )
        self._base.executescript(_TABLES)

    def __enter__(self) -> BulkJoin:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._base.close()
        self._folder.cleanup()

    def add(self, lines: Iterable[Mapping[str, Any]]) -> int:
        """Take every line; how many products they hold."""
        roots = 0
        for number, node in enumerate(lines):
            parent = node.get("__parentId")
            if parent is None:
                roots += 1
                values = (_text(node.get("id")), json.dumps(node))
                self._base.execute("insert into root values (?, ?)", values)
            else:
                child = (_text(parent), number, json.dumps(node))
                self._base.execute("insert into child values (?, ?, ?)", child)
        self._base.execute("create index by_id on root (length(id), id)")
        self._base.execute("create index by_parent on child (parent, line)")
        return roots

    def nodes(self) -> Iterator[ProductNode | Problem]:
        """Every product by rising id, which is the same order every time."""
        for gid, text in self._base.execute(
            "select id, node from root order by length(id), id"
        ):
            children = self._children(gid)
            try:
                yield parse(
                    json.loads(text),
                    [c for c in children if "mediaContentType" in c],
                    [c for c in children if "namespace" in c],
                )
            except WrongShape as e:
                where = f"product {printable(numeric_id(gid), 'name')}"
                yield Problem(where, f"the shop's lines are not whole: {e}")

    def strays(self) -> int:
        """Lines that belong to no product."""
        count = "select count(*) from child where parent not in (select id from root)"
        return int(self._base.execute(count).fetchone()[0])

    def _children(self, gid: str) -> list[dict[str, Any]]:
        rows = self._base.execute(
            "select node from child where parent = ? order by line", (gid,)
        )
        return [json.loads(text) for (text,) in rows]


def _text(value: object) -> str:
    """An id as the database takes it: half a character is none."""
    return str(value).encode("utf-8", "replace").decode()
