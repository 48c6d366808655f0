"""Command-line options that several commands share."""

from __future__ import annotations

import argparse
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
from .chosen_engine import SERVER_KEY

if TYPE_CHECKING:
    from ..pipeline import DescribeOptions

    class LanguagesOptions(DescribeOptions, total=False):
        """Options of a command that describes in several languages."""

        languages: Sequence[str]


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


def add_engine(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Which model is loaded, and how; gives the group for more options of the model."""
    model = parser.add_argument_group("model")
    add = model.add_argument
    add("--model", metavar="NAME", help=f"folder, hub id, or URL of a server, whose key is "
        f"read from {SERVER_KEY} (default: the demo model)")  # fmt: skip
    add("--revision", metavar="COMMIT", help="pin a hub model to this commit")
    add_adapter(model)
    add_loading(model)
    return model


def add_loading(group: argparse._ArgumentGroup) -> None:
    """How a model is loaded."""
    add = group.add_argument
    add("--engine", choices=["qwen2vl", "hf"],
        help="what loads it: our own engine for the Qwen family, or transformers (default: "
        "by its config.json)")  # fmt: skip
    add("--device", help="cpu, cuda, cuda:0, mps (default: the best there is)")
    add("--dtype", choices=["float32", "bfloat16", "float16", "int8"],
        help="default: by device; int8 on a CPU only")  # fmt: skip
    add("--compile", action="store_true", help="torch.compile, meant for a GPU")
    add("--max-pixels", type=int, metavar="N", help="pixels of a photo the model reads")
    add("--top-logprobs", type=count, metavar="N",
        help="of a server: likely tokens to ask for, 20 at most; without them choices have "
        "no confidence")  # fmt: skip
    add("--offline", action="store_true", help="never ask the hub, use what is here")


def add_decoding(group: argparse._ArgumentGroup) -> None:
    """How a model decodes."""
    add = group.add_argument
    add("--temperature", type=float, default=0.0, metavar="T",
        help="0 to 2; 0 is greedy")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="for temperatures above 0")
    add("--max-tokens", type=int, default=1024, metavar="N", help="per answer")


def add_model(parser: argparse.ArgumentParser) -> None:
    taxonomy.add_taxonomy(parser)
    model = add_engine(parser)
    add_decoding(model)
    model.add_argument(
        "--batch-size",
        type=count,
        default=16,
        metavar="N",
        help="products under way at a time",
    )
    add_copy_rules(parser)


def add_copy_rules(parser: argparse.ArgumentParser) -> None:
    """What the copy may say, and the prompts."""
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
    add("--ocr", action="store_true", help="read the text on the photos, and quote it as "
        "facts (needs the extra ocr)")  # fmt: skip
    add_second_look(trust)
    prompts = parser.add_argument_group("prompts")
    add = prompts.add_argument
    add("--template", type=Path, metavar="FILE", help="Jinja template of the write turn")
    add(
        "--templates", type=Path, metavar="FOLDER", help="templates before the shipped ones"
    )


def add_second_look(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--second-look", action="store_true",
        help="read the photos and ask once more; what differs cannot be told")  # fmt: skip


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
        "ocr": bool(chosen.ocr),
        "second_look": bool(chosen.second_look),
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
