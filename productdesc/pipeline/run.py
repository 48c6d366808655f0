"""The pipeline: photos and attributes in, one checked description out.

    photos -> observe -> facts -> write -> copy -> check -> description

`describe` is `describe_many` of one. Nothing here touches a disk or a shop.
"""

from __future__ import annotations

import contextlib
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..channels import Channel
from ..engines import Conversation, Engine, Settings, run
from ..errors import OutputError, PhotoError
from ..net import Http
from ..records import Described, Description, Failed, Outcome, Photo, Product
from ..taxonomy import Taxonomy
from .finish import finish
from .load_photos import Looked, load_photos
from .observe import file_in_taxonomy, observe
from .options import Job, plan
from .write import Written, write

LOOKERS = 8
"""Products whose photos are fetched and judged at the same time: fetching is waiting."""


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
    batch_size: int = 16,
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
    batch_size: products that are under way at a time: with the local engine the next one
        begins when one of them ends, a server has them asked in rounds. Meanwhile the
        next so many are read from `products` and their photos fetched. An error of
        `products` is raised after the outcomes of what it gave before.

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
        looked = _looked(products, batch_size, client, threads)
        dialogues = (_described(one, job, clock) for one in looked)
        yield from run(engine, dialogues, job.settings, at_once=batch_size)


def _described(
    looked: Looked | Failed, job: Job, clock: Callable[[], datetime]
) -> Conversation[Outcome]:
    """One product through all stages."""
    if isinstance(looked, Failed):
        return looked
    try:
        observed = yield from observe(looked, job)
        filed = yield from file_in_taxonomy(observed, job)
        written = yield from write(filed, job)
        return _close(written, job, clock())
    except (OutputError, PhotoError) as e:
        return Failed(looked.product, e)


def _looked(
    products: Iterable[Any], ahead: int, http: Http, threads: ThreadPoolExecutor
) -> Iterator[Looked | Failed]:
    """Products looked at; the next `ahead` are, while the model has those before.

    An error of `products` itself is raised once all that came before it was given.
    """
    waiting = iter(products)
    coming: deque[Future[Looked | Failed]] = deque()
    error: Exception | None = None
    has_more = True
    while has_more or coming:
        while has_more and len(coming) <= ahead:
            try:
                thing = next(waiting)
                coming.append(threads.submit(load_photos, _as_product(thing), http))
            except StopIteration:
                has_more = False
            except Exception as e:
                error, has_more = e, False
        if coming:
            yield coming.popleft().result()
    if error:
        raise error


def _close(written: Written, job: Job, now: datetime) -> Described:
    observed = written.observed
    looked = observed.looked
    description = finish(
        job,
        product=looked.product,
        photos=looked.photos,
        measured=looked.measured,
        facts=observed.facts,
        kind=observed.kind.kind,
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
    thumbnails = [_thumbnail(photo) for photo in looked.photos]
    return Described(looked.product, description.with_thumbnails(thumbnails))


def _thumbnail(photo: Photo) -> bytes:
    small = photo.image.copy()
    small.thumbnail((220, 220))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return out.getvalue()
