"""Engine recipe: how a worker opens its engine, in plain data that any process can be sent.

EngineRecipe("demo")
EngineRecipe("http://models.internal:8000/v1", key_variable="PRODUCTDESC_SERVER_KEY")
EngineRecipe("shop.engines:tuned", arguments={"folder": "/models/tuned"})
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ..digest import json_digest
from ..engines import Engine, ServerOptions, load_engine
from ..engines.options import EngineOptions
from ..engines.protocol import check_engine
from ..errors import EngineError
from ..net import NetworkAccess
from ..text.printable import quoted, words_of


@dataclass(frozen=True, slots=True)
class EngineRecipe:
    """What to load, and how; nothing in it is open, and nothing is secret.

    name: as `load_engine` takes it ("demo", a folder, a hub id, a URL), or
    "module:function", which is called with `arguments` and gives an engine. options: those
    of `load_engine`, without a key. key_variable: the *name* of the environment variable
    that holds a server's key, read in the worker. allowed_hosts, ca, insecure: as
    `NetworkAccess` takes them, for the server and for photos.

    Raises `ValueError` where the parts do not go together.
    """

    name: str | Path | None = None
    options: EngineOptions | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    key_variable: str = ""
    allowed_hosts: tuple[str, ...] = ()
    ca: Path | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.options, ServerOptions) and self.options.key:
            raise ValueError(
                "a recipe is sent to workers, and a key is not: put the key into an "
                'environment variable there, and give its name: key_variable="..."'
            )
        if self.key_variable and not self.is_server:
            raise ValueError(
                f"key_variable is {quoted(self.key_variable, 'name')}, and "
                f"{self.name or 'the demo model'} is no URL of a server"
            )
        if self.is_function and self.options is not None:
            raise ValueError(f"{self.name} is called with arguments=, not with options=")
        if self.arguments and not self.is_function:
            raise ValueError(
                f"arguments= are of a function, and {self.name or 'the demo model'} is "
                "none; give options="
            )

    @property
    def is_server(self) -> bool:
        return str(self.name or "").startswith(("http://", "https://"))

    @property
    def is_function(self) -> bool:
        module, colon, function = str(self.name or "").partition(":")
        parts = (*module.split("."), function)
        return bool(colon) and all(part.isidentifier() for part in parts)

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of what decides which engine it is; no network does."""
        values = asdict(self.options) if self.options else {}
        values.pop("limits", None)  # how a server is asked, not what
        return json_digest(
            [str(self.name or "demo"), _plain(values), _plain(dict(self.arguments))]
        )

    def network(self) -> NetworkAccess:
        """What is let through, opened here."""
        return NetworkAccess(*self.allowed_hosts, ca=self.ca, insecure=self.insecure)

    def open(self) -> Engine:
        """The engine, loaded in this process. Raises `EngineError`."""
        if self.is_function:
            return self._called()
        if not self.is_server:
            return load_engine(self.name, self.options)
        options = self.options or ServerOptions()
        if self.key_variable:
            key = os.environ.get(self.key_variable)
            if not key:
                raise EngineError(
                    f"the environment variable {self.key_variable} is not set on this "
                    "machine; set it to the server's key wherever a worker runs"
                )
            options = replace(options, api_key=key)  # type: ignore[arg-type]
        return load_engine(self.name, options, network=self.network())

    def _called(self) -> Engine:
        module, _, function = str(self.name).partition(":")
        try:
            engine: Engine = getattr(import_module(module), function)(**self.arguments)
            check_engine(engine)
        except EngineError:
            raise
        except Exception as e:  # foreign code: it may raise anything
            why = f"{type(e).__name__}: {words_of(e)}"
            raise EngineError(f"the engine {self.name} cannot be opened: {why}") from e
        return engine


def _plain(value: Any) -> Any:
    """A value as JSON has it; what JSON has not, by its text."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value if isinstance(value, str | int | float | bool | None) else str(value)
