"""Command-line options that several commands share; the engine that they choose."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..catalogs.vendure.shop_settings import CUSTOM_FIELDS
from ..catalogs.woocommerce.built_in import SEO_PLUGINS
from ..channels import CHANNELS, find_channel
from ..records import Present, Product
from ..style import Style
from ..text.printable import message_line
from . import taxonomy
from .terminal import show

if TYPE_CHECKING:
    from ..engines import Engine
    from ..engines.options import EngineOptions
    from ..pipeline import DescribeOptions

    class LanguagesOptions(DescribeOptions, total=False):
        """Options of a command that describes in several languages."""

        languages: Sequence[str]


SERVER_KEY = "PRODUCTDESC_SERVER_KEY"


def add_channel(parser: argparse.ArgumentParser, default: str = "shopify") -> None:
    known = f"{', '.join(CHANNELS)} (default: {default or 'as OUT'})"
    parser.add_argument("--channel", default=default, metavar="NAME", help=known)
    parser.add_argument("--fields", type=names, metavar="A,B",
                        help="generate only these fields")  # fmt: skip


def add_language(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    """The language of the copy. several: or a list of them."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--language", default="en", metavar="CODE", help="ISO 639-1 code (default: en)"
    )
    if several:
        group.add_argument("--languages", type=names, metavar="A,B",
            help="instead: copy in each of these, from one look at the product; a shop is "
            "read in the first")  # fmt: skip


def add_seo(parser: argparse.ArgumentParser, verb: str) -> None:
    """The option of the shop's own place for SEO texts; verb: what is done with them."""
    parser.add_argument(
        "--seo", choices=(*SEO_PLUGINS, CUSTOM_FIELDS), metavar="NAME",
        help=f"{verb} SEO texts too: for a plugin of WooCommerce (yoast, rank-math), or "
        "into a Vendure shop's custom-fields for them")  # fmt: skip


def add_model(parser: argparse.ArgumentParser) -> None:
    taxonomy.add_taxonomy(parser)
    model = parser.add_argument_group("model")
    add = model.add_argument
    add("--model", metavar="NAME", help=f"folder, hub id, or URL of a server, whose key is "
        f"read from {SERVER_KEY} (default: the demo model)")  # fmt: skip
    add("--revision", metavar="COMMIT", help="pin a hub model to this commit")
    add_adapter(model)
    add("--device", help="cpu, cuda, cuda:0, mps (default: the best there is)")
    add("--dtype", choices=["float32", "bfloat16", "float16", "int8"],
        help="default: by device; int8 on a CPU only")  # fmt: skip
    add("--compile", action="store_true", help="torch.compile, meant for a GPU")
    add("--max-pixels", type=int, metavar="N", help="pixels of a photo the model reads")
    add("--top-logprobs", type=count, metavar="N",
        help="of a server: likely tokens to ask for, 20 at most; without them choices have "
        "no confidence")  # fmt: skip
    add("--offline", action="store_true", help="never ask the hub, use what is here")
    add("--temperature", type=float, default=0.0, metavar="T",
        help="0 to 2; 0 is greedy")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="for temperatures above 0")
    add("--max-tokens", type=int, default=1024, metavar="N", help="per answer")
    add(
        "--batch-size",
        type=count,
        default=16,
        metavar="N",
        help="products under way at a time",
    )
    trust = parser.add_argument_group("what the copy may say")
    add = trust.add_argument
    add("--inferred", choices=["all", "opinions", "none"], help="which sentences stay that "
        "nobody vouches for (default: by OUT; a shop gets opinions only)")  # fmt: skip
    add("--approved", type=Path, metavar="FILE",
        help="claims that a person approved, one a line")  # fmt: skip
    add("--style", type=Path, metavar="FILE",
        help="the shop's tone, words and examples, as TOML (`productdesc style "
        "learn`)")  # fmt: skip
    add("--rewrite", action="store_true", help="rewrite the merchant's own text, and say "
        "which of its facts the copy lost; needs a model that writes")  # fmt: skip
    prompts = parser.add_argument_group("prompts")
    add = prompts.add_argument
    add("--template", type=Path, metavar="FILE", help="Jinja template of the write turn")
    add(
        "--templates", type=Path, metavar="FOLDER", help="templates before the shipped ones"
    )


def add_adapter(parser: argparse._ActionsContainer) -> None:
    add = parser.add_argument
    add("--adapter", metavar="NAME", help="LoRA adapter of the model: folder or hub id")
    add("--adapter-revision", metavar="COMMIT", help="pin a hub adapter to this commit")


def describing_many(chosen: argparse.Namespace) -> LanguagesOptions:
    """The same for a command that takes `--languages`."""
    from ..pipeline.call import by_language

    if not chosen.languages:
        return cast("LanguagesOptions", describing(chosen))
    for one in by_language({"languages": chosen.languages}):
        chosen.language = one["language"]
        asked = describing(chosen)
    chosen.language = chosen.languages[0]
    del asked["language"]
    return {**asked, "languages": chosen.languages}


