"""Doubles around a network: a wrapper to subclass, and what notes calls of torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.overrides import TorchFunctionMode


class WrappedNetwork:
    """Another network in every respect; a subclass replaces what it is made to watch."""

    def __init__(self, network: Any) -> None:
        self._network = network

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def forward(self, parts: Any) -> Any:
        return self._network.forward(parts)


class TorchCalls(TorchFunctionMode):
    """Notes the arguments of every call of one torch function, within a `with` block."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self._function = function
        self.calls: list[tuple[Any, ...]] = []

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function is self._function:
            self.calls.append(args)
        return function(*args, **(kwargs or {}))
