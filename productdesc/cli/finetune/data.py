"""`productdesc finetune data`: training data of a shop's products, or of a journal."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...text.printable import quoted
from .. import arguments, catalogues, taxonomy
from ..network import add_network, network_access
from ..terminal import say, show, show_json
from .lesson_sources import lessons_of

if TYPE_CHECKING:
    from ...finetune import BaseModel, DataSummary
    from ...pipeline import DescribeOptions


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "data",
        help="products with photos and copy, as conversations to be taught",
        description="Make training data of a shop's published copy, or of a journal's "
        "approved and edited copy. The pipeline itself writes the prompts, and its checks "
        "leave out what they call false. No model is asked.",
        epilog=catalogues.formats_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("place", metavar="SHOP-OR-JOURNAL",
        help="a file, folder, shop address, or a journal of `sync`")  # fmt: skip
    add("-o", "--out", type=Path, required=True, metavar="FOLDER",
        help="where the data goes")  # fmt: skip
    add("--force", action="store_true", help="replace FOLDER if it exists")
    add("--kind", dest="kinds", action="append", default=[], type=_kind,
        metavar="KIND=CATEGORY",
        help="what to call your category, such as hoodie=Hoodies; a new kind is added to "
        "the model's list; may be repeated")  # fmt: skip
    add("--replay", action="append", default=[], metavar="PLACE",
        help="known kinds and other products to be trained on too, so that they are not "
        "forgotten: a labelled catalogue, or a folder of folders named by kind; may be "
        "repeated")  # fmt: skip
    add("--cluster", default="", metavar="NAME",
        help="the attribute that says which products belong together (default: each by "
        "itself; near-duplicate photos always do)")  # fmt: skip
    add("--validation", type=float, default=0.1, metavar="SHARE",
        help="kept out to say when to stop (default: 0.1)")  # fmt: skip
    add("--test", type=float, default=0.2, metavar="SHARE",
        help="kept out to the end (default: 0.2)")  # fmt: skip
    add("--json", action="store_true", help="print data.json")
    arguments.add_channel(parser, default="plain")
    parser.set_defaults(channel=None)  # the journal's, or plain
    add("--language", metavar="CODE",
        help="of the copy (default: the journal's; en of a shop)")  # fmt: skip
    taxonomy.add_taxonomy(parser)
    catalogues.add_reading(parser)
    arguments.add_seo(parser, "read")
    add_network(parser)
    add_base(
        parser,
        "folder or hub id of the model that it is for, demo or another "
        "(default: any general model, one without a list of kinds of its own)",
    )
    add("--max-tokens", type=int, default=1024, metavar="N",
        help="budget of an answer; longer ones are left out")  # fmt: skip
    parser.set_defaults(run=run)


def add_base(parser: argparse.ArgumentParser, about: str) -> None:
    """Options that name the model to tune. about: what is said of `--model`."""
    add = parser.add_argument_group("model").add_argument
    add("--model", metavar="NAME",
        help=about)  # fmt: skip
    add("--revision", metavar="COMMIT", help="pin a hub model to this commit")
    add("--max-pixels", type=int, metavar="N",
        help="pixels of a photo the model reads, as at inference")  # fmt: skip
    add("--offline", action="store_true", help="never ask the hub, use what is here")


def base_of(chosen: argparse.Namespace) -> BaseModel | None:
    """The model that was named, if any. `ValueError` for options of it without a name."""
    from ...finetune import BaseModel

    if chosen.model is None:
        for name in ("revision", "max_pixels"):
            if getattr(chosen, name) is not None:
                option = name.replace("_", "-")
                raise ValueError(f"--{option}: it is of a model; give --model with it")
        return None
    return BaseModel.find(
        chosen.model,
        revision=chosen.revision,
        offline=chosen.offline,
        max_pixels=chosen.max_pixels,
    )


def _kind(text: str) -> tuple[str, str]:
    kind, category = arguments.pair(text)
    if not category:
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND=CATEGORY")
    return category, kind


def run(chosen: argparse.Namespace) -> int:
    from ...finetune import DataOptions, Shares, make_data
    from ...net import Http

    shares = Shares(chosen.validation, chosen.test)
    chosen.network = network_access(chosen)
    with contextlib.ExitStack() as stack:
        lessons, channel, language = lessons_of(chosen, stack)
        asked: DescribeOptions = {
            "channel": channel,
            "fields": chosen.fields,
            "language": language,
            "settings": _settings(chosen),
        }
        if chosen.taxonomy is not None:
            asked["taxonomy"] = taxonomy.load(chosen.taxonomy)
        options = DataOptions(dict(chosen.kinds), shares, asked)
        http = stack.enter_context(Http(network=chosen.network))
        summary = make_data(
            catalogues.counted(lessons, "reading"),
            base_of(chosen),
            chosen.out,
            options,
            http=http,
            force=chosen.force,
        )
    if chosen.json:
        show_json(summary.about.model_dump(mode="json"), indent=2)
    else:
        show(_text(summary, chosen.out))
    return 0


def _settings(chosen: argparse.Namespace) -> Any:
    from ...engines import Settings

    return Settings(max_tokens=chosen.max_tokens)


def _text(summary: DataSummary, out: Path) -> str:
    about, counts = summary.about, summary.about.counts
    replayed = counts["replayed kinds"]
    lines = [
        f"{quoted(str(out), 'path')}: for {about.model}, {counts['looks']} looks and "
        f"{counts['texts']} texts of {counts['groups']} groups of products",
        f"  train {counts['train']}, validation {counts['validation']}, "
        f"test {counts['test']}; no group and no near-duplicate photo on two sides",
        f"  kinds: {_counted(counts['kinds'])}",
    ]
    if about.added:
        lines.append(f"  new in the model's list: {', '.join(about.added)}")
    lines.append(f"  replayed: {_counted(replayed) or 'nothing, so it may forget'}")
    if counts["weighed more"]:
        lines.append(f"  edited by a person, and weighed more: {counts['weighed more']}")
    if summary.left_out:
        lines.append(f"  left out, see left-out.jsonl: {_counted(counts['left out'])}")
        first = summary.left_out[0]
        say(f"{quoted(first.product, 'name')}, {first.what}: left out, {first.reason}")
    return "\n".join(lines)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
