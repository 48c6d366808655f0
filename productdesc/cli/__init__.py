"""The command line. What is asked for goes to standard output; all else to standard error.

To add a command: one module here with `add(commands)`, and one line in `commands.COMMANDS`.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .job.stopping import SIGNALS, TerminateError, terminating
from .terminal import say

if TYPE_CHECKING:
    from . import commands
    from .commands import EXIT_CODES

__all__ = ["EXIT_CODES", "commands", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    try:
        with terminating():
            # here, so that a signal is told of in one line while all is imported
            from .commands import main as run

            return run(arguments)
    except KeyboardInterrupt:
        name = "SIGINT"
    except TerminateError:
        name = "SIGTERM"
    say(f"stopped ({name})")
    return SIGNALS[name]


def __getattr__(name: str) -> Any:
    if name == "EXIT_CODES":
        return import_module(".commands", __name__).EXIT_CODES
    if name == "commands":
        return import_module(".commands", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
