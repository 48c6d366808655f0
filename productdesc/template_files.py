"""Template files: where they lie, the sandbox they run in, and their texts read once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, DictLoader, StrictUndefined, TemplateNotFound, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

LARGEST_NUMBER = 1_000_000
"""Largest number that a template may calculate with or give to a filter or a method.

A prompt has some thousand characters; `center(10**11)` would take all memory.
"""
LARGEST_POWER = 64


def shipped_folder() -> Path:
    """Where the shipped templates lie: inside the package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "templates"
    return inside if inside.is_dir() else here.parent / "templates"


@dataclass(frozen=True, slots=True)
class TemplateTexts:
    """The templates of one run, read once: plain data.

    `texts` has, for each template that is rendered, the texts of itself and of all that it
    extends or includes, by name. `folders` is where they were looked for.
    """

    texts: Mapping[str, Mapping[str, str]]
    folders: tuple[str, ...]

    @staticmethod
    def entry(name: str | Path) -> str:
        """What a template is called in `texts`; a file by its name, whatever its folder."""
        return f"./{name.name}" if isinstance(name, Path) else name


class Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox whose templates cannot ask for more memory than there is."""

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters = {name: _bounded(one) for name, one in self.filters.items()}

    def compile(
        self,
        source: Any,
        name: str | None = None,
        filename: str | None = None,
        raw: bool = False,
        defer_init: bool = False,
    ) -> Any:
        """As Jinja's own, which takes 13 ms a template: a text is compiled once."""
        if isinstance(source, str):
            return _compiled(source, name, filename, raw, defer_init)
        return super().compile(source, name, filename, raw, defer_init)  # type: ignore[call-overload]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and not _is_small(right, LARGEST_POWER):
            raise SecurityError(f"a power of {right!r}; {LARGEST_POWER} is the largest")
        for one, other in ((left, right), (right, left)):
            if hasattr(one, "__len__") and isinstance(other, int):
                _check_number(len(one) * abs(other))
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, /, *values: Any, **named: Any) -> Any:
        for value in (*values, *named.values()):
            _check_number(value)
        return super().call(context, called, *values, **named)


def _bounded(filter: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(filter)  # with the marks that tell Jinja what to hand over
    def checked(*values: Any, **named: Any) -> Any:
        for value in (*values[1:], *named.values()):
            _check_number(value)
        return filter(*values, **named)

    return checked


def _check_number(value: Any) -> None:
    if not _is_small(value, LARGEST_NUMBER):
        raise SecurityError(f"the number is too large; {LARGEST_NUMBER:,} is the largest")


def _is_small(value: Any, most: int) -> bool:
    return not isinstance(value, int | float) or -most <= value <= most


def environment(loader: BaseLoader) -> Sandbox:
    return Sandbox(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=False,  # prompts are not HTML; special tokens are split before
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=64)
def _compiled(source: str, *more: Any) -> Any:
    plain = environment(DictLoader({}))
    return ImmutableSandboxedEnvironment.compile(plain, source, *more)


def sources_of(env: ImmutableSandboxedEnvironment, name: str) -> dict[str, str]:
    """The text of a template and of every template it extends or includes, by name.

    One that is missing is left out where the template says that it may be.
    """
    assert env.loader is not None
    sources: dict[str, str] = {}
    waiting = [(name, False)]
    while waiting:
        key, may_be_missing = waiting.pop()
        if key not in sources:
            try:
                sources[key] = env.loader.get_source(env, key)[0]
            except TemplateNotFound:
                if not may_be_missing:
                    raise
                continue
            waiting += _named_in(sources[key])
    return sources


def sources_digest(sources: Mapping[str, str]) -> str:
    """SHA-256, in hex, over these texts and their names."""
    joined = "\0".join(f"{key}\0{sources[key]}" for key in sorted(sources))
    return hashlib.sha256(joined.encode()).hexdigest()


@lru_cache(maxsize=64)
def _named_in(source: str) -> tuple[tuple[str, bool], ...]:
    """The templates that a source extends or includes, and whether each may be missing.

    Parsed once, not at each render. Names that are found out in rendering are not known.
    """
    return tuple(_references(environment(DictLoader({})).parse(source)))


def _references(parsed: nodes.Template) -> Iterator[tuple[str, bool]]:
    kinds = (nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)
    for node in parsed.find_all(kinds):
        named: Any = getattr(node, "template", None)
        is_list = False
        if isinstance(named, nodes.Tuple | nodes.List):
            options, is_list = named.items, True  # the first that is there is included
        else:
            options = [named]
        may_be_missing = is_list or getattr(node, "ignore_missing", False)
        for option in options:
            if isinstance(option, nodes.Const) and isinstance(option.value, str):
                yield option.value, may_be_missing
            elif isinstance(option, nodes.Const) and isinstance(option.value, tuple | list):
                yield from ((one, True) for one in option.value if isinstance(one, str))
