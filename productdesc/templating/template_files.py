"""Template files: where they lie, and their texts read once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, TemplateNotFound, nodes

from .sandbox import Sandbox, environment


def shipped_folder() -> Path:
    """Where the shipped templates lie: inside the package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent.parent
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


def sources_of(env: Sandbox, name: str) -> dict[str, str]:
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
