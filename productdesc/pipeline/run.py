"""The pipeline: photos and attributes in, one checked description out.

    photos -> observe -> facts -> write -> copy -> check -> description

`describe` is `describe_many` of one. Nothing here touches a disk or a shop.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from ..channels import Channel
from ..engines import Engine, Settings
from ..errors import OutputError
from ..http import Http
from ..records import Described, Description, Failed, Outcome, Photo, Product
from ..taxonomy import Taxonomy
from .finish import finish
from .job import Job, plan
from .looking import Looked, look
from .observing import file_in_taxonomy, observe
from .writing import Written, write

LOOKERS = 8
"""Products whose photos are fetched and judged at the same time: fetching is waiting."""

T = TypeVar("T")
U = TypeVar("U")


def describe(
    product: Any,
    engine: Engine,
    *,
    channel: str | Channel = "shopify",
    fields: Sequence[str] | None = None,
    language: str = "en",
    schema: type[BaseModel] | None = None,
    template: str | Path | None = None,
    templates: Path | None = None,
    categories: Sequence[str] | None = None,
    taxonomy: Taxonomy | None = None,
    visible: Mapping[str, Sequence[str]] | None = None,
    settings: Settings | None = None,
    http: Http | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Description:
    """The description of one product, or of the product on one photo (or several).

    `product`: a `Product`, one photo, or a list of photos of one product; a photo is a
    `Path`, bytes, a PIL image, or an https URL. For the options see `describe_many`.

    Raises `PhotoError` or `OutputError` when this product cannot be described,
    `PromptError` or `EngineError` when none could, `ValueError` for a wrong option.
    """
    [outcome] = describe_many(
        [_as_product(product)],
        engine,
        channel=channel,
        fields=fields,
        language=language,
        schema=schema,
        template=template,
        templates=templates,
        categories=categories,
        taxonomy=taxonomy,
        visible=visible,
        settings=settings,
        http=http,
        clock=clock,
    )
    if isinstance(outcome, Failed):
        raise outcome.error
    return outcome.description


def describe_many(
    products: Iterable[Any],
    engine: Engine,
    *,
    channel: str | Channel = "shopify",
    fields: Sequence[str] | None = None,
    language: str = "en",
    schema: type[BaseModel] | None = None,
    template: str | Path | None = None,
    templates: Path | None = None,
    categories: Sequence[str] | None = None,
    taxonomy: Taxonomy | None = None,
    visible: Mapping[str, Sequence[str]] | None = None,
    settings: Settings | None = None,
    http: Http | None = None,
    clock: Callable[[], datetime] | None = None,
    batch_size: int = 8,
) -> Iterator[Outcome]:
    """One outcome per product, in order: `Described`, or `Failed` with the reason.

    channel: which fields, limits and template; a name or a `Channel`.
    fields: generate only these fields; the others stay empty.
    language: ISO 639-1 code of the copy; the keys stay English.
    schema: a Pydantic model to fill instead of the channel's fields (see `custom`).
    template: the template of the write turn: a name, or a `Path` to any Jinja file.
    templates: a folder whose templates go before the shipped ones of the same name.
    categories: the closed list of kinds; else the engine's own, else `taxonomy.KINDS`.
    taxonomy: a shop's categories (`load_taxonomy`): the category is then one of its paths,
        and what that category has of visible attributes is asked for too.
    visible: attributes to look for, and the values of each; beside the colour.
    settings: how to decode. http: for photos that are URLs. clock: for tests.
    batch_size: products that are computed together. While they are, the next so many are
        read from `products` and their photos fetched. An error of `products` is raised
        after the outcomes of what it gave before.

    A wrong option raises at the call, before the first product is read.
    """
    job = plan(
        engine,
        channel=channel,
        fields=fields,
        language=language,
        schema=schema,
        template=template,
        templates=templates,
        categories=categories,
        taxonomy=taxonomy,
        visible=visible,
        settings=settings,
    )
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; it must be 1 or more")
    return _run(products, engine, job, batch_size, http, clock or _now)


def _now() -> datetime:
    return datetime.now(UTC)


def _as_product(thing: Any) -> Product:
    if isinstance(thing, Product):
        return thing
    return Product(photos=thing if isinstance(thing, list | tuple) else (thing,))


def _run(
    products: Iterable[Any],
    engine: Engine,
    job: Job,
    batch_size: int,
    http: Http | None,
    clock: Callable[[], datetime],
) -> Iterator[Outcome]:
    with contextlib.ExitStack() as stack:
        # One client for the run: a shop's connections serve all its photos.
        client = http or stack.enter_context(Http())
        threads = ThreadPoolExecutor(LOOKERS, "productdesc-look")
        stack.callback(threads.shutdown, cancel_futures=True)
        for looked in _looked(products, batch_size, client, threads):
            yield from _outcomes(looked, engine, job, clock)


def _outcomes(
    looked: Sequence[Looked | Failed],
    engine: Engine,
    job: Job,
    clock: Callable[[], datetime],
) -> Iterator[Outcome]:
    """One batch through all stages.

    What the engine remembers of it ends here, before the next batch is read.
    """
    observed = _past_failures(looked, lambda able: observe(able, engine, job))
    filed = _past_failures(observed, lambda able: file_in_taxonomy(able, engine, job))
    written = _past_failures(filed, lambda able: write(able, engine, job))
    for one in written:
        yield one if isinstance(one, Failed) else _close(one, job, clock())


def _looked(
    products: Iterable[Any], size: int, http: Http, threads: ThreadPoolExecutor
) -> Iterator[list[Looked | Failed]]:
    """Products in batches, looked at; the next batch is, while the model has this one.

    An error of `products` itself is raised once all that came before it has its outcome.
    """
    waiting = iter(products)
    error: Exception | None = None

    def begin() -> list[Future[Looked | Failed]]:
        nonlocal error
        begun: list[Future[Looked | Failed]] = []
        try:
            for thing in islice(waiting, size):
                begun.append(threads.submit(look, _as_product(thing), http))
        except Exception as e:
            error = e
        return begun

    coming = begin()
    while coming:
        present, coming = coming, [] if error else begin()
        yield [one.result() for one in present]
    if error:
        raise error


def _past_failures(
    items: Sequence[T | Failed], stage: Callable[[list[T]], Sequence[U | Failed]]
) -> list[U | Failed]:
    """Run a stage on what has not failed yet; everything keeps its place."""
    done = iter(stage([x for x in items if not isinstance(x, Failed)]))
    return [x if isinstance(x, Failed) else next(done) for x in items]


def _close(written: Written, job: Job, now: datetime) -> Outcome:
    observed = written.observed
    looked = observed.looked
    try:
        description = finish(
            job,
            product=looked.product,
            photos=looked.photos,
            measured=looked.measured,
            facts=observed.facts,
            filed=observed.filed,
            findings=looked.findings,
            answers={"observe": observed.answer, "write": written.answer},
            rendered={
                "system": job.system,
                "observe": observed.rendered,
                "write": written.rendered,
            },
            schemas={"observe": observed.schema, "write": written.schema},
            now=now,
        )
    except OutputError as e:
        return Failed(looked.product, e)
    thumbnails = [_thumbnail(photo) for photo in looked.photos]
    return Described(looked.product, description.with_thumbnails(thumbnails))


def _thumbnail(photo: Photo) -> bytes:
    small = photo.image.copy()
    small.thumbnail((220, 220))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return out.getvalue()
