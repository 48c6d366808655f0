"""`productdesc moderate`: may photos and texts be published where they are to go?"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...records import Product
from ...text.printable import message_line
from .. import arguments, chosen_engine
from ..job.tally import second_look_cost
from ..network import network_access
from ..terminal import say, show
from .places import PLACE, Row, add_products, plain, run_products

EXAMPLES = """\
examples:
  productdesc moderate photos/ --channel amazon
  productdesc moderate export.csv --channel google --country DE --out out.jsonl --resume
  productdesc moderate photos/ --model Qwen/Qwen2-VL-2B-Instruct --policy my-policy.toml
  productdesc moderate --show-policy > my-policy.toml

Exit code 0: all pass. 1: at least one is to be reviewed or refused, or could not be read.
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "moderate",
        help="say whether photos and texts may be published",
        description="Hold photos and texts to the rules of a channel, the laws of a "
        "country and a shop's own policy. Nothing is changed or deleted. A model is asked "
        "about the policy only where --model names one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("place", nargs="?", default="", metavar="PLACE", help=PLACE)
    add = parser.add_argument
    add("--channel", metavar="NAME", help="whose rules hold, such as amazon or google")
    add("--country", metavar="CODE", help="where it is sold, such as DE")
    add("--policy", type=Path, metavar="FILE",
        help="what photos should not show, as TOML; needs --model (default: the one that "
        "ships)")  # fmt: skip
    arguments.add_second_look(parser)
    add("--ocr", action="store_true",
        help="read the text on the photos, and hold it to the rules too (needs the extra "
        "ocr)")  # fmt: skip
    add("--show-policy", action="store_true",
        help="print the policy that ships, to be edited, and end")  # fmt: skip
    arguments.add_language(parser)
    add_products(parser)
    arguments.add_engine(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from ...net import Http
    from ...photos import TextReader
    from ...questions import ModerationPolicy, moderate
    from ...questions.moderation.verdict import check_options
    from ...words.questions.question_tables import policy_text

    if chosen.show_policy:
        show(policy_text().rstrip())
        return 0
    if not chosen.place:
        raise ValueError("there is nothing to moderate; name a photo, folder or catalogue")
    if chosen.policy and not chosen.model:
        raise ValueError("--policy is asked of a model: name it with --model")
    if chosen.second_look and not chosen.model:
        raise ValueError("--second-look asks a model once more: name it with --model")
    chosen.network = network_access(chosen)
    policy = ModerationPolicy.load(chosen.policy) if chosen.policy else None
    if chosen.second_look:
        policy = replace(policy or ModerationPolicy.shipped(), second_look=True)
    check_options(chosen.channel, chosen.language)
    engine = chosen_engine.load(chosen) if chosen.model else None
    options = {n: getattr(chosen, n) for n in ("channel", "country", "language")}
    again = 0
    with ExitStack() as stack:
        http = stack.enter_context(Http(network=chosen.network))
        reader = stack.enter_context(TextReader()) if chosen.ocr else None
        read_text = reader.read if reader else None

        def ask(product: Product) -> Row:
            nonlocal again
            found = moderate(
                product,
                engine=engine,
                policy=policy,
                read_text=read_text,
                http=http,
                **options,
            )
            again += len({score.photo for score in found.second_scores})
            return found.as_json()

        read = {"ocr": True} if chosen.ocr else {}
        name = engine.info.name if engine else ""
        asked = ["moderate", name, plain(policy), options | read]
        code = run_products(
            chosen, ask, _text, asked=asked, is_bad=lambda row: row["verdict"] != "pass"
        )
    if policy and again:
        say(second_look_cost(again, len(policy.categories), "photo"))
    return code


def _text(row: Row) -> str:
    lines = [row["verdict"]]
    for one in row["reasons"]:
        advice = f"; {one['advice']}" if one["advice"] else ""
        text = f"{one['verdict']} {one['code']}: {one['where']}: {one['message']}{advice}"
        lines.append(f"  ! {message_line(text)}")
    lines += [f"  - not checked: {message_line(one)}" for one in row["not_checked"]]
    return "\n".join(lines)
