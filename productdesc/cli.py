"""The command line: describe photos, list models, print schemas.

Exit codes: see EXIT_CODES. What is asked for goes to standard output; progress, hints and
errors go to standard error, and progress only to a terminal.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ._version import __version__
from .channels import CHANNELS, description_schema, find_channel
from .errors import OutputError, PhotoError, ProductDescError
from .records import Described, Description, Failed, Outcome, Product

if TYPE_CHECKING:
    from .engines import Engine

EXIT_CODES: Mapping[int, str] = {
    0: "everything asked for was done",
    1: "at least one product could not be described (photo or output error)",
    2: "wrong use: an unknown option, value, field, channel or language",
    3: "nothing could be described (model, template or setup error)",
    130: "interrupted",
}

EXAMPLES = """\
examples:
  productdesc describe shoe.jpg
  productdesc describe front.jpg back.jpg --title "Trail shoe" --attr brand=Acme
  productdesc describe shoe.jpg --channel google --fields title,bullets --json
  productdesc describe shoe.jpg --html > shoe.html
  productdesc describe --each photos/*.jpg > descriptions.jsonl
  productdesc describe shoe.jpg --model Qwen/Qwen2-VL-2B-Instruct --language de
  productdesc schema --channel shopify
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except KeyboardInterrupt:
        print("productdesc: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader has gone (`| head`); Python would complain once more at exit.
        sys.stderr.close()
        return 1
    except (ValueError, TypeError) as e:
        print(f"productdesc: {e}", file=sys.stderr)
        return 2
    except ProductDescError as e:
        print(f"productdesc: {e}", file=sys.stderr)
        return 1 if isinstance(e, PhotoError | OutputError) else 3


# ---- describe ---------------------------------------------------------------------------


def _describe(chosen: argparse.Namespace) -> int:
    from .pipeline import describe_many

    options = _options(chosen)
    engine = _load(chosen)
    products = _products(chosen)
    outcomes = describe_many(products, engine, batch_size=chosen.batch_size, **options)
    failed = False
    for outcome in _progress(outcomes, len(products)):
        match outcome:
            case Described(product, description):
                print(_shown(description, product, chosen), flush=True)
            case Failed(product, error):
                failed = True
                print(f"productdesc: {error}", file=sys.stderr)
                if chosen.each:
                    print(_failure(product, error), flush=True)
    return 1 if failed else 0


def _options(chosen: argparse.Namespace) -> dict[str, Any]:
    from .engines import Settings

    find_channel(chosen.channel).pick(chosen.fields)  # a typo must not cost a model load
    return {
        "channel": chosen.channel,
        "fields": chosen.fields,
        "language": chosen.language,
        "template": chosen.template,
        "templates": chosen.templates,
        "settings": Settings(
            max_tokens=chosen.max_tokens,
            temperature=chosen.temperature,
            seed=chosen.seed,
        ),
    }


def _load(chosen: argparse.Namespace) -> Engine:
    from .engines import load_engine

    if sys.stderr.isatty():
        print(f"loading {chosen.model or 'the demo model'} ...", file=sys.stderr)
    return load_engine(
        chosen.model,
        revision=chosen.revision,
        device=chosen.device,
        dtype=chosen.dtype,
        max_pixels=chosen.max_pixels,
        offline=chosen.offline,
    )


def _products(chosen: argparse.Namespace) -> list[Product]:
    sources = [_source(text) for text in chosen.photos]
    attributes = dict(chosen.attr or ())
    if not chosen.each:
        return [
            Product(
                id=chosen.photos[0] if chosen.photos else "",
                title=chosen.title,
                photos=sources,
                attributes=attributes,
            )
        ]
    if not sources:
        raise ValueError("--each needs at least one photo")
    return [
        Product(id=text, title=chosen.title, photos=(source,), attributes=attributes)
        for text, source in zip(chosen.photos, sources, strict=True)
    ]


def _source(text: str) -> str | Path:
    return text if text.lower().startswith(("https://", "http://")) else Path(text)


def _progress(outcomes: Iterator[Outcome], total: int) -> Iterator[Outcome]:
    """The outcomes, with a bar on a terminal."""
    from tqdm import tqdm

    return iter(
        tqdm(outcomes, total=total, desc="describing", unit="product", file=sys.stderr,
             disable=not sys.stderr.isatty(), leave=False)
    )  # fmt: skip


def _shown(description: Description, product: Product, chosen: argparse.Namespace) -> str:
    if chosen.json or chosen.each:
        return description.model_dump_json(indent=None if chosen.each else 2)
    if chosen.html:
        title = _escape(description.title or product.id)
        body = description._repr_html_()
        return (
            f'<!doctype html><html lang="{description.language}"><meta charset="utf-8">'
            f'<title>{title}</title><body style="font-family:sans-serif">{body}</body>'
            "</html>"
        )
    return _as_text(description)


def _escape(text: str) -> str:
    import html

    return html.escape(text)


def _failure(product: Product, error: ProductDescError) -> str:
    kind = type(error).__name__
    return json.dumps({"product_id": product.id, "error": kind, "message": str(error)})


def _as_text(description: Description) -> str:
    lines: list[str] = []
    for name, value in description.model_dump(mode="json").items():
        if name in ("product_id", "channel", "language", "evidence", "provenance"):
            continue
        if not value or name == "findings":
            continue
        why = sorted({str(e) for e in description.evidence.get(name, ())})
        lines.append(f"{name.replace('_', ' ')}" + (f"  [{', '.join(why)}]" if why else ""))
        match value:
            case dict():
                lines += [f"  {k}: {v}" for k, v in value.items()]
            case list():
                lines += [f"  - {v}" for v in value]
            case _:
                lines += [f"  {line}" for line in str(value).splitlines()]
    if description.findings:
        lines.append("findings")
        lines += [f"  ! {f.code}: {f.message}" for f in description.findings]
    lines.append(f"\nmodel {description.provenance.model}, productdesc {__version__}")
    return "\n".join(lines)


# ---- models, schema ---------------------------------------------------------------------


def _models(chosen: argparse.Namespace) -> int:
    from .engines import known_models

    rows = known_models()
    if chosen.json:
        print(json.dumps([row._asdict() for row in rows], indent=2))
        return 0
    for row in rows:
        state = "ready" if row.present else f"not here; get it: {row.get}"
        print(f"{row.name}\n  {row.note}\n  {state}")
    return 0


def _schema(chosen: argparse.Namespace) -> int:
    schema = description_schema(find_channel(chosen.channel), chosen.fields)
    print(json.dumps(schema, indent=2))
    return 0


# ---- arguments --------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """argparse that suggests what was meant."""

    def error(self, message: str) -> NoReturn:
        known = list(_options_of(self))
        wrong = [w.split("=")[0] for w in message.split() if w.startswith("--")]
        for word in wrong if "unrecognized" in message else ():
            near = difflib.get_close_matches(word, known, n=1)
            message += f"; did you mean {near[0]}?" if near else ""
        print(f"{self.prog}: {message}\ntry: {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def _options_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every option of a parser and of its commands: the top one reports what is left."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _options_of(command)


def _parser() -> argparse.ArgumentParser:
    codes = "\n".join(f"  {code:<4}{text}" for code, text in EXIT_CODES.items())
    epilog = f"{EXAMPLES}\nexit codes:\n{codes}"
    parser = _Parser(
        prog="productdesc",
        description="Product photos and attributes in, checked descriptions out.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"productdesc {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_describe(commands, epilog)
    models = commands.add_parser("models", help="list the models that can be used")
    models.add_argument("--json", action="store_true", help="print JSON")
    models.set_defaults(run=_models)
    schema = commands.add_parser(
        "schema", help="print the JSON schema of a description", allow_abbrev=False
    )
    _add_channel(schema)
    schema.set_defaults(run=_schema)
    return parser


def _add_describe(commands: Any, epilog: str) -> None:
    describe = commands.add_parser(
        "describe",
        help="describe the product on one or more photos",
        description="Describe a product. Several photos are one product, unless --each.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = describe.add_argument
    add("photos", nargs="*", metavar="PHOTO", help="a file or an https URL")
    add("--each", action="store_true", help="one product a photo; prints JSON lines")
    add("--title", default="", help="the merchant's title")
    add("--attr", action="append", type=_pair, metavar="KEY=VALUE",
        help="what the merchant knows, e.g. brand=Acme; may be repeated")  # fmt: skip
    _add_channel(describe)
    add("--language", default="en", metavar="CODE", help="ISO 639-1 code (default: en)")
    shape = describe.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print one JSON object")
    shape.add_argument("--html", action="store_true", help="print a page with the photos")
    model = describe.add_argument_group("model")
    add = model.add_argument
    add("--model", metavar="NAME", help="folder or hub id (default: the demo model)")
    add("--revision", metavar="COMMIT", help="pin a hub model to this commit")
    add("--device", help="cpu, cuda, cuda:0, mps (default: the best there is)")
    add("--dtype", choices=["float32", "bfloat16", "float16"], help="default: by device")
    add("--max-pixels", type=int, metavar="N", help="pixels of a photo the model reads")
    add("--offline", action="store_true", help="never ask the hub, use what is here")
    add("--temperature", type=float, default=0.0, metavar="T", help="0 is greedy")
    add("--seed", type=int, default=0, metavar="N", help="for temperatures above 0")
    add("--max-tokens", type=int, default=1024, metavar="N", help="per answer")
    add("--batch-size", type=int, default=8, metavar="N", help="products computed together")
    prompts = describe.add_argument_group("prompts")
    add = prompts.add_argument
    add("--template", type=Path, metavar="FILE", help="Jinja template of the write turn")
    add(
        "--templates", type=Path, metavar="FOLDER", help="templates before the shipped ones"
    )
    describe.set_defaults(run=_describe)


def _add_channel(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", default="shopify", metavar="NAME",
                        help=f"{', '.join(CHANNELS)} (default: shopify)")  # fmt: skip
    parser.add_argument("--fields", type=_names, metavar="A,B",
                        help="generate only these fields")  # fmt: skip


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE, e.g. brand=Acme")
    return key.strip(), value.strip()


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    sys.exit(main())
