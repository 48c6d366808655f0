"""Join of a bulk operation's lines to products, in a database on the disk.

Shopify gives a product's media, metafields and variants lines of their own, anywhere after
its own, and so a variant's media.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ....protocol import Problem, Problems
from ..api.response_shapes import TRANSLATED_ID, TRANSLATIONS, WrongShape, checked
from .product_node import ProductNode, TranslatedText, gid_of, named, parse
from .translations import resources, texts_of

_TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
create table root (id text, node text);
create table child (parent text, line integer, node text);
create table variant (id text);
create table translated (id text primary key, node text);
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
            if "selectedOptions" in node:  # what it is shown by has lines of its own
                self._base.execute("insert into variant values (?)", (gid_of(node),))
            self._base.execute("insert into child values (?, ?, ?)", child)
        else:
            message = "names no product that it is, or belongs to; it was left out"
            return Problem(f"line {number} of the bulk file", message, number)
        return None

    def add_translations(
        self,
        lines: Iterable[Mapping[str, Any] | Problem],
        locales: Sequence[str],
        problems: Problems,
    ) -> int:
        """Take the lines of `bulk_translations`; how many there were, the bad ones too."""
        count = 0
        for number, node in enumerate(lines, start=1):
            count += 1
            if isinstance(node, Problem):
                problems.add(node)
                continue
            try:
                gid = checked(TRANSLATED_ID, node)["resourceId"]
                for n in range(len(locales)):
                    checked(TRANSLATIONS, node.get(f"l{n}"), f"l{n}")
            except WrongShape as e:
                why = f"its translations are not whole: {e}; they were left out"
                problems.add(Problem(f"line {number} of the bulk file", why, number))
                continue
            row = (gid, json.dumps([node[f"l{n}"] for n in range(len(locales))]))
            self._base.execute("insert or replace into translated values (?, ?)", row)
        return count

    def translations(
        self, node: ProductNode, locales: Sequence[str]
    ) -> dict[str, dict[tuple[str, str], TranslatedText]]:
        """The translated texts of a product and its images, by locale."""
        found: dict[str, dict[tuple[str, str], TranslatedText]] = {
            locale: {} for locale in locales
        }
        for gid in resources(node):
            row = self._base.execute("select node from translated where id = ?", (gid,))
            for [text] in row.fetchall():
                for locale, own in zip(locales, json.loads(text), strict=True):
                    found[locale] |= texts_of(gid, own)
        return found

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
                    [self._with_media(c) for c in children if "selectedOptions" in c],
                )
            except WrongShape as e:
                yield Problem(named(gid), f"the shop's lines are not whole: {e}")

    def strays(self) -> int:
        """Lines that belong to no product, nor to one whose own line may be a bad one."""
        count = (
            "select count(*), count(distinct parent) from child "
            "where parent not in (select id from root union select id from variant)"
        )
        lines, parents = self._base.execute(count).fetchone()
        return int(lines) if parents > self.bad else 0

    def _with_media(self, variant: dict[str, Any]) -> dict[str, Any]:
        nodes = self._children(gid_of(variant)) if gid_of(variant) else []
        return variant | {"media": {"nodes": nodes}}

    def _children(self, gid: str) -> list[dict[str, Any]]:
        rows = self._base.execute(
            "select node from child where parent = ? order by line", (gid,)
        )
        return [json.loads(text) for (text,) in rows]
