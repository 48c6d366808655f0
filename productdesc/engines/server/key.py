"""The API key: in one header, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

HIDDEN = "[secret]"


class ApiKey:
    """A key that shows itself only in `header` and takes itself out of texts with `hide`.

    `ValueError` for one that no HTTP header can carry; the message does not show it.
    """

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"an API key is text, not {type(value).__name__}")
        if not value or not all("!" <= c <= "~" for c in value):
            raise ValueError(
                "the API key is empty, or holds white space, a control character or a "
                "letter beyond ASCII; was it copied with something around it?"
            )
        # a closure: in no slot that `vars` or a debugger's list would show
        self._reveal: Callable[[], str] = lambda: value

    @property
    def header(self) -> str:
        return f"Bearer {self._reveal()}"

    def hide(self, text: str) -> str:
        """The text without the key: error pages repeat what was sent."""
        return text.replace(self._reveal(), HIDDEN)

    def __repr__(self) -> str:
        return f"ApiKey({HIDDEN})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an API key is not pickled or copied; give it again instead")
