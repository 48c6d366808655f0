"""Fork check: a loaded model belongs to the process that loaded it."""

from __future__ import annotations

import os

from ..errors import EngineError


class OwnProcess:
    """The process that made this."""

    def __init__(self) -> None:
        self._pid = os.getpid()

    def check(self, name: str) -> None:
        """Raises `EngineError` in a forked child.

        Threads, locks and connections of the parent are not there any more: a network would
        wait for them for ever.
        """
        if os.getpid() != self._pid:
            raise EngineError(
                f"{name} was loaded in process {self._pid} and this is a fork of it, "
                f"process {os.getpid()}: load the engine after the fork, in each worker "
                "(docs/backend.md), or start the workers with spawn"
            )
