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

from ....protocol import Problem, Problems
from ..api.response_shapes import WrongShape
from .product_node import ProductNode, gid_of, named, parse

_TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
create table root (id text, node text);
create table child (parent text, line integer, node text);
"""


class BulkJoin:
    """Join of lines to products, in a file that is gone when the `with` block is left.

    `roots` counts the lines of products, `bad` those that could not be used.
    """

    def __init__(self) -> None:
        self.roots = self.bad = 0
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

    def add(self, lines: Iterable[Mapping[str, Any] | Problem], problems: Problems) -> None:
        """Take every line; those that cannot be used are problems, and counted as `bad`."""
        for number, node in enumerate(lines, start=1):
            problem = node if isinstance(node, Problem) else self._put(node, number)
            if problem:
                self.bad += 1
                problems.add(problem)
        self._base.execute("create index by_id on root (length(id), id)")
        self._base.execute("create index by_parent on child (parent, line)")

    def _put(self, node: Mapping[str, Any], number: int) -> Problem | None:
        parent = node.get("__parentId")
        if parent is None and (gid := gid_of(node)):
            self.roots += 1
            self._base.execute("insert into root values (?, ?)", (gid, json.dumps(node)))
        elif isinstance(parent, str):
            child = (parent, number, json.dumps(node))
            self._base.execute("insert into child values (?, ?, ?)", child)
        else:
            message = "names no product that it is, or belongs to; it was left out"
            return Problem(f"line {number} of the bulk file", message, number)
        return None

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
                yield Problem(named(gid), f"the shop's lines are not whole: {e}")

    def strays(self) -> int:
        """Lines that belong to no product, nor to one whose own line may be a bad one."""
        count = (
            "select count(*), count(distinct parent) from child "
            "where parent not in (select id from root)"
        )
        lines, parents = self._base.execute(count).fetchone()
        return int(lines) if parents > self.bad else 0

    def _children(self, gid: str) -> list[dict[str, Any]]:
        rows = self._base.execute(
            "select node from child where parent = ? order by line", (gid,)
        )
        return [json.loads(text) for (text,) in rows]
