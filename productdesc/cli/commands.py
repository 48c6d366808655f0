"""One parser over all commands, and the exit codes.

Progress, hints and errors go to standard error, and progress only to a terminal.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from .._version import __version__
from ..errors import OutputError, PhotoError, ProductDescError
from ..text.printable import message_line, printable
from . import convert, describe, inspect, models, taxonomy
from .terminal import say, show

EXIT_CODES: Mapping[int, str] = {
    0: "everything asked for was done",
    1: "at least one product could not be described or written, or a shop changed a text "
    "that was to stay",
    2: "wrong use: an unknown option, value, field, channel, format or language",
    3: "nothing could be done (model, template, file, shop or setup error)",
    4: "stopped: more products failed than --max-failures allows",
    75: "stopped by SIGTERM; what was done is there, run it again for the rest",
    130: "interrupted (SIGINT); what convert has done is there",
}

COMMANDS = (describe, convert, inspect, models, taxonomy)

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
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
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
        say(message_line(str(e)))
        return 2
    except ProductDescError as e:
        say(e)
        return 1 if isinstance(e, PhotoError | OutputError) else 3


class _Parser(argparse.ArgumentParser):
    """argparse that suggests what was meant."""

    def error(self, message: str) -> NoReturn:
        known = list(_options_of(self))
        wrong = [w.split("=")[0] for w in message.split() if w.startswith("--")]
        for word in wrong if "unrecognized" in message else ():
            near = difflib.get_close_matches(word, known, n=1)
            message += f"; did you mean {near[0]}?" if near else ""
        show(f"{self.prog}: {message}\ntry: {self.prog} --help", sys.stderr)
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
    for module in COMMANDS:
        module.add(commands, epilog)
    return parser
