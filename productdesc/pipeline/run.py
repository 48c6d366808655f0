"""The pipeline: photos and attributes in, one checked description out.

    photos -> observe -> facts -> write -> copy -> check -> description

`describe` is `describe_many` of one. Nothing here touches a disk or a shop.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from .. import photos as intake
from ..channels import Channel
from ..engines import Answer, Context, Engine, Prompt, Request, Settings
from ..errors import OutputError, PhotoError
from ..http import Http
from ..photos.colour import measure_colours
from ..photos.quality import judge
from ..prompts import Rendered, observe_schema
from ..records import (
    Colour,
    Described,
    Description,
    Facts,
    Failed,
    Finding,
    Outcome,
    Photo,
    Product,
)
from ..taxonomy import Taxonomy
from .ask import ask
from .filing import Filed, file, seen_attributes
from .finish import finish
from .job import MAX_PHOTOS, Job, plan

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
    batch_size: products that are read from `products` and computed together.

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
    waiting = iter(products)
    with contextlib.ExitStack() as stack:
        # One client for the run: photos of one shop come over one connection.
        http = http or stack.enter_context(Http())
        while batch := [_as_product(p) for p in islice(waiting, batch_size)]:
            looked = [_look(product, http) for product in batch]
            observed = _past_failures(looked, lambda able: _observe(able, engine, job))
            filed = _past_failures(observed, lambda able: _file(able, engine, job))
            written = _past_failures(filed, lambda able: _write(able, engine, job))
            for one in written:
                yield one if isinstance(one, Failed) else _close(one, job, clock())


def _past_failures(
    items: Sequence[T | Failed], stage: Callable[[list[T]], Sequence[U | Failed]]
) -> list[U | Failed]:
    """Run a stage on what has not failed yet; everything keeps its place."""
    done = iter(stage([x for x in items if not isinstance(x, Failed)]))
    return [x if isinstance(x, Failed) else next(done) for x in items]


# ---- look: photos in, checked and measured ------------------------------------------


@dataclass(frozen=True, slots=True)
class Looked:
    """A product whose photos can be used."""

    product: Product
    photos: tuple[Photo, ...]
    measured: tuple[tuple[Colour, ...], ...]
    findings: tuple[Finding, ...]


def _look(product: Product, http: Http) -> Looked | Failed:
    """Load, judge and measure every photo; one bad photo of several is only a finding."""
    photos: list[Photo] = []
    findings: list[Finding] = []
    error: PhotoError | None = None
    for number, source in enumerate(product.photos[:MAX_PHOTOS], start=1):
        try:
            photo = intake.load(source, http=http)
            verdict = judge(photo)
            if verdict.refuse:
                raise PhotoError(verdict.refuse)
        except PhotoError as e:
            error = e
            message = f"photo {number} was left out: {e}"
            findings.append(Finding(code="photo-unusable", field="photos", message=message))
            continue
        photos.append(photo)
        findings.extend(verdict.findings)
    if error and not photos:
        return Failed(product, error)
    if not photos and not product.title and not product.attributes:
        return Failed(
            product, PhotoError(f"product {product.id!r} has no photo and no data")
        )
    if len(product.photos) > MAX_PHOTOS:
        message = f"{len(product.photos)} photos given, the first {MAX_PHOTOS} were used"
        findings.append(Finding(code="photos-many", field="photos", message=message))
    measured = tuple(measure_colours(photo) for photo in photos)
    return Looked(product, tuple(photos), measured, tuple(findings))


# ---- observe: what is it? -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Observed:
    """What the model saw, or why it could not say."""

    looked: Looked
    facts: Facts
    rendered: Rendered
    schema: dict[str, Any]
    answer: Answer
    filed: Filed | None = None

    @property
    def context(self) -> Context:
        """The conversation so far."""
        return self.filed.context if self.filed else self.answer.context


def _observe(looked: Sequence[Looked], engine: Engine, job: Job) -> list[Observed | Failed]:
    rendered = [
        job.templates.observe(
            one.product,
            photos=len(one.photos),
            measured=one.measured,
            categories=job.categories,
            visible=job.visible,
        )
        for one in looked
    ]
    schemas = [observe_schema(job.categories, job.visible, len(x.photos)) for x in looked]
    requests = [
        Request(Prompt(job.system.text, text.text, one.photos), schema)
        for one, text, schema in zip(looked, rendered, schemas, strict=True)
    ]
    answers = ask([x.product for x in looked], requests, engine, job.settings)
    return [
        answer
        if isinstance(answer, Failed)
        else Observed(one, _facts(answer), text, schema, answer)
        for one, text, schema, answer in zip(
            looked, rendered, schemas, answers, strict=True
        )
    ]


def _facts(answer: Answer) -> Facts:
    said = json.loads(answer.text)
    return Facts(
        category=said["category"],
        attributes=seen_attributes(said["attributes"]),
        text=tuple(dict.fromkeys(said["text"])),
    )


# ---- file: where does it belong? --------------------------------------------------------


def _file(
    observed: Sequence[Observed], engine: Engine, job: Job
) -> Sequence[Observed | Failed]:
    if job.filing is None:
        return observed
    filed = file(
        [
            Filed(one.looked.product, len(one.looked.photos), one.facts, one.context)
            for one in observed
        ],
        job.filing,
        engine,
        job,
    )
    return [
        found if isinstance(found, Failed) else replace(one, facts=found.facts, filed=found)
        for one, found in zip(observed, filed, strict=True)
    ]


# ---- write: say it --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """The model's copy, not yet checked."""

    observed: Observed
    rendered: Rendered
    schema: dict[str, Any]
    answer: Answer


def _write(
    observed: Sequence[Observed], engine: Engine, job: Job
) -> list[Written | Failed]:
    rendered = [
        job.templates.write(
            job.template,
            one.looked.product,
            one.facts,
            shop=job.channel.label,
            language=job.language,
            fields=job.fields_for(len(one.looked.photos)),
            photos=len(one.looked.photos),
            schema=job.custom,
        )
        for one in observed
    ]
    schemas = [job.write_schema(len(one.looked.photos)) for one in observed]
    requests = [
        Request(Prompt("", text.text), schema, one.context)
        for one, text, schema in zip(observed, rendered, schemas, strict=True)
    ]
    products = [one.looked.product for one in observed]
    answers = ask(products, requests, engine, job.settings)
    return [
        answer if isinstance(answer, Failed) else Written(one, text, schema, answer)
        for one, text, schema, answer in zip(
            observed, rendered, schemas, answers, strict=True
        )
    ]


# ---- close: check it, and say where it came from -------------------------------------


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