def describing(chosen: argparse.Namespace) -> DescribeOptions:
    """The options of `describe_many` that were chosen; raises `ValueError` for a typo."""
    from ..engines import EngineInfo, Settings
    from ..pipeline.options import resolve

    find_channel(chosen.channel).pick(chosen.fields)  # before a taxonomy is read
    tree = None if chosen.taxonomy is None else taxonomy.load(chosen.taxonomy)
    asked: DescribeOptions = {
        "taxonomy": tree,
        "channel": chosen.channel,
        "fields": chosen.fields,
        "language": chosen.language,
        "template": chosen.template,
        "templates": chosen.templates,
        "inferred": chosen.inferred,
        "approved_claims": _approved(chosen.approved),
        "style": None if chosen.style is None else Style.load(chosen.style),
        "rewrite": bool(chosen.rewrite),
        "settings": Settings(
            max_tokens=chosen.max_tokens,
            temperature=chosen.temperature,
            seed=chosen.seed,
        ),
    }
    resolve(EngineInfo("", "", ""), asked)  # a typo must not cost a model load
    return asked


def _approved(path: Path | None) -> tuple[str, ...]:
    """The claims in a file; raises `ValueError` where it cannot be read."""
    if path is None:
        return ()
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        why = getattr(e, "strerror", None) or "it is no UTF-8 text"
        raise ValueError(f"--approved {path}: cannot be read: {why}") from e
    return tuple(line.strip() for line in lines if line.strip())


FILLED = Product(
    id="0", title="T", description="D", photos=(), present=Present(bullets=("B",))
)
"""A product whose texts a merchant has written."""


def check_rewrite(
    chosen: argparse.Namespace, needs: Callable[[Product], Collection[str]]
) -> None:
    """`ValueError` where --rewrite is chosen, and no text could be written over its old.

    needs: the fields that a product still needs, by where it is written to.
    """
    if not chosen.rewrite:
        return
    from ..checks.facts.old_text import OLD_FIELDS

    asked = find_channel(chosen.channel).pick(chosen.fields)
    can = {field.name for field in asked if field.name in OLD_FIELDS}
    if can and not can & set(needs(FILLED)):
        raise ValueError(
            f"--rewrite: nothing could be rewritten, as a merchant's own {joined(can)} "
            "stays as it is; say what may be replaced, as with --overwrite description"
        )


def joined(names: Collection[str]) -> str:
    """Names in the order of the alphabet, as one says them."""
    *others, last = sorted(names)
    return f"{', '.join(others)} or {last}" if others else last


def error_record(error: Exception, product_id: str | None = None) -> dict[str, str]:
    """An error for programs; of a product, with its id."""
    of = {} if product_id is None else {"product_id": product_id}
    message = message_line(str(error))
    return {**of, "error": type(error).__name__, "message": message}


def load(chosen: argparse.Namespace) -> Engine:
    """The engine that was chosen."""
    from ..engines import load_engine

    if sys.stderr.isatty():
        show(f"loading {chosen.model or 'the demo model'} ...", sys.stderr)
    options = _engine_options(chosen)
    if is_server(chosen):
        return load_engine(chosen.model, options, network=chosen.network)
    return load_engine(chosen.model, options)


def is_server(chosen: argparse.Namespace) -> bool:
    """Whether the model that was chosen is behind a server."""
    return str(chosen.model or "").startswith(("http://", "https://"))


def _engine_options(chosen: argparse.Namespace) -> EngineOptions | None:
    """The engine's options; None where none were chosen. `ValueError` for a wrong one."""
    from ..engines import QwenOptions, ServerOptions

    names = (
        *("revision", "adapter", "adapter_revision", "device", "dtype", "max_pixels"),
        *("compile", "offline", "top_logprobs"),
    )
    values = {name: getattr(chosen, name) for name in names}
    given = {k: v for k, v in values.items() if v is not None and v is not False}
    if not is_server(chosen):
        if given.pop("top_logprobs", None):
            raise ValueError("--top-logprobs: is for a server; here it is known without")
        return QwenOptions(**given) if given else None
    if wrong := given.keys() - {"max_pixels", "top_logprobs"}:
        options = " and ".join(_option(name) for name in names if name in wrong)
        raise ValueError(
            f"{options}: a server has chosen; --max-pixels and --top-logprobs go with it"
        )
    return ServerOptions(api_key=os.environ.get(SERVER_KEY), **given)


def _option(name: str) -> str:
    """The option that a name is given by."""
    return f"--{name.replace('_', '-')}"


def pair(text: str) -> tuple[str, str]:
    """KEY=VALUE as two texts."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE, e.g. brand=Acme")
    return key.strip(), value.strip()


def names(text: str) -> list[str]:
    """A,B as a list of at least one name."""
    listed = [name.strip() for name in text.split(",") if name.strip()]
    if not listed:
        raise argparse.ArgumentTypeError(f"{text!r} names nothing, e.g. title,bullets")
    return listed


def count(text: str) -> int:
    """A whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)
