"""`productdesc ask`: questions about photos, answered from them or not at all."""

from __future__ import annotations

import argparse
from typing import Any

from ...records import MAX_PHOTOS, Product
from ...text.printable import message_line
from .. import arguments, chosen_engine
from ..job.tally import second_look_cost
from ..network import network_access
from ..terminal import say
from .places import PLACE, Row, add_products, run_products

EXAMPLES = """\
examples:
  productdesc ask shoe.jpg "Does it have laces?" --expect yes-no --model FOLDER
  productdesc ask shoe.jpg "What is it?" --choices shoes,shirt,fruit
  productdesc ask photos/ "How many?" --expect number --model FOLDER --out counts.jsonl
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "ask",
        help="ask questions about photos",
        description="Ask about the photos of each product. They are read once for all "
        "questions. What no photo shows, and what is in doubt, cannot be told, and the "
        "answer says why.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("place", metavar="PLACE", help=PLACE)
    parser.add_argument("questions", nargs="+", metavar="QUESTION", help="in one text each")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--choices", type=arguments.names, metavar="A,B",
        help="what every answer is one of")  # fmt: skip
    kind.add_argument("--expect", choices=["free", "yes-no", "number", "text"],
        help="what every answer is: a few words (default), yes or no, a count, or words "
        "printed on the product")  # fmt: skip
    arguments.add_second_look(parser)
    arguments.add_language(parser)
    add_products(parser)
    arguments.add_engine(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    from ...net import Http
    from ...questions import Question, ask_all
    from ...questions.photo_questions import check_questions

    chosen.network = network_access(chosen)
    questions = [Question(one, chosen.choices, chosen.expect) for one in chosen.questions]
    check_questions(questions, chosen.language)  # a typo must not cost a model load
    engine = chosen_engine.load(chosen)
    check_questions(questions, chosen.language, engine)
    photos = 0
    with Http(network=chosen.network) as http:

        def ask(product: Product) -> Row:
            nonlocal photos
            if not product.photos:
                raise ValueError("there is no photo of it")
            answers = ask_all(
                list(product.photos[:MAX_PHOTOS]),
                questions,
                engine,
                language=chosen.language,
                second_look=chosen.second_look,
                http=http,
            )
            photos += len(product.photos[:MAX_PHOTOS])
            return {"answers": answers}

        asked = ["ask", engine.info.name, questions, chosen.language, chosen.second_look]
        code = run_products(chosen, ask, _text, asked=asked)
    if chosen.second_look:
        say(second_look_cost(photos, len(questions)))
    return code


def _text(row: Row) -> str:
    lines = []
    for one in row["answers"]:
        answer = f"cannot be told: {one['reason']}"
        if one["value"] is not None:
            shown = {"True": "yes", "False": "no"}.get(str(one["value"]), one["value"])
            sure = "" if one["probability"] is None else f", {one['probability']:.2f}"
            answer = f"{shown}  [photo {one['evidence'][0]['photo']}{sure}]"
        lines.append(message_line(f"{one['question']}  {answer}"))
    return "\n".join(lines)
