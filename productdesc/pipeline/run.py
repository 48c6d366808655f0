"""The pipeline: photos and attributes in, one checked description out.

    load photos -> observe -> classify -> write -> finish

`describe` is `describe_many` of one. Nothing here touches a disk or a shop.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, Unpack, cast

from pydantic import BaseModel
from typing_extensions import TypeVar

from ..engines import Conversation, Engine
from ..engines import run as run_conversations
from ..errors import OutputError, PhotoError
from ..net import Http
from ..photos.thumbnails import thumbnails
from ..prompts import Templates
from ..records import Description, PhotoSource, Product
from .classify import classify
from .draft import Described, Failed, Outcome
from .finish import finish
from .load_photos import Loaded, load_photos
from .observe import observe
from .options import CopyOptions, DescribeOptions, Options, resolve, shows_options
from .write import write

PHOTO_THREADS = 8
"""Products whose photos are fetched and judged at the same time: fetching is waiting."""

SchemaT = TypeVar("SchemaT", bound=BaseModel, default=BaseModel)

ProductLike: TypeAlias = Product | PhotoSource | Sequence[PhotoSource]
"""A product, one photo, or several photos of one product."""


@shows_options
def describe(
    product: ProductLike,
    engine: Engine,
    *,
    schema: type[SchemaT] | None = None,
    http: Http | None = None,
    clock: Callable[[], datetime] | None = None,
    **options: Unpack[CopyOptions],
) -> Description[SchemaT]:
    """The description of one product, or of the product on one photo (or several).

    `product`: a `Product`, one photo, or a list of photos of one product; a photo is a
    `Path`, bytes, a PIL image, or an https URL. `http`: for photos that are URLs.
    `clock`: for tests.

    Raises `PhotoError` or `OutputError` when this product cannot be described,
    `PromptError` or `EngineError` when none could, `ValueError` or `TypeError` for a
    wrong option.
    """
    asked: DescribeOptions = {**options, "schema": schema}
    [outcome] = describe_many([product], engine, http=http, clock=clock, **asked)
    if isinstance(outcome, Failed):
        raise outcome.error
    return cast("Description[SchemaT]", outcome.description)


@shows_options
def describe_many(
    products: Iterable[ProductLike],
    engine: Engine,
    *,
    batch_size: int = 16,
    keep_drafts: bool = False,
    http: Http | None = None,
    clock: Callable[[], datetime] | None = None,
    **options: Unpack[DescribeOptions],
) -> Iterator[Outcome]:
    """One outcome per product, in order: `Described`, or `Failed` with the reason.

    batch_size: products that are under way at a time: with the local engine the next one
        begins when one of them ends, a server has them asked in rounds. Meanwhile the
        next so many are read from `products` and their photos fetched. An error of
        `products` is raised after the outcomes of what it gave before.
    keep_drafts: give each `Described` its `draft`: facts, prompts and answers.
    http: for photos that are URLs. clock: for tests.

    A wrong option raises at the call, before the first product is read.
    """
    resolved = resolve(engine.info, options)
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; it must be 1 or more")
    call = _Call(batch_size, keep_drafts, http, clock or _now)
    return _run(products, engine, resolved, call)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Call:
    """What belongs to one call and shapes no output."""

    batch_size: int
    keep_drafts: bool
    http: Http | None
    clock: Callable[[], datetime]


def _run(
    products: Iterable[ProductLike], engine: Engine, options: Options, call: _Call
) -> Iterator[Outcome]:
    templates = Templates(
        texts=options.templates, special_tokens=options.engine.special_tokens
    )
    with contextlib.ExitStack() as stack:
        # One client for the run: a shop's connections serve all its photos.
        http = call.http or stack.enter_context(Http())
        threads = ThreadPoolExecutor(PHOTO_THREADS, "productdesc-photos")
        stack.callback(threads.shutdown, cancel_futures=True)
        loaded = _load_ahead(products, call.batch_size, http, threads)
        conversations = (_described(one, options, templates, call) for one in loaded)
        yield from run_conversations(
            engine, conversations, options.settings, at_once=call.batch_size
        )


def _described(
    loaded: Loaded | Failed, options: Options, templates: Templates, call: _Call
) -> Conversation[Outcome]:
    """One product through all stages."""
    if isinstance(loaded, Failed):
        return loaded
    product, draft, photos = loaded.product, loaded.draft, loaded.photos
    try:
        draft, context = yield from observe(draft, photos, options, templates)
        draft, context = yield from classify(draft, context, options, templates)
        draft = yield from write(draft, context, options, templates)
        description = finish(draft, options, call.clock())
    except (OutputError, PhotoError) as e:
        return Failed(product, e)
    shown = description.with_thumbnails(thumbnails(photos))
    return Described(product, shown, draft if call.keep_drafts else None)


def _load_ahead(
    products: Iterable[ProductLike], ahead: int, http: Http, threads: ThreadPoolExecutor
) -> Iterator[Loaded | Failed]:
    """Products with their photos; the next `ahead` load while the model has those before.

    An error of `products` itself is raised once all that came before it was given.
    """
    waiting = iter(products)
    coming: deque[Future[Loaded | Failed]] = deque()
    error: Exception | None = None
    has_more = True
    while has_more or coming:
        while has_more and len(coming) <= ahead:
            try:
                product = _as_product(next(waiting))
                coming.append(threads.submit(load_photos, product, http))
            except StopIteration:
                has_more = False
            except Exception as e:
                error, has_more = e, False
        if coming:
            yield coming.popleft().result()
    if error:
        raise error


def _as_product(given: ProductLike) -> Product:
    if isinstance(given, Product):
        return given
    return Product(photos=given if isinstance(given, list | tuple) else (given,))
