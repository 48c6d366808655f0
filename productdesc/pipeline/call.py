"""Call: what belongs to one call of `describe` and shapes no output.

Its deadline, its client, what it asks of each product, and whether what it was given is
what it takes.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import (
    AsyncIterable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypedDict, TypeVar, cast

from .. import cancel
from ..net import Http
from ..records import Photo, PhotoSource, Product
from ..text.printable import printable
from .options import DEFAULTS, DescribeOptions, Options

F = TypeVar("F", bound=Callable[..., Any])

ProductLike: TypeAlias = Product | PhotoSource | Sequence[PhotoSource]
"""A product, one photo, or several photos of one product."""

Needs: TypeAlias = Callable[[Product], Collection[str]]
"""The fields of a description that a product still needs; see `catalogs.needs`."""

LanguageNeeds: TypeAlias = Needs | Mapping[str, Needs]
"""The same for every language, or a function for each; it is asked of the product with the
copy that it has in that language."""


def shows_options(call: type[Any], defaults: Mapping[str, Any]) -> Callable[[F], F]:
    """Give a function of `**options` the signature and the text of `DescribeOptions`.

    `call`: a `TypedDict` of further options, with their text, and their defaults. `help()`,
    completion and the docs then show every option with its default.
    """
    shown = {**DEFAULTS, **defaults}
    annotations = {**DescribeOptions.__annotations__, **call.__annotations__}

    def show(function: F) -> F:
        signature = inspect.signature(function)
        parameters = signature.parameters.values()
        own = [p for p in parameters if p.kind is not p.VAR_KEYWORD and p.name not in shown]
        options = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=value,
                annotation=getattr(annotations[name], "__forward_arg__", annotations[name]),
            )
            for name, value in shown.items()
        ]
        by_place = [p for p in own if p.kind is not p.KEYWORD_ONLY]
        by_name = [p for p in own if p.kind is p.KEYWORD_ONLY]
        whole = signature.replace(parameters=[*by_place, *options, *by_name])
        function.__signature__ = whole  # type: ignore[attr-defined]
        if function.__doc__ and DescribeOptions.__doc__:  # python -OO leaves none
            function.__doc__ += f"\n    Options:\n{DescribeOptions.__doc__}"
            for part in (*getattr(call, "__orig_bases__", ()), call):
                if hasattr(part, "__total__"):
                    function.__doc__ += (part.__doc__ or "").lstrip("\n").rstrip(" ")
        return function

    return show


class CallOptions(TypedDict, total=False):
    """
    deadline: seconds from the call; what is not done by then is a `DeadlineError`.
    cancel: once this event is set, what is not done is a `CancelError`.
    http: for photos that are URLs.
    clock: gives the time of the provenance; for tests.
    """

    deadline: float | None
    cancel: threading.Event | None
    http: Http | None
    clock: Callable[[], datetime] | None


CALL_DEFAULTS: CallOptions = {"deadline": None, "cancel": None, "http": None, "clock": None}


class ManyCallOptions(CallOptions, total=False):
    """
    languages: instead of `language`: an outcome for each of them, in their order, from one
        look at the product. Photos are read once.
    """

    languages: Sequence[str] | None


MANY_DEFAULTS: ManyCallOptions = {**CALL_DEFAULTS, "languages": None}


_TAKES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "batch_size": (lambda v: isinstance(v, int), "a number of products"),
    "needs": (
        lambda v: callable(v) or isinstance(v, Mapping),
        "a function of a product, such as catalogs.needs(sink), or one for each language",
    ),
    "deadline": (lambda v: isinstance(v, int | float), "a number of seconds"),
    "cancel": (lambda v: hasattr(v, "is_set"), "a threading.Event"),
    "stop": (lambda v: hasattr(v, "is_set"), "a threading.Event"),
    "http": (lambda v: callable(getattr(v, "get", None)), "a productdesc.net.Http"),
    "clock": (callable, "a function that gives a datetime"),
}
"""What an option may be, beside None."""


def _now() -> datetime:
    return datetime.now(UTC)


AGAIN_TEMPERATURE = 0.7
"""Of a draft that is asked for again: by 0 it would be the same."""


@dataclass(frozen=True, slots=True)
class Again:
    """What is asked of another draft of one product; the note is shown as data."""

    seed: int
    note: str = ""


class Asked(NamedTuple):
    """What is asked of one product in one language. needs: the fields; None: all.

    again: how this draft is to be another than the last; None: it is the first.
    """

    language: str
    needs: Collection[str] | None = None
    again: Again | None = None


def again_by(options: Options, again: Again | None) -> Options:
    """The options of one product, of which another draft may be asked."""
    if again is None:
        return options
    settings = replace(options.settings, temperature=AGAIN_TEMPERATURE, seed=again.seed)
    return replace(options, settings=settings, note=again.note)


def needs_in(needs: LanguageNeeds, language: str) -> Needs:
    """The function that says what is needed in a language; `ValueError` where none does."""
    if not isinstance(needs, Mapping):
        return needs
    if language not in needs:
        there = ", ".join(needs) or "none"
        raise ValueError(f"needs has no function for {language!r}; it has: {there}")
    return needs[language]


def by_language(options: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The options of each language; those given where no list is. `ValueError`."""
    languages = options.get("languages")
    if languages is None:
        return [options]
    if options.get("language"):
        raise ValueError("give either language= or languages=")
    if isinstance(languages, str) or not languages:
        raise ValueError(f"languages is a list of codes, not {languages!r}")
    if len(set(languages)) < len(languages):
        raise ValueError(f"languages names one twice: {', '.join(languages)}")
    return [{**options, "language": one} for one in languages]


