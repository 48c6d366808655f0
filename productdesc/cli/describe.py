"""`productdesc describe`: photos in, text, JSON or a page out."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..errors import PhotoError
from ..records import COPY_FIELDS, Description, Product
from ..render.page import card_html, page_html
from ..render.ui_labels import load_labels
from ..text.printable import message_line, printable, quoted, visible
from . import arguments, chosen_engine
from .job.progress import Total, bar
from .job.tally import photos_again, second_look_cost
from .network import add_network, network_access
from .terminal import say, show, show_json

if TYPE_CHECKING:
    from ..pipeline import Failed, Outcome
    from ..pipeline.rewriting.rewrites import Rewrites

STANDARD_INPUT = "-"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://|data:", re.IGNORECASE)


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "describe",
        help="describe the product on one or more photos",
        description="Describe a product. Several photos are one product, unless --each.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("photos", nargs="*", metavar="PHOTO",
        help="a file or an https URL; of an allowed host also http")  # fmt: skip
    add("--each", action="store_true", help="one product a photo; prints JSON lines")
    add("--title", default="", help="the merchant's title")
    add("--description", default="", metavar="TEXT",
        help="the merchant's present text; --rewrite makes it better")  # fmt: skip
    add("--attr", action="append", default=[], type=arguments.pair,
        metavar="KEY=VALUE",
        help="what the merchant knows, e.g. brand=Acme; may be repeated")  # fmt: skip
    arguments.add_channel(parser)
    arguments.add_language(parser, several=True)
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object; of several languages one a line",
    )
    shape.add_argument("--html", action="store_true", help="print a page with the photos")
    add_network(parser)
    arguments.add_model(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from ..net import Http
    from ..pipeline import Described, Failed, describe_many

    chosen.network = network_access(chosen)
    products = _products(chosen)
    asked = arguments.describing_many(chosen)
    failed, again, refused = False, 0, _refused(products)
    with Http(network=chosen.network) as http:
        outcomes: Iterator[Outcome] = iter(refused)
        if not refused:
            engine = chosen_engine.load(chosen)
            outcomes = describe_many(
                products, engine, batch_size=chosen.batch_size, http=http, **asked
            )
        for outcome in bar(outcomes, Total(len(products) * len(chosen.languages or "1"))):
            match outcome:
                case Described(product, description):
                    _show(description, product, chosen)
                    if description.language == chosen.language:  # of all, one look
                        again += photos_again(description)
                case Failed(product, error, language):
                    failed = True
                    say(error)
                    if chosen.each or chosen.json:
                        of = {"language": language} if language else {}
                        show_json({**arguments.error_record(error, product.id), **of})
    if again:
        say(second_look_cost(again, 1))
    return 1 if failed else 0


def _products(chosen: argparse.Namespace) -> list[Product]:
    sources = [_source(text) for text in chosen.photos]
    attributes: dict[str, str] = {}
    for key, value in chosen.attr:
        if key in attributes:
            counts = f"the last one counts, {quoted(value, 'value')}"
            say(f"--attr {printable(key, 'name')} is given twice; {counts}")
        attributes[key] = value
    if chosen.languages and chosen.html:
        raise ValueError("--html shows one language; name it with --language")
    if chosen.each and chosen.html:
        raise ValueError("--each prints JSON lines, so --html does not go with it")
    if not chosen.each:
        given = (chosen.title, chosen.description, *attributes.values())
        if not (sources or any(map(str.strip, given))):
            raise ValueError(
                "there is no photo and no data; name a photo, or what is known of the "
                "product with --title and --attr"
            )
        return [
            Product(
                id=chosen.photos[0] if chosen.photos else "",
                title=chosen.title,
                description=chosen.description,
                photos=sources,
                attributes=attributes,
            )
        ]
    if not sources:
        raise ValueError("--each needs at least one photo")
    data = {
        "title": chosen.title,
        "description": chosen.description,
        "attributes": attributes,
    }
    return [
        Product(id=text, photos=(source,), **data)
        for text, source in zip(chosen.photos, sources, strict=True)
    ]


def _source(text: str) -> str | Path:
    scheme = _SCHEME.match(text)
    if scheme and scheme[0].lower() in ("https://", "http://"):
        return text
    if scheme:
        raise ValueError(
            f"{printable(text, 'name')}: a photo is a file or an https URL, not {scheme[0]}"
        )
    if text == STANDARD_INPUT:
        raise ValueError(
            "PHOTO is -: a photo is read from a file or a URL, not from standard input; "
            "save it as a file first"
        )
    return Path(text)


def _refused(products: Sequence[Product]) -> list[Failed]:
    """All products, where none has a photo that can be one: no model need be loaded."""
    from ..photos.intake import check_head
    from ..pipeline import Failed

    failed = []
    for product in products:
        error: PhotoError | None = None
        for photo in product.photos:
            try:
                if not isinstance(photo, Path):
                    return []  # what is at a URL is known once it is fetched
                check_head(photo)
            except PhotoError as e:
                error = e
            else:
                return []
        if error is None:
            return []
        failed.append(Failed(product, error))
    return failed


def _show(description: Description, product: Product, chosen: argparse.Namespace) -> None:
    changes = _changes(product, description) if chosen.rewrite else None
    if chosen.json or chosen.each:
        indent = None if chosen.each or chosen.languages else 2
        if changes is None:
            show_json(description.model_dump_json(indent=indent))
            return
        more = {"rewrites": [one.as_json() for one in changes]}
        record = {**description.model_dump(mode="json"), **more}
        show_json(json.dumps(record, ensure_ascii=False, indent=indent))
    elif chosen.html:
        title = description.title or product.id
        show(_as_page(description, title, changes.as_html() if changes else ""), flush=True)
    else:
        heading = f"in {description.language}\n" if chosen.languages else ""
        parts = [heading + _as_text(description)]
        parts += [f"\nwhat changes: [-gone-]{{+new+}}\n\n{changes}"] if changes else []
        show("\n".join(parts), flush=True)


def _changes(product: Product, description: Description) -> Rewrites:
    from ..pipeline.rewriting.rewrites import rewrites

    return rewrites(product, description)


def _as_page(description: Description, title: str, changes: str) -> str:
    from ..channels import find_channel

    labels = load_labels()
    card = card_html(
        description,
        (*COPY_FIELDS, "custom"),
        description.thumbnails,
        limits=find_channel(description.channel).limits,
        labels=labels,
        heading=1,
    )
    return page_html(title, labels.language, card + changes)


def _as_text(description: Description) -> str:
    lines: list[str] = []
    for name, value in description.model_dump(mode="json").items():
        if name in ("product_id", "channel", "language", "evidence", "provenance"):
            continue
        if not value or name == "findings":
            continue
        found = description.evidence.get(name, ())
        why = dict.fromkeys(str(e) for e in found if e.kind != "claim")
        lines.append(
            f"{name.replace('_', ' ')}"
            + (f"  [{message_line(', '.join(why))}]" if why else "")
        )
        match value:
            case dict():
                lines += [f"  {visible(k)}: {visible(v)}" for k, v in value.items()]
            case list():
                lines += [f"  - {visible(str(v))}" for v in value]
            case _:
                lines += [f"  {line}" for line in str(value).splitlines()]
    if description.findings:
        lines.append("findings")
        lines += [f"  ! {f.code}: {f.message}" for f in description.findings]
    made = description.provenance
    by = ", which looked; rules wrote" if made.written_by == "rules" else ""
    lines.append(f"\nmodel {made.model}{by}, productdesc {__version__}")
    return "\n".join(lines)
