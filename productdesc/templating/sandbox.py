"""Sandbox of templates: what one may do, and how much of it.

A template is somebody's program. It can read its variables and nothing else, and neither
runs for ever nor asks for more memory than there is: every item that it loops over, every
call and everything that a filter reads is a step, and texts and lists have a largest size.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from functools import lru_cache, wraps
from typing import Any, cast

from jinja2 import BaseLoader, DictLoader, StrictUndefined, Template, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

LARGEST_NUMBER = 1_000_000
"""Largest number that a template may calculate with or give to a filter or a method.

A prompt has some thousand characters; `center(10**11)` would take all memory.
"""
LARGEST_SIZE = 10_000_000
"""Most characters or items of what a template makes; a whole taxonomy has a million."""
LARGEST_POWER = 64
MAX_STEPS = 1_000_000
"""Steps of one rendering, about a second; the shipped templates take some thousands."""
CALL_STEPS, LOOK_STEPS, INCLUDE_STEPS = 10, 10, 100
"""What a call, a look at an attribute or item, and an include take, in items of a loop."""

_WIDTH = re.compile(r"\d{7,}")  # of a format, over LARGEST_NUMBER


class Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox whose templates can neither run for ever nor take all memory."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._own = threading.local()
        self.filters = {name: self._bounded(one) for name, one in self.filters.items()}
        self.filters[_COUNTED] = self._counted
        self.filters[_JOINED] = self._joined
        del self.globals["lipsum"]  # filler text, of any length

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

    def rendered(self, template: Template, values: Mapping[str, Any]) -> str:
        """The text of a template; raises whatever a template can."""
        self._own.steps = 0
        pieces, size = [], 0
        for piece in template.generate(values):
            pieces.append(piece)
            size += len(piece)
            _check_size(size)
        return "".join(pieces)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and not _is_small(right, LARGEST_POWER):
            raise SecurityError(f"a power of {right!r}; {LARGEST_POWER} is the largest")
        if operator == "+":
            _check_size(_size(left) + _size(right))
        if operator == "*":
            for one, other in ((left, right), (right, left)):
                if isinstance(other, int):
                    _check_size(_size(one) * abs(other))
        if operator == "%" and isinstance(left, str):
            self._check_format(left, right if isinstance(right, tuple) else (right,))
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, /, *values: Any, **named: Any) -> Any:
        method = getattr(called, "__wrapped__", called)  # Jinja wraps str.format
        itself = getattr(method, "__self__", None)
        if isinstance(called, LoopContext):
            values = (self._counted(values[0]), *values[1:]) if values else values
        self._step(CALL_STEPS)
        self._check_use(itself, *values, *named.values())
        if isinstance(itself, str):
            if method.__name__ in ("format", "format_map"):
                self._check_format(itself, (*values, *named.values()))
            if method.__name__ in _GROWING:
                _check_growth(itself, *values)
        return super().call(context, called, *values, **named)

    def getattr(self, obj: Any, attribute: str) -> Any:
        self._step(LOOK_STEPS)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        self._step(LOOK_STEPS)
        return super().getitem(obj, argument)

    def get_template(self, *values: Any, **named: Any) -> Template:
        self._step(INCLUDE_STEPS)
        return super().get_template(*values, **named)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The template with its loops counted, and texts that are joined by ~ bounded."""
        parsed = super()._parse(source, name, filename)
        for loop in parsed.find_all(nodes.For):
            loop.iter = _filter(cast("nodes.Expr", loop.iter), _COUNTED)
        _replace_joins(parsed)
        return parsed

    def _bounded(self, filter: Callable[..., Any]) -> Callable[..., Any]:
        context = 1 if hasattr(filter, "jinja_pass_arg") else 0
        name = filter.__name__.removeprefix("do_")

        @wraps(filter)  # with the marks that tell Jinja what to hand over
        def checked(*values: Any, **named: Any) -> Any:
            given = (*values[context:], *named.values())
            for value in given[1:]:
                _check_number(value)
            self._check_use(*given[:1])
            if name in _GROWING:
                _check_growth(*given)
            if name == "format" and isinstance(given[0], str):
                self._check_format(given[0], given[1:])
            return filter(*values, **named)

        return checked

    def _counted(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self._step()
            yield item

    def _joined(self, pieces: list[Any]) -> str:
        _check_size(sum(map(_size, pieces)))
        return "".join(map(str, pieces))

    def _check_use(self, *values: Any) -> None:
        for value in values:
            _check_number(value)
        self._step(1 + sum(map(_size, values)))

    def _check_format(self, form: str, values: Iterable[Any]) -> None:
        if _WIDTH.search(form):
            raise SecurityError(f"a format of over {LARGEST_NUMBER:,} characters")
        self._check_use(form, *values)

    def _step(self, count: int = 1) -> None:
        self._own.steps = steps = getattr(self._own, "steps", 0) + count
        if steps > MAX_STEPS:
            raise SecurityError(f"takes over {MAX_STEPS:,} steps; does it loop for ever?")


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


_COUNTED, _JOINED = " counted", " joined"  # no template can spell a space in a name
_GROWING = frozenset({"replace", "join", "indent", "translate", "expandtabs", "xmlattr"})
"""Filters and methods that may put one text into another at every place of it."""


def _filter(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _replace_joins(node: nodes.Node) -> None:
    """Every `a ~ b` as a filter of ours, which looks at the sizes first."""
    for field, value in node.iter_fields():
        if isinstance(value, list):
            value[:] = map(_replaced, value)
        else:
            setattr(node, field, _replaced(value))
    for child in node.iter_child_nodes():
        _replace_joins(child)


def _replaced(value: Any) -> Any:
    if not isinstance(value, nodes.Concat):
        return value
    return _filter(nodes.List(value.nodes, lineno=value.lineno), _JOINED)


def _size(value: Any) -> int:
    is_sized = isinstance(value, Sized) and not isinstance(value, Undefined)
    return len(value) if is_sized else 0


def _check_growth(text: Any, *values: Any) -> None:
    """What a text may come to where another one is put in at every place of it."""
    if isinstance(text, str | list | tuple):
        own = sum(map(_size, text)) if isinstance(text, list | tuple) else 0
        more = max((v if isinstance(v, int) else _size(v) for v in values), default=0)
        places = text.count(values[0]) if _is_replace(text, values) else len(text)
        _check_size(max(own, len(text)) + places * more)


def _is_replace(text: Any, values: tuple[Any, ...]) -> bool:
    return isinstance(text, str) and len(values) > 1 and isinstance(values[0], str)


def _check_size(size: int) -> None:
    if size > LARGEST_SIZE:
        raise SecurityError(f"makes what is too large; {LARGEST_SIZE:,} is the largest")


def _check_number(value: Any) -> None:
    if not _is_small(value, LARGEST_NUMBER):
        raise SecurityError(f"the number is too large; {LARGEST_NUMBER:,} is the largest")


def _is_small(value: Any, most: int) -> bool:
    return not isinstance(value, int | float) or -most <= value <= most
