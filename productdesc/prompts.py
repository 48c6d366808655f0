"""Prompts: sandboxed Jinja templates filled with data that can never act as structure.

Templates are looked up in the user's folder first, then among those that ship. A missing
variable is an error. The same values always render to the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import DictLoader, FileSystemLoader, Template, TemplateError

from .channels import Field, clean
from .digest import json_digest
from .errors import PromptError
from .records import Colour, Facts, Product
from .records.variants import varying_options
from .special_tokens import split_special_tokens
from .style import StyleExample
from .templating.rendered import Rendered, joined
from .templating.sandbox import Sandbox, environment
from .templating.template_files import (
    TemplateTexts,
    shipped_folder,
    sources_digest,
    sources_of,
)
from .text.languages import LANGUAGES
from .text.printable import words_of

__all__ = ["MAX_DATA_CHARS", "Rendered", "Templates", "joined"]

T = TypeVar("T")
Examples = Sequence[StyleExample]

# More than this is not a product's data but a dump; models lose the thread long before.
MAX_DATA_CHARS = 6000


class Templates:
    """The shipped templates, behind the user's own folder if there is one.

    `special_tokens` are split wherever they stand in data. From `texts`, those are
    rendered, and no file is read.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        special_tokens: Iterable[str] = (),
        texts: TemplateTexts | None = None,
    ) -> None:
        if folder is not None and not folder.is_dir():
            raise PromptError(f"{folder}: no such template folder")
        self._folders = [*([folder] if folder else []), shipped_folder()]
        self._special = tuple(special_tokens)
        self._env = environment(FileSystemLoader([str(f) for f in self._folders]))
        # of templates named by path, by their folder: compiled once
        self._beside: dict[Path, Sandbox] = {}
        self._texts = texts
        self._read = {
            name: environment(DictLoader(dict(sources)))
            for name, sources in (texts.texts if texts else {}).items()
        }

    def read(self, *names: str | Path) -> TemplateTexts:
        """The texts of these templates and of all that they use, as they are now.

        Raises `PromptError` for one that is missing or no template.
        """
        texts = {}
        for name in names:
            env, key = self._found(name)
            texts[TemplateTexts.entry(name)] = self._checked(name, sources_of, env, key)
            self._checked(name, env.get_template, key)
        return TemplateTexts(texts, tuple(map(str, self._folders)))

    def system(
        self,
        *,
        categories: Sequence[str] = (),
        visible: Mapping[str, Sequence[str]] | None = None,
    ) -> Rendered:
        """The system turn, which opens every conversation of a job.

        What a job's products all choose from stands here, where a model reads it once.
        """
        return self._render("system.j2", self._lists(categories, visible))

    def _lists(
        self, categories: Sequence[str], visible: Mapping[str, Sequence[str]] | None
    ) -> dict[str, Any]:
        return {
            "categories": [self._plain(c) for c in categories],
            "visible": {
                self._plain(k): [self._plain(v) for v in values]
                for k, values in (visible or {}).items()
            },
        }

    def observe(
        self,
        product: Product,
        *,
        photos: int,
        measured: Sequence[Sequence[Colour]] = (),
        categories: Sequence[str] = (),
        visible: Mapping[str, Sequence[str]] | None = None,
        near: Sequence[str] = (),
        follows: bool = False,
    ) -> Rendered:
        """The first turn: look, then choose from closed lists.

        The merchant's data is shown only when there is no photo: what the photo shows
        must not be coloured by what the data says, or no contradiction is ever found.
        follows: a later turn about the same product, for more choices. near: paths of a
        shop's categories, of which there are more than a prompt can hold.
        """
        return self._render(
            "observe.j2",
            {
                "photos": photos,
                "measured": [_colours(colours) for colours in measured],
                **self._lists(categories, visible),
                "near": [self._plain(path) for path in near],
                "follows": follows,
                "data": self._data(product),
            },
        )

    def look(self, photos: int) -> Rendered:
        """The turn that reads photos before questions about them."""
        return self._render("look.j2", {"photos": photos})

    def choose(self, question: str, choices: Sequence[str] = ()) -> Rendered:
        """A question about photos that were read; the answers to choose from, if any."""
        return self.of_texts("choose.j2", {"question": question, "choices": tuple(choices)})

    def of_texts(self, name: str, texts: Mapping[str, Any]) -> Rendered:
        """A template of texts and lists of texts, each plain data, and of numbers."""
        plain = {k: self._plain(v) if isinstance(v, str) else v for k, v in texts.items()}
        lists = {
            k: [*map(self._plain, v)] for k, v in texts.items() if isinstance(v, tuple)
        }
        return self._render(name, plain | lists)

    def write(
        self,
        template: str | Path,
        product: Product,
        facts: Facts,
        *,
        shop: str,
        language: str,
        fields: Sequence[Field] = (),
        photos: int = 0,
        schema: Mapping[str, Any] | None = None,
    ) -> Rendered:
        """The second turn: write, from the facts and the merchant's data."""
        values = {
            "shop": shop,
            "language": LANGUAGES.get(language, self._plain(language)),
            "facts": self._json(_seen(facts)),
            "data": self._data(product),
            "fields": [{"name": f.name, "words": _words(f, photos)} for f in fields],
            "photos": photos,
            "schema": self._json(schema or {}, sort=False),
        }
        return self._render(template, values)

    def with_variants(self, turn: Rendered, product: Product) -> Rendered:
        """The turn with the options that differ between variants behind it, as data."""
        options = varying_options(product.variants)
        if not options:
            return turn
        shown = self._json({name: list(values) for name, values in options.items()})
        told = self._render("variants.j2", {"options": shown[:MAX_DATA_CHARS]})
        digest = json_digest([turn.template, told.template])
        return Rendered(f"{turn.text}\n{told.text}", digest)

    def with_rewrite(self, turn: Rendered, texts: Mapping[str, str]) -> Rendered:
        """The turn with the merchant's own text behind it, as data to be rewritten."""
        room = MAX_DATA_CHARS // max(1, len(texts))
        shown = self._json({name: t[:room] for name, t in texts.items()}, sort=False)
        return joined(turn, self._render("rewrite.j2", {"texts": shown, "missing": ""}))

    def missing(self, facts: Sequence[Mapping[str, str]]) -> Rendered:
        """One more turn after a rewrite: the facts that its copy left out, as data."""
        return self._render("rewrite.j2", {"texts": "", "missing": self._json([*facts])})

    def with_note(self, turn: Rendered, note: str) -> Rendered:
        """The turn with what a person says of the former copy behind it, as data."""
        return joined(turn, self._render("note.j2", {"note": self._json(note)}))

    def style(self, tone: str = "", examples: Examples = ()) -> Rendered:
        """How the shop writes: its tone, and its own products as examples, as data."""
        values = {
            "tone": self._json(tone) if tone else "",
            "examples": [self._json(one.shown, sort=False) for one in examples],
        }
        return self._render("style.j2", values)

    def _render(self, name: str | Path, values: Mapping[str, Any]) -> Rendered:
        env, template, source = self._load(name)
        try:
            text = env.rendered(template, values)
        except Exception as e:  # a template is a program of somebody's, and may raise any
            reason = words_of(e) or type(e).__name__
            raise PromptError(f"template {name}: cannot be rendered: {reason}") from e
        return Rendered("\n".join(filter(None, map(str.strip, text.splitlines()))), source)

    def _load(self, name: str | Path) -> tuple[Sandbox, Template, str]:
        env, key = self._found(name)
        template = self._checked(name, env.get_template, key)
        return env, template, sources_digest(self._checked(name, sources_of, env, key))

    def _found(self, name: str | Path) -> tuple[Sandbox, str]:
        """The environment that has a template, and what it is called there."""
        if self._texts is not None:
            read = self._read.get(self._texts.entry(name), self._env)
            return read, name.name if isinstance(name, Path) else name
        if not isinstance(name, Path):
            return self._env, name
        if not name.is_file():
            raise PromptError(f"{name}: no such template file")
        folder = name.resolve().parent
        if folder not in self._beside:
            paths = [str(f) for f in (folder, *self._folders)]
            self._beside[folder] = environment(FileSystemLoader(paths))
        return self._beside[folder], name.name

    def _checked(self, name: str | Path, step: Callable[..., T], *given: Any) -> T:
        """What a step of loading gives; `PromptError` where it fails."""
        try:
            return step(*given)
        except Exception as e:  # also of Python's own compiler: nested too deep
            line = getattr(e, "lineno", None)
            where = f"{name}, line {line}" if line else f"{name}"
            reason = words_of(
                e.message or "" if isinstance(e, TemplateError) else _reason(e)
            )
            folders = ", ".join(str(f) for f in self._folders)
            raise PromptError(
                f"template {where}: {reason or 'not found'} (looked in: {folders})"
            ) from e

    def _data(self, product: Product) -> str:
        data = {
            **({"title": product.title} if product.title else {}),
            **product.attributes,
            **({"description": product.words} if product.words else {}),
        }
        text = self._json(data)
        if len(text) <= MAX_DATA_CHARS:
            return text
        # A dump of a description is the usual cause: shorten the longest values first.
        room = MAX_DATA_CHARS // max(1, len(data))
        return self._json({k[:80]: v[:room] for k, v in data.items()})[:MAX_DATA_CHARS]

    def _json(self, value: Any, *, sort: bool = True) -> str:
        text = json.dumps(
            value, ensure_ascii=False, sort_keys=sort, separators=(", ", ": ")
        )
        return split_special_tokens(clean(text), self._special)

    def _plain(self, text: str) -> str:
        return split_special_tokens(clean(text), self._special)


def _reason(error: Exception) -> str:
    is_plain = isinstance(error, OSError | UnicodeError)
    return str(error) if is_plain else f"{type(error).__name__}: {error}"


def _colours(colours: Sequence[Colour]) -> str:
    return ", ".join(f"{c.name} {c.share:.0%}" for c in colours)


def _seen(facts: Facts) -> dict[str, Any]:
    return {
        "category": facts.category,
        **{name: seen.value for name, seen in facts.attributes.items()},
        **({"text": list(facts.text)} if facts.text else {}),
        **({"text read": facts.read_by_photo} if facts.read else {}),
    }


def _words(field: Field, photos: int) -> str:
    """The field's shape in words, e.g. "2 to 5 texts of up to 120 characters"."""
    if not field.is_list:
        return f"up to {field.write} characters"
    if field.photos:
        each = "one text" if photos == 1 else f"{photos} different texts, one a photo,"
        return f"{each} of up to {field.write} characters"
    least, most = field.count(photos)
    return f"{least} to {most} texts of up to {field.write} characters"
