"""Job and task: one call made ready, and one product with what is asked of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from ...engines import Conversation, Settings
from ...errors import CancelError, DeadlineError, OutputError, PhotoError
from ...photos.thumbnails import thumbnails
from ...prompts import Templates
from ...records import COPY_FIELDS, Finding, Photo, Product
from ...records.variants import on_photos
from ..call import Asked, Call, ProductLike, again_by, as_product, needs_in
from ..classify import classify
from ..draft import Described, Draft, Error, Failed, Outcome, Outcomes, Skipped
from ..finish import finish
from ..load_photos import Loaded
from ..observe import in_language, observe
from ..options import Options
from ..rewriting.second_chance import written


class Job:
    """The options of one call, made ready: what every product of it is asked.

    options: one for each language.
    """

    def __init__(self, options: Sequence[Options], call: Call) -> None:
        self.options = tuple(options)
        self.call = call
        first = options[0]  # of all languages the templates are the same
        self.templates = Templates(
            texts=first.templates, special_tokens=first.engine.special_tokens
        )
        self._narrowed: dict[tuple[str, frozenset[str]], Options] = {}

    @property
    def shown(self) -> str:
        """What is asked in a few words, for a log."""
        return "; ".join(one.shown for one in self.options)

    def task(self, given: ProductLike) -> ProductTask:
        """One product, and what is asked of it. Raises what `needs` raises."""
        product = as_product(given)
        asked = self.call.asks(product) if self.call.asks else self._needed(product)
        return ProductTask(
            product,
            self,
            tuple(again_by(self._narrow(one), one.again) for one in asked),
            tuple(self._is_work(one) for one in asked),
        )

    def _needed(self, product: Product) -> list[Asked]:
        """What is asked where a product says itself what it needs."""
        languages, needs = [one.language for one in self.options], self.call.needs
        if needs is None:
            return [Asked(one) for one in languages]
        return [
            Asked(one, frozenset(needs_in(needs, one)(product.in_language(one))))
            for one in languages
        ]

    def _narrow(self, asked: Asked) -> Options:
        """The options of a language with those of their fields that are needed."""
        [options] = [one for one in self.options if one.language == asked.language]
        if asked.needs is None:
            return options
        needed = frozenset(asked.needs)
        known = (*COPY_FIELDS, "category_id")
        if unknown := needed - set(known):
            raise ValueError(
                f"needs names {min(unknown)!r}; fields are: {', '.join(known)}"
            )
        key = asked.language, needed
        if key not in self._narrowed:
            fields = tuple(f for f in options.fields if f.name in needed)
            self._narrowed[key] = replace(options, fields=fields)
        return self._narrowed[key]

    def _is_work(self, asked: Asked) -> bool:
        """Whether anything is to be done for it."""
        if asked.needs is None:
            return True
        first = self.options[0]
        written = {str(field.name) for field in first.fields}
        # of no taxonomy there is no id to need
        of_taxonomy = {"category_id"} if first.taxonomy else set()
        others = {"category", "attributes"}
        return bool(frozenset(asked.needs) & (written | of_taxonomy | others))


@dataclass(frozen=True, slots=True, eq=False)
class ProductTask:
    """One product of a job; see `load_photos.Task`.

    options: of each language that is asked for. is_work: whether anything is needed in it.
    """

    product: Product
    job: Job
    options: tuple[Options, ...]
    is_work: tuple[bool, ...]

    @property
    def settings(self) -> Settings:
        return self.options[0].settings

    @property
    def needs_photos(self) -> bool:
        return any(self.is_work)

    @property
    def reads_text(self) -> bool:
        return bool(self.options[0].ocr)

    def conversation(
        self, photos: Future[Loaded | Failed] | None
    ) -> Conversation[Outcomes]:
        """The product through all stages, once its photos are loaded."""
        if photos is None:
            return self._with_skipped(())
        loaded, templates = photos.result(), self.job.templates
        both = zip(self.options, self.is_work, strict=True)
        options = [one for one, is_work in both if is_work]
        first = options[0]
        if isinstance(loaded, Failed):
            return self._with_skipped(self._failed(options, loaded.error))
        loaded = _first_photos(loaded, first.engine.max_photos)
        draft, pixels = loaded.draft, loaded.photos
        began = time.monotonic()
        try:
            draft, context = yield from observe(draft, pixels, first, templates)
            draft, context = yield from classify(draft, context, first, templates)
            drafts = [in_language(draft, one.language) for one in options]
            if first.engine.writes:
                drafts = yield from written(drafts, context, options, templates)
        except (OutputError, PhotoError, DeadlineError, CancelError) as e:
            return self._with_skipped(self._failed(options, e))
        seconds = time.monotonic() - began
        return self._with_skipped(
            self._finished(replace(own, seconds=seconds), one, pixels)
            for own, one in zip(drafts, options, strict=True)
        )

    def failed(self, error: Error) -> Outcomes:
        """What it comes to where no language gets a description."""
        return tuple(self._failed(self.options, error))

    def _failed(self, options: Iterable[Options], error: Error) -> Iterator[Outcome]:
        return (Failed(self.product, error, self._language(one)) for one in options)

    def _with_skipped(self, outcomes: Iterable[Outcome]) -> Outcomes:
        """These outcomes, with those of languages in which nothing was needed."""
        coming = iter(outcomes)
        return tuple(
            next(coming) if is_work else Skipped(self.product, self._language(one))
            for one, is_work in zip(self.options, self.is_work, strict=True)
        )

    def _language(self, options: Options) -> str:
        """What an outcome says of its language: nothing where one was asked for."""
        return options.language if len(self.job.options) > 1 else ""

    def _finished(self, draft: Draft, options: Options, photos: Sequence[Photo]) -> Outcome:
        try:
            description = finish(draft, options, self.job.call.clock())
        except (OutputError, PhotoError, DeadlineError, CancelError) as e:
            return Failed(self.product, e, self._language(options))
        shown = description.with_thumbnails(thumbnails(photos))
        return Described(self.product, shown, draft if self.job.call.keep_drafts else None)


def _first_photos(loaded: Loaded, most: int | None) -> Loaded:
    """The product with no more photos than a model reads; a finding says what was left."""
    count = len(loaded.photos)
    if most is None or count <= most:
        return loaded
    used = "first is" if most == 1 else f"first {most} are"
    message = f"{count} photos given, the {used} used: the model reads no more"
    finding = Finding(code="photos-many", field="photos", message=message)
    draft, product = loaded.draft, loaded.draft.product
    if product.variants:
        here = on_photos(product.variants, range(1, most + 1))
        product = product.model_copy(update={"variants": here})
    fewer = replace(
        draft,
        product=product,
        photos=draft.photos[:most],
        measured=draft.measured[:most],
        findings=(*draft.findings, finding),
    )
    return Loaded(loaded.product, fewer, loaded.photos[:most])
