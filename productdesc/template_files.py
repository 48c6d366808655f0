"""Template files: where they lie, the sandbox they run in, and their texts read once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import BaseLoader, DictLoader, StrictUndefined, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment


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


def environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=False,  # prompts are not HTML; special tokens are split before
        trim_blocks=True,
        lstrip_blocks=True,
    )


def sources_of(env: ImmutableSandboxedEnvironment, name: str) -> dict[str, str]:
    """The text of a template and of every template it extends or includes, by name."""
    assert env.loader is not None
    sources: dict[str, str] = {}
    waiting = [name]
    while waiting:
        key = waiting.pop()
        if key not in sources:
            sources[key] = env.loader.get_source(env, key)[0]
            waiting += _named_in(sources[key])
    return sources


def sources_digest(sources: Mapping[str, str]) -> str:
    """SHA-256, in hex, over these texts and their names."""
    joined = "\0".join(f"{key}\0{sources[key]}" for key in sorted(sources))
    return hashlib.sha256(joined.encode()).hexdigest()


@lru_cache(maxsize=64)
def _named_in(source: str) -> tuple[str, ...]:
    """The templates that a source extends or includes; parsed once, not at each render."""
    parsed = environment(DictLoader({})).parse(source)
    return tuple(name for name in meta.find_referenced_templates(parsed) if name)
