"""One parser over all commands, and the exit codes.

Progress, hints and errors go to standard error, and progress only to a terminal.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from .._version import __version__
from ..catalogs.detect import by_name
from ..errors import OutputError, PhotoError, ProductDescError
from ..text.printable import message_line, printable
from ..text.suggest import did_you_mean, nearest
from . import (
    convert,
    describe,
    evaluate,
    finetune,
    inspect,
    models,
    review,
    scale,
    style,
    sync,
    taxonomy,
)
from .arguments import error_record
from .evaluate import calibrate, compare
from .questions import ask, caption, moderate
from .terminal import say, show, show_json

EXIT_CODES: Mapping[int, str] = {
    0: "everything asked for was done",
    1: "at least one product could not be described or written, a shop changed a text that "
    "was to stay, a figure is beyond its bound, or moderate has something to review",
    2: "wrong use: an unknown option, value, field, channel, format or language",
    3: "nothing could be done (model, template, file, shop or setup error)",
    4: "stopped: more products failed than --max-failures allows",
    75: "stopped by SIGTERM; what was done is there, run it again for the rest",
    130: "interrupted (SIGINT); what convert or sync has done is there, and what ask, "
    "caption or moderate wrote to --out",
}

COMMANDS = (
    describe, convert, sync, scale, review, style, inspect, caption, ask, moderate,
    evaluate, calibrate, compare, finetune, models, taxonomy,
)  # fmt: skip

EXAMPLES = """\
examples:
  productdesc describe shoe.jpg
  productdesc describe front.jpg back.jpg --title "Trail shoe" --attr brand=Acme
  productdesc describe shoe.jpg --channel google --fields title,bullets --json
  productdesc describe shoe.jpg --html > shoe.html
  productdesc describe --each photos/*.jpg > descriptions.jsonl
  productdesc describe shoe.jpg --model Qwen/Qwen2-VL-2B-Instruct --language de
  productdesc schema --channel shopify
  productdesc inspect export.csv
  productdesc convert export.csv import.csv
  productdesc sync run export.csv --journal autumn.db
  productdesc review --journal autumn.db
  productdesc style learn export.csv -o style.toml
  productdesc caption shoe.jpg
  productdesc ask shoe.jpg "What is it?" --choices shoes,shirt
  productdesc moderate photos/ --channel amazon
  productdesc evaluate catalogue labelled.csv --min f1=0.70
  productdesc finetune data export.csv -o data/
  productdesc compare demo Qwen/Qwen2-VL-2B-Instruct --photos photos
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code. Without any, print the help."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    chosen = _chosen(parser, given or ["--help"])
    try:
        code = int(chosen.run(chosen))
        sys.stdout.flush()  # here, where a full disk can still be told
        return code
    except BrokenPipeError:
        # The reader has gone (`| head`); Python would complain once more at exit.
        sys.stderr.close()
        return 1
    except OSError as e:
        if e.filename is not None:  # a path that the system does not take at all
            say(f"{printable(e.filename, 'path')}: {e.strerror}")
            return 3
        say(f"standard output: {e.strerror or e}")
        with contextlib.suppress(OSError):
            sys.stdout.close()  # else Python tries once more at exit, and complains
        return 3
    except (ValueError, TypeError) as e:
        _tell(e, chosen)
        return 2
    except ProductDescError as e:
        _tell(e, chosen)
        return 1 if isinstance(e, PhotoError | OutputError) else 3


def _tell(error: Exception, chosen: argparse.Namespace) -> None:
    """One line on standard error; with --json an object on standard output, too."""
    say(message_line(str(error)))
    if getattr(chosen, "json", False):
        with contextlib.suppress(OSError):  # the error is told already
            show_json(error_record(error))


def _chosen(parser: argparse.ArgumentParser, given: Sequence[str]) -> argparse.Namespace:
    """What was chosen; what no parser knows is an error of the command's own parser."""
    chosen, unknown = parser.parse_known_args(given)
    if not unknown:
        return chosen
    command: argparse.ArgumentParser = chosen.parser
    known = [option for action in command._actions for option in action.option_strings]
    wrong = [word.partition("=")[0] for word in unknown if word.startswith("-")]
    if not wrong:
        scheme, is_url, _ = unknown[0].partition("://")  # a URL may hold credentials
        word = f"{scheme}://..." if is_url else unknown[0]
        command.error(f"{word!r} is one argument too many")
    if wrong[0] in known:
        command.error(f"{wrong[0]} belongs behind the command: {command.prog} {wrong[0]}")
    meant = nearest(wrong[0], known)
    hint = f"; did you mean {meant}?" if meant else ""
    command.error(f"there is no option {wrong[0]}{hint}")


class _Parser(argparse.ArgumentParser):
    """argparse that suggests what was meant, in one line."""

    def error(self, message: str) -> NoReturn:
        show(f"{self.prog}: {message_line(message)}\ntry: {self.prog} --help", sys.stderr)
        raise SystemExit(2)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        names = [str(name) for name in action.choices]
        if not isinstance(action, argparse._SubParsersAction):
            known = f"choose from {', '.join(names)}{did_you_mean(str(value), names)}"
            raise argparse.ArgumentError(action, f"invalid choice: {value!r}; {known}")
        meant = did_you_mean(value, names)
        if not meant and (command := _command_for(value)):
            meant = f"; did you mean: {self.prog} {command}?"
        known = f"the commands are: {', '.join(names)}{meant}"
        self.error(f"invalid choice: there is no command {value!r}; {known}")


def _command_for(place: str) -> str:
    """The command for a file that stands where a command should; "" where none does."""
    if os.path.isdir(place) or by_name(place):
        return f"convert {place} OUT"
    return f"describe {place}" if os.path.exists(place) else ""


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
    for module in COMMANDS:
        module.add(commands, epilog)
    _name_parsers(parser)
    return parser


def _name_parsers(parser: argparse.ArgumentParser) -> None:
    """Let the namespace say whose parser was the last: it tells of what is left."""
    parser.set_defaults(parser=parser)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _name_parsers(command)
