"""Shop style: the tone, words and examples that a shop's copy is written by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError, field_validator, model_validator

from ..records.descriptions import COPY_FIELDS
from ..records.products import Record
from ..text.printable import message_line, printable
from ..text.suggest import nearest
from ..words.tokens import forms_of_text
from .style_file import check_names, read_toml

__all__ = ["NO_STYLE", "STYLE_LIMITS", "Style", "StyleExample", "StyleLimits"]


class StyleLimits(NamedTuple):
    """Limits of a style, with the reason for each."""

    tone: int = 800  # characters; more is a page of rules, of which models lose the thread
    set_size: int = (
        8  # examples that one product is written by; five show how a shop writes
    )
    example: int = 4_000  # characters of one example; more is no product copy but a page
    set_chars: int = 12_000  # of all examples of a set: about 3,000 tokens
    categories: int = 200  # sets, where there is one a category
    token_chars: float = 3.5  # characters of a token, about: what a style costs


STYLE_LIMITS = StyleLimits()

Text = str | tuple[str, ...]
PARTS = ("facts", "data", "copy")


class StyleExample(Record):
    """One of the shop's own products: what a photo shows, what is known, what was written.

    `facts` and `data`: a value, or a list of values, by name. `copy` (`texts` in Python
    once it is there): the copy by field, as `Description` names them. An example shows how
    the shop writes, and vouches for nothing.
    """

    facts: dict[str, Text] = Field(default_factory=dict)
    data: dict[str, Text] = Field(default_factory=dict)
    texts: dict[str, Text] = Field(alias="copy")

    @model_validator(mode="before")
    @classmethod
    def _known_parts(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            check_names(given, PARTS, "an example")
            if "copy" not in given:
                raise ValueError("an example has no 'copy', which is what it shows")
        return given

    @field_validator("facts", "data", "texts", mode="before")
    @classmethod
    def _as_texts(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise ValueError('is texts by name, such as {title = "..."}')
        return {str(name): _text(value) for name, value in given.items()}

    @field_validator("texts")
    @classmethod
    def _fields(cls, texts: dict[str, Text]) -> dict[str, Text]:
        """A field that is nearly one of the channels' is a slip; others are a schema's."""
        for name in texts:
            near = "" if name in COPY_FIELDS else nearest(name, COPY_FIELDS)
            if near:
                raise ValueError(f"has no field {name!r}; did you mean {near!r}?")
        if not any(map(str.strip, _flat(texts.values()))):
            raise ValueError("has no text")
        return texts

    @property
    def shown(self) -> dict[str, dict[str, Text]]:
        """The example as a prompt shows it."""
        parts = {"facts": self.facts, "data": self.data, "copy": self.texts}
        return {name: part for name, part in parts.items() if part}

    @property
    def entries(self) -> tuple[tuple[str, str, str], ...]:
        """Part, name and text of all that is shown."""
        return tuple(
            (part, name, text)
            for part, texts in self.shown.items()
            for name, value in texts.items()
            for text in _flat([value])
        )

    @property
    def size(self) -> int:
        """Characters of all that is shown."""
        return sum(len(name) + len(text) for _, name, text in self.entries)


def _text(value: Any) -> Any:
    if isinstance(value, str | list | tuple):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flat(values: Iterable[Text]) -> Iterator[str]:
    for value in values:
        yield from (value,) if isinstance(value, str) else value


Examples = tuple[StyleExample, ...]
FIELDS = ("tone", "use", "avoid", "glossary", "examples")


class Style(Record):
    """A shop's own tone, words and examples.

    `tone`: how the copy sounds, in a short text. `examples`: the shop's own products
    (`StyleExample`), shown to the model: one set for all products, which stands in the
    shared first words and is read once a job, or a set a category, which is read for each
    product. What an example says of its product is taken out of the copy of another.

    The words are checked in every text that a model writes. `use`: each must stand
    somewhere in the copy; one that does not is a warning. `avoid`: a sentence, bullet or
    tag with one of them goes. `glossary`: a word, and the one that the shop says instead;
    the first is a warning. Case, accents, plural and the spelling of British and American
    English do not matter.
    """

    tone: str = ""
    use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    glossary: dict[str, str] = Field(default_factory=dict)
    examples: Examples | dict[str, Examples] = ()

    @classmethod
    def load(cls, path: str | Path) -> Style:
        """The style in a TOML file.

        Raises `ValueError` for a file that cannot be read, a key that there is not, and a
        value that is too long or of another kind.
        """
        given = read_toml(Path(path))
        try:
            return cls(**given)
        except ValidationError as e:
            shown = f"{printable(str(path), 'path')}: {_first_error(e)}"
            raise ValueError(message_line(shown)) from e

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            check_names(given, FIELDS, "a style")
        return given

    @field_validator("use", "avoid", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            raise ValueError("is a list of words, not one text")
        return value

    @field_validator("use", "avoid")
    @classmethod
    def _no_empty(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if not all(word.strip() for word in words):
            raise ValueError("holds an empty word")
        return words

    @field_validator("tone")
    @classmethod
    def _short(cls, tone: str) -> str:
        if len(tone) > STYLE_LIMITS.tone:
            most = STYLE_LIMITS.tone
            raise ValueError(f"has {len(tone)} characters; at most {most} are read")
        return tone.strip()

    @field_validator("examples", mode="before")
    @classmethod
    def _one_kind(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            return _by_category(given)
        if not isinstance(given, list | tuple):
            raise ValueError("is a list of examples, or lists of them by category")
        return _set_of(given, "")

    @property
    def fixed_examples(self) -> Examples:
        """The examples that every product is written by; () where each category has own."""
        return self.examples if isinstance(self.examples, tuple) else ()

    @property
    def all_examples(self) -> Examples:
        """The examples of all sets."""
        if isinstance(self.examples, tuple):
            return self.examples
        return tuple(one for some in self.examples.values() for one in some)

    @property
    def shapes_prompts(self) -> bool:
        """Whether a model is shown anything of it."""
        return bool(self.tone or self.examples)

    def examples_for(self, categories: Iterable[str]) -> Examples:
        """The set of a product that is filed in these categories, the surest first.

        A category is a name, or a path ("Clothing > Jackets"): the deepest part of it that
        has a set of its own counts, by its path or its name.
        """
        if isinstance(self.examples, tuple):
            return self.examples
        sets = {forms_of_text(name): some for name, some in self.examples.items()}
        for category in categories:
            parts = category.split(">")
            for size in range(len(parts), 0, -1):
                for name in (">".join(parts[:size]), parts[size - 1]):
                    if some := sets.get(forms_of_text(name)):
                        return some
        return ()

    def shown_for(self, categories: Iterable[str]) -> Style:
        """The same with the examples alone that such a product is written by."""
        if isinstance(self.examples, tuple):
            return self
        return self.model_copy(update={"examples": self.examples_for(categories)})

    @property
    def tokens_once(self) -> int:
        """About how many tokens of it are read once a job, in the shared first words."""
        size = len(self.tone) + sum(one.size for one in self.fixed_examples)
        return round(size / STYLE_LIMITS.token_chars)

    @property
    def tokens_each(self) -> int:
        """About how many are read for each product: the largest set of a category."""
        if isinstance(self.examples, tuple):
            return 0
        sizes = (sum(one.size for one in some) for some in self.examples.values())
        return round(max(sizes, default=0) / STYLE_LIMITS.token_chars)


def _by_category(given: Mapping[Any, Any]) -> dict[str, Examples]:
    if PARTS[-1] in given:
        raise ValueError("is a list of examples, not one example")
    if len(given) > STYLE_LIMITS.categories:
        most = STYLE_LIMITS.categories
        raise ValueError(f"has {len(given)} categories; at most {most} have sets")
    sets = {}
    for name, some in given.items():
        shown = printable(str(name), "name")
        if not forms_of_text(str(name)):
            raise ValueError("has a category without a name")
        if not isinstance(some, list | tuple):
            raise ValueError(f"of {shown!r} is a list of examples")
        sets[str(name)] = _set_of(some, f"of {shown!r} ")
    return sets


def _set_of(given: Iterable[Any], whose: str) -> Examples:
    """The examples of one set; raises `ValueError` where they are more than one is."""
    limits = STYLE_LIMITS
    some = tuple(_example(one, f"{whose}number {n}: ") for n, one in enumerate(given, 1))
    if len(some) > limits.set_size:
        raise ValueError(f"{whose}are {len(some)}; a set has at most {limits.set_size}")
    for number, one in enumerate(some, 1):
        if one.size > limits.example:
            raise ValueError(
                f"{whose}number {number} has {one.size} characters; at most "
                f"{limits.example} are read"
            )
    whole = sum(one.size for one in some)
    if whole > limits.set_chars:
        raise ValueError(
            f"{whose}have {whole} characters together; at most {limits.set_chars} are read"
        )
    return some


def _example(given: Any, which: str) -> StyleExample:
    if isinstance(given, StyleExample):
        return given
    if not isinstance(given, Mapping):
        raise ValueError(f"{which}it is no table of facts, data and copy")
    try:
        return StyleExample(**given)
    except ValidationError as e:
        raise ValueError(f"{which}{_first_error(e)}") from e


def _first_error(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    where = ".".join(map(str, first["loc"]))
    return f"{where} {reason}".strip()


NO_STYLE = Style()
