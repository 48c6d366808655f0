"""Errors of Ray: which of ours is within one."""

from __future__ import annotations

from typing import Any

from ..errors import EngineError, ProductDescError
from ..text.printable import words_of


def error_of_ours(error: BaseException) -> BaseException:
    """The error of ours within one of Ray's; else an `EngineError` with its last words."""
    seen: list[BaseException] = []
    todo: list[Any] = [error]
    while todo:
        one = todo.pop(0)
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            if isinstance(one, ProductDescError):
                return one
            todo += [getattr(one, "cause", None), one.__cause__, one.__context__]
    last = str(error).strip().splitlines()[-1:] or [type(error).__name__]
    return EngineError(f"Ray ended the run: {words_of(last[0])}")