@dataclass(frozen=True, slots=True)
class Call:
    """What belongs to one call and shapes no output.

    `end` is when its deadline passes. `watch` is shown photos as they are loaded. `asks`
    says what is asked of a product, in some of the languages; None: what it `needs` in all.
    """

    batch_size: int
    keep_drafts: bool
    needs: LanguageNeeds | None
    http: Http | None
    clock: Callable[[], datetime]
    end: float | None
    cancel: threading.Event | None
    stop: threading.Event | None = None
    watch: Callable[[Sequence[Photo]], None] | None = None
    asks: Callable[[Product], Sequence[Asked]] | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any], **own: Any) -> Call:
        """The call that these options ask for; its deadline begins now.

        Raises `ValueError` or `TypeError` for a wrong one.
        """
        given: dict[str, Any] = {name: options.get(name) for name in CALL_DEFAULTS}
        for name, (fits, what) in _TAKES.items():
            value = {**given, **own}.get(name)
            if not (value is None or fits(value)):
                raise TypeError(f"{name} is {what}, not {printable(repr(value), 'value')}")
        call = cls(
            **own,
            http=given["http"],
            clock=given["clock"] or _now,
            end=cancel.end_of(given["deadline"]),
            cancel=given["cancel"],
        )
        if call.batch_size < 1:
            raise ValueError(f"batch_size is {call.batch_size}; it must be 1 or more")
        return call

    @staticmethod
    def copy_options(options: Mapping[str, Any]) -> DescribeOptions:
        """Those of the options that shape the output."""
        copy = {name: v for name, v in options.items() if name not in MANY_DEFAULTS}
        return cast("DescribeOptions", copy)


def as_product(given: ProductLike) -> Product:
    """A product, or that of these photos. `TypeError` for what cannot be one."""
    if isinstance(given, Product):
        return given
    photos: Sequence[Any] = given if isinstance(given, list | tuple) else (given,)
    for photo in photos:
        if photo is None or isinstance(photo, Product | Mapping | Iterator):
            raise TypeError(
                "a product is a Product, a photo or a list of photos, not "
                f"{_with_cure(photo, is_list=photos is given)}"
            )
    return Product(photos=photos)


def _with_cure(given: object, *, is_list: bool) -> str:
    name = type(given).__name__
    if is_list and isinstance(given, Product):
        return "a list of products; call describe_many for those"
    if isinstance(given, Mapping):
        return f"a {name}; give Product(title=..., photos=[...], attributes={{...}})"
    return f"a {name}" if not is_list else f"a list with a {name} in it"


def check_products(products: object) -> None:
    """`TypeError` for one product, or one photo, where an iterable of products is taken."""
    name = type(products).__name__
    if isinstance(products, Product | str | bytes | Path | Photo | Mapping):
        raise TypeError(
            f"products is one {name}; describe_many takes an iterable of products: give a "
            "list of one, or call describe"
        )
    if callable(getattr(products, "products", None)):
        raise TypeError(f"products is a {name}; give what its products() gives")
    if not isinstance(products, Iterable | AsyncIterable):
        raise TypeError(f"products is a {name}, which is no iterable of products")
