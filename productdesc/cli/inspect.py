"""`productdesc inspect`: what a catalogue is, what is in it, and what is wrong with it."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..catalogs.formats import find_format, open_source
from ..catalogs.protocol import Problems
from ..catalogs.shop_text.product_ids import IdCheck
from ..records import Product
from ..text.printable import listed, printable
from . import catalogues
from .network import add_network, network_access
from .terminal import say, show, show_json

FILLED: Mapping[str, Callable[[Product], bool]] = {
    "title": lambda p: bool(p.title),
    "description": lambda p: bool(p.description),
    "photos": lambda p: bool(p.photos),
    "alt_texts": lambda p: 0 < len(p.photos) <= sum(map(bool, p.present.alt_texts)),
    "category": lambda p: bool(p.present.category),
    "seo_title": lambda p: bool(p.present.seo_title),
    "seo_description": lambda p: bool(p.present.seo_description),
    "bullets": lambda p: bool(p.present.bullets),
    "tags": lambda p: bool(p.present.tags),
}
"""What a merchant would want to see filled, and when it is: alt texts for every photo."""


DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "inspect",
        help="say what a catalogue file or shop holds",
        description="What a file, folder or shop is, how much of it is filled, and what "
        "cannot be read. Nothing is written.",
        epilog=catalogues.formats_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("place", metavar="FILE", help="a file, folder or shop address")
    catalogues.add_reading(parser)
    add_network(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    chosen.network = network_access(chosen)
    format = catalogues.source_format(chosen)
    source = open_source(chosen.place, format, catalogues.options_for(chosen, format))
    filled: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    total = photos = 0
    with source, IdCheck(Problems()) as ids:
        for product in catalogues.counted(source.products(), "reading"):
            ids.look(product.id, "")
            total += 1
            photos += len(product.photos)
            kinds.update(
                photo.suffix.lower()[1:]
                for photo in product.photos
                if isinstance(photo, Path)
            )
            filled.update(_filled(product))
    problems, repeated = source.problems, ids.repeated
    found = {
        "place": chosen.place,
        "kind": format,
        "what": find_format(format).label,
        **_table(source),
        "products": total,
        "photos": photos,
        "photo_files": dict(kinds.most_common()),
        "repeated_ids": repeated,
        "filled": {name: filled[name] for name in FILLED},
        "problems": problems.total,
        "problems_kept": [
            {"where": p.where, "line": p.line, "message": p.message} for p in problems
        ],
    }
    if chosen.json:
        show_json(found, indent=2)
    else:
        show(_text(found))
    if not total:
        say(f"{printable(chosen.place, 'path')}: {catalogues.no_products(problems)}")
        return 3
    return 0


def _filled(product: Product) -> list[str]:
    return [name for name, is_filled in FILLED.items() if is_filled(product)]


def _table(source: Any) -> dict[str, Any]:
    """How a table is written and what its columns are taken for, where it is one."""
    facts: dict[str, Any] = {}
    table = getattr(source, "table", None)
    if table is not None:
        dialect = table.dialect
        facts |= {
            "encoding": dialect.encoding + (" with BOM" if dialect.bom else ""),
            "delimiter": dialect.delimiter,
            "line_end": {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[dialect.newline],
            "columns": list(table.header),
        }
    mapping = getattr(source, "mapping", None)
    if mapping is not None:
        facts["mapping"] = dict(zip(mapping.header, mapping.roles, strict=True))
    return facts


def _many(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _text(found: dict[str, Any]) -> str:
    total = found["products"]
    lines = [f"{found['place']}: {found['what']} ({found['kind']})"]
    if "encoding" in found:
        mark = DELIMITERS.get(found["delimiter"], found["delimiter"])
        lines.append(
            f"  {found['encoding']}, cells by {mark}, {found['line_end']} line ends, "
            f"{len(found['columns'])} columns"
        )
    kinds = listed([f"{n} {kind.upper()}" for kind, n in found["photo_files"].items()])
    files = f" ({kinds})" if kinds else ""
    repeated = found["repeated_ids"]
    again = f", {_many(repeated, 'repeated id')}" if repeated else ""
    photos = f"{_many(found['photos'], 'photo')}{files}{again}"
    lines += [f"  {_many(total, 'product')}, {photos}", ""]
    for name, count in found["filled"].items():
        share = f"{100 * count / total:.0f} %" if total else "-"
        lines.append(f"  {name:<16} {count:>8}  {share:>5} filled")
    if "mapping" in found:
        lines += ["", "  columns are taken for (change it with --column ROLE=NAME):"]
        names = [printable(name, "name") for name in found["mapping"]]
        wide = max(map(len, names), default=0)
        roles = found["mapping"].values()
        lines += [f"  {n:<{wide}}  {role}" for n, role in zip(names, roles, strict=True)]
    kept = found["problems_kept"]
    if kept:
        lines += ["", f"  {_many(found['problems'], 'problem')}:"]
        shown = kept[: catalogues.SHOWN]
        lines += [f"  ! {p['where']}: {p['message']}" for p in shown]
        if found["problems"] > len(shown):
            lines.append(f"  ... and {found['problems'] - len(shown)} more (--json)")
    return "\n".join(lines)
