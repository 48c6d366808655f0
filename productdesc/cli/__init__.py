"""The command line. What is asked for goes to standard output; all else to standard error.

To add a command: one module here with `add(commands)`, and one line in `commands.COMMANDS`.
"""

from .commands import EXIT_CODES, main

__all__ = ["EXIT_CODES", "main"]
