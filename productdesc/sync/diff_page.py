"""Diff of a job: one HTML page, the merchant's copy beside the new, word by word.

It comes in pieces, a product at a time, so that a page of any length takes no memory.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from ..pipeline.rewriting.rewrites import rewrites
from ..render.marked import escaped
from .journal import Journal
from .stored import Stored

STYLE = """
body{font-family:sans-serif;margin:2em;max-width:90em}
table{border-collapse:collapse;width:100%;table-layout:fixed}
td,th{border:1px solid #ccc;padding:.4em;vertical-align:top;text-align:left;
overflow-wrap:anywhere;white-space:pre-wrap}
th:first-child,td:first-child{width:9em}
del{background:#fde3e1;text-decoration:line-through} ins{background:#e2f4e5;
text-decoration:none}
"""


def diff(journal: Journal, channel: str, language: str) -> Iterator[str]:
    """The page of a job in pieces of HTML; only what a draft would change is in it."""
    title = html.escape(f"{channel} in {language}")
    yield (
        f'<!doctype html><html lang="{html.escape(language)}"><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>\n"
    )
    number = 0
    for row in journal.rows(channel, language):
        if piece := _product(row):
            number += 1
            yield piece
    yield f"<p>{number} products with changes</p></html>\n"


def _product(row: Stored) -> str:
    """The table of one product; "" where nothing changes."""
    if row.description is None:
        return ""
    lines = []
    for one in rewrites(row.product, row.description):
        left, right = one.sides
        label = one.field.replace("_", " ")
        lines.append(f"<tr><td>{label}</td><td>{left}</td><td>{right}</td></tr>\n")
    if not lines:
        return ""
    name = escaped(row.product.id or "(no id)")
    return (
        f"<h2>{name}</h2>\n<table><tr><th></th><th>now</th><th>draft</th></tr>\n"
        f"{''.join(lines)}</table>\n"
    )
