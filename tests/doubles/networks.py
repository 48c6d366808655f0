"""Doubles around a network: a wrapper to subclass, and what notes calls of torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch.overrides import TorchFunctionMode

from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.load_engine import build_engine
from productdesc.engines.qwen2vl.modeling.model import load_network


class WrappedNetwork:
    """Another network in every respect; a subclass replaces what it is made to watch."""

    def __init__(self, network: Any) -> None:
        self._network = network

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def forward(self, parts: Any) -> Any:
        return self._network.forward(parts)


class SlowedNetwork(WrappedNetwork):
    """Takes `pause` seconds more a forward; notes the rows that each one had."""

    pause = 0.0

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.rows: list[int] = []

    def forward(self, parts: Any) -> Any:
        self.rows.append(sum(len(part.steps) for part in parts))
        time.sleep(self.pause)
        return super().forward(parts)


def slowed_engine(folder: Path, pause: float) -> tuple[Qwen2VLEngine, SlowedNetwork]:
    """The fast engine over a checkpoint, with a slowed network, and that network."""
    engine = build_engine(
        inspect(folder),
        lambda checkpoint: SlowedNetwork(  # type: ignore[arg-type,return-value]
            load_network(checkpoint, device="cpu", dtype="float32")
        ),
        prompt_lookup=False,
    )
    network: Any = engine._network
    network.pause = pause
    return engine, network


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
