"""`productdesc caption`: alt text and captions of photos."""

from __future__ import annotations

import argparse
from typing import Any

from ...channels import CHANNELS
from ...records import Product
from ...text.printable import message_line
from .. import arguments, chosen_engine
from ..network import network_access
from .places import PLACE, Row, add_products, run_products

EXAMPLES = """\
examples:
  productdesc caption shoe.jpg
  productdesc caption shoe.jpg --purpose detailed --language de --json
  productdesc caption photos/ --out captions.jsonl --resume
  productdesc caption export.csv --channel shopify --json > captions.jsonl
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "caption",
        help="write alt text, or a caption, for photos",
        description="Write a text for each photo by itself, checked as copy is. In a "
        "catalogue the product's own data vouches for what a photo cannot show.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("place", metavar="PLACE", help=PLACE)
    add = parser.add_argument
    add("--purpose", choices=["alt", "caption", "detailed"], default="alt",
        help="alt text, a line under the photo, or a detailed account")  # fmt: skip
    add("--channel", default="shopify", metavar="NAME",
        help=f"whose limits count: {', '.join(CHANNELS)} (default: shopify)")  # fmt: skip
    arguments.add_language(parser)
    add_products(parser)
    arguments.add_engine(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from ...net import Http
    from ...pipeline import Failed
    from ...questions import captions
    from ...questions.photo_captions import check_options

    chosen.network = network_access(chosen)
    options = {n: getattr(chosen, n) for n in ("language", "purpose", "channel")}
    check_options(**options)  # a typo must not cost a model load
    engine = chosen_engine.load(chosen)
    with Http(network=chosen.network) as http:

        def ask(product: Product) -> Row:
            if not product.photos:
                raise ValueError("there is no photo of it")
            made = [*captions(product, engine, http=http, **options)]
            failed = [one for one in made if isinstance(one, Failed)]
            if len(failed) == len(made):
                raise failed[0].error
            return {
                "captions": [
                    arguments.error_record(one.error) if isinstance(one, Failed) else one
                    for one in made
                ]
            }

        asked = ["caption", engine.info.name, options]
        return run_products(chosen, ask, _text, asked=asked)


def _text(row: Row) -> str:
    lines: list[str] = []
    for one in row["captions"]:
        if "error" in one:
            lines.append(f"  ! {message_line(one['message'])}")
            continue
        lines.append(message_line(one["text"]))
        lines += [f"  ! {f['code']}: {f['message']}" for f in one["findings"]]
    return "\n".join(lines)
