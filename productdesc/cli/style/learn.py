"""`productdesc style learn`: a style file, proposed from copy that a shop stands by."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ... import sync
from ...catalogs.formats import open_source
from ...output_file import STANDARD_OUTPUT, open_output
from ...records import Product
from ...style.learned_style import FIELDS, Written, learn_style
from ...style.learned_toml import style_toml
from ...text.printable import quoted
from .. import arguments, catalogues
from ..network import add_network, network_access
from ..terminal import say, show
from .approved_copy import approved_drafts, is_journal


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "learn",
        help="propose tone, lengths, typical words and five examples",
        description="Count what published copy has in common (a catalogue file, a shop), "
        "or approved copy (a journal), and propose a style file. No model is asked. A "
        "person edits it.",
        epilog=catalogues.formats_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("place", metavar="SHOP-OR-JOURNAL",
        help="a file, folder, shop address, or a journal of `sync`")  # fmt: skip
    add("-o", "--out", default=STANDARD_OUTPUT, metavar="FILE",
        help="the style file (default: standard output)")  # fmt: skip
    add("--force", action="store_true", help="replace FILE if it exists")
    add("--channel", metavar="NAME",
        help="which job, where the journal holds several")  # fmt: skip
    add("--language", metavar="CODE",
        help="of the copy (default: the journal's; en of a shop)")  # fmt: skip
    catalogues.add_reading(parser)
    arguments.add_seo(parser, "read")
    add_network(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from_journal = is_journal(Path(chosen.place))
    if from_journal:
        with sync.Journal(Path(chosen.place), create=False) as journal:
            channel, language = sync.only_scope(journal, chosen.channel, chosen.language)
            learned = learn_style(_approved(journal, channel, language), language)
    else:
        language = chosen.language or "en"
        chosen.network = network_access(chosen)
        read = catalogues.source_format(chosen)
        with open_source(
            chosen.place, read, catalogues.options_for(chosen, read)
        ) as source:
            products = catalogues.counted(source.products(), "reading")
            learned = learn_style(map(_published, products), language)
    text = style_toml(learned, chosen.place)
    if chosen.out == STANDARD_OUTPUT:
        show(text.rstrip("\n"))
    else:
        _write(Path(chosen.out), text, replace=chosen.force)
        copy = "approved" if from_journal else "published"
        say(f"{quoted(chosen.out, 'path')}: proposed from the {copy} copy of "
            f"{learned.count} products, with {len(learned.examples)} examples; read it, "
            "and change what is not you")  # fmt: skip
    return 0


def _published(product: Product) -> Written:
    """A product with the merchant's own copy."""
    present = product.present
    texts: dict[str, str | tuple[str, ...]] = {
        "title": product.title,
        "description": product.words,
        "bullets": present.bullets,
        "seo_title": present.seo_title,
        "seo_description": present.seo_description,
    }
    return Written(product.attributes, texts, {}, present.category)


def _approved(journal: sync.Journal, channel: str, language: str) -> Iterator[Written]:
    """Products with the copy that was approved."""
    for product, draft, seen in approved_drafts(journal, channel, language):
        texts = {name: getattr(draft, name) for name in FIELDS}
        facts = {"category": draft.category, **seen} if draft.category else seen
        yield Written(product.attributes, texts, facts, draft.category)


def _write(path: Path, text: str, *, replace: bool) -> None:
    new = open_output(path, replace=replace)
    try:
        new.file.write(text.encode("utf-8", "replace"))
        new.keep()
    finally:
        new.drop()
